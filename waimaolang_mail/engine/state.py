# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reads what a pass needs of a mailbox, and writes how the pass ended.

The only place where the engine touches the mailbox and its folders through the
ORM; each function is one transaction's work.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from odoo import fields

from ..transport.base import Credentials, RemoteFolder, ServerAddress
from ..transport.errors import MailServerError
from . import backoff, discreet, lease, ledger, life, window
from .folders import save_folders
from .judge import PUBLIC_DOMAINS, Policy, domain_of, parse_blocked
from .sending import Limits
from .settings import SECRET_WAY, FolderState, MailboxSettings

FOLDERS_KNOWN_FOR = timedelta(minutes=30)
# What a verdict's state means for the mailbox's life.
EVENTS = {"error": life.REFUSED, "reauth": life.LOCKED_OUT}


# Of the mailbox, read at once.
READ = (
    "alias_emails",
    "auth_method",
    "blocked",
    "company_id",
    "connection_epoch",
    "email",
    "email_key",
    "history_from",
    "incoming_host",
    "incoming_port",
    "incoming_security",
    "last_listed",
    "login",
    "outgoing_host",
    "outgoing_port",
    "outgoing_security",
    "password_sealed",
    "protocol",
    "provider_id",
    "resume_folder",
    "state",
    "sync_interval",
    "team_id",
    "unknown_policy",
    "user_id",
)
READ_OF_FOLDERS = (
    "remote_name",
    "role",
    "uidvalidity",
    "uidnext",
    "live_uid",
    "outside",
    "epoch",
    "taken_at",
    "backfill_uid",
    "highestmodseq",
    "agreed_count",
    "flags_at",
    "error",
    "recounted_at",
)
# What is due, and since when it is asked: in one query.
AGENDA = f"""
    SELECT {lease.NOW}, COALESCE(m.next_sync <= {lease.NOW}, FALSE),
           EXISTS (SELECT 1 FROM waimaolang_outbox o WHERE o.mailbox_id = m.id
                      AND (o.state = 'sending'
                           OR o.state = 'queued' AND o.due <= {lease.NOW})),
           EXISTS (SELECT 1 FROM waimaolang_outbox o WHERE o.mailbox_id = m.id
                      AND o.state IN ('sent', 'unknown') AND o.due <= {lease.NOW})
      FROM waimaolang_mailbox m WHERE m.id = %s
"""


def load(env, mailbox_id: int, secret: str | None = None) -> MailboxSettings:
    """MailServerError(key_missing) when the code cannot be opened. ``secret`` takes
    the place of the stored one."""
    return with_people(env, load_reading(env, mailbox_id, secret))


def load_reading(env, mailbox_id: int, secret: str | None = None) -> MailboxSettings:
    """What listing needs and no more: most passes find nothing to store."""
    mailbox = env["waimaolang.mailbox"].browse(mailbox_id)
    mailbox.fetch(READ)
    env.flush_all()
    env.cr.execute(AGENDA, (mailbox_id,))
    now, sync_due, leaves, wants_copies = env.cr.fetchone()
    provider = mailbox.provider_id
    provider.fetch(["code", "needs_id", "send_per_minute", "send_per_day"])
    folders = _read_folders(mailbox)
    return MailboxSettings(
        id=mailbox.id,
        database=env.cr.dbname,
        protocol=mailbox.protocol,
        address=incoming_address(mailbox),
        credentials=credentials_of(env, mailbox, secret),
        provider=provider.code or "",
        needs_id=provider.needs_id,
        state=mailbox.state,
        company_id=mailbox.company_id.id,
        owner_id=mailbox.user_id.id,
        owner_partner_id=0,
        team_id=mailbox.team_id.id,
        authors={},
        policy=Policy(frozenset(), frozenset(), parse_blocked("")),
        history_from=mailbox.history_from or None,
        interval_seconds=mailbox.sync_interval * 60,
        folders_known=_are_folders_known(mailbox, folders),
        resume_folder=mailbox.resume_folder,
        folders=folders,
        way=_way(mailbox),
        email=mailbox.email_key or "",
        outgoing=outgoing_address(mailbox),
        limits=Limits(
            per_minute=provider.send_per_minute, per_day=provider.send_per_day
        ),
        sync_due=sync_due,
        people_known=False,
        leaves=leaves,
        wants_copies=wants_copies,
        now=now,
        epoch=mailbox.connection_epoch,
        history_paused=mailbox.history_paused,
    )


def with_people(env, settings: MailboxSettings) -> MailboxSettings:
    """With what storing and sending need too: who is who in the company."""
    if settings.people_known:
        return settings
    mailbox = env["waimaolang.mailbox"].browse(settings.id)
    every = _bound(env, mailbox.company_id)
    return replace(
        settings,
        owner_partner_id=mailbox.user_id.partner_id.id,
        authors=_authors(mailbox, every),
        policy=_policy(mailbox, every),
        people_known=True,
    )


def _read_folders(mailbox) -> tuple[FolderState, ...]:
    folders = mailbox.env["waimaolang.mailbox.folder"].search_fetch(
        [
            ("mailbox_id", "=", mailbox.id),
            ("synced", "=", True),
            ("selectable", "=", True),
        ],
        READ_OF_FOLDERS,
    )
    return tuple(
        FolderState(
            id=folder.id,
            remote_name=folder.remote_name,
            role=folder.role,
            uidvalidity=folder.uidvalidity,
            uidnext=folder.uidnext,
            live_uid=folder.live_uid,
            outside=folder.outside or "",
            epoch=folder.epoch,
            taken_at=folder.taken_at or None,
            backfill=folder.backfill_uid,
            modseq=folder.highestmodseq,
            agreed=folder.agreed_count,
            flags_at=folder.flags_at or None,
            troubled=bool(folder.error),
            recounted_at=folder.recounted_at or None,
        )
        for folder in folders
    )


def outgoing_address(mailbox) -> ServerAddress | None:
    if not mailbox.outgoing_host:
        return None
    return ServerAddress(
        mailbox.outgoing_host,
        mailbox.outgoing_port,
        mailbox.outgoing_security,
        mailbox.env["waimaolang.lane"]._allow_private_hosts(),
    )


def incoming_address(mailbox) -> ServerAddress:
    return ServerAddress(
        mailbox.incoming_host or "",
        mailbox.incoming_port,
        mailbox.incoming_security,
        mailbox.env["waimaolang.lane"]._allow_private_hosts(),
    )


def _way(mailbox) -> tuple:
    return (mailbox.user_id.id, *(mailbox[name] for name in SECRET_WAY))


def credentials_of(env, mailbox, secret: str | None) -> Credentials:
    if secret:
        return Credentials(mailbox.login or mailbox.email, secret, mailbox.auth_method)
    # a model of this addon; imported late because models import the engine
    from ..models.waimaolang_vault import KeyMissingError

    if not mailbox.password_sealed:
        raise MailServerError("auth_bad", "", phase="login")
    try:
        secret = mailbox._get_secret()
    except KeyMissingError as exc:
        raise MailServerError("key_missing", "", phase="login") from exc
    return Credentials(mailbox.login or mailbox.email, secret, mailbox.auth_method)


def _are_folders_known(mailbox, folders) -> bool:
    """Folders are made, renamed and removed: they are asked for again now and then."""
    listed = mailbox.last_listed
    fresh = listed and listed > fields.Datetime.now() - FOLDERS_KNOWN_FOR
    return bool(fresh and (folders or mailbox.folder_ids))


def _bound(env, company):
    """All mailboxes of the company that are, or were, really bound."""
    return env["waimaolang.mailbox"].search(
        [
            ("company_id", "=", company.id),
            ("state", "!=", "draft"),
            ("active", "in", (True, False)),
        ]
    )


def _authors(mailbox, every) -> dict[str, int]:
    """A mailbox's further addresses are its owner's word, and count for it alone."""
    authors = {box.email_key: box.user_id.partner_id.id for box in every if box.user_id}
    if mailbox.user_id:
        partner_id = mailbox.user_id.partner_id.id
        authors |= {email: partner_id for email in mailbox._own_emails()}
    return authors


def _colleagues(mailbox) -> set[str]:
    """Addresses of people who work here, bound or not, also at public providers."""
    users = mailbox.env["res.users"].search(
        [("share", "=", False), ("company_ids", "in", mailbox.company_id.ids)]
    )
    return {email for email in users.partner_id.mapped("email_normalized") if email}


def _policy(mailbox, every) -> Policy:
    # A colleague's further addresses are her word alone: they must not make a
    # customer "internal" for everybody.
    addresses = {email for email in every.mapped("email_key") if email}
    own_all = mailbox._own_emails() | addresses | _colleagues(mailbox)
    domains = {domain_of(email) for email in addresses | {mailbox.email_key or ""}}
    return Policy(
        own_all=frozenset(own_all),
        own_domains=frozenset(domains - PUBLIC_DOMAINS - {""}),
        blocked=parse_blocked(mailbox.blocked),
        unknown=mailbox.unknown_policy,
        own=frozenset(mailbox._own_emails()),
    )


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
    if tried and _way(mailbox) != tried.way:
        raise GoneMeanwhileError(mailbox_id)
    if secret:
        mailbox.password = secret
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
               agreed_count = %s, error = NULL,
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
    env["waimaolang.mailbox.folder"].browse(folder_id).error = error.detail


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


def measure(env, mailbox_id: int, taken: int, spent: float) -> None:
    """How fast history comes, in mails a minute, with the time between passes when they
    follow one another; ``spent``: seconds of this one. After ``succeeded``."""
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
