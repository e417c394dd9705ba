# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""OAuth servers, and in place of the usual ones a Dovecot and an SMTP server that take
their tokens beside passwords. Each server is as new in each test; what it gave stays.
"""

import pytest
from servers.oauth import Emulate, MockIdp, StrictOp
from servers.smtp import Smtp
from servers.tokens import TokenDovecot

from .app import CALLBACK, CLIENT_ID, SECRET, App


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
