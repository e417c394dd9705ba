# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Drives an Odoo of a test's own from outside: every call is another process with
committed data, as a server, a scheduler or an administrator's shell is."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime

from servers.process import wait_until

MARK = "RESULT:"
PRELUDE = """
import json, os
values = json.loads(os.environ["DRIVER_VALUES"])
env["ir.config_parameter"].set_param("waimaolang_mail.allow_private_hosts", "True")
env.cr.commit()
def bind(**vals):
    defaults = {"incoming_host": "localhost", "history_days": -1}
    box = env["waimaolang.mailbox"].create({**defaults, **vals})
    env.cr.commit()
    return box
LEARNED = ("crm", "waimaolang_mail", "waimaolang_tasks")
def learn(short):
    lang = {"en": "en_US", "zh": "zh_CN"}[short]
    env["res.lang"]._activate_lang(lang)
    if lang != "en_US":
        env["ir.module.module"].search(
            [("state", "=", "installed"), ("name", "in", LEARNED)]
        )._update_translations([lang])
    return lang
def fresh():
    env.cr.rollback()
    env.invalidate_all()
def drain(box, passes=200):
    total = {}
    for _number in range(passes):
        done = box._sync()
        for key in ("listed", "stored", "excluded", "failed"):
            total[key] = total.get(key, 0) + done[key]
        if done["error"] or not done["pending"]:
            break
    fresh()
    return {**total, "pending": done["pending"], "error": done["error"]}
def coverage(box):
    return {
        f.path: [f.remote_count, f.stored_count, f.excluded_count, f.failed_count,
                 f.pending_count]
        for f in box.folder_ids if f.synced
    }
"""


class Driver:
    def __init__(self, odoo, folder):
        self.odoo = odoo
        self.folder = folder
        self._scripts = 0

    def run(self, code, env=None, **values):
        """Runs Python in ``odoo shell``; what it leaves in ``result`` comes back."""
        self._scripts += 1
        script = self.folder / f"script{self._scripts}.py"
        body = PRELUDE + textwrap.dedent(code)
        script.write_text(body + f"\nprint({MARK!r} + json.dumps(result))\n")
        more = {"DRIVER_VALUES": json.dumps(values), **(env or {})}
        done = self.odoo.shell(script, env=more, check=False)
        lines = [x for x in done.stdout.splitlines() if x.startswith(MARK)]
        assert lines, done.stdout[-3000:] + done.stderr[-6000:]
        self.log = done.stdout + done.stderr
        return json.loads(lines[-1][len(MARK) :])

    def fail_at_debug(self, **values):
        """A mailbox is bound, read, and refused, all at log level debug: ``log``."""
        self.odoo.options["log_level"] = "debug"
        code = self.run(
            """
            box = bind(**values)
            box.action_connect()
            drain(box)
            box.write({"password": "wrong-" + values["password"]})
            env.cr.commit()
            drain(box)
            result = box.error_code
            """,
            **values,
        )
        assert code and " DEBUG " in self.log

    def sql(self, query):
        """The rows of a query, as lists of strings."""
        done = self.odoo.postgres.sql(query, self.odoo.database)
        return [line.split("|") for line in done.stdout.splitlines()]

    def stored(self):
        return self.states().get("stored", 0)

    def states(self):
        """{state: rows of the ledger}"""
        rows = self.sql(
            "SELECT state, count(*) FROM waimaolang_mailbox_copy GROUP BY 1"
        )
        return {state: int(count) for state, count in rows}

    def command(self, *args):
        """``odoo mailbox_sync`` as a process of its own, to be waited for or killed."""
        self.odoo.write_config()
        argv = [sys.executable, "-m", "odoo", "mailbox_sync", *args]
        return subprocess.Popen(  # pylint: disable=consider-using-with
            argv,
            env=self.odoo.env(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @contextmanager
    def killed_when(self, condition, *args):
        """A sync that is killed without warning once ``condition()`` is true."""
        child = self.command(*args)
        try:
            wait_until(
                lambda: condition() or child.poll() is not None, 60, "a moment to kill"
            )
            yield child
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
            child.communicate()


def trade_mail(number, sender, to, when, text="Hello", attachment=None):
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = f"Order {number}"
    message["Date"] = format_datetime(when)
    message["Message-ID"] = f"<{number}.{sender}>"
    message.set_content(f"{text} {number}")
    if attachment:
        message.add_attachment(
            attachment, maintype="application", subtype="pdf", filename="offer.pdf"
        )
    return message.as_bytes()
