"""Odoo databases and servers: configuration, installation, commands, start and stop."""

import ast
import hashlib
import os
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path
from threading import get_ident

from .forking import ForkedProcess
from .process import HOME, ROOT, Process, free_port, run

ADDONS = ("waimaolang_mail", "waimaolang_mail_oauth", "waimaolang_tasks")
# What a change of needs no new installation: read at run time, or not by Odoo at all.
NOT_INSTALLED = {
    "__pycache__",
    "tests",
    "readme",
    "static",
    "engine",
    "mime",
    "transport",
    "cli",
    "controllers",
}
START_SECONDS = 120


class Odoo:
    """One database of a Postgres with its configuration file and data folder, as served
    by any number of processes. ``forks``: of which they come; without them each
    loads Odoo anew, and ``command`` is none of its.
    """

    def __init__(
        self, folder, postgres, database, ca=None, port=None, forks=None, **options
    ):
        self.folder = Path(folder)
        self.postgres = postgres
        self.database = database
        self.ca = ca
        self.port = port
        self.options = options
        self.config_file = self.folder / "odoo.conf"
        self.data_folder = self.folder / "data"
        self.log = self.folder / "odoo.log"
        self._forks = forks
        self._room = None
        files = [], self.log, self.folder / "odoo.pid"
        self._process = (
            ForkedProcess(self._forked, *files) if forks else Process(*files)
        )

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def write_config(self):
        """odoo.conf anew; ``options`` of the constructor win. Returns its path."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data_folder.mkdir(
            mode=0o700, exist_ok=True
        )  # holds the key of the mailboxes' secrets
        options = {
            "addons_path": addons_path(),
            "data_dir": self.data_folder,
            "db_host": self.postgres.socket_folder,
            "db_port": self.postgres.port,
            "db_user": self.postgres.user,
            "db_name": self.database,
            "dbfilter": f"^{self.database}$",
            "list_db": False,
            "http_interface": "127.0.0.1",
            "http_port": self.port or 0,
            "workers": 0,
            "max_cron_threads": 0,
            "without_demo": True,
            "log_level": "info",
        } | self.options
        text = "".join(f"{name} = {value}\n" for name, value in options.items())
        # whole or not at all: another process may be reading it
        draft = self.config_file.with_suffix(f".{os.getpid()}-{get_ident()}")
        draft.write_text(f"[options]\n{text}")
        draft.replace(self.config_file)
        return self.config_file

    def env(self, **more):
        """The environment of Odoo's processes: TLS trusts the private CA beside the
        system's, no user site.
        """
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ODOO", "PG"))
        }
        env |= self.ca.env() if self.ca else {}
        env["ODOO_RC"] = str(self.config_file)
        return env | more

    def cli(self, *args, env=None, **options):
        """Run ``odoo <args>`` to its end; arguments of the command line come after the
        command's name.
        """
        self.write_config()
        return run(
            [sys.executable, "-m", "odoo", *args],
            env=self.env(**(env or {})),
            cwd=ROOT,
            **options,
        )

    def command(self, *args, out, log, code="", env=None):
        """``odoo <args>`` as a process to be waited for or killed, a ``Forked``, with
        ``code`` as its input. Its output and error go to the open files."""
        self.write_config()
        with tempfile.TemporaryFile() as given:
            given.write(code.encode())
            given.seek(0)
            env = self.env(**(env or {}))
            return self._forked().spawn(args, env, given, out, log)

    def _forked(self):
        self._room = self._room or self._forks.room(self.env())
        return self._room

    def install(self, modules, languages=(), check=True):
        """Install (or, where installed, update) modules. A warning or error in the log
        is in the result's stderr.
        """
        wanted = ",".join(modules)
        args = ["server", "--stop-after-init", "--no-http", "-i", wanted, "-u", wanted]
        if languages:
            args += ["--load-language", ",".join(languages)]
        return self.cli(*args, check=check)

    def shell(self, script, env=None, **options):
        """Run a Python file in ``odoo shell``: ``env`` is superuser's, the script
        commits.
        """
        code = named(Path(script).read_text(encoding="utf-8"), script)
        return self.cli("shell", "--no-http", env=env, input=code, **options)

    def start(self, env=None, cron_threads=None):
        """Start a server on ``port`` and wait until it answers."""
        self.port = self.port or free_port()
        if cron_threads is not None:
            self.options["max_cron_threads"] = cron_threads
        self.write_config()
        self._process.argv = [sys.executable, "-m", "odoo", "server"]
        self._process.env = self.env(**(env or {}))
        self._process.cwd = ROOT
        self._process.start().wait_until(self.answers, START_SECONDS, "Odoo to answer")
        return self

    def stop(self):
        self._process.argv = self._process.argv or ["odoo"]
        self._process.stop()

    def close(self):
        """No process of it is left; what was forked ends without a word."""
        if self._room:
            self._room.close()
        self.stop()

    @property
    def pid(self):
        return self._process.pid

    def answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}/web/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def clone(self, database, folder, **options):
        """A new Odoo on a copy of this database, which nobody may be connected to, and
        of its filestore.
        """
        self.postgres.drop_database(database)
        self.postgres.create_database(database, self.database)
        other = Odoo(
            folder, self.postgres, database, self.ca, **(self.options | options)
        )
        store = self.data_folder / "filestore" / self.database
        if store.is_dir():
            shutil.copytree(
                store, other.data_folder / "filestore" / database, dirs_exist_ok=True
            )
            other.data_folder.chmod(0o700)
        return other

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exc):
        self.stop()


def named(code, script):
    """Runs it with the name of its file, so that tracebacks show it."""
    return f"exec(compile({code!r}, {str(script)!r}, 'exec'), globals())\n"


def addons_path():
    """Odoo's own addons, as docker/setup.sh found them, and ours."""
    return f"{(HOME / 'addons_path').read_text().strip()},{ROOT}"


def own_addons():
    """Our addons that can be installed."""
    return [
        name
        for name in ADDONS
        if (ROOT / name / "__manifest__.py").exists()
        and _manifest(name).get("installable", True)
    ]


def foreign_depends():
    """The modules of Odoo that ours depend on."""
    found = {
        depend for name in own_addons() for depend in _manifest(name).get("depends", [])
    }
    return sorted(found - set(ADDONS)) or ["base"]


def _manifest(name):
    return ast.literal_eval(
        (ROOT / name / "__manifest__.py").read_text(encoding="utf-8")
    )


def installed_files_digest():
    """Changes when our addons have to be installed anew."""
    digest = hashlib.sha256()
    for name in own_addons():
        for path in sorted((ROOT / name).rglob("*")):
            relative = path.relative_to(ROOT)
            if path.is_file() and not NOT_INSTALLED.intersection(relative.parts):
                digest.update(
                    f"{relative}\0".encode()
                    + hashlib.sha256(path.read_bytes()).digest()
                )
    return digest.hexdigest()
