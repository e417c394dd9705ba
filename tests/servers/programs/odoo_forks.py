"""What ``forking.py`` starts: an Odoo that was imported once and forks a process for
each order, as Odoo's own prefork server does.

Standard input is a socket on which orders come, one a message: JSON with the process's
``env``, ``cwd`` and the ``args`` of the command ``odoo``, or none for another such
program that has the registry of its database loaded, too. With each come four files:
the process's standard input (of a program: the socket of its orders), output and error,
and one in which its life is written: its id, and when it ended how.
"""

import atexit
import contextlib
import gc
import json
import os
import signal
import socket
import sys
import threading
import traceback

from odoo import sql_db
from odoo.cli.command import main as odoo_command
from odoo.modules.registry import Registry
from odoo.tools import config

ORDER_BYTES = 2**20


def main():
    database = _load()
    # only what was imported is kept: a registry is its database's own
    Registry.delete(database)
    _say(sys.stdout.fileno(), "ready")
    _serve(socket.socket(fileno=os.dup(0)))


def _load():
    # each process sets up its own log
    config.parse_config([], setup_logging=False)
    database = config["db_name"][0]
    registry = Registry(database)
    # a new process knows nothing by heart
    registry.clear_all_caches()
    registry.cache_invalidated.clear()
    _disconnect()
    return database


def _disconnect():
    sql_db.close_all()
    sql_db._Pool = sql_db._Pool_readonly = None


def _serve(orders):
    """Until nobody is left who could order."""
    lives = {}

    def bury(_signal=None, _frame=None):
        while lives:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            life = lives.pop(pid)
            _say(life, f"ended {os.waitstatus_to_exitcode(status)}")
            os.close(life)

    # what was loaded is not looked through, and so not copied, in each process
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, bury)
    while True:
        message, files, _flags, _address = socket.recv_fds(orders, ORDER_BYTES, 4)
        if not message:
            break
        # no child ends before it is known
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if not pid:
            orders.close()
            for life in lives.values():
                os.close(life)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            _become(json.loads(message), files)
        *given, lives[pid] = files
        for file in given:
            os.close(file)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for pid in list(lives):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _become(order, files):
    """Never returns: whoever comes back would read the orders, too."""
    code = 1
    try:
        os.setsid()
        *given, life = files
        for number, file in enumerate(given):
            os.dup2(file, number)
            os.close(file)
        os.environ.clear()
        os.environ.update(order["env"])
        _say(life, f"began {os.getpid()}")
        if "args" not in order:
            _load()
            _say(life, "ready")
            os.close(life)
            _serve(socket.socket(fileno=os.dup(0)))
        else:
            os.close(life)
            os.chdir(order["cwd"])
            for registry in list(Registry.registries.values()):
                registry.check_signaling()
            _disconnect()
            sys.argv = ["odoo", *order["args"]]
            odoo_command()
        code = 0
    except SystemExit as end:
        code = _code(end)
    except BaseException:
        traceback.print_exc()
    finally:
        # as an interpreter ends, but for the clearing up of all that was loaded
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _code(end):
    if isinstance(end.code, int | None):
        return end.code or 0
    print(end.code, file=sys.stderr)
    return 1


def _say(file, words):
    os.write(file, f"{words}\n".encode())


if __name__ == "__main__":
    main()
