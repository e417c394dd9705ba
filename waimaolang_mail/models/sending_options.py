# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a post says of its sending."""

from dataclasses import dataclass

# What a post may say of its sending, as a parameter of message_post. It comes from
# clients too: everything in it is checked.
SENDING = "waimaolang_sending"


@dataclass(frozen=True)
class Sending:
    """What a post says of its sending. ``composed``: every address was chosen in the
    composer, so that recipients are true To and followers outside get nothing;
    ``subject``: where the chatter must not tell it; ``answers`` and ``forwards`` are
    ids of mails; ``quote``: that mail stands below the text, in what leaves alone,
    since the chatter has it already and its readers may be others; so do ``files``,
    attachments of the forwarded one."""

    mailbox_id: int = 0
    composed: bool = False
    cc: tuple[int, ...] = ()
    cc_emails: str = ""
    bcc: tuple[int, ...] = ()
    bcc_emails: str = ""
    answers: int = 0
    forwards: int = 0
    subject: str = ""
    quote: bool = False
    files: tuple[int, ...] = ()
    send_at: str = ""


def read(values) -> Sending:
    """Of what a client may have sent: ints are ints, or nothing is."""
    if not isinstance(values, dict):
        return Sending()

    def is_id(value):
        return type(value) is int and 0 < value < 2**31

    def number(name):
        value = values.get(name)
        return value if is_id(value) else 0

    def numbers(name):
        value = values.get(name)
        if not isinstance(value, (list, tuple)):
            return ()
        return tuple(x for x in value if is_id(x))

    def text(name):
        value = values.get(name)
        return value if isinstance(value, str) else ""

    return Sending(
        mailbox_id=number("mailbox_id"),
        composed=bool(values.get("composed")),
        cc=numbers("cc"),
        cc_emails=text("cc_emails"),
        bcc=numbers("bcc"),
        bcc_emails=text("bcc_emails"),
        answers=number("answers"),
        forwards=number("forwards"),
        subject=text("subject"),
        quote=bool(values.get("quote")),
        files=numbers("files"),
        send_at=text("send_at"),
    )
