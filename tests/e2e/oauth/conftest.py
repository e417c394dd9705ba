# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import itertools
import json
import textwrap

import pytest
from servers.oauth import MockIdp
from servers.process import wait_until
from servers.smtp import Smtp
from servers.tokens import TokenDovecot

from ..box import Box
from .scene import IN_ODOO, RESUME

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def authority(servers_folder, ca):
    with MockIdp(servers_folder / "idp", ca) as server:
        yield server


@pytest.fixture
def idp(authority):
    """A provider that says what a test wants; as after its start."""
    authority.reset()
    yield authority
    authority.reset()


@pytest.fixture(scope="session")
def token_dovecot(servers_folder, ca, authority):
    """Takes what the provider signed, and codes; sends too."""
    folder = servers_folder / "tokens"
    with TokenDovecot(folder, ca, authority.token_checks()) as server:
        smtp = Smtp(servers_folder / "tokens-smtp", ca, server)
        smtp.start(server.smtp_ports)
        try:
            yield server
        finally:
            smtp.stop()


@pytest.fixture
def sites(odoo, tmp_path, authority, token_dovecot):
    """Odoo believes that this provider and this server are Google's and Microsoft's."""
    servers = {
        "imap": _server(token_dovecot.imaps_port),
        "smtp": _server(token_dovecot.submissions_port),
    }
    known = {
        name: {**authority.endpoints(name), **servers}
        for name in ("google", "microsoft")
    }
    file = tmp_path / "endpoints.json"
    file.write_text(json.dumps(known))
    odoo.options["waimaolang_oauth_endpoints"] = file
    return file


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
def bound(request, driver, sites, idp, token_dovecot):
    box = Box(token_dovecot, f"signed{next(_numbers)}@lanyue.example")
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
