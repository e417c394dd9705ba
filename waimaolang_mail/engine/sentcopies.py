# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Exactly one copy of what was sent in the provider's Sent folder, and the evidence
for what may have been sent: the database's side of ``sentcopy.py``.

    the import meets it (recognise, met), or place() looks, and puts it there
"""

import logging
from datetime import timedelta, timezone

from odoo import fields
from odoo.tools.mail import email_split_tuples

from ..mime import build
from ..mime.brief import Brief, read_brief
from ..transport.errors import MailServerError
from ..transport.net import Deadline
from . import adopting, conversations, lease, sentcopy
from .sentcopy import SentMail
from .working_time import working_time

_logger = logging.getLogger(__name__)

# Of one pass.
MOST_COPIES = 20
# Of the Sent folder the newest ones are looked at: so many, and those that we sent
# since the first that is looked for.
MOST_HEADERS = 100
MOST_OWN = 1000
# The outbox is asked for mails that left so near to the Date of a copy.
NEAR = timedelta(minutes=5)
# A lost answer is looked for that long before the user is asked.
UNKNOWN_SECONDS = 10 * 60
RETRY_SECONDS = 60
LONGEST = 15 * 60.0
# A folder that cannot be looked at or written to: then the copy is done without.
GIVE_UP = timedelta(days=1)
# It may have left: not known, or to be sent again by the user's wish.
DOUBTFUL = ("unknown", "queued", "failed", "cancelled")


# -- met by the import ----------------------------------------------------------------


def recognise(env, settings, drafts, sent_folders) -> None:
    """Copies of our own mail in Sent whose Message-ID or text the provider rewrote get
    the identity of the mail that we sent. In Sent alone: whoever got the mail knows its
    ids, and must not make another mail pass for it (invariant I2)."""
    ours = [d for d in drafts if d.arrival.copy.folder_id in sent_folders]
    if not ours:
        return
    dates = [d.mail.date for d in ours if d.mail.date]
    rows = env["waimaolang.outbox"].search(
        [
            ("mailbox_id", "=", settings.id),
            ("mail_id", "!=", False),
            "|",
            "|",
            ("rfc_message_id", "in", [d.mail.message_id for d in ours]),
            ("ref", "in", [d.mail.own_id for d in ours if d.mail.own_id]),
            *(
                ["&", ("sent_at", ">=", min(dates) - NEAR)]
                + [("sent_at", "<=", max(dates) + NEAR)]
                if dates
                else [("id", "=", 0)]
            ),
        ]
    )
    if not rows:
        return
    sent = [(row, describe(row)) for row in rows]
    for draft in ours:
        seen = _seen(draft.mail)
        row = next((r for r, mail in sent if _is_copy(draft, seen, r, mail)), None)
        if row:
            _add_identity(env, settings.company_id, draft.key, row.mail_id.id)
            _add_id(env, row, draft.mail.message_id)


def _is_copy(draft, seen, row, mail) -> bool:
    """A mail from the phone to the same people, of the same subject and minute, is
    another one: where nothing of ours is left, the text must be there."""
    how = sentcopy.recognise(seen, mail)
    if how != "fingerprint":
        return bool(how)
    return adopting.contains(draft.mail.text, row.mail_id.text or "")


def _add_identity(env, company_id: int, key: str, mail_id: int) -> None:
    env.cr.execute(
        "INSERT INTO waimaolang_mail_identity (company_id, key, mail_id)"
        " VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (company_id, key, mail_id),
    )


def _add_id(env, row, message_id: str) -> None:
    """Answers and reports name the id that the provider gave."""
    if not message_id or message_id == row.rfc_message_id:
        return
    row.provider_message_id = message_id
    if row.mail_id.conversation_id:
        env.cr.execute(
            "INSERT INTO waimaolang_conversation_key (company_id, key, conversation_id)"
            " VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (
                row.company_id.id,
                conversations.ID + message_id,
                row.mail_id.conversation_id.id,
            ),
        )


def _seen(mail) -> Brief:
    return Brief(
        message_id=mail.message_id,
        ref=mail.own_id,
        from_email=mail.from_[0].email if mail.from_ else "",
        to=tuple(address.email for address in mail.to if address.email),
        subject=mail.subject,
        date=mail.date,
    )


def describe(row) -> SentMail:
    """The outbox's row as ``sentcopy`` compares it."""
    return SentMail(
        message_id=row.rfc_message_id,
        ref=row.ref or "",
        from_email=_first(row.email_from),
        to=[address for _name, address in email_split_tuples(row.email_to or "")],
        subject=row.subject or "",
        date=row.sent_at or row.send_at,
    )


def _first(people) -> str:
    found = email_split_tuples(people or "")
    return found[0][1] if found else ""


def met(env, settings, drafts, mail_ids, sent_folders) -> None:
    """Somebody's copy proves that the mail has left; one in Sent is the copy there."""
    if not mail_ids:
        return
    rows = env["waimaolang.outbox"].search(
        [
            ("mail_id", "in", mail_ids),
            "|",
            ("state", "in", DOUBTFUL),
            "&",
            ("mailbox_id", "=", settings.id),
            ("copy_state", "=", "wanted"),
        ]
    )
    if not rows:
        return
    keys = {draft.key: draft for draft in drafts}
    env.cr.execute(
        "SELECT key, mail_id FROM waimaolang_mail_identity"
        " WHERE company_id = %s AND key = ANY(%s)",
        (settings.company_id, list(keys)),
    )
    found = {
        mail_id
        for key, mail_id in env.cr.fetchall()
        if keys[key].arrival.copy.folder_id in sent_folders
    }
    for row in rows:
        if row.mailbox_id.id == settings.id and row.mail_id.id in found:
            settle(row, "found")
        elif row.state in DOUBTFUL:
            due = row.due or row.copy_state == "wanted" and fields.Datetime.now()
            row._move("sent", due=due)
            row._tell()


def settle(row, copy_state: str) -> None:
    """The copy is where it belongs; the bytes are on the server now."""
    if row.copy_state == "wanted" and copy_state in ("found", "appended"):
        learned, streak = sentcopy.learn(
            row.mailbox_id.saves_sent or "",
            row.mailbox_id.unsaved_streak,
            copy_state == "found" and not row.append_at,
        )
        changed = {"saves_sent": learned or False, "unsaved_streak": streak}
        box = row.mailbox_id
        if any(box[name] != value for name, value in changed.items()):
            box.write(changed)
    values = {"copy_state": copy_state, "due": False, "raw": False}
    if row.state in DOUBTFUL:
        row._move("sent", sent_at=row.sent_at or fields.Datetime.now(), **values)
        row._tell()
    else:
        row.write(values)


# -- looked for -----------------------------------------------------------------------


def _due(env, mailbox_id: int):
    return env["waimaolang.outbox"].search(
        [
            ("mailbox_id", "=", mailbox_id),
            ("state", "in", ("sent", "unknown")),
            ("due", "<=", lease.now(env.cr)),
        ],
        order="due, id",
        limit=MOST_COPIES,
    )


def any_due(env, mailbox_id: int) -> bool:
    return bool(_due(env, mailbox_id))


def place(work, connection) -> None:
    """Looks for the copies that are due and puts them there where the provider does
    not. Never raises for what a server did: the mail has left."""
    settings = work.settings

    def load(env):
        folder = env["waimaolang.mailbox.folder"].search(
            [
                ("mailbox_id", "=", settings.id),
                ("role", "=", "sent"),
                ("selectable", "=", True),
            ],
            limit=1,
        )
        due = _due(env, settings.id)
        since = min(due.filtered("sent_at").mapped("sent_at"), default=None)
        own = since and env["waimaolang.outbox"].search_count(
            [("mailbox_id", "=", settings.id), ("sent_at", ">=", since)],
            limit=MOST_OWN,
        )
        rows = [(row.id, describe(row)) for row in due]
        return folder.remote_name, rows, MOST_HEADERS + (own or 0)

    folder, rows, limit = work.transaction(load)
    if not rows:
        return
    transport = connection and connection.transport
    if transport:
        # large mails take longer than a slice; the lease is kept meanwhile
        transport.hard_deadline = Deadline(working_time(LONGEST))
    if not folder or not hasattr(transport, "find_recent"):
        work.fenced(lambda env: _give_up(env, [row_id for row_id, _mail in rows]))
        return
    try:
        headers = work.patiently(_look, transport, folder, limit)
    except MailServerError as error:
        _logger.info("mailbox %s: Sent cannot be looked at, %s", settings.id, error)
        work.fenced(lambda env: _postpone(env, [row_id for row_id, _mail in rows]))
        return
    for row_id, mail in rows:
        reasons = {sentcopy.recognise(seen, mail) for seen in headers} - {None}
        wanted = work.fenced(
            lambda env, id_=row_id, why=reasons: _decide(env, id_, why)
        )
        if wanted:
            _append(work, transport, folder, row_id, *wanted)


def _look(transport, folder, limit):
    recent = transport.find_recent(folder, None, limit)
    return [read_brief(headers) for _uid, headers in recent.headers]


def _decide(env, row_id: int, reasons: set[str]):
    """``reasons``: by what mails in Sent look like ours. What to append, as (bytes,
    date); None: nothing now."""
    row = env["waimaolang.outbox"].browse(row_id).exists()
    if not row or row.copy_state != "wanted" or row.state not in ("sent", "unknown"):
        return None
    if row.state == "unknown":
        reasons -= {"fingerprint"}  # no evidence: one from her phone may look alike
    now = fields.Datetime.now()
    looks = row.copy_looks + 1
    seconds = (now - row.sent_at).total_seconds()
    since_append = row.append_at and (now - row.append_at).total_seconds()
    habit = row.mailbox_id.provider_id.saves_sent or ""
    verdict = sentcopy.decide(
        habit,
        row.mailbox_id.saves_sent or "",
        seconds,
        bool(reasons),
        looks,
        since_append or None,
    )
    row.copy_looks = looks
    if verdict.action == sentcopy.FOUND:
        settle(row, "appended" if row.append_at else "found")
    elif row.state == "unknown":
        # where Sent shows nothing by itself, nothing is to be waited for
        patience = 0 if habit == "never" else UNKNOWN_SECONDS
        rest = patience - seconds
        row.due = (
            now + timedelta(seconds=min(rest, RETRY_SECONDS)) if rest > 0 else False
        )
        row._tell()
    elif verdict.action == sentcopy.LOOK_AGAIN:
        row.due = now + timedelta(seconds=max(verdict.after, 1))
    elif not row.raw:
        settle(row, "none")
    else:
        row.write({"append_at": now, "due": now + timedelta(seconds=RETRY_SECONDS)})
        bcc = email_split_tuples(row.email_bcc or "")
        raw = build.with_bcc(row._get_raw(), bcc)
        return raw, row.sent_at.replace(tzinfo=timezone.utc)
    return None


def _append(work, transport, folder, row_id, raw, date) -> None:
    error = None
    try:
        work.patiently(lambda: transport.append(folder, raw, date=date))
    except MailServerError as exc:
        error = exc
        _logger.info("outbox %s: no copy in Sent, %s", row_id, exc)
    lost = error and transport.was_append_begun and not transport.was_append_answered

    def finish(env):
        row = env["waimaolang.outbox"].browse(row_id).exists()
        if not row or row.copy_state != "wanted":
            return
        if not error:
            settle(row, "appended")
        elif not lost:
            row.append_at = False
            late = fields.Datetime.now() > row.sent_at + GIVE_UP
            if late or error.code in ("mailbox_full", "too_large", "folder_gone"):
                row.write({"copy_state": "none", "due": False})

    work.fenced(finish)


def _give_up(env, ids) -> None:
    """POP3, or no Sent folder: there is no evidence, and no copy to be made."""
    for row in env["waimaolang.outbox"].browse(ids).exists():
        values = {"copy_state": "none", "due": False}
        if row.state == "sent":
            values["raw"] = False
        row.write(values)
        row._tell()


def _postpone(env, ids) -> None:
    now = fields.Datetime.now()
    rows = env["waimaolang.outbox"].browse(ids).exists()
    late = rows.filtered(lambda row: row.sent_at and now > row.sent_at + GIVE_UP)
    _give_up(env, late.ids)
    (rows - late).write({"due": now + timedelta(seconds=RETRY_SECONDS)})
