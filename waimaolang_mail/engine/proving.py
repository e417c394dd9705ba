# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The proof of a mailbox that is bound: what it works on, and what it tells of the
mailbox. Each function is one transaction's work."""

from ..transport.errors import MailServerError
from . import backoff, discreet, life
from .loading import credentials_of, incoming_address, outgoing_address
from .proof import Binding, Finding, is_of_sending


def load_binding(env, mailbox_id: int) -> Binding:
    """Both sides as they stand at one moment. MailServerError: ``loading.load``."""
    mailbox = env["waimaolang.mailbox"].browse(mailbox_id)
    return Binding(
        email=mailbox.email_key,
        protocol=mailbox.protocol,
        incoming=incoming_address(mailbox),
        outgoing=outgoing_address(mailbox),
        credentials=credentials_of(env, mailbox, None),
        provider=mailbox.provider_id.code or "",
        needs_id=mailbox.provider_id.needs_id,
    )


def proved(env, mailbox_id: int, binding: Binding, finding: Finding) -> None:
    """What a person's test mail tells of the logins. Refused where mail is fetched, the
    mailbox is in error, and the next pass logs in anew to see for itself; refused where
    mail leaves, it goes on receiving."""
    if not _is_still(env, mailbox_id, binding):
        return
    mailbox = env["waimaolang.mailbox"].browse(mailbox_id)
    error = finding.error
    if not error:
        mailbox._note_sending(None)
    elif error.code not in backoff.AUTH_CODES:
        return
    elif is_of_sending(finding):
        mailbox._note_sending(error)
    else:
        mailbox._move(
            life.REFUSED,
            error_code=error.code,
            error_detail=error.detail or False,
            transcript=discreet.for_support(finding.transcript) or False,
            connection_epoch=mailbox.connection_epoch + 1,
        )


def _is_still(env, mailbox_id: int, binding: Binding) -> bool:
    try:
        return load_binding(env, mailbox_id) == binding
    except MailServerError:
        return False
