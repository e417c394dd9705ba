# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
import random
from contextlib import closing

import pytest
from servers import template

from .lanes import Lanes
from .office import Office
from .proxy import Proxy

DEEP = bool(os.environ.get("WAIMAOLANG_DEEP"))
# Configured, as for several hosts.
KEY = "of-the-tests-that-share-one-database"


@pytest.fixture(scope="module")
def lanes(request, run_folder, pg, ca, forks, tmp_path_factory):
    """An Odoo of the file's own; every test has a mailbox of its own in it."""
    name = f"faults_{request.module.__name__.rpartition('.')[2]}"
    with template.own_odoo(run_folder, pg, ca, name, forks) as odoo:
        odoo.options["waimaolang_mail_key"] = KEY
        with closing(Lanes(odoo, tmp_path_factory.mktemp("lanes"))) as started:
            yield started


@pytest.fixture
def seed():
    """Of what a test leaves to chance; told when it fails, and given again by
    WAIMAOLANG_SEED."""
    number = int(os.environ.get("WAIMAOLANG_SEED") or random.randrange(10**6))
    print(f"WAIMAOLANG_SEED={number}")
    return number


@pytest.fixture
def office(lanes, dovecot, seed):
    return Office(lanes, dovecot, seed)


@pytest.fixture
def proxies():
    """``proxies(port)`` starts one before that port of this host."""
    started = []

    def start(port, rewrite=None):
        started.append(Proxy(port, rewrite))
        return started[-1]

    yield start
    for proxy in started:
        proxy.stop()
