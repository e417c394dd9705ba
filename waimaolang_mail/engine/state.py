# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Writes how a pass, or a try to connect, ended.

With ``loading.py`` the only place where the engine touches the mailbox and its folders
through the ORM; each function is one transaction's work.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from odoo import fields

from ..transport.base import RemoteFolder
from ..transport.errors import MailServerError
from . import backoff, discreet, lease, ledger, life, window
from .folders import save_folders
from .loading import way_of
from .reasons import Reason, because
from .settings import FolderState, MailboxSettings

# What a verdict's state means for the mailbox's life.
EVENTS = {"error": life.REFUSED, "reauth": life.LOCKED_OUT}


def _now(env) -> datetime:
    """By the clock that decides what is due (lease.py), as fields keep it."""
    return lease.now(env.cr).replace(microsecond=0)


class GoneMeanwhileError(Exception):
    """Somebody disconnected the mailbox while it was being tried, or changed where its
    code goes."""


def connected(
    env,
    mailbox_id: int,
    folders: Sequence[RemoteFolder],
    tried: MailboxSettings | None = None,
    secret: str | None = None,
) -> None:
    """``tried``: what was loaded before the try; ``secret``: the new one that opened
    the mailbox."""
    mailbox = env["waimaolang.mailbox"].browse(mailbox_id)
    if tried and mailbox.state == "disconnected" != tried.state:
        raise GoneMeanwhileError(mailbox_id)
    # the code was entered for the server that was tried, and for no other
    if tried and way_of(mailbox) != tried.way:
        raise GoneMeanwhileError(mailbox_id)
    if secret:
        mailbox._keep_code(secret)
    values = {
        "error_code": False,
        "error_detail": False,
        "failures": 0,
        "auth_failures": 0,
        "transcript": False,
        "wait_until": False,
        "next_sync": _now(env),
    }
    first = mailbox.state == "draft" or not mailbox.folder_ids
    if first and not mailbox.history_from:
        values["history_from"] = mailbox._get_history_from()
    mailbox._move(life.BOUND, **values)
    lease.reopen(env.cr, mailbox_id)
    save_folders(env, mailbox_id, folders)


class StaleCursorError(Exception):
    """The folder was told to be listed anew while it was being listed."""


def save_cursor(env, folder: FolderState, remote_count: int | None) -> None:
    """``remote_count`` None: not known yet."""
    folders = env["waimaolang.mailbox.folder"]
    folders.flush_model()
    env.cr.execute(
        """
        UPDATE waimaolang_mailbox_folder
           SET uidvalidity = %s, uidnext = %s, backfill_uid = %s, live_uid = %s,
               taken_at = %s, outside = NULLIF(%s, ''), highestmodseq = %s,
               agreed_count = %s, problem = NULL, problem_args = NULL,
               remote_count = COALESCE(%s, remote_count)
         WHERE id = %s AND COALESCE(epoch, 0) = %s
        """,
        (
            folder.uidvalidity,
            folder.uidnext,
            folder.backfill,
            folder.live_uid,
            folder.taken_at,
            folder.outside,
            folder.modseq,
            folder.agreed,
            remote_count,
            folder.id,
            folder.epoch,
        ),
    )
    if not env.cr.rowcount:
        raise StaleCursorError(folder.id)
    folders.browse(folder.id).invalidate_recordset()


def save_flags_seen(env, folder: FolderState, modseq: int) -> None:
    """Flags are known as they were when the server's counter stood at ``modseq``."""
    env.cr.execute(
        "UPDATE waimaolang_mailbox_folder"
        f" SET highestmodseq = %s, flags_at = {lease.NOW} WHERE id = %s AND"
        " uidvalidity = %s",
        (modseq, folder.id, folder.uidvalidity),
    )


def note_folder_error(env, folder_id: int, error: MailServerError) -> None:
    reason = because("folder_refused", words=error.detail)
    note_folder_problem(env, folder_id, reason)


def note_folder_problem(env, folder_id: int, reason: Reason) -> None:
    env["waimaolang.mailbox.folder"].browse(folder_id).write(
        {"problem": reason.code, "problem_args": dict(reason.args)}
    )


def succeeded(
    env,
    mailbox_id: int,
    wait_seconds: float,
    resume_folder: int = 0,
    changed: bool = False,
) -> None:
    """``resume_folder``: where the next pass goes on listing; ``changed``: folders are
    asked for anew."""
    env.flush_all()
    env.cr.execute(
        f"""
        UPDATE waimaolang_mailbox
           SET last_sync = date_trunc('second', {lease.NOW}),
               next_sync = date_trunc('second', {lease.NOW})
                           + %s * INTERVAL '1 second',
               failures = 0, auth_failures = 0,
               resume_folder = %s,
               last_listed = CASE WHEN %s THEN NULL ELSE last_listed END
         WHERE id = %s
        RETURNING state = 'error' OR error_code IS NOT NULL
        """,
        (wait_seconds, resume_folder, changed, mailbox_id),
    )
    row = env.cr.fetchone()
    mailbox = env["waimaolang.mailbox"].browse(mailbox_id)
    mailbox.invalidate_recordset()
    if row and row[0]:
        mailbox._move(
            life.ANSWERED,
            error_code=False,
            error_detail=False,
            transcript=False,
            wait_until=False,
        )


def measure(env, mailbox_id: int, taken: int, spent: float, over: bool = False) -> None:
    """How fast history comes, in mails a minute, with the time between passes when they
    follow one another; ``spent``: seconds of this one; ``over``: nothing waits any
    more. After ``succeeded``."""
    mailbox = env["waimaolang.mailbox"].browse(mailbox_id)
    now = lease.now(env.cr)
    since = mailbox.history_measured
    between = (now - since).total_seconds() if since else window.NO_PAUSE
    seconds = between if spent < between < window.NO_PAUSE else spent
    rate = 60 * taken / max(seconds, 0.1)
    if mailbox.history_rate and between < window.NO_PAUSE:
        rate = window.smooth(mailbox.history_rate, rate)
    mailbox.write(
        {"history_rate": rate, "history_measured": now.replace(microsecond=0)}
    )
    if over or between >= window.NO_PAUSE:
        mailbox._ring()


def postponed(env, mailbox_id: int, until: datetime) -> None:
    """The provider must be left alone until then: no failure, and no login."""
    env["waimaolang.mailbox"].browse(mailbox_id).next_sync = until


def judge_window(env, mailbox_id: int) -> None:
    """After a complete listing: does the server hide older mail? Only for providers
    of which such a setting is known."""
    mailbox = env["waimaolang.mailbox"].browse(mailbox_id)
    limit = window.Limit()
    # what was left outside of our own window is older than it
    reaches_beyond = any(folder.outside for folder in mailbox.folder_ids)
    if mailbox.provider_id.window_hint and not reaches_beyond:
        oldest, count = ledger.oldest(env.cr, mailbox_id)
        limit = window.looks_limited(
            oldest,
            count,
            mailbox.history_from or None,
            fields.Datetime.now(),
            counted=mailbox.protocol == "pop3",
        )
    values = {"history_limited_days": limit.days, "history_limited_mails": limit.mails}
    changed = {key: value for key, value in values.items() if mailbox[key] != value}
    if changed:
        mailbox.write(changed)


def refused(
    env, mailbox_id: int, error: MailServerError, by_user: bool = False
) -> None:
    """Keeps cause and words, and decides when to try again. A try by hand does
    not count as a strike, and never starts a mailbox that was not bound yet."""
    mailbox = env["waimaolang.mailbox"].browse(mailbox_id)
    verdict = backoff.after_error(
        error.code, mailbox.failures, mailbox.auth_failures, error.retry_after
    )
    now = _now(env)
    values = {
        "error_code": error.code,
        "error_detail": error.detail or False,
        "transcript": discreet.for_support(error.transcript) or False,
    }
    wait = backoff.wait_of_people(error.code, error.retry_after)
    if wait:
        values["wait_until"] = now + timedelta(seconds=wait)
    if by_user:
        mailbox.write(values)
        return
    values.update(
        failures=verdict.failures,
        auth_failures=verdict.auth_failures,
        next_sync=now + timedelta(seconds=verdict.wait),
    )
    event = EVENTS.get(verdict.state)
    if event:
        mailbox._move(event, **values)
    elif mailbox.state in lease.WORKING_STATES:
        mailbox.write(values)
