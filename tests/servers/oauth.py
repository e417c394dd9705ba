"""OAuth servers that others wrote (``programs/package.json``):

* ``MockIdp`` (oauth2-mock-server): says what a test wants it to say, above all every
  refusal; signs any token.
* ``StrictOp`` (oidc-provider): a real OpenID provider, which forgives nothing.
* ``Emulate`` (emulate): what Google's and Microsoft's answers look like.

None knows who asks. What a client must be told to find one of them:
``endpoints("google")`` or ``endpoints("microsoft")``, a dict of URLs.
"""

import json

import jwt
from cryptography.hazmat.primitives import serialization

from .node import NodeServer
from .tokens import NOBODY, Introspection, SignedBy

TENANT = "5f1a3c2e-7b4d-4e6f-8a9b-0c1d2e3f4a5b"
ALICE = "alice@lanyue.example"


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


class Scripted(NodeServer):
    """Says what a test wants: the fields of ``STATE``, as they are after the start."""

    port_names = ("port", "control_port")
    STATE = {}

    def set(self, **values):
        """Fields of ``STATE``; each replaces what it was."""
        unknown = values.keys() - self.STATE.keys()
        if unknown:
            raise ValueError(f"no such fields: {unknown}")
        self._control("set", **values)

    def requests(self, kind="token"):
        """What was asked, in order: dicts with kind (token, revoke ...), form,
        authorization, status; provider, or tenant, method, path, query. ``kind=None``:
        everything."""
        return [
            entry
            for entry in self._control("log")
            if kind is None or entry["kind"] == kind
        ]

    def forget_requests(self):
        self._control("forget_log")


class MockIdp(Scripted):
    """One authority that stands for Microsoft (any tenant as first part of the path)
    and for Google (no tenant) at once. Its key outlives a restart, its tokens do not.

    Without any ``set``: whoever is named by login_hint signs in, everything asked is
    granted, access tokens live an hour, a refresh token is good for one use.
    """

    program = "idp.mjs"
    STATE = {
        "tenant": TENANT,  # of whoever has no tid of their own
        "user": ALICE,  # who signs in without login_hint
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

    def token_checks(self, revocable=False):
        """For ``tokens.TokenDovecot``. By signature and time alone, as large providers
        do; ``revocable``: by asking ``userinfo`` at every login."""
        if revocable:
            return [Introspection(f"{self.base}/userinfo")]
        return [SignedBy((self.issuer(), self.base), self.kid, self.public_key())]

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
        return {"jwk": str(self._own_key()), "state": self.STATE}


class StrictOp(Scripted):
    """A provider that stands for Microsoft (one tenant, ``TENANT``) and for Google.

    Apps must be registered, before ``start`` or after: ``register``. Refresh tokens
    are good for one use; a second use ends all tokens of that consent.
    """

    program = "op.mjs"
    STATE = {
        "user": ALICE,  # who signs in without login_hint
        "login": None,  # who signs in whatever login_hint says
        "users": {},  # {email: claims}, beside sub, oid, tid, email, name
        "page": False,  # a page with buttons #allow and #deny, else it goes by itself
        "denied": False,
        "rejected": [],  # scopes that the person unticks
        "ttl": 3600,  # seconds, of access tokens
        "scopes": [  # only before the start
            "email",
            "profile",
            "https://mail.google.com/",
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
        ],
    }

    def start(self, ports=None):
        super().start(ports)
        for client in self._clients.values():
            self._control("client", **client)
        return self

    def __init__(self, folder, ca):
        super().__init__(folder, ca)
        self._clients = {}

    @property
    def base(self):
        return f"https://localhost:{self.port}"

    def endpoints(self, provider):
        if provider == "google":
            base = f"{self.base}/google"
            return {
                "authorize": f"{base}/authorize",
                "token": f"{base}/token",
                "certs": f"{base}/keys",
                "issuer": base,
                "revoke": f"{base}/revoke_token",
            }
        base = f"{self.base}/{TENANT}/v2.0"
        return {
            "authorize": f"{base}/authorize",
            "token": f"{base}/token",
            "certs": f"{base}/keys",
            "issuer": f"{self.base}/{{tid}}/v2.0",
            "oidc_authority": base,
        }

    def register(self, client_id, secret="", redirect_uris=(), jwks=None):
        """An app, at both providers; once more replaces it. With ``jwks`` (a dict) it
        proves itself by a signed assertion in place of the secret."""
        client = {
            "client_id": client_id,
            "redirect_uris": list(redirect_uris),
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        }
        if jwks:
            client |= {"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks}
        else:
            method = "client_secret_post"
            client |= {"token_endpoint_auth_method": method, "client_secret": secret}
        self._clients[client_id] = client
        if self._process.pid:
            self._control("client", **client)

    def reset(self):
        """As after the start; apps and what was given stay."""
        self._control("set", **self.STATE)
        self._control("forget_log")

    def end_consent(self, token):
        """As when the person or an administrator takes back what this refresh or access
        token stands for."""
        self._control("end_grant", token=token)

    def token_checks(self):
        """For ``tokens.TokenDovecot``: good until it expires or is revoked."""
        mounts = "google", f"{TENANT}/v2.0"
        return [Introspection(f"{self.base}/{mount}/check") for mount in mounts]

    def _options(self):
        return {"jwk": str(self._own_key()), "state": self.STATE, "tenant": TENANT}


class Emulate(NodeServer):
    """``users``: addresses that both providers know. ``clients``: {client_id: (secret,
    [redirect_uri, ...])}, at both. ``messages``: emulate's own seed for Gmail, dicts
    with user_email, raw and label_ids.

    Takes an access token that it does not know for its first user's: that one is
    nobody. Access tokens of Microsoft's and Google's do not expire.
    """

    program = "emulate.mjs"
    port_names = ("google", "microsoft", "google_plain", "microsoft_plain")

    def __init__(self, folder, ca, users=(ALICE,), clients=None, messages=()):
        super().__init__(folder, ca)
        self.users = tuple(users)
        self.clients = dict(clients or {})
        self.messages = list(messages)

    def endpoints(self, provider):
        if provider == "google":
            base = f"https://localhost:{self.google}"
            return {
                "authorize": f"{base}/o/oauth2/v2/auth",
                "token": f"{base}/oauth2/token",
                "revoke": f"{base}/oauth2/revoke",
                "certs": f"{base}/oauth2/v3/certs",
                "issuer": base,
            }
        base = f"https://localhost:{self.microsoft}"
        return {
            "authorize": f"{base}/oauth2/v2.0/authorize",
            "token": f"{base}/oauth2/v2.0/token",
            "certs": f"{base}/discovery/v2.0/keys",
            "issuer": f"{base}/{{tid}}/v2.0",
            "authority": f"{base}/{{tenant}}",
        }

    @property
    def gmail(self):
        """The root of its Gmail API."""
        return f"https://localhost:{self.google}/gmail/v1"

    def token_checks(self):
        """For ``tokens.TokenDovecot``: good until revoked."""
        return [
            Introspection(f"https://localhost:{self.google}/oauth2/v2/userinfo"),
            Introspection(f"https://localhost:{self.microsoft}/oidc/userinfo"),
        ]

    def _options(self):
        clients = [
            {
                "client_id": client_id,
                "client_secret": secret,
                "name": "App of a test",
                "redirect_uris": list(redirect_uris),
                "tenant_id": TENANT,
            }
            for client_id, (secret, redirect_uris) in self.clients.items()
        ]
        users = [
            {"email": email, "name": email.partition("@")[0], "tenant_id": TENANT}
            for email in (NOBODY, *self.users)
        ]
        both = {"users": users, "oauth_clients": clients}
        google = {**both, "messages": self.messages}
        return {"seed": {"google": google, "microsoft": both}}
