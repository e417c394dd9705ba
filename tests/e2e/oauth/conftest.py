# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""OAuth servers, and in place of the usual ones a Dovecot and an SMTP server that take
their tokens beside passwords. Each server is as new in each test; what it gave stays.
"""

import itertools
import json
import textwrap

import pytest
from servers.oauth import Emulate, MockIdp, StrictOp
from servers.process import wait_until
from servers.smtp import Smtp
from servers.tokens import TokenDovecot

from ..box import Box
from .app import CALLBACK, CLIENT_ID, SECRET, App
from .rep import SERVED, Rep
from .scene import IN_ODOO, RESUME

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def _idp(servers_folder, ca):
    with MockIdp(servers_folder / "idp", ca) as server:
        yield server


@pytest.fixture(scope="session")
def _strict_op(servers_folder, ca):
    with StrictOp(servers_folder / "op", ca) as server:
        server.register(CLIENT_ID, SECRET, [CALLBACK])
        yield server


@pytest.fixture(scope="session")
def emulate(servers_folder, ca):
    clients = {CLIENT_ID: (SECRET, [CALLBACK])}
    with Emulate(servers_folder / "emulate", ca, clients=clients) as server:
        yield server


@pytest.fixture
def idp(_idp):
    yield _idp
    _idp.reset()


@pytest.fixture
def strict_op(_strict_op):
    yield _strict_op
    _strict_op.reset()


@pytest.fixture(scope="session")
def dovecot(servers_folder, ca, _idp, _strict_op, emulate):
    checks = [
        *_strict_op.token_checks(),
        *emulate.token_checks(),
        *_idp.token_checks(),
    ]
    with TokenDovecot(servers_folder / "token-dovecot", ca, checks) as server:
        yield server


@pytest.fixture(scope="session")
def smtp(servers_folder, ca, dovecot):
    server = Smtp(servers_folder / "token-smtp", ca, dovecot)
    server.start(dovecot.smtp_ports)
    yield server
    server.stop()


@pytest.fixture
def app(ca):
    """``app(server, provider)``: an app that the server knows, played by hand."""
    return lambda server, provider, **options: App(server, provider, ca, **options)


@pytest.fixture
def sites(odoo, tmp_path, idp, dovecot, smtp):
    """Odoo believes that this provider and this server are Google's and Microsoft's;
    ``sites(other)`` gives it another provider."""
    servers = {
        "imap": _server(dovecot.imaps_port),
        "smtp": _server(dovecot.submissions_port),
    }
    file = tmp_path / "endpoints.json"

    def believe(server):
        known = {
            name: {**server.endpoints(name), **servers}
            for name in ("google", "microsoft")
        }
        file.write_text(json.dumps(known))

    believe(idp)
    odoo.options["waimaolang_oauth_endpoints"] = file
    return believe


def _server(port):
    return {"host": "localhost", "port": port, "security": "ssl"}


class Mailbox:
    """One that is bound in Odoo. Code that is run has it as ``box``."""

    def __init__(self, driver, box, provider):
        self.driver = driver
        self.box = box
        self.provider = provider
        self.id = None

    def run(self, script, **values):
        return self.fork(script, **values).wait(None)

    def fork(self, script, **values):
        body = IN_ODOO + RESUME + textwrap.dedent(script)
        return self.driver.fork(body, box_id=self.id, **values)

    def create(self, script, **values):
        body = IN_ODOO + f"app = set_up({self.provider!r})\n" + textwrap.dedent(script)
        self.id, problem = self.driver.run(body, email=self.box.email, **values)
        assert not problem, problem
        return self

    def other(self, email):
        """Another account at the provider, with a mailbox of its own."""
        self.box.dovecot.add_user(email, "code-of-another")

    wait_for = staticmethod(wait_until)


@pytest.fixture(params=["google"])
def bound(request, driver, sites, idp, dovecot):
    box = Box(dovecot, f"signed{next(_numbers)}@lanyue.example")
    return Mailbox(driver, box, request.param)


@pytest.fixture
def signed_in(bound):
    return bound.create(
        """
        box = create(app, values["email"])
        result = [box.id, sign_in(box)]
        """
    )


@pytest.fixture
def bound_by_code(bound):
    return bound.create(
        """
        box = create(app, values["email"], password=values["secret"],
                     **app._get_server_vals())
        box.action_connect()
        env.cr.commit()
        result = [box.id, ""]
        """,
        secret=bound.box.password,
    )


@pytest.fixture
def rep(bound, odoo, idp):
    """Her mailbox is bound by a code, and Odoo is served."""

    def start(**options):
        odoo.options.update(options)
        odoo.start()
        bound.id, problem = bound.driver.run(
            SERVED,
            url=odoo.url,
            email=bound.box.email,
            secret=bound.box.password,
        )
        assert not problem
        return Rep(odoo, idp, bound.id)

    return start
