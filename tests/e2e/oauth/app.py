# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An OAuth client played by hand, which knows nothing of ours: so that a test of a
server is a test of that server."""

import base64
import hashlib
import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import requests
from servers.oauth import ALICE, TENANT

CLIENT_ID, SECRET = "app-of-a-test", "secret-of-the-app-of-a-test"
CALLBACK = "https://odoo.test/waimaolang_mail_oauth/callback"
SCOPES = {
    "google": "openid email https://mail.google.com/",
    "microsoft": "openid profile offline_access"
    " https://outlook.office.com/IMAP.AccessAsUser.All"
    " https://outlook.office.com/SMTP.Send",
}


class App:
    def __init__(self, server, provider, ca, secret=SECRET, callback=CALLBACK):
        self.server = server
        self.provider = provider
        self.secret = secret
        self.callback = callback
        self.places = {
            name: url.replace("{tenant}", TENANT)
            for name, url in server.endpoints(provider).items()
        }
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(ca.file)
        self.verifier = secrets.token_urlsafe(48)
        self.nonce = secrets.token_urlsafe(16)

    def ask(self, login=ALICE, allow=True, **also):
        """The parameters by which the app is called back."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "client_id": CLIENT_ID,
            "redirect_uri": self.callback,
            "response_type": "code",
            "scope": SCOPES[self.provider],
            "state": "a state",
            "nonce": self.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "login_hint": login,
            "prompt": "select_account",
            **also,
        }
        url = f"{self.places['authorize']}?{urlencode(asked)}"
        called = self.server.consent(url, login, allow)
        return dict(parse_qsl(urlsplit(called).query))

    def exchange(self, code, **also):
        """``(status, answer)``"""
        return self.post(
            grant_type="authorization_code",
            code=code,
            redirect_uri=self.callback,
            **{"code_verifier": self.verifier, **also},
        )

    def refresh(self, token):
        return self.post(grant_type="refresh_token", refresh_token=token)

    def post(self, **form):
        client = {"client_id": CLIENT_ID, "client_secret": self.secret}
        answer = self.session.post(self.places["token"], {**client, **form}, timeout=20)
        return answer.status_code, answer.json()

    def revoke(self, token):
        place = self.places["revoke"]
        return self.session.post(place, {"token": token}, timeout=20).status_code

    def tokens(self, login=ALICE):
        """All of it: the answer to a code that was just given."""
        status, answer = self.exchange(self.ask(login)["code"])
        assert status == 200, answer
        return answer

    def claims(self, id_token):
        """Of an ID token whose signature is right."""
        keys = self.session.get(self.places["certs"], timeout=20).json()
        key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(id_token)["kid"]]
        return jwt.decode(id_token, key, ["RS256"], audience=CLIENT_ID)
