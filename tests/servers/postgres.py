"""A private PostgreSQL cluster, reached through a Unix socket that only its own account
and root can open.
"""

import contextlib
import re
import shutil
import signal
from pathlib import Path

import psycopg2
import psycopg2.extensions

from .process import (
    Account,
    Process,
    data_folder,
    find_program,
    free_port,
    run,
    short_folder,
)

# Enough for Odoo's threads, the tests' own connections and a second Odoo.
MAX_CONNECTIONS = 120


class Postgres:
    """``folder`` holds the data. ``socket_folder`` and ``port`` are what Odoo calls
    db_host and db_port. ``options``: further settings of the server.
    """

    user = "odoo"

    def __init__(self, folder, durable=False, tcp=False, **options):
        self.account = Account("postgres")
        self.folder = data_folder(folder, self.account)
        self.data = self.folder / "data"
        self.durable = durable
        self.tcp = tcp
        self.options = options
        self.socket_folder = None
        self.port = None
        self._process = Process(
            [], self.folder / "postgres.log", self.folder / "postgres.pid", self.account
        )
        self._process.stop_signal = signal.SIGINT  # "fast": open sessions are ended

    def start(self):
        self.account.own(self.folder)
        if not (self.data / "PG_VERSION").exists():
            shutil.rmtree(self.data, ignore_errors=True)
            init = self.folder / "data.new"
            shutil.rmtree(init, ignore_errors=True)
            run(
                [
                    _program("initdb"),
                    "-D",
                    init,
                    "-U",
                    self.user,
                    "-A",
                    "trust",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "-N",
                ],
                self.account,
            )
            init.rename(self.data)
        self.socket_folder = short_folder(self.account)
        (self.folder / "socket_folder").write_text(f"{self.socket_folder}\n")
        self.port = free_port()
        options = {
            "listen_addresses": "127.0.0.1" if self.tcp else "",
            "unix_socket_directories": self.socket_folder,
            "port": self.port,
            "max_connections": MAX_CONNECTIONS,
            "shared_buffers": "256MB",
        }
        options["synchronous_commit"] = (
            "off"  # what a crash may lose is the last second, the cluster stays whole
        )
        if not self.durable:
            options |= {"fsync": "off", "full_page_writes": "off"}
        argv = [_program("postgres"), "-D", self.data]
        for name, value in (options | self.options).items():
            argv += ["-c", f"{name}={value}"]
        self._process.argv = [str(arg) for arg in argv]
        self._process.start().wait_until(self._answers, 60, "PostgreSQL to answer")
        return self

    def attach(self):
        """Take over a cluster that an earlier process left running; whether there was
        one.
        """
        if not self._process.pid:
            return False
        lines = (self.data / "postmaster.pid").read_text().splitlines()
        self.port, self.socket_folder = int(lines[3]), Path(lines[4])
        return True

    def stop(self):
        self._process.argv = self._process.argv or ["postgres"]
        self._process.stop()
        with contextlib.suppress(OSError):
            shutil.rmtree((self.folder / "socket_folder").read_text().strip())

    def crash(self):
        """Ends at once without a checkpoint, and starts again in the same place: what
        was committed in the last moment may be lost (synchronous_commit is off)."""
        usual, self._process.stop_signal = self._process.stop_signal, signal.SIGQUIT
        self._process.stop()
        self._process.stop_signal = usual
        self._process.start().wait_until(self._answers, 60, "PostgreSQL to recover")

    def _answers(self):
        return self.sql("SELECT 1", check=False).returncode == 0

    def sql(self, query, database="postgres", check=True):
        """Run one statement with psql; the rows stand in ``.stdout``, columns parted by
        |.
        """
        argv = [
            _program("psql"),
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.socket_folder,
        ]
        return run(
            [*argv, "-p", self.port, "-U", self.user, "-d", database, "-c", query],
            check=check,
        )

    def connect(self, database):
        """To be asked often: for it a psql would be started each time. Each statement
        is its own transaction, and all values are text, as psql shows them."""
        connection = psycopg2.connect(self.dsn(database))
        connection.autocommit = True
        text = psycopg2.extensions.new_type(
            tuple(psycopg2.extensions.string_types), "TEXT", lambda value, _cr: value
        )
        psycopg2.extensions.register_type(text, connection)
        return connection

    def dump(self, database):
        """All of a database as text, as a backup holds it."""
        argv = [_program("pg_dump"), "--no-owner", "-d", self.dsn(database)]
        return run(argv).stdout

    def has_database(self, name):
        return bool(
            self.sql(
                f"SELECT 1 FROM pg_database WHERE datname = '{_identifier(name)}'"
            ).stdout.strip()
        )

    def create_database(self, name, template="template0"):
        self.sql(
            f'CREATE DATABASE "{_identifier(name)}" TEMPLATE "{_identifier(template)}"'
        )

    def drop_database(self, name):
        self.sql(f'DROP DATABASE IF EXISTS "{_identifier(name)}" WITH (FORCE)')

    def dsn(self, database):
        server = f"host={self.socket_folder} port={self.port} user={self.user}"
        return f"{server} dbname={database}"

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exc):
        self.stop()


def server_version():
    return run([_program("postgres"), "--version"]).stdout.strip()


def _program(name):
    """Debian keeps the server's programs in a folder per version: the newest."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: int(path.parent.name),
        reverse=True,
    )
    return find_program(name, *folders)


def _identifier(name):
    if not re.fullmatch(r"[\w-]+", name):
        raise ValueError(f"odd database name {name!r}")
    return name
