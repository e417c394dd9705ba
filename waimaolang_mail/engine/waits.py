# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who asks a provider again too early may get the account locked (invariant I6). The
provider counts by account, so the wait does too: by side, server and login, whichever
form, mailbox or process tries.

Rows hold digests keyed by the vault alone: neither accounts nor codes can be read or
guessed from them (invariant I9). The caller's cursor should be one of its own: what it
notes must outlive an error, and what others noted must be seen.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ..transport.errors import MailServerError
from . import backoff
from .settings import Attempt

# Different codes that may be tried for one account while a wait lasts.
MOST_CODES = 3
_NOW = "(clock_timestamp() AT TIME ZONE 'UTC')"


class StillWaitingError(Exception):
    """Not before ``until`` (UTC); ``codes``: because of how many codes were tried."""

    def __init__(self, until: datetime, codes: bool):
        self.until = until
        self.codes = codes
        super().__init__(until, codes)


def check(env, attempt: Attempt) -> None:
    """StillWaitingError; MailServerError (key_missing) when nobody can tell."""
    account, code = _digests(env, attempt)
    env.cr.execute(
        f"SELECT code, until FROM waimaolang_login_wait"
        f" WHERE account = %s AND until > {_NOW} ORDER BY until",
        (account,),
    )
    waits = dict(env.cr.fetchall())
    if code in waits:
        raise StillWaitingError(waits[code], codes=False)
    if len(waits) >= MOST_CODES:
        raise StillWaitingError([*waits.values()][-MOST_CODES], codes=True)


def note(env, attempt: Attempt, error: MailServerError) -> None:
    """Of an error after which nobody should try again at once; any other is none."""
    seconds = backoff.wait_of_people(error.code, error.retry_after)
    if not seconds:
        return
    env.cr.execute(
        f"""
        INSERT INTO waimaolang_login_wait (account, code, until)
             VALUES (%s, %s, {_NOW} + %s)
        ON CONFLICT (account, code) DO UPDATE
                SET until = greatest(waimaolang_login_wait.until, excluded.until)
        """,
        (*_digests(env, attempt), timedelta(seconds=seconds)),
    )


def forget(env, attempt: Attempt) -> None:
    """The code was let in."""
    env.cr.execute(
        "DELETE FROM waimaolang_login_wait WHERE account = %s AND code = %s",
        _digests(env, attempt),
    )


def _digests(env, attempt: Attempt) -> tuple[str, str]:
    # a model of this addon; imported late because models import the engine
    from ..models.waimaolang_vault import KeyMissingError

    account = (attempt.side, attempt.host, attempt.login)
    vault = env["waimaolang.vault"]
    try:
        return vault._digest(*account), vault._digest(*account, attempt.secret)
    except KeyMissingError as exc:
        raise MailServerError("key_missing", "", phase="login") from exc
