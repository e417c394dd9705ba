"""A private SMTP server: Debian's exim4-daemon-light, unpacked by docker/setup.sh, not
installed.

It checks the same users as dovecot.py and delivers to Dovecot by LMTP: our users get
their mail, every other address ends in one mailbox (dovecot.CATCH_ALL, the recipients
in Envelope-To) so that tests can read it. Nothing leaves the machine.

exim4 insists on an account Debian-exim, which only its package's installation creates:
nss_wrapper gives the process a user list of its own in which that name stands for
whoever runs it.

Local parts with a meaning, at any domain: ``reject`` (550 at RCPT), ``defer`` (451 at
RCPT), ``bounce`` (accepted, then returned to the sender with a delivery status
notification).
"""

import base64
import contextlib
import re
import shutil
import smtplib

from .dovecot import CATCH_ALL
from .process import (
    HOME,
    Account,
    Process,
    data_folder,
    free_port,
    listens,
    short_folder,
)

SIZE_LIMIT = "50M"  # what most providers allow

# Exim replaces the upper case names, which `start` defines in front of this text.
CONFIG = r"""
primary_hostname = smtp.demo.test
exim_path = PROGRAM
local_interfaces = 127.0.0.1
daemon_smtp_ports = PORT_STARTTLS : PORT_TLS : PORT_MX
tls_on_connect_ports = PORT_TLS
tls_advertise_hosts = *
tls_certificate = CERT_FILE
tls_privatekey = KEY_FILE
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
spool_directory = DATA_FOLDER/spool
log_file_path = DATA_FOLDER/log/%slog
pid_file_path = RUN_FOLDER/exim.pid
keep_environment = LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
deliver_drop_privilege = true
never_users =
message_size_limit = SIZE_LIMIT
smtp_accept_max = 200
smtp_accept_queue_per_connection = 0
rfc1413_query_timeout = 0s
host_lookup =
check_spool_space = 0
smtputf8_advertise_hosts = *
acl_smtp_rcpt = check_rcpt
acl_smtp_data = check_data

begin acl
check_rcpt:
  deny    local_parts = reject
          message = 5.1.1 no such user here
  defer   local_parts = defer
          message = 4.2.1 try again later
  accept  authenticated = *
  # the third port stands for the MX: mail from outside, to our users only
  accept  condition = ${if eq{$received_port}{PORT_MX}}
          condition = ${lookup{${lc:$local_part@$domain}}lsearch{USERS_FILE}{1}{0}}
  deny    condition = ${if eq{$received_port}{PORT_MX}}
          message = 5.1.1 no such user here
  deny    message = 5.7.0 authentication required
check_data:
  accept

begin routers
bounce:
  driver = redirect
  local_parts = bounce
  allow_fail
  data = :fail: 5.1.1 no such user at the other end
ours:
  driver = accept
  condition = ${lookup{${lc:$local_part@$domain}}lsearch{USERS_FILE}{1}{0}}
  transport = dovecot
outside:
  driver = redirect
  data = CATCH_ALL

begin transports
dovecot:
  driver = smtp
  protocol = lmtp
  hosts = 127.0.0.1
  hosts_override
  port = PORT_LMTP
  allow_localhost
  hosts_avoid_tls = *
  hosts_try_prdr =
  envelope_to_add
  max_rcpt = 1
  return_path_add

begin retry
* * F,1h,1m

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if eq{\{PLAIN\}$auth3}\
    {${extract{1}{:}{${lookup{${lc:$auth2}}lsearch{USERS_FILE}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if eq{\{PLAIN\}$auth2}\
    {${extract{1}{:}{${lookup{${lc:$auth1}}lsearch{USERS_FILE}}}}}}
  server_set_id = $auth1
"""


class Smtp:
    """Submission with STARTTLS (``port``) or implicit TLS (``tls_port``), and
    ``mx_port`` for mail from outside.
    """

    host = "localhost"

    def __init__(self, folder, ca, dovecot):
        self.account = Account("mail")
        self.folder = data_folder(folder, self.account)
        self.ca = ca
        self.ca_file = ca.file
        self.dovecot = dovecot
        self.port = self.tls_port = self.mx_port = None
        self.log = self.folder / "log" / "mainlog"
        self._process = Process(
            [], self.folder / "exim.out", self.folder / "exim.pid", self.account
        )

    def start(self, ports=None):
        self.ports = ports or {
            name: free_port() for name in ("port", "tls_port", "mx_port")
        }
        for name, port in self.ports.items():
            setattr(self, name, port)
        if self._process.pid:
            return self
        self.account.own(self.folder, 0o711)
        for sub in ("spool", "log"):
            self.account.own(self.folder / sub)
        run_folder = short_folder(self.account)
        (self.folder / "run_folder").write_text(f"{run_folder}\n")
        program = (
            self.folder / "exim4"
        )  # beside the data: the clone may be out of the account's reach
        shutil.copy(HOME / "mta/usr/sbin/exim4", program)
        cert, key = self._certificate()
        macros = {
            "PROGRAM": program,
            "PORT_STARTTLS": self.port,
            "PORT_TLS": self.tls_port,
            "PORT_MX": self.mx_port,
            "PORT_LMTP": self.dovecot.lmtp_port,
            "CERT_FILE": cert,
            "KEY_FILE": key,
            "DATA_FOLDER": self.folder,
            "RUN_FOLDER": run_folder,
            "USERS_FILE": self.dovecot.users_file,
            "CATCH_ALL": CATCH_ALL,
            "SIZE_LIMIT": SIZE_LIMIT,
        }
        config = self.folder / "exim.conf"
        config.write_text(
            "".join(f"{name} = {value}\n" for name, value in macros.items()) + CONFIG
        )
        config.chmod(0o644)
        self._process.env = self._environment()
        self._process.argv = [str(program), "-bdf", "-q1m", "-C", str(config)]
        self._process.start().wait_until(
            lambda: all(map(listens, self.ports.values())), 20, "exim to listen"
        )
        return self

    def stop(self):
        self._process.argv = self._process.argv or ["exim4"]
        self._process.stop()
        with contextlib.suppress(OSError):
            shutil.rmtree((self.folder / "run_folder").read_text().strip())

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exc):
        self.stop()

    def _certificate(self):
        cert, key = self.ca.issue("smtp")
        copies = []
        for path in (cert, key):
            copy = self.folder / path.name
            copy.unlink(missing_ok=True)
            shutil.copy(path, copy)
            if self.account.switch:
                shutil.chown(copy, self.account.uid, self.account.gid)
            copies.append(copy)
        return copies

    def _environment(self):
        uid, gid = self.account.uid, self.account.gid
        passwd, group = self.folder / "passwd", self.folder / "group"
        lines = [f"root:x:0:0::/:/bin/sh\nDebian-exim:x:{uid}:{gid}::/:/bin/sh\n"]
        if uid:
            lines.append(f"{self.account.name}:x:{uid}:{gid}::/:/bin/sh\n")
        passwd.write_text("".join(lines))
        group.write_text(f"root:x:0:\nDebian-exim:x:{gid}:\n")
        return {
            "PATH": "/usr/bin:/bin",
            "LD_PRELOAD": "libnss_wrapper.so",
            "NSS_WRAPPER_PASSWD": str(passwd),
            "NSS_WRAPPER_GROUP": str(group),
        }

    # --- use ---

    def add_user(self, login, password):
        return self.dovecot.add_user(login, password)

    def submit(self, login, recipients, raw, tls="starttls"):
        """Send ``raw`` as a logged-in user, over a verified connection."""
        context = self.ca.client_context()
        if tls == "starttls":
            connection = smtplib.SMTP(self.host, self.port, timeout=30)
            connection.starttls(context=context)
        else:
            connection = smtplib.SMTP_SSL(
                self.host, self.tls_port, timeout=30, context=context
            )
        with connection:
            secret = f"\0{login}\0{self.dovecot.users()[login.lower()]}".encode()
            connection.ehlo_or_helo_if_needed()
            code, answer = connection.docmd(
                "AUTH", "PLAIN " + base64.b64encode(secret).decode()
            )
            if code != 235:
                raise smtplib.SMTPAuthenticationError(code, answer)
            connection.sendmail(login, recipients, raw)

    def receive(self, sender, recipients, raw):
        """Mail from outside for our users, without a login."""
        with smtplib.SMTP(self.host, self.mx_port, timeout=30) as connection:
            connection.sendmail(sender, recipients, raw)

    def outside(self):
        """The raw mails that were sent to anybody who is not ours, in order."""
        return self.dovecot.messages(CATCH_ALL)

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def accepted(self):
        """How many messages were accepted for delivery."""
        return len(re.findall(r" <= .* P=e?smtp", self.log_text()))
