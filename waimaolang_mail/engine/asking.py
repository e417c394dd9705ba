# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Asks the mail server itself for a mail that nobody here has seen, in all folders,
junk and trash too. Reads only, and some seconds long; by a person's question alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from ..transport.errors import MailServerError
from ..transport.net import Deadline
from . import loading, logins, traces, whynot
from .folders import spell
from .pool import connections
from .traces import Traces
from .transactions import transaction
from .waits import StillWaitingError

ASK_SECONDS = 15.0
# Where what people miss lies, in this order; the rest after them.
FIRST_ROLES = ("inbox", "all", "junk", "sent", "archive", "other", "trash", "drafts")


@dataclass(frozen=True)
class Hit:
    """A mail on the server that is what was asked for. ``folder_id`` is 0 where the
    folder, ``path``, has no row yet: it was made since the last look at the folders."""

    folder_id: int
    uidvalidity: int
    uid: int
    arrived: datetime | None
    path: str = ""


@dataclass(frozen=True)
class Searched:
    """A folder that is searched: ``id`` is 0 where it has no row."""

    id: int
    key: str
    path: str
    selectable: bool


@dataclass(frozen=True)
class Answer:
    """``asked``: folders that were looked into, new ones included; ``left``: ids of
    those that were not, by time or since they cannot be opened; ``partly``: of those
    where the server does not search, so that only the newest mails were seen.
    ``error``: a MailServerError's code; "unable" where the protocol knows no such
    question."""

    hits: tuple[Hit, ...] = ()
    asked: int = 0
    left: tuple[int, ...] = ()
    partly: tuple[int, ...] = ()
    error: str = ""


def ask(
    registry, mailbox_id: int, wanted: Traces, seconds: float = ASK_SECONDS
) -> Answer:
    """In cursors of its own, none of them open while the server is waited for. Raises
    nothing for what a server did."""
    try:
        settings = transaction(registry, lambda env: loading.load(env, mailbox_id))
        folders = transaction(registry, lambda env: _folders(env, mailbox_id))
        connection = connections.take(
            settings.connection_key, settings.connection_settings
        ) or logins.log_in(registry, settings)
    except MailServerError as error:
        return Answer(error=error.code)
    except StillWaitingError:
        return Answer(error="login_frequency")
    transport = connection.transport
    if not transport.can_search:
        connections.put(settings.connection_key, connection)
        return Answer(error="unable")
    transport.hard_deadline = Deadline(seconds)
    try:
        folders += _find_new(transport, folders)
        answer = _ask_all(transport, folders, wanted)
    finally:
        transport.hard_deadline = None
        if transport.is_connected:
            connections.put(settings.connection_key, connection)
        else:
            transport.close()
    return answer


def _folders(env, mailbox_id: int) -> list[Searched]:
    rows = env["waimaolang.mailbox"].browse(mailbox_id).folder_ids
    rows = rows.sorted(lambda f: FIRST_ROLES.index(f.role))
    return [Searched(f.id, f.remote_name, f.path, f.selectable) for f in rows]


def _find_new(transport, folders: list[Searched]) -> list[Searched]:
    """What was made since the last look at the folders holds mail as well."""
    try:
        told = transport.folders()
    except MailServerError:
        return []  # the search tells what is wrong, or goes on without them
    known = {spell(folder.key) for folder in folders}
    return [
        Searched(0, folder.key, folder.path, folder.selectable)
        for folder in told
        if spell(folder.key) not in known
    ]


def _ask_all(transport, folders: list[Searched], wanted: Traces) -> Answer:
    answer = Answer()
    folders = [folder for folder in folders if folder.selectable]
    for position, folder in enumerate(folders):
        try:
            look = transport.search(
                folder.key, wanted.message_id, wanted.sender, wanted.subject
            )
        except MailServerError as error:
            if not transport.is_connected:
                left = [one.id for one in folders[position:] if one.id]
                code = "" if answer.asked and error.code == "timeout" else error.code
                return replace(answer, left=(*answer.left, *left), error=code)
            if folder.id:
                answer = replace(answer, left=(*answer.left, folder.id))
            continue
        hits = tuple(
            Hit(folder.id, look.uidvalidity, mail.uid, mail.arrived, folder.path)
            for mail in look.mails
            if whynot.is_wanted(wanted, traces.of_bytes(mail.headers))
        )
        answer = replace(
            answer,
            hits=answer.hits + hits,
            asked=answer.asked + 1,
            partly=answer.partly
            if look.whole or not folder.id
            else (*answer.partly, folder.id),
        )
    return answer
