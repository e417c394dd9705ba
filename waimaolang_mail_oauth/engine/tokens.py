# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The access token of a mailbox, at the moment it is needed: kept, or had anew.

    read --fresh--> given
      |
    lock (other processes wait) -> read again -> ask the provider -> write, commit

The row of the grant is locked while the provider is asked, in a cursor of its own that
is committed before anybody uses the token: a provider may take the old refresh token
for void once it has given a new one, so neither a rollback of the caller nor another
process may make us lose it.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timezone

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from odoo.addons.waimaolang_mail.engine import secrets
from odoo.addons.waimaolang_mail.engine.transactions import transaction
from odoo.addons.waimaolang_mail.models.waimaolang_vault import KeyMissingError
from odoo.addons.waimaolang_mail.transport.base import Credentials, ServerAddress
from odoo.addons.waimaolang_mail.transport.errors import MailServerError

from .. import flow
from ..flow.errors import OAuthError
from . import freshness, refusals
from .freshness import Kept

_logger = logging.getLogger(__name__)

METHOD = "oauth"
# Longer than a request to the provider may take (flow.http), so that who waits for the
# lock gets what the holder was given.
LOCK_SECONDS = 15
# Each other process that refreshed meanwhile costs one.
TRIES = 8
SAVING_TRIES = 3


def issue(
    database: str,
    mailbox_id: int,
    credentials: Credentials,
    address: ServerAddress,
    refused: str = "",
) -> secrets.Ticket:
    """A source for ``secrets.register``. MailServerError: consent_needed,
    consent_missing, app_broken, key_missing, wrong_host, timeout, throttled."""
    registry = Registry(database)
    grant_id, tokens = transaction(
        registry, lambda env: _read(env, mailbox_id, credentials, address, refused)
    )
    if not tokens:
        tokens = _renew(registry, grant_id, refused)
    now = _now()
    return secrets.Ticket(
        Credentials(credentials.login, tokens.access_token, METHOD),
        time.monotonic() + freshness.session_seconds(tokens, now),
    )


def of_grant(env, grant_id: int) -> Kept:
    """For a form that has no mailbox yet, of a grant that is committed. Raises as
    ``issue`` does."""
    registry = env.registry
    tokens = transaction(registry, lambda env: _usable(_of_id(env, grant_id), ""))
    return tokens or _renew(registry, grant_id, "")


def _now() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None)


def _read(env, mailbox_id, credentials, address, refused) -> tuple[int, Kept | None]:
    grant = env["waimaolang.oauth.grant"]._of_mailbox(mailbox_id)
    _check_live(grant)
    # to its provider's own servers alone (invariant I10)
    if not grant.app_id._owns_host(address.host):
        raise MailServerError("wrong_host", address.host, phase="login")
    # and for the mailbox it was given for: of what else the account may open nobody
    # but its holder decides, by signing in again
    if credentials.login != grant.login:
        raise MailServerError("consent_needed", "", phase="login")
    return grant.id, _usable(grant, refused)


def _of_id(env, grant_id: int):
    grant = env["waimaolang.oauth.grant"].browse(grant_id).exists()
    _check_live(grant)
    return grant


def _check_live(grant) -> None:
    if not grant or grant.state != "live" or not _is_of_app(grant):
        raise MailServerError("consent_needed", "", phase="login")


def _is_of_app(grant) -> bool:
    try:
        return grant._is_of_app()
    except OAuthError as error:
        raise refusals.of_mailbox(error) from None


def _usable(grant, refused: str) -> Kept | None:
    kept = _open(grant)
    if kept.access_token != refused and freshness.is_fresh(kept, _now()):
        return kept
    return None


def _open(grant) -> Kept:
    try:
        return grant._get_tokens()
    except KeyMissingError as exc:
        raise MailServerError("key_missing", "", phase="login") from exc


def _renew(registry, grant_id: int, refused: str) -> Kept:
    for _number in range(TRIES):
        try:
            return _renew_once(registry, grant_id, refused)
        except psycopg2.errors.LockNotAvailable as exc:
            raise MailServerError("timeout", "", phase="login") from exc
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # another process wrote what we waited for: read it in a new snapshot
            continue
    raise MailServerError("timeout", "", phase="login")


def _renew_once(registry, grant_id: int, refused: str) -> Kept:
    told, version, was_broken = None, 0, False
    try:
        with registry.cursor() as cr:
            cr.execute("SET LOCAL lock_timeout = %s", (f"{LOCK_SECONDS}s",))
            # the first statement: what is read afterwards is as new as the lock
            cr.execute(
                "SELECT id FROM waimaolang_oauth_grant WHERE id = %s FOR NO KEY UPDATE",
                (grant_id,),
            )
            grant = _of_id(api.Environment(cr, SUPERUSER_ID, {}), grant_id)
            usable = _usable(grant, refused)
            if usable:
                return usable
            app, version = grant.app_id, grant.version
            app_id, was_broken = app.id, bool(app.error_kind)
            told = _ask(cr, grant)
            kept = grant._keep_tokens(told)
    except psycopg2.Error as exc:
        if not told:
            raise
        # the old refresh token may be void already
        _logger.warning("tokens of grant %s are saved anew: %s", grant_id, type(exc))
        kept = _save(registry, grant_id, version, told)
    if was_broken:
        # in a transaction of its own: others may mend it too, and must not undo ours
        transaction(registry, lambda env: _mend(env, app_id))
    return kept


def _ask(cr, grant):
    """The provider, with the row locked. What it refuses is kept before it is told."""
    app, kept = grant.app_id, _open(grant)
    if app._is_known_broken():
        raise MailServerError("app_broken", app.error_detail or "", phase="login")
    try:
        return flow.of(app.provider).refresh(app._get_flow_app(), kept.refresh_token)
    except KeyMissingError as exc:
        raise MailServerError("key_missing", "", phase="login") from exc
    except OAuthError as error:
        _note_refusal(grant, error)
        cr.commit()
        raise refusals.of_mailbox(error) from None


def _mend(env, app_id: int) -> None:
    env["waimaolang.oauth.app"].browse(app_id)._note_working()


def _save(registry, grant_id: int, version: int, told) -> Kept:
    """What the provider gave, unless another process has been given more meanwhile."""

    def save(env):
        grant = _of_id(env, grant_id)
        if grant.version == version:
            grant._keep_tokens(told)
        return _open(grant)

    return transaction(registry, save, tries=SAVING_TRIES)


def _note_refusal(grant, error: OAuthError) -> None:
    _logger.info(
        "grant %s was not renewed: %s %s", grant.id, error.kind, error.code or ""
    )
    if error.kind == "app_broken":
        grant.app_id._note_broken(error)
    elif error.kind in refusals.DEAD:
        grant._die()


secrets.register(METHOD, issue)
