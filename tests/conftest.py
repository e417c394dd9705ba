"""Fixtures that start real servers when a test asks for them; they live for the
session, below the run's folder.
"""

import contextlib
import itertools
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from e2e.box import Box
from e2e.driver import Driver
from servers import template
from servers.ca import CA
from servers.dns import Dns
from servers.dovecot import Dovecot
from servers.forking import Forks
from servers.postgres import Postgres
from servers.smtp import Smtp

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def run_folder():
    """The folder of this run: given by tests/run.py, else a temporary one."""
    given = os.environ.get("WAIMAOLANG_RUN")
    if given:
        yield Path(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="waimaolang-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def servers_folder(run_folder):
    """Of the servers that this process starts: several run at the same time."""
    given = os.environ.get("WAIMAOLANG_SERVERS")
    folder = Path(given) if given else run_folder
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="session")
def ca(run_folder):
    """The private certificate authority; `ca.issue()` makes certificates for servers of
    a test's own.
    """
    return CA(run_folder / "ca")


@pytest.fixture
def trusted(ca, monkeypatch):
    """TLS contexts made in this test trust the private CA beside the system's (in
    tests/run.sh they always do).
    """
    for name, value in ca.env().items():
        monkeypatch.setenv(name, value)
    return ca


@pytest.fixture(scope="session")
def dovecot(servers_folder, ca):
    with Dovecot(servers_folder / "dovecot", ca) as server:
        yield server


@pytest.fixture(scope="session")
def smtp(servers_folder, ca, dovecot):
    with Smtp(servers_folder / "smtp", ca, dovecot) as server:
        yield server


@pytest.fixture(scope="session")
def dns(servers_folder):
    """A DNS server without records: `dns.add("mx-host=corp.test,mx.provider.test")`."""
    with Dns(servers_folder / "dns") as server:
        yield server


@pytest.fixture(scope="session")
def pg(run_folder):
    """The run's cluster, holding the database template.DATABASE with our addons
    installed.
    """
    postgres = Postgres(run_folder / "pg")
    if postgres.attach():
        yield postgres
        return
    template.copy_template(template.addons_template(), run_folder)
    with postgres:
        yield postgres


@pytest.fixture(scope="session")
def forks(servers_folder):
    """Odoo, imported once for all processes of it that tests start."""
    with contextlib.closing(Forks(servers_folder / "forks.log")) as started:
        yield started


@pytest.fixture
def odoo(request, run_folder, pg, ca, forks):
    """An Odoo on a database of this test's own: `odoo.start()`, `odoo.command(...)`;
    committed data is real.
    """
    name = f"own_{abs(hash(request.node.nodeid)):x}"
    with template.own_odoo(run_folder, pg, ca, name, forks) as own:
        yield own


@pytest.fixture
def driver(odoo, tmp_path):
    with contextlib.closing(Driver(odoo, tmp_path)) as made:
        yield made


@pytest.fixture
def box(dovecot):
    """A fresh account on the server; ``box.fill(n)`` puts mail of a customer in."""
    return Box(dovecot, f"rep{next(_numbers)}@lanyue.example")
