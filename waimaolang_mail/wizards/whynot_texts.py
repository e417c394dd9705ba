# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Why a mail is not here, in words, and what to do. Written for the owner of the
mailbox, who may know all of it."""

from typing import NamedTuple

from odoo.tools import format_datetime, format_list

from ..engine import whynot


class Explanation(NamedTuple):
    text: str
    remedy: str = ""


KINDS = [
    (whynot.STORED, "In Odoo"),
    (whynot.DELETED, "Deleted in Odoo"),
    (whynot.EXCLUDED, "Excluded"),
    (whynot.WINDOW, "Too old"),
    (whynot.FAILED, "Failed"),
    (whynot.PENDING, "Waiting"),
    (whynot.GONE, "Gone from the server"),
    (whynot.FOLDER, "Folder not fetched"),
    (whynot.NEW, "Just arrived"),
    (whynot.UNKNOWN, "Being fetched now"),
    (whynot.OUTBOX, "Not sent"),
    (whynot.OTHER, "In another mailbox"),
    (whynot.NEVER, "Not found"),
    (whynot.NOT_ASKED, "Server not asked"),
]


def explain(finding, entry=""):
    """``finding``: a new record, its facts set; ``entry``: of the never-log list."""
    return _EXPLAIN[finding.kind](finding, entry)


def _when(finding, moment):
    return format_datetime(finding.env, moment, dt_format="medium") if moment else ""


def _stored(finding, _entry):
    env, mail = finding.env, finding.mail_id
    records = [record.display_name for record in (*mail.lead_ids, *mail.partner_ids)]
    if records:
        text = env._(
            "It is in Odoo, on %(records)s.", records=format_list(env, records)
        )
        remedy = env._(
            "If you miss it on another record, open the mail and link it there."
        )
    elif mail.state == "linked":
        text = env._("It is in Odoo, on a record that you may not open.")
        remedy = env._("Open the mail and link it to a record of yours.")
    else:
        text = env._("It is in Odoo and stands on no contact and no opportunity.")
        remedy = env._(
            "Nobody in it is known as a contact. Open the mail and link it, or add the "
            "address to the contact."
        )
    return Explanation(text, remedy)


def _other(finding, _entry):
    env = finding.env
    return Explanation(
        env._(
            "It is in Odoo, and came through another mailbox: %(mailboxes)s.",
            mailboxes=finding.mail_id.mailbox_names,
        ),
        env._("Somebody may have sent it to that address and not to this one."),
    )


def _deleted(finding, _entry):
    env = finding.env
    return Explanation(
        env._(
            "It was in Odoo, and was deleted there on purpose on %(date)s.",
            date=_when(finding, finding.copy_id.settled_at),
        )
        if finding.copy_id.settled_at
        else env._("It was in Odoo, and was deleted there on purpose."),
        env._(
            "What is deleted in Odoo does not come back by itself. It is still in "
            "your mailbox unless you deleted it there."
        ),
    )


def _excluded(finding, entry):
    env = finding.env
    texts = {
        "blocked": (
            env._("“%(entry)s” on your never-log list keeps it out.", entry=entry)
            if entry
            else env._(
                "It was left out for an entry of the never-log list that has been "
                "removed since."
            ),
            env._(
                "Take the entry off the list, in the mailbox under Own Addresses and "
                "Exclusions; then fetch this mail again."
            )
            if entry
            else env._("Fetch this mail again."),
        ),
        "internal": (
            env._(
                "It is mail among colleagues: everybody in it is of your company. Such "
                "mail is not kept in Odoo."
            ),
            env._(
                "If somebody in it is not a colleague, ask your administrator whether "
                "the address or its domain is bound as a mailbox."
            ),
        ),
        "bulk": (
            env._("It is a newsletter or other bulk mail of somebody unknown."),
            env._(
                "Add the sender as a contact; then fetch this mail again. Further mail "
                "of that sender is kept."
            ),
        ),
        "ignored": (
            env._(
                "Nobody in it is a contact or on an opportunity, and this mailbox "
                "keeps no mail of unknown people."
            ),
            env._(
                "Add the sender as a contact, or change “Unknown Senders” in the "
                "mailbox; then fetch this mail again."
            ),
        ),
        "test": (env._("It is the test mail of the binding."), ""),
    }
    fallback = (env._("It was left out."), "")
    return Explanation(*texts.get(finding.copy_id.reason, fallback))


def _window(finding, _entry):
    env, since = finding.env, finding.mailbox_id.history_from
    return Explanation(
        env._(
            "It arrived before %(date)s, from when on mail of this mailbox is fetched.",
            date=_when(finding, since),
        )
        if since
        else env._("It arrived before the time from which on mail is fetched."),
        env._("Choose a longer History in the mailbox; what is here stays."),
    )


def _failed(finding, _entry):
    copy = finding.copy_id
    return Explanation(
        finding.env._("It could not be stored. %(cause)s", cause=copy.error_text or ""),
        copy.remedy or "",
    )


def _pending(finding, _entry):
    env, before = finding.env, finding.position
    text = (
        env._(
            "It waits to be fetched. Mails that come before it: about %(count)s.",
            count=before,
        )
        if before
        else env._("It is the next one to be fetched.")
    )
    if finding.minutes:
        left = env._("Minutes that takes: about %(count)s.", count=finding.minutes)
        text = env._("%(sentence)s %(next)s", sentence=text, next=left)
    remedy = ""
    if finding.mailbox_id.state not in ("connected", "error"):
        remedy = env._("The mailbox is not being fetched now: look at its status.")
    elif finding.mailbox_id.error_code:
        remedy = finding.mailbox_id.health_reason or ""
    return Explanation(text, remedy)


def _gone(finding, _entry):
    env = finding.env
    return Explanation(
        env._(
            "It was on the server once, and was deleted or moved there before it was "
            "fetched."
        ),
        env._("Look into your mail program's trash."),
    )


def _folder(finding, _entry):
    env, folder = finding.env, finding.folder_id
    advice = {
        "junk": env._(
            "Your provider took it for junk. Move it to the inbox in your mail "
            "program; it then comes here, and the next one is less likely to be taken "
            "for junk."
        ),
        "trash": env._("Move it out of the trash in your mail program."),
        "drafts": env._("It is a draft: it has not been sent."),
    }
    return Explanation(
        env._(
            "It is on the server, in the folder %(folder)s, which is not fetched.",
            folder=folder.path,
        ),
        advice.get(folder.role, env._("Have the folder fetched.")),
    )


def _new(finding, _entry):
    env = finding.env
    if not finding.folder_id:
        return Explanation(
            env._(
                "It is on the server, in the folder %(folder)s, which was made there a "
                "short while ago.",
                folder=finding.detail,
            ),
            env._(
                "The folder is looked at now. If it is not fetched by itself, tick it "
                "in the mailbox under Folders."
            ),
        )
    return Explanation(
        env._(
            "It is on the server, in the folder %(folder)s, and is fetched now.",
            folder=finding.folder_id.path,
        )
    )


def _unknown(finding, _entry):
    return Explanation(
        finding.env._(
            "It is on the server, in the folder %(folder)s, and was overlooked. The "
            "folder is compared with its server now, and the mail is fetched.",
            folder=finding.folder_id.path,
        )
    )


def _outbox(finding, _entry):
    env = finding.env
    labels = dict(env["waimaolang.outbox"]._fields["state"]._description_selection(env))
    return Explanation(
        env._("It is in the outbox: %(state)s.", state=labels[finding.outbox_id.state]),
        env._("Open the outbox for the reason and to send it again."),
    )


def _never(finding, _entry):
    env = finding.env
    return Explanation(
        env._(
            "It is in no folder of the mail server as of now: it has not arrived, or "
            "was deleted there."
        ),
        env._(
            "Ask the sender for the exact address it was sent to, and whether it came "
            "back; the sender's mail server knows where it went."
        ),
    )


def _not_asked(finding, _entry):
    env, box = finding.env, finding.mailbox_id
    if box.protocol == "pop3":
        text = env._("Nothing is known of it here. By POP3 a server cannot be asked.")
        return Explanation(text, env._("Look for it on your provider's web page."))
    text = env._("Nothing is known of it here, and the mail server could not be asked.")
    return Explanation(text, finding.detail or "")


_EXPLAIN = {
    whynot.STORED: _stored,
    whynot.OTHER: _other,
    whynot.DELETED: _deleted,
    whynot.EXCLUDED: _excluded,
    whynot.WINDOW: _window,
    whynot.FAILED: _failed,
    whynot.PENDING: _pending,
    whynot.GONE: _gone,
    whynot.FOLDER: _folder,
    whynot.NEW: _new,
    whynot.UNKNOWN: _unknown,
    whynot.OUTBOX: _outbox,
    whynot.NEVER: _never,
    whynot.NOT_ASKED: _not_asked,
}
