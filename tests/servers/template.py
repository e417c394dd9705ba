"""Installed databases kept between runs.

A template is a stopped PostgreSQL cluster with an installed database and its filestore,
in one folder. Installing Odoo's CRM takes a minute, copying the folder a second: so
each test run works on a copy of its own, and runs do not meet.
"""

import contextlib
import fcntl
import hashlib
import shutil
from pathlib import Path

from .odoo import Odoo, addons_path, foreign_depends, installed_files_digest, own_addons
from .postgres import Postgres, server_version
from .process import HOME, Account, Process, ServerError, data_folder, run

DATABASE = "waimaolang"  # in every template
BAD_WORDS = (" WARNING ", " ERROR ", " CRITICAL ")
# What a page of the web client loads: made in each copy anew it would take each tour
# half a minute.
BUNDLES = """
for name in ("web.assets_web", "web.assets_tests"):
    bundle = env["ir.qweb"]._get_asset_bundle(name, css=True, js=True)
    bundle.js(), bundle.css()
env.cr.commit()
"""


def data_home():
    """Where all data of servers lives: .odoo/data, or a temporary folder when
    PostgreSQL's account cannot get there.
    """
    folder = data_folder(HOME / "data", Account("postgres"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    return folder


def base_template(say=print):
    """Odoo with all that our addons depend on, without them."""
    modules = foreign_depends()
    key = _digest(server_version(), addons_path(), *modules, _unpacked_at())
    return _template("base", key, None, lambda odoo: odoo.install(modules), say)


def addons_template(say=print):
    """Odoo with our addons. Installed on the base anew whenever their files change: an
    update would leave remains.
    """
    parent = base_template(say)
    key = _digest((parent / "stamp").read_text(), installed_files_digest())
    return _template("addons", key, parent, _install_own, say)


def core_template(modules, say=print):
    """Odoo with what our addons depend on and these modules of its own."""
    parent = base_template(say)
    key = _digest((parent / "stamp").read_text(), *modules)
    return _template("core", key, parent, lambda odoo: odoo.install(modules), say)


def _install_own(odoo):
    done = odoo.install(own_addons())
    log = done.stdout + done.stderr
    bad = [line for line in log.splitlines() if any(word in line for word in BAD_WORDS)]
    (odoo.folder / "install.log").write_text(log)
    for line in bad:
        print(f"install: {line}")
    script = odoo.folder / "bundles.py"
    script.write_text(BUNDLES)
    odoo.shell(script)


def copy_template(template, folder):
    """A cluster of one's own in ``folder``/pg (not started) and the filestore in
    ``folder``/odoo/data.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(template):
        for part in ("pg", "odoo"):
            run(["cp", "-a", "--reflink=auto", template / part, folder / part])
    return folder


@contextlib.contextmanager
def own_odoo(folder, postgres, ca, name, forks):
    """An Odoo on a new copy, in ``folder``/``name``, of the installed database that
    ``copy_template`` left there; both are dropped at the end."""
    installed = Odoo(folder / "odoo", postgres, DATABASE, ca)
    own = installed.clone(name, folder / name, forks=forks)
    try:
        yield own
    finally:
        own.close()
        postgres.drop_database(name)
        shutil.rmtree(own.folder, ignore_errors=True)


def stop_leftovers(folder):
    """Stop what a killed run left behind: every process recorded by a pid file below
    ``folder``.
    """
    for pidfile in Path(folder).rglob("*.pid"):
        if pidfile.name != "postmaster.pid":
            Process([pidfile.stem], pidfile.with_suffix(".log"), pidfile).stop()
    for record in Path(folder).rglob("*_folder"):
        if record.name in ("socket_folder", "run_folder"):
            shutil.rmtree(record.read_text().strip(), ignore_errors=True)


def _template(name, key, parent, build, say):
    folder = data_home() / "templates" / name
    folder.parent.mkdir(exist_ok=True)
    folder.parent.chmod(0o711)
    with _locked(folder):
        stamp = folder / "stamp"
        if stamp.exists() and stamp.read_text() == key:
            return folder
        say(f"installing the database template '{name}'")
        stop_leftovers(folder)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o711)
        if parent:
            copy_template(parent, folder)
        with Postgres(folder / "pg") as postgres:
            if not postgres.has_database(DATABASE):
                postgres.create_database(DATABASE)
            odoo = Odoo(folder / "odoo", postgres, DATABASE)
            try:
                build(odoo)
            except ServerError as error:
                raise ServerError(f"the addons do not install:\n{error}") from None
        stamp.write_text(key)
    return folder


def _unpacked_at():
    """When docker/setup.sh unpacked Odoo; nothing for an Odoo that was given."""
    made = HOME / "odoo" / "made-by"
    return made.stat().st_mtime if made.exists() else ""


@contextlib.contextmanager
def _locked(folder):
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest(*parts):
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()
