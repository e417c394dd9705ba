# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The original bytes of a stored mail, fetched again from where a copy lies."""

import logging
from collections.abc import Sequence

from ..transport.base import RemoteItem
from ..transport.errors import MailServerError
from . import lease, loading
from .logins import keep, log_in
from .pool import connections
from .transactions import transaction
from .waits import StillWaitingError

_logger = logging.getLogger(__name__)

# Beyond what providers let through, and what a worker may hold in memory.
MOST_BYTES = 100 * 2**20


def fetch(registry, copy_ids: Sequence[int]) -> bytes | None:
    """The first mailbox that still has one of the copies answers; None where none does.
    On committed records, in cursors of its own; a server's trouble is not raised."""
    for mailbox_id, folder, uidvalidity, item in transaction(
        registry, lambda env: _copies(env.cr, copy_ids)
    ):
        try:
            raw = _fetch_from(registry, mailbox_id, folder, uidvalidity, item)
        except MailServerError as error:
            _logger.info("mailbox %s gives no original: %s", mailbox_id, error.code)
            continue
        except StillWaitingError:
            continue
        if raw:
            return raw
    return None


def _copies(cr, copy_ids) -> list[tuple[int, str, int, RemoteItem]]:
    cr.execute(
        """
        SELECT c.mailbox_id, f.remote_name, c.uidvalidity, c.remote_key, c.uid, c.size
          FROM waimaolang_mailbox_copy c
          JOIN waimaolang_mailbox_folder f ON f.id = c.folder_id
          JOIN waimaolang_mailbox m ON m.id = c.mailbox_id
         WHERE c.id = ANY(%s) AND c.state = 'stored' AND m.state IN %s
               AND f.uidvalidity = c.uidvalidity
         ORDER BY c.id
        """,
        (list(copy_ids), lease.WORKING_STATES),
    )
    return [
        (mailbox_id, folder, uidvalidity, RemoteItem(key, uid, size))
        for mailbox_id, folder, uidvalidity, key, uid, size in cr.fetchall()
    ]


def _fetch_from(registry, mailbox_id, folder, uidvalidity, item) -> bytes | None:
    settings = transaction(registry, lambda env: loading.load(env, mailbox_id))
    connection = connections.take(
        settings.connection_key, settings.connection_settings
    ) or log_in(registry, settings)
    try:
        mails = connection.transport.fetch(folder, [item], MOST_BYTES, uidvalidity)
        found = next(iter(mails), None)
    except MailServerError:
        connection.transport.close()
        raise
    keep(settings, connection)
    return found.raw if found and not found.reduced and not found.error else None
