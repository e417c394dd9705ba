# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The one check in which every fault ends: what the server holds, asked by a client of
the test, is what the ledger says is what stands in Odoo; nothing twice, nothing lost
(invariants I1, I2)."""

import imaplib
import re
from collections import Counter
from dataclasses import dataclass

from servers.mailboxes import quoted

KEPT = ("stored", "excluded", "failed", "pending")
# Figures are counted anew first, as lanes do after a pass that was killed.
ODOO = """
while env["waimaolang.statistics"]._refresh_dirty():
    env.cr.commit()
env.cr.commit()
box = env["waimaolang.mailbox"].browse(values["mailbox"])
contact = env["res.partner"].search([("email", "=", values["buyer"])])
lead = env["crm.lead"].search([("partner_id", "=", contact.id)])
mails = env["waimaolang.mail"].with_context(active_test=False).search(
    ["|", ("mailbox_ids", "in", box.ids), ("link_ids.res_id", "in", contact.ids)])
files = {}
for a in env["ir.attachment"].search([
        ("res_model", "=", "mail.message"),
        ("res_id", "in", mails.mail_message_id.ids)]):
    read = a._compute_checksum(a.raw or b"")
    files.setdefault(a.res_id, []).append([a.checksum, read])
result = {
    "folders": [
        [f.id, f.path, f.uidvalidity, f.outside or "",
         [f.remote_count, f.stored_count, f.excluded_count, f.failed_count,
          f.pending_count]]
        for f in box.folder_ids if f.synced and f.selectable],
    "mails": [
        [m.id, m.rfc_message_id, m.mail_message_id.id, m.mail_message_id.message_id,
         str(m.mail_message_id.body), files.get(m.mail_message_id.id, []),
         len(m.link_ids.filtered(
             lambda l: l.res_model == "res.partner" and l.res_id == contact.id)),
         len(m.link_ids.filtered(
             lambda l: l.res_model == "crm.lead" and l.res_id == lead.id))]
        for m in mails],
    "counts": [contact.mail_count, lead.mail_count],
    "messages": env["mail.message"].search(
        [("message_id", "in", values["ids"])]).mapped("message_id"),
    "orphans": env["mail.message"].search_count(
        [("message_id", "in", values["ids"]), ("waimaolang_mail_id", "=", False)]),
}
"""


@dataclass(frozen=True)
class Remote:
    uidvalidity: int
    ids: dict  # {UID: Message-ID}


def on_server(box, folder):
    """What a folder holds now."""
    connection = box.dovecot.imap(box.email)
    try:
        connection.select(quoted(folder), readonly=True)
        validity = int(connection.response("UIDVALIDITY")[1][0])
        _ok, parts = connection.uid(
            "FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
        )
    except imaplib.IMAP4.error:
        return Remote(0, {})
    finally:
        connection.logout()
    ids = {}
    for head, body in (part for part in parts if isinstance(part, tuple)):
        uid = int(re.search(rb"UID (\d+)", head)[1])
        ids[uid] = body.decode().partition(":")[2].strip()
    return Remote(validity, ids)


def assert_truth(office, lost=()):
    """``lost``: Message-IDs that were expunged before anybody could read them, or
    may have been."""
    found = Truth(office).problems(set(lost))
    shown = "\n".join(found[:20])
    assert not found, f"{len(found)} untruths:\n{shown}\n{office.lanes.tail(2000)}"


class Truth:
    def __init__(self, office):
        self.office = office
        self.mails = {}
        self.odoo = office.lanes.run(
            ODOO, mailbox=office.id, buyer=office.buyer, ids=[*office.made]
        )
        self.remote = {
            folder[0]: on_server(office.box, folder[1])
            for folder in self.odoo["folders"]
        }
        self.ledger = {}  # {folder id: [(UIDVALIDITY, UID, state, mail id, why)]}
        for folder, *row in office.lanes.sql(
            "SELECT folder_id, uidvalidity, uid, state, mail_id, regexp_replace("
            "concat_ws(' ', attempts, error_kind, reason, error), '\\W+', ' ', 'g')"
            f" FROM waimaolang_mailbox_copy WHERE mailbox_id = {office.id}"
        ):
            row = int(row[0]), int(row[1]), row[2], int(row[3] or 0), row[4]
            self.ledger.setdefault(int(folder), []).append(row)

    def problems(self, lost=frozenset()):
        """What is not true, each in words; empty: all is well."""
        self.mails = {mail[0]: mail for mail in self.odoo["mails"]}
        seen, found = set(), []
        for folder in self.odoo["folders"]:
            remote = self.remote[folder[0]]
            seen |= set(remote.ids.values())
            found += self._of_folder(folder, remote)
        wanted = {i for i, made in self.office.made.items() if made.stored}
        have = Counter(mail[1] for mail in self.mails.values())
        have = Counter({_bracketed(rfc_id): n for rfc_id, n in have.items()})
        found += [f"twice in Odoo: {i}" for i, n in have.items() if n > 1]
        found += [f"nobody made {i}" for i in have if i not in wanted]
        found += [f"not in Odoo: {i}" for i in wanted - set(have) - (lost - seen)]
        messages = Counter(self.odoo["messages"])
        found += [f"message twice: {i}" for i, n in messages.items() if n > 1]
        if set(messages) != set(have) or self.odoo["orphans"]:
            found.append(f"{len(messages)} messages of {len(have)} mails")
        if self.odoo["counts"] != [len(have)] * 2:
            found.append(f"counted {self.odoo['counts']} of {len(have)} mails")
        for mail in self.mails.values():
            found += self._of_mail(*mail)
        return found

    def _of_folder(self, folder, remote):
        number, path, validity, outside, figures = folder
        rows = self.ledger.get(number, [])
        now = {uid: row for v, uid, *row in rows if v == remote.uidvalidity}
        kept = {uid: row for uid, row in now.items() if row[0] != "gone"}
        found = []
        if remote.ids and validity != remote.uidvalidity:
            found.append(f"{path}: {validity} is not {remote.uidvalidity}")
        if outside:
            found.append(f"{path}: outside {outside}")
        for v, uid, *row in rows:
            if v != remote.uidvalidity and row[0] != "gone":
                found.append(f"{path} {v}/{uid}: {row} under an old UIDVALIDITY")
        found += [
            f"{path} {uid}: lost, {now.get(uid)}"
            for uid in remote.ids
            if uid not in kept
        ]
        found += [f"{path} {uid}: not there" for uid in kept if uid not in remote.ids]
        for uid, row in kept.items():
            found += self._of_copy(path, uid, remote.ids.get(uid), *row)
        states = Counter(row[0] for row in kept.values())
        ours = [len(remote.ids), *(states[state] for state in KEPT)]
        if figures != ours:
            found.append(f"{path}: figures {figures} are not {ours}")
        return found

    def _of_copy(self, path, uid, message_id, state, mail_id, why):
        made = self.office.made.get(message_id)
        if made is None:
            return []  # told as not there
        place = f"{path} {uid} {message_id}"
        if state != ("stored" if made.stored else "excluded"):
            return [f"{place} is {state}: {why}"]
        mail = self.mails.get(mail_id)
        if made.stored and (not mail or _bracketed(mail[1]) != message_id):
            return [f"{place} is mail {mail and mail[1]}"]
        return []

    def _of_mail(self, number, rfc_id, message, message_id, body, files, *links):
        made = self.office.made.get(_bracketed(rfc_id))
        if not made:
            return []
        place = f"mail {number} {rfc_id}"
        found = []
        if not message or message_id != made.message_id:
            found.append(f"{place} has message {message_id}")
        if made.token not in body:
            found.append(f"{place} has another body")
        if files != ([[made.digest] * 2] if made.digest else []):
            found.append(f"{place} has files {files} for {made.digest}")
        if [*links] != [1, 1]:
            found.append(f"{place} has links {links}")
        return found


def _bracketed(message_id):
    return f"<{(message_id or '').strip('<>')}>"
