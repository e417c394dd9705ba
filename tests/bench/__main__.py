# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The measurements, each on servers and databases of its own that are ended after.

A peer is measured in the same run on the same mails, so that a figure says more than
how fast the machine is.
"""

import shutil
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

from servers import template
from servers.ca import CA
from servers.dovecot import Dovecot
from servers.forking import Forks
from servers.odoo import Odoo
from servers.postgres import Postgres

from bench import chatter, healthy_delay, idle_pass, import_vs_fetchmail, rules

FIGURES = {
    "import_vs_fetchmail": import_vs_fetchmail.measure,
    "chatter_5000": chatter.measure,
    "healthy_delay": healthy_delay.measure,
    "idle_pass": idle_pass.measure,
    "rules_500_ms_per_mail": rules.measure,
}
# one figure of those that are measured together
ALSO = {
    "chatter_5000_ms": chatter.measure_ms,
    "chatter_5000_queries": chatter.measure_queries,
    "idle_pass_queries": idle_pass.measure_queries,
    "idle_pass_scaling": idle_pass.measure_scaling,
}


class Stage:
    """What a figure works with: a mail server, and Odoo databases on demand."""

    def __init__(self, folder, ca, dovecot, postgres, forks):
        self.folder = folder
        self.ca = ca
        self.dovecot = dovecot
        self._postgres = postgres
        self._forks = forks
        self._installed = Odoo(folder / "odoo", postgres, template.DATABASE, ca)

    def database(self, name):
        """A fresh database with our addons."""
        return self._installed.clone(name, self.folder / name, forks=self._forks)


@contextmanager
def stage():
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=template.data_home()))
    folder.chmod(0o711)
    try:
        template.copy_template(template.addons_template(_say), folder)
        ca = CA(folder / "ca")
        with (
            Postgres(folder / "pg") as postgres,
            Dovecot(folder / "dovecot", ca) as dovecot,
            closing(Forks(folder / "forks.log")) as forks,
        ):
            yield Stage(folder, ca, dovecot, postgres, forks)
    finally:
        template.stop_leftovers(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _say(text):
    sys.stderr.write(f"{text}\n")


def main(names):
    figures = FIGURES | ALSO
    unknown = set(names) - set(figures)
    if unknown:
        _say(
            f"no such figure: {', '.join(sorted(unknown))}; there are: {list(figures)}"
        )
        return 2
    for name in names or FIGURES:
        with stage() as prepared:
            for label, value, unit in figures[name](prepared, _say):
                sys.stdout.write(f"{label} {value:g} {unit}\n")
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
