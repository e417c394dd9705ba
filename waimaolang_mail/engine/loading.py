# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reads what a pass needs of a mailbox: once, and no more than it needs. What is
written afterwards: ``state.py``."""

from dataclasses import replace
from datetime import timedelta

from odoo import fields

from ..transport.base import Credentials, ServerAddress
from ..transport.errors import MailServerError
from . import lease, secrets
from .judge import PUBLIC_DOMAINS, Policy, domain_of, parse_blocked
from .sending import Limits
from .settings import SECRET_WAY, FolderState, MailboxSettings

FOLDERS_KNOWN_FOR = timedelta(minutes=30)
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
    "history_paused",
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
    "problem",
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
        way=way_of(mailbox),
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
            troubled=bool(folder.problem),
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
        mailbox._get_proxy(),
    )


def incoming_address(mailbox) -> ServerAddress:
    return ServerAddress(
        mailbox.incoming_host or "",
        mailbox.incoming_port,
        mailbox.incoming_security,
        mailbox.env["waimaolang.lane"]._allow_private_hosts(),
        mailbox._get_proxy(),
    )


def way_of(mailbox) -> tuple:
    return (mailbox.user_id.id, *(mailbox[name] for name in SECRET_WAY))


def credentials_of(env, mailbox, secret: str | None) -> Credentials:
    """``secret``: a code instead of what is kept. Without one where it is had from a
    source (``secrets.py``)."""
    login = mailbox.login or mailbox.email
    if secret:
        return Credentials(login, secret)
    if mailbox.auth_method != secrets.PASSWORD:
        return Credentials(login, "", mailbox.auth_method)
    # a model of this addon; imported late because models import the engine
    from ..models.waimaolang_vault import KeyMissingError

    if not mailbox.password_sealed:
        raise MailServerError("auth_bad", "", phase="login")
    try:
        secret = mailbox._get_secret()
    except KeyMissingError as exc:
        raise MailServerError("key_missing", "", phase="login") from exc
    return Credentials(login, secret)


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
