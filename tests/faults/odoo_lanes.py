# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An Odoo that loads its registry once and forks a process for each order, as Odoo's
own prefork server does: a process to be killed costs no new start. Orders are lines of
JSON on stdin: ``code`` to run with ``env`` (superuser's), the process's
``environment``, ``file_bytes`` (no file may grow larger; -1: any), and ``out``, the
file that gets what the code left in ``result``. The answer is the process's id.
"""

import json
import os
import resource
import signal
import sys
import traceback
from pathlib import Path

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.tools import config


def main():
    config.parse_config(["--no-http"], setup_logging=True)
    database = config["db_name"][0]
    Registry(database)
    sql_db.close_all()
    signal.signal(signal.SIGCHLD, _bury)
    _say("ready")
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            _work(database, order)
        os.setpgid(pid, pid)  # before anybody can kill its group
        _say(pid)


def _bury(_signal, _frame):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _say(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _work(database, order):
    """Never returns: whoever comes back would read the orders too."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # what the code prints is no answer of ours
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        os.environ.update(order["environment"])
        found = _run(database, order)
    except BaseException:
        found = {"broke": traceback.format_exc()}
    _limit_files(-1)
    # once there, whole
    new = Path(order["out"]).with_suffix(".new")
    new.write_text(json.dumps(found))
    new.rename(order["out"])
    os._exit(0)


def _run(database, order):
    _limit_files(order["file_bytes"])
    registry = Registry(database).check_signaling()
    with registry.cursor() as cr:
        names = {"env": api.Environment(cr, SUPERUSER_ID, {})}
        exec(compile(order["code"], order["out"], "exec"), names)
        cr.rollback()
    return {"result": names.get("result")}


def _limit_files(most):
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if most < 0 else most, hard))


if __name__ == "__main__":
    main()
