"""Starting, watching and stopping child processes."""

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".odoo"
POLL = 0.05  # seconds between two looks at a condition


class ServerError(Exception):
    """A server did not start, answer or stop as it should."""


# Odoo bounds the address space of its process, and so of the tests; Chromium and
# Node.js reserve more than that and would end without a word.
UNLIMITED = ("sh", "-c", 'ulimit -S -v unlimited; exec "$0" "$@"')


def wait_until(condition, deadline=30.0, what="the condition", poll=POLL):
    """Return the first true value of ``condition()``, looked at for ``deadline``
    seconds; then raise ServerError.
    """
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise ServerError(f"{what}: not within {deadline:g} s")
        time.sleep(poll)


def free_port():
    """A free TCP port of the loopback interface that no other process of the tests is
    given as long as this one lives.

    Below the ports that the system gives to outgoing connections: one of those may be
    taken between the question and the server's start. Claimed by an abstract socket of
    that name: no file that outlives us.
    """
    for port in random.sample(_PORTS, len(_PORTS)):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0waimaolang-port-{port}")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        return port
    raise ServerError(f"no free port in {_PORTS}")


def _own_ports():
    try:
        text = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text()
        first = int(text.split()[0])
    except (OSError, ValueError, IndexError):
        first = 32768
    return range(10000, first) if first > 12000 else range(10000, 65000)


_PORTS = _own_ports()
_claims = []  # sockets: closed when the process ends


def listens(port, host="127.0.0.1"):
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def find_program(name, *folders):
    """The path of a program in PATH, /usr/sbin or one of ``folders``."""
    path = os.pathsep.join(
        [*map(str, folders), os.environ.get("PATH", ""), "/usr/sbin"]
    )
    found = shutil.which(name, path=path)
    if not found:
        raise ServerError(f"{name} is not installed: run docker/setup.sh")
    return found


class Account:
    """The system account that a server runs as: ``name`` when we are root, else
    ourselves.
    """

    def __init__(self, name):
        entry = pwd.getpwnam(name) if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self.name, self.uid, self.gid = entry.pw_name, entry.pw_uid, entry.pw_gid
        self.group = str(self.gid)
        self.switch = os.getuid() == 0

    def popen_args(self):
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path, mode=0o700):
        """Make the folder ``path`` this account's; only the folder itself, not what is
        in it.
        """
        path = Path(path)
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        if self.switch:
            os.chown(path, self.uid, self.gid)
        return path

    def can_reach(self, path):
        """Whether the account may pass every folder above ``path``."""
        if not self.switch:
            return True
        return all(
            parent.stat().st_mode & 0o001
            for parent in Path(path).resolve().parents
            if parent.exists()
        )


def data_folder(path, account):
    """``path``, or a temporary folder in its place when ``account`` cannot get there (a
    clone below /root).

    The temporary folder is remembered in the file ``<path>.elsewhere``, so that the
    next run finds it again.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if account.can_reach(path):
        return path
    record = path.with_name(path.name + ".elsewhere")
    with contextlib.suppress(OSError):
        known = Path(record.read_text().strip())
        if known.is_dir():
            return known
    elsewhere = Path(tempfile.mkdtemp(prefix="waimaolang-"))
    elsewhere.chmod(0o711)
    record.write_text(f"{elsewhere}\n")
    return elsewhere


def short_folder(account):
    """A new temporary folder for Unix sockets: their paths have 108 bytes at most."""
    return account.own(tempfile.mkdtemp(prefix="wml-"))


def started_at(pid):
    """The kernel's start time of a process: with the pid it tells a process from a
    later one of the same number.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, IndexError):
        return None
    return None if fields[0] == "Z" else fields[19]


class Process:
    """One child in its own session, with a log file and a pid file that also names its
    start time.
    """

    def __init__(
        self,
        argv,
        log,
        pidfile=None,
        account=None,
        env=None,
        cwd=None,
        stop_signal=signal.SIGTERM,
    ):
        self.argv = [str(arg) for arg in argv]
        self.log = Path(log)
        self.pidfile = Path(pidfile) if pidfile else None
        self.account = account
        self.env = env
        self.cwd = cwd
        self.stop_signal = stop_signal
        self.child = None

    @property
    def pid(self):
        if self.child is not None:
            return self.child.pid if self.child.poll() is None else None
        if self.pidfile and self.pidfile.exists():
            pid, _space, started = self.pidfile.read_text().strip().partition(" ")
            if started and started_at(pid) == started:
                return int(pid)
        return None

    def start(self):
        """Start it unless it runs already."""
        if self.pid:
            return self
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as log:
            self.child = self._spawn(log)
        if self.pidfile:
            self.pidfile.write_text(f"{self.child.pid} {started_at(self.child.pid)}\n")
        return self

    def _spawn(self, log):
        return subprocess.Popen(  # pylint: disable=consider-using-with
            self.argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=self.env,
            cwd=self.cwd or "/",
            **(self.account.popen_args() if self.account else {}),
        )

    def wait_until(self, condition, deadline=30.0, what=None):
        """Wait for ``condition()``; a child that ends meanwhile is an error told with
        the end of its log.
        """

        def alive_and_ready():
            if not self.pid:
                raise ServerError(f"{self.argv[0]} ended early:\n{self.tail()}")
            return condition()

        try:
            return wait_until(alive_and_ready, deadline, what or self.argv[0])
        except ServerError as error:
            raise ServerError(f"{error}\n{self.tail()}") from None

    def tail(self, lines=20):
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, deadline=20.0):
        """Ask it to end, then kill its process group; only ever a process that we
        started.
        """
        pid = self.pid
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, self.stop_signal)
            try:
                wait_until(lambda: not self.pid, deadline, f"{self.argv[0]} to stop")
            except ServerError:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
                wait_until(lambda: not self.pid, 5, f"{self.argv[0]} to be killed")
        if self.child is not None:
            self.child.wait()
        if self.pidfile:
            self.pidfile.unlink(missing_ok=True)


def run(argv, account=None, check=True, **options):
    """subprocess.run with the output captured as text; a failure is a ServerError that
    shows it.
    """
    done = subprocess.run(
        [str(arg) for arg in argv],
        capture_output=True,
        text=True,
        **({} if "input" in options else {"stdin": subprocess.DEVNULL}),
        cwd=options.pop("cwd", "/"),
        **(account.popen_args() if account else {}),
        **options,
    )
    if check and done.returncode:
        output = done.stdout[-2000:] + done.stderr[-4000:]
        raise ServerError(f"{argv[0]} failed ({done.returncode}):\n{output}")
    return done
