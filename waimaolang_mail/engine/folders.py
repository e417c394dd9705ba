# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The folders of a mailbox: found, renamed, removed, and there again.

    server's list -> new ones, vanished ones -> renamed? (renames.py, then its mails)
                  -> new rows; vanished once: noted; twice: its copies are gone

A folder that vanished keeps its row with what a person chose; its mails stay in the
CRM (invariant I7).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence

from odoo import fields

from ..transport.base import RemoteFolder
from ..transport.errors import MailServerError
from ..transport.roles import SYNCED_ROLES, default_synced, parse_names, with_names
from . import folderlog, renames
from .comparing import GONE_AFTER
from .cursor import NOT_AGREED
from .reasons import because
from .renames import Fresh, Lost

_logger = logging.getLogger(__name__)

# So many new folders are opened to see whether one is a renamed one.
MOST_OPENED = 50
# So many of its mails tell whether it is.
SAMPLE = 20


def discover(work) -> None:
    """``work`` is the pass: its connection, lease and transactions."""
    mailbox_id = work.settings.id
    transport = work.connection.transport
    told = transport.folders()
    renamed = {}
    if not transport.lists_whole:
        lost, new = work.transaction(lambda env: _compare(env, mailbox_id, told))
        renamed = _find_renamed(work, lost, new) if lost and new else {}
    work.fenced(lambda env: save_folders(env, mailbox_id, told, renamed))


def _compare(env, mailbox_id: int, told: Sequence[RemoteFolder]):
    """Known folders that are not told any more for the first time or again, and told
    ones that are not known."""
    mailbox = env["waimaolang.mailbox"].browse(mailbox_id)
    known = {spell(row.remote_name): row for row in mailbox.folder_ids}
    keys = {spell(folder.key) for folder in told}
    new = [one for one in told if one.selectable and spell(one.key) not in known]
    lost = [
        Lost(row.id, row.path, row.uidvalidity, row.uidnext, _sample(env.cr, row))
        for key, row in (known.items() if new else ())
        if key not in keys and row.uidvalidity
    ]
    return lost, new


def _sample(cr, folder) -> dict:
    cr.execute(
        """
        SELECT remote_key, size, internaldate FROM waimaolang_mailbox_copy
         WHERE folder_id = %s AND uidvalidity = %s AND size > 0
           AND internaldate IS NOT NULL AND state != 'gone'
         ORDER BY id DESC LIMIT %s
        """,
        (folder.id, folder.uidvalidity, SAMPLE),
    )
    return {key: (size, arrived) for key, size, arrived in cr.fetchall()}


def _find_renamed(work, lost: Sequence[Lost], new: Sequence[RemoteFolder]):
    """{folder's id: its new key}"""
    fresh = []
    for folder in new[:MOST_OPENED]:
        if time.monotonic() > work.deadline:
            break
        mark = _ask(work, work.connection.transport.end, folder.key)
        if mark:
            fresh.append(Fresh(folder.key, folder.path, mark.uidvalidity, mark.uidnext))
    found = {}
    for old, one in renames.pair(lost, fresh):
        told = _ask(work, work.connection.transport.describe, one.key, [*old.sample])
        if told is not None and renames.agrees(old, told):
            found[old.id] = one.key
    return found


def _ask(work, function, *args):
    try:
        return work.patiently(function, *args)
    except MailServerError as error:
        if error.code != "folder_gone":
            raise
        return None


def save_folders(
    env,
    mailbox_id: int,
    folders: Sequence[RemoteFolder],
    renamed: Mapping[int, str] | None = None,
) -> None:
    """``renamed``: {folder's id: its new key}. What a person chose (role, fetching)
    stays."""
    mailbox = env["waimaolang.mailbox"].browse(mailbox_id)
    folders = with_names(folders, parse_names(mailbox.provider_id.folder_names))
    synced = default_synced(folders)
    told = {spell(folder.key): folder for folder in folders}
    for row in mailbox.folder_ids.filtered(lambda row: row.id in (renamed or {})):
        folder = told[spell(renamed[row.id])]
        _rename(row, folder, folder.key in synced)
    known = {spell(row.remote_name): row for row in mailbox.folder_ids}
    env["waimaolang.mailbox.folder"].create(
        [
            {
                "mailbox_id": mailbox_id,
                "remote_name": folder.key,
                "path": folder.path,
                "role": folder.role,
                "selectable": folder.selectable,
                "synced": folder.key in synced,
            }
            for key, folder in told.items()
            if key not in known
        ]
    )
    for key, row in known.items():
        if key in told:
            _keep(row, told[key])
        else:
            _miss(row)
    _take_instead(mailbox, synced)
    mailbox.last_listed = fields.Datetime.now()


def _take_instead(mailbox, synced: set[str]) -> None:
    """The last folder that was fetched is no longer there, as Gmail's All Mail when its
    user hides it: the usual ones take its place, or nothing would come any more."""
    ticked = mailbox.folder_ids.filtered("synced")
    if ticked and all(row.absences >= GONE_AFTER for row in ticked):
        usual = mailbox.folder_ids.filtered(lambda row: row.remote_name in synced)
        usual.synced = True


def spell(key: str) -> str:
    """By which a folder of the server is known again."""
    return "INBOX" if renames.is_inbox(key) else key


def _rename(row, folder: RemoteFolder, synced: bool) -> None:
    folderlog.note(
        row.env.cr,
        row.id,
        row.mailbox_id.id,
        "renamed",
        reason=because("renamed", before=row.path, now=folder.path),
    )
    # counted at once: where it is another folder after all the numbers differ
    values = {
        "remote_name": folder.key,
        "path": folder.path,
        "agreed_count": NOT_AGREED,
    }
    if not row.role_chosen and folder.role != "other":
        values["role"] = folder.role
    elif not row.role_chosen and row.role not in SYNCED_ROLES:
        # "Junk" is "Customers" now; what its kind alone had left out is fetched
        values["role"] = "other"
        values["synced"] = row.synced or synced
    row.write(values)


def _keep(row, folder: RemoteFolder) -> None:
    values = {}
    if row.remote_name != folder.key:
        values.update(remote_name=folder.key, path=folder.path)
    if row.selectable != folder.selectable:
        values["selectable"] = folder.selectable
    # the provider's names were corrected since
    if row.role == "other" != folder.role and not row.role_chosen:
        values["role"] = folder.role
    if row.absences:
        values.update(absences=0, problem=False, problem_args=False)
    if values:
        row.write(values)


def _miss(row) -> None:
    """One listing without it may be a server's bad moment (invariant I7)."""
    values = {"absences": min(row.absences + 1, GONE_AFTER), "selectable": False}
    if not row.problem:
        reason = because("folder_removed")
        values.update(problem=reason.code, problem_args=dict(reason.args))
    if row.absences < GONE_AFTER == values["absences"]:
        row.env.cr.execute(
            "UPDATE waimaolang_mailbox_copy SET state = 'gone'"
            " WHERE folder_id = %s AND state != 'gone'",
            (row.id,),
        )
        # if it comes back it is listed anew; what is new by then counts as such
        row._forget_cursor("removed", count=row.env.cr.rowcount)
        values["remote_count"] = 0
    changed = {key: value for key, value in values.items() if row[key] != value}
    if changed:
        row.write(changed)
