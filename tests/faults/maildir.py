# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a server shows is changed behind its back: a mailbox as it was at some moment
comes back under the same UIDs, or under another UIDVALIDITY."""

import re
import shutil

from servers.mailboxes import quoted
from servers.process import run


def save(box, name):
    """The mailbox as it is, for ``restore``."""
    shutil.rmtree(_kept(box, name), ignore_errors=True)
    run(["cp", "-a", _home(box) / "Maildir", _kept(box, name)])


def restore(box, name):
    """UIDs, UIDVALIDITY and modification sequences are as they were. No connection may
    be open."""
    shutil.rmtree(_home(box) / "Maildir")
    run(["cp", "-a", _kept(box, name), _home(box) / "Maildir"])


def renumber(box):
    """The inbox gets another UIDVALIDITY, and each UID another mail, as after a move to
    another server. All connections end: what is open is not asked to be numbered anew.
    """
    box.dovecot.stop()
    folder = _home(box) / "Maildir"
    listed = folder / "dovecot-uidlist"
    head, *lines = listed.read_text().splitlines()
    head = re.sub(r"V(\d+)", lambda found: f"V{int(found[1]) + 1000}", head)
    uids, names = zip(*(line.split(":", 1) for line in lines), strict=True)
    lines = [":".join(pair) for pair in zip(uids, reversed(names), strict=True)]
    # the file stays the mail account's
    listed.write_text("\n".join([head, *lines, ""]))
    for path in folder.glob("dovecot.index*"):
        path.unlink()
    box.dovecot.start(box.dovecot.ports)


def expunge(box, folder, uids):
    connection = box.dovecot.imap(box.email)
    connection.select(quoted(folder))
    chosen = ",".join(map(str, uids))
    connection.uid("STORE", chosen, "+FLAGS.SILENT", "(\\Deleted)")
    connection.uid("EXPUNGE", chosen)
    connection.logout()


def _home(box):
    return box.dovecot.home(box.email)


def _kept(box, name):
    return _home(box) / f"kept-{name}"
