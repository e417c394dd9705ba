"""A private Dovecot 2.3: IMAP, POP3 and LMTP over a Maildir, with users that can be
added while it runs.
"""

import contextlib
import os
import re
import shutil
import time

from .mailboxes import Mailboxes, to_utf7
from .process import (
    Account,
    Process,
    ServerError,
    data_folder,
    find_program,
    free_port,
    listens,
    run,
    short_folder,
    wait_until,
)

SPECIAL_USE = {
    "Sent": "\\Sent",
    "Drafts": "\\Drafts",
    "Trash": "\\Trash",
    "Junk": "\\Junk",
    "Archive": "\\Archive",
}
CATCH_ALL = (
    "outside@outside.test"  # where smtp.py puts all mail to people who are not ours
)

CONFIG = """\
base_dir = {run}
state_dir = {folder}/state
log_path = {log}
log_timestamp = "%Y-%m-%d %H:%M:%S "
instance_name = {run}
listen = 127.0.0.1, 127.0.0.2
protocols = imap pop3 lmtp
default_internal_user = {account}
default_internal_group = {group}
default_login_user = {account}
first_valid_uid = 1
first_valid_gid = 1
default_vsz_limit = 1G

ssl = required
ssl_cert = <{cert}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = yes
login_trusted_networks =
auth_mechanisms = plain login {mechanisms}
auth_verbose = yes
auth_failure_delay = 0
auth_cache_size = 0
mail_max_userip_connections = 500

passdb {{
  driver = passwd-file
  # a token is no password; "none": who asks whether a user exists
  mechanisms = plain login none
  # a file per user: one file for all would be looked at only once a second
  args = username_format=%Lu {users}/%Lu
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}/%Ld/%Ln
}}
mail_location = maildir:~/Maildir
mail_fsync = never
maildir_very_dirty_syncs = no
mail_plugins =
imap_id_log = *
imap_id_send = name Dovecot
namespace inbox {{
  inbox = yes
  separator = /
{mailboxes}
}}
protocol lmtp {{
  auth_username_format = %Lu
  lmtp_save_to_detail_mailbox = no
}}
protocol pop3 {{
  pop3_uidl_format = %08Xu%08Xv
  pop3_no_flag_updates = no
}}
service imap-login {{
  chroot =
  service_count = 0
  client_limit = 1000
  process_limit = 2
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  service_count = 0
  client_limit = 1000
  process_limit = 2
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 600
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
  # without it a failed login would slow down every later one, for all come from one
  # address
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  client_limit = 2000
}}
{extra}
"""


class Dovecot(Mailboxes):
    """An IMAP, POP3 and LMTP server on 127.0.0.1 whose certificate names localhost.

    A client whose address is the server's own counts as secure to Dovecot. Who wants
    clear text refused before STARTTLS connects to ``strict_host``, not ``host``.

    ``special_use`` maps folder names to their RFC 6154 attribute (an empty dict: a
    server that knows none); ``extra`` is appended to the configuration. Passwords are
    kept in clear text, for smtp.py reads the same file.
    """

    host = "localhost"
    strict_host = "127.0.0.2"
    PORTS = ("imap", "imaps", "pop3", "pop3s", "lmtp")

    def __init__(self, folder, ca, special_use=None, mechanisms="", extra=""):
        self.account = Account("mail")
        self.folder = data_folder(folder, self.account)
        self.ca = ca
        self.ca_file = ca.file
        self.special_use = SPECIAL_USE if special_use is None else special_use
        self.mechanisms = mechanisms
        self.extra = extra
        self.users_file = self.folder / "users"
        self.log = self.folder / "dovecot.log"
        self.imap_port = self.imaps_port = self.pop3_port = self.pop3s_port = (
            self.lmtp_port
        ) = None
        self._run = None
        self._process = Process(
            [], self.folder / "dovecot.out", self.folder / "dovecot.pid", self.account
        )

    # --- running ---

    def start(self, ports=None):
        """Start it on free ports, or on an earlier start's: what ``self.ports`` was.

        One that runs already (the demo's) is taken over.
        """
        self.ports = ports or {name: free_port() for name in self.PORTS}
        for name, port in self.ports.items():
            setattr(self, f"{name}_port", port)
        if self._process.pid:
            return self
        self.account.own(self.folder, 0o711)
        for sub in ("state", "mail", "users.d"):
            self.account.own(self.folder / sub)
        self._write_users({})
        self._run = short_folder(self.account)
        (self.folder / "run_folder").write_text(f"{self._run}\n")
        config = self.folder / "dovecot.conf"
        config.write_text(self._config())
        program = find_program("dovecot")
        self._process.argv = [program, "-F", "-c", str(config)]
        self._process.start()
        try:
            self._process.wait_until(
                lambda: all(map(listens, self.ports.values())), 20, "Dovecot to listen"
            )
        except ServerError as error:
            log = (
                self.log.read_text(errors="replace")[-2000:]
                if self.log.exists()
                else ""
            )
            raise ServerError(f"{error}\n{log}") from None
        if CATCH_ALL not in self.users():
            self.add_user(CATCH_ALL, "outside")
        return self

    def stop(self):
        self._process.argv = self._process.argv or ["dovecot"]
        self._process.stop()
        with contextlib.suppress(OSError):
            shutil.rmtree((self.folder / "run_folder").read_text().strip())

    def restart(self):
        """On the same ports, as after a crash."""
        self.stop()
        return self.start(self.ports)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exc):
        self.stop()

    def _config(self):
        cert, key = self.ca.issue("dovecot")
        if self.account.switch:  # Dovecot reads them as its own account
            for path in (cert, key):
                copy = self.folder / path.name
                copy.unlink(missing_ok=True)
                shutil.copy(path, copy)
                shutil.chown(copy, self.account.uid, self.account.gid)
            cert, key = self.folder / cert.name, self.folder / key.name
        mailboxes = "".join(
            f'  mailbox "{name}" {{\n    special_use = {attribute}\n  }}\n'
            for name, attribute in self.special_use.items()
        )
        # a server that runs as one account has that account's sockets and processes
        # only
        return CONFIG.format(
            run=self._run,
            folder=self.folder,
            log=self.log,
            account=self.account.name,
            group=_group_name(self.account.gid),
            uid=self.account.uid,
            gid=self.account.gid,
            cert=cert,
            key=key,
            mechanisms=self.mechanisms,
            users=self.folder / "users.d",
            mail=self.folder / "mail",
            mailboxes=mailboxes,
            extra=self.extra,
            **self.ports,
        )

    # --- users ---

    def users(self):
        """{login: password}"""
        lines = (
            self.users_file.read_text().splitlines() if self.users_file.exists() else []
        )
        return {
            line.split(":", 1)[0]: line.split("{PLAIN}", 1)[1].split(":")[0]
            for line in lines
            if "{PLAIN}" in line
        }

    def add_user(self, login, password):
        """Add a user or change the password. Neither may hold a colon."""
        self._write_users({login.lower(): password})
        return login

    def add_users(self, users):
        """Many at once: {login: password}"""
        self._write_users(
            {login.lower(): password for login, password in users.items()}
        )

    def remove_user(self, login):
        self._write_users({login.lower(): None})
        shutil.rmtree(self.home(login), ignore_errors=True)

    def home(self, login):
        """The folder of a user whose login is an address, with Maildir below."""
        name, _at, domain = login.lower().partition("@")
        return self.folder / "mail" / domain / name

    def renumber(self, login, folder="INBOX"):
        """A new UIDVALIDITY, as after a restore from a backup: the mails stay, with
        other UIDs. No session may have the folder open."""
        path = self.home(login) / "Maildir"
        if folder.upper() != "INBOX":
            path /= "." + to_utf7(folder).replace("/", ".")
        for name in ("dovecot-uidlist", "dovecot.index*"):
            for file in path.glob(name):
                file.unlink()
        second = int(time.time())
        # what the next UIDVALIDITY is made of
        wait_until(lambda: int(time.time()) > second, 5, "the next second")

    def _write_users(self, changes):
        """Write the user file that smtp.py reads and a file per user that Dovecot
        reads; None removes.
        """
        known = self.users()
        users = known | changes
        for login, password in changes.items():
            if password is None:
                del users[login]
                (self.folder / "users.d" / login).unlink(missing_ok=True)
            else:
                self._write_private(
                    self.folder / "users.d" / login, [(login, password)]
                )
        self._write_private(self.users_file, users.items())
        if known.keys() & changes.keys() and self._process.pid:
            # Dovecot has read a file of this second; in the next it looks again, if
            # size or time differ
            second = int(time.time())
            for login in known.keys() & changes.keys() & users.keys():
                os.utime(self.folder / "users.d" / login, (second + 1, second + 1))
            wait_until(lambda: int(time.time()) > second + 1, 5, "the next second")

    def _write_private(self, path, users):
        for login, password in users:
            if ":" in login + password:
                raise ValueError("a colon parts the fields of the user file")
        new = path.with_name(path.name + ".new")
        new.write_text(
            "".join(f"{login}:{{PLAIN}}{password}::::::\n" for login, password in users)
        )
        if self.account.switch:
            shutil.chown(new, self.account.uid, self.account.gid)
        new.chmod(0o600)
        new.replace(path)  # at once: nobody reads half a file

    # --- what clients did ---

    def logins(self, login=None, protocol="imap"):
        """How many successful logins the log tells, of one user or of all."""
        user = f"<{re.escape(login.lower())}>" if login else "<[^>]+>"
        return len(
            re.findall(rf"{protocol}-login: Info: Login: user={user}", self._log_text())
        )

    def most_connections(self, logins, since=0):
        """How many IMAP connections of these users were open at the same time at most,
        as the log tells it from the byte ``since`` on.
        """
        users = "|".join(re.escape(login.lower()) for login in logins)
        came = re.compile(rf"imap-login: Info: Login: user=<(?:{users})>")
        left = re.compile(rf"imap\((?:{users})\)<.*: Info: (?:Disconnected|Logged out)")
        now = most = 0
        for line in self._log_text()[since:].splitlines():
            now += bool(came.search(line)) - bool(left.search(line))
            most = max(most, now)
        return most

    def log_size(self):
        return len(self._log_text())

    def failed_logins(self, login=None):
        user = re.escape(login.lower()) if login else ".*"
        return len(
            re.findall(rf"-login: Info: .*auth failed.*user=<{user}>", self._log_text())
        )

    def client_ids(self):
        """What clients said with the ID command, as logged: lists like
        ``name=waimaolang, version=1``.
        """
        return re.findall(r"ID sent: (.*)", self._log_text())

    def _log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def _group_name(gid):
    return run(["getent", "group", gid]).stdout.split(":")[0]
