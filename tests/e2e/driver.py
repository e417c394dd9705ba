# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Drives an Odoo of a test's own from outside: every call is another process with
committed data, as a server, a scheduler or an administrator's shell is."""

import itertools
import json
import textwrap
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import psycopg2
from servers.odoo import named
from servers.process import wait_until

MARK = "RESULT:"
SECONDS = 120
PRELUDE = """
import json, os
with open(os.environ["DRIVER_VALUES"]) as given:
    values = json.load(given)
env["ir.config_parameter"].set_param("waimaolang_mail.allow_private_hosts", "True")
env.cr.commit()
def bind(**vals):
    defaults = {"incoming_host": "localhost", "history_days": -1}
    box = env["waimaolang.mailbox"].create({**defaults, **vals})
    env.cr.commit()
    return box
LEARNED = ("crm", "waimaolang_mail", "waimaolang_mail_oauth", "waimaolang_tasks")
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
def strike(box, times=3):
    # the pool forgets its connection, as in another lane
    from odoo.addons.waimaolang_mail.engine.pool import connections
    errors = []
    for _number in range(times):
        connections.close_all()
        errors.append(box._sync()["error"])
        fresh()
    return errors
def coverage(box):
    return {
        f.path: [f.remote_count, f.stored_count, f.excluded_count, f.failed_count,
                 f.pending_count]
        for f in box.folder_ids if f.synced
    }
"""


class Step:
    """A process at work on some code; its result once it ended by itself."""

    def __init__(self, process, out, log):
        self._process = process
        self._out = out
        self._log = log
        self.pid = process.pid

    @property
    def over(self):
        return self._process.poll() is not None

    def kill(self):
        """Without warning, with all it started; whether it was alive."""
        return self._process.kill()

    @property
    def log(self):
        """All that it said."""
        files = self._out, self._log
        return "".join(file.read_text(errors="replace") for file in files)

    def end(self, seconds=SECONDS):
        """It ends well within the time."""
        assert self._process.wait(seconds) == 0, self.log[-9000:]

    def wait(self, seconds=SECONDS):
        """What the code left in ``result``."""
        self._process.wait(seconds)
        lines = self._out.read_text().splitlines()
        marked = [line for line in lines if line.startswith(MARK)]
        assert marked, self.log[-9000:]
        return json.loads(marked[-1][len(MARK) :])


class Driver:
    step = Step

    def __init__(self, odoo, folder):
        self.odoo = odoo
        self.folder = Path(folder)
        self._numbers = itertools.count(1)
        self._connection = None

    def close(self):
        if self._connection:
            self._connection.close()

    def fork(self, code, env=None, **values):
        """Runs Python as ``odoo shell`` does, in a process of its own: a ``Step``."""
        script = self.folder / f"step{next(self._numbers)}.py"
        body = PRELUDE + textwrap.dedent(code)
        script.write_text(body + f"\nprint({MARK!r} + json.dumps(result))\n")
        given = script.with_suffix(".json")  # may be the ids of a whole archive
        given.write_text(json.dumps(values))
        return self._start(
            script,
            "shell",
            "--no-http",
            code=named(script.read_text(), script),
            env={"DRIVER_VALUES": str(given), **(env or {})},
        )

    def run(self, code, env=None, **values):
        """What the code leaves in ``result``; ``log`` is what it said."""
        step = self.fork(code, env, **values)
        try:
            return step.wait(None)
        finally:
            step.kill()
            self.log = step.log

    def _start(self, name, *args, **more):
        out, log = name.with_suffix(".out"), name.with_suffix(".log")
        with out.open("wb") as told, log.open("wb") as said:
            process = self.odoo.command(*args, out=told, log=said, **more)
        return self.step(process, out, log)

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
        try:
            return self._ask(query)
        except psycopg2.Error as error:
            if error.pgcode:
                raise
            # nobody has answered: the database was stopped meanwhile
            self._connection = None
            return self._ask(query)

    def _ask(self, query):
        if not self._connection or self._connection.closed:
            self._connection = self.odoo.postgres.connect(self.odoo.database)
        with self._connection.cursor() as cr:
            cr.execute(query)
            rows = cr.fetchall() if cr.description else []
        return [["" if value is None else value for value in row] for row in rows]

    def stored(self):
        return self.states().get("stored", 0)

    def states(self):
        """{state: rows of the ledger}"""
        rows = self.sql(
            "SELECT state, count(*) FROM waimaolang_mailbox_copy GROUP BY 1"
        )
        return {state: int(count) for state, count in rows}

    def sync(self, *args):
        """``odoo mailbox_sync``, to be waited for or killed."""
        name = self.folder / f"sync{next(self._numbers)}"
        return self._start(name, "mailbox_sync", *args)

    @contextmanager
    def killed_when(self, condition, *args):
        """A sync that is killed without warning once ``condition()`` is true."""
        step = self.sync(*args)
        try:
            wait_until(lambda: condition() or step.over, 60, "a moment to kill")
            yield step
        finally:
            step.kill()


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
