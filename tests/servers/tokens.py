"""A Dovecot that takes OAuth tokens beside passwords, by IMAP and by SMTP.

    client --XOAUTH2--> submission of Dovecot --password--> exim --LMTP--> Dovecot

The unpacked exim4 knows no mechanism for tokens, so Dovecot's own submission service
(unpacked by docker/setup.sh --tests) stands before it.
"""

import shutil
from dataclasses import dataclass

from .dovecot import Dovecot
from .process import HOME, free_port

NOBODY = "nobody@invalid.test"
RELAY_USER, RELAY_PASSWORD = "submission@relay.test", "relay"  # how it asks exim

CONFIG = """
{passdbs}
protocols = $protocols submission
hostname = smtp.demo.test
submission_relay_host = localhost
submission_relay_port = {relay}
submission_relay_ssl = smtps
submission_relay_ssl_verify = no
submission_relay_user = {relay_user}
submission_relay_password = {relay_password}
submission_max_mail_size = 50M
service submission {{
  executable = {programs}/submission
  process_limit = 200
}}
service submission-login {{
  executable = {programs}/submission-login
  chroot =
  service_count = 0
  client_limit = 1000
  process_limit = 2
  inet_listener submission {{
    port = {submission}
  }}
  inet_listener submissions {{
    port = {submissions}
    ssl = yes
  }}
}}
"""
PASSDB = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {file}
}}
"""


@dataclass(frozen=True)
class SignedBy:
    """Any token of these issuers with the RS256 signature of ``pem``, until it expires.
    Nobody is asked, so no revocation is noticed."""

    issuers: tuple[str, ...]
    kid: str
    pem: str

    def settings(self, folder):
        path = folder / "keys" / "default" / "RS256" / self.kid
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.pem)
        return {
            "introspection_mode": "local",
            "local_validation_key_dict": f"fs:posix:prefix={folder}/keys/",
            "issuers": " ".join(self.issuers),
        }


@dataclass(frozen=True)
class Introspection:
    """``url`` is asked at every login, with the token as Bearer, and tells the claim
    ``email``. A refusal must name somebody too, ``NOBODY``: without a name this Dovecot
    takes it for a trouble of the authority's ("Temporary authentication failure").

    Not behind a SignedBy: after a wrong signature Debian's Dovecot trips over what
    OpenSSL left behind when it asks by TLS.
    """

    url: str

    def settings(self, folder):
        return {
            "introspection_mode": "auth",
            "introspection_url": self.url,
            "tls_ca_cert_file": f"{folder}/ca.pem",
            "timeout_msecs": "5000",
        }


class TokenDovecot(Dovecot):
    """``checks``: what makes a token good, tried in order (``token_checks()`` of a
    server of oauth.py; it must have been started). The user is the claim ``email``.

    Submission is at ``submission_port`` (STARTTLS) and ``submissions_port``; it passes
    mail on to an exim that is started with ``Smtp(...).start(dovecot.smtp_ports)``.
    """

    PORTS = (*Dovecot.PORTS, "submission", "submissions")

    def __init__(self, folder, ca, checks, **options):
        super().__init__(folder, ca, mechanisms="xoauth2 oauthbearer", **options)
        self.checks = checks
        self.smtp_ports = {
            name: free_port() for name in ("port", "tls_port", "mx_port")
        }

    def start(self, ports=None):
        super().start(ports)
        if RELAY_USER not in self.users():
            self.add_user(RELAY_USER, RELAY_PASSWORD)
        return self

    def _config(self):
        shutil.copy(self.ca_file, self.folder / "ca.pem")
        # beside the data: the clone may be out of the account's reach
        programs = self.folder / "programs"
        shutil.copytree(
            HOME / "submission/usr/lib/dovecot", programs, dirs_exist_ok=True
        )
        passdbs = ""
        for number, check in enumerate(self.checks):
            file = self.folder / f"tokens-{number}.ext"
            settings = {"username_attribute": "email", **check.settings(file.parent)}
            file.write_text("".join(f"{k} = {v}\n" for k, v in settings.items()))
            passdbs += PASSDB.format(file=file)
        return super()._config() + CONFIG.format(
            passdbs=passdbs,
            relay=self.smtp_ports["tls_port"],
            relay_user=RELAY_USER,
            relay_password=RELAY_PASSWORD,
            programs=programs,
            **self.ports,
        )
