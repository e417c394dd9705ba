"""A private certificate authority, so that TLS verification in tests and demo is the
real one.
"""

import fcntl
import ipaddress
import os
import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES = (
    "localhost",
    "127.0.0.1",
    "127.0.0.2",
    "::1",
    "imap.demo.test",
    "pop.demo.test",
    "smtp.demo.test",
)
DAYS = 825
SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


class CA:
    """``folder``/ca.pem and the certificates it signed.

    ``bundle`` holds the system's authorities and ours: what SSL_CERT_FILE is to name
    for a client that trusts both.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = self.folder / "ca.pem"
        self.key_file = self.folder / "ca.key"
        self.bundle = self.folder / "bundle.pem"
        with open(self.folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._is_valid():
                self._create()

    def env(self):
        """Environment variables that make OpenSSL, requests and httplib2 trust this CA
        beside the system's.
        """
        return {
            "SSL_CERT_FILE": str(self.bundle),
            "REQUESTS_CA_BUNDLE": str(self.bundle),
        }

    def client_context(self):
        return ssl.create_default_context(cafile=str(self.file))

    def issue(self, name="server", names=NAMES, days=DAYS, start=-1):
        """A server certificate valid for ``names`` (hosts and addresses); ``start`` in
        days from now. Returns (cert, key) paths.

        ``days=-1`` gives an expired one. The certificate of the same name is made anew.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(
            names[0], key.public_key(), self._load().subject, start, days
        )
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general_name(n) for n in names]),
            critical=False,
        )
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        builder = builder.add_extension(
            x509.BasicConstraints(ca=False, path_length=None), critical=True
        )
        ca_key = serialization.load_pem_private_key(self.key_file.read_bytes(), None)
        certificate = builder.sign(ca_key, hashes.SHA256())
        cert_file, key_file = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        _write(key_file, _pem_key(key), 0o600)
        _write(cert_file, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
        return cert_file, key_file

    def _is_valid(self):
        if not (self.file.exists() and self.key_file.exists() and self.bundle.exists()):
            return False
        return self._load().not_valid_after_utc > datetime.now(
            timezone.utc
        ) + timedelta(days=30)

    def _load(self):
        return x509.load_pem_x509_certificate(self.file.read_bytes())

    def _create(self):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, "waimaolang private test CA")]
        )
        builder = self._builder(
            "waimaolang private test CA", key.public_key(), name, -1, DAYS
        )
        builder = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        usage = dict.fromkeys(
            [
                "digital_signature",
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "encipher_only",
                "decipher_only",
            ],
            False,
        )
        builder = builder.add_extension(
            x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True
        )
        pem = builder.sign(key, hashes.SHA256()).public_bytes(
            serialization.Encoding.PEM
        )
        _write(self.key_file, _pem_key(key), 0o600)
        _write(self.file, pem, 0o644)
        _write(self.bundle, system_authorities() + b"\n" + pem, 0o644)

    @staticmethod
    def _builder(common_name, public_key, issuer, start, days):
        now = datetime.now(timezone.utc)
        not_before = now + timedelta(days=min(start, days - 1))
        return (
            x509.CertificateBuilder()
            .subject_name(
                x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
            )
            .issuer_name(issuer)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(not_before)
            .not_valid_after(now + timedelta(days=days))
        )


def self_signed(key, days=30):
    """A certificate that nobody else vouches for: an app's at its provider, or a
    stranger's. ``(key, certificate)``, PEM texts."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "self-signed")])
    builder = CA._builder("self-signed", key.public_key(), name, 0, days)
    certificate = builder.sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    return _pem_key(key).decode(), pem.decode()


def system_authorities():
    """The PEM text of the authorities that this system trusts, wherever its OpenSSL
    looks for them.
    """
    for path in (
        os.environ.get("SSL_CERT_FILE"),
        ssl.get_default_verify_paths().cafile,
        *SYSTEM_BUNDLES,
    ):
        if path and Path(path).is_file():
            return Path(path).read_bytes()
    return b""


def _general_name(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem_key(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path, data, mode):
    path.unlink(missing_ok=True)
    path.touch(mode)
    path.write_bytes(data)
