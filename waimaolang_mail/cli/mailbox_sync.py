# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``odoo mailbox_sync -d DB [--mailbox ID] [--until-idle]``: fetches mail now, in
the foreground, for those who want to see it or have no scheduler threads.

Nothing optional is imported at the top: Odoo swallows an ImportError of a
command file and says "Unknown command" instead.
"""

import sys
import time

from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config

BUSY_SECONDS = 1


class MailboxSync(Command):
    """Fetch mail of bound mailboxes now."""

    name = "mailbox_sync"

    def run(self, cmdargs):
        parser = self.parser
        parser.add_argument("--mailbox", type=int, help="id of one mailbox")
        parser.add_argument(
            "--until-idle",
            action="store_true",
            help="go on until nothing is left to fetch",
        )
        options, rest = parser.parse_known_args(cmdargs)
        config.parse_config(rest, setup_logging=True)
        names = config["db_name"]
        database = names[0] if isinstance(names, list) else names
        if not database:
            parser.error("a database is needed: -d DB")
        self._sync(Registry(database), options)

    def _sync(self, registry, options):
        # absolute: Odoo loads this file as odoo.cli.mailbox_sync
        from odoo.addons.waimaolang_mail.engine import (  # pylint: disable=odoo-addons-relative-import
            lanes,
            worker,
        )

        for mailbox_id in lanes.bound(registry, options.mailbox):
            while True:
                result = worker.sync(registry, mailbox_id, exceeds=False)
                if result.busy and options.until_idle:
                    # a lane is at it, or was killed: its lease ends in seconds
                    time.sleep(BUSY_SECONDS)
                    continue
                sys.stdout.write(
                    f"mailbox {mailbox_id}: {result.stored} stored, "
                    f"{result.excluded} excluded, {result.failed} failed, "
                    f"{result.pending} pending, {result.sent} sent"
                    + (f", error {result.error}" if result.error else "")
                    + "\n"
                )
                sys.stdout.flush()
                if not options.until_idle or result.error:
                    break
                if not result.pending and not result.sent:
                    break
