"""The body of tests/core_suites.sh (invariant I12).

By pytest, since it runs every test with all modules loaded: Odoo itself would run the
tests of mail before our addons are loaded.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from servers import template
from servers.ca import CA
from servers.odoo import Odoo, addons_path, own_addons
from servers.postgres import Postgres

MODULES = ("crm", "test_base_automation", "test_mail", "test_mail_full")
SUITES = (
    "mail/tests/test_ir_mail_server.py",
    "mail/tests/test_mail_message.py",
    "test_mail/tests/test_mail_message_security.py",
    "test_mail/tests/test_message_post.py",
    "test_mail/tests/test_performance.py",
    "test_mail_full/tests/test_portal.py",
    "mail/tests/test_mail_activity.py",
    "test_mail/tests/test_mail_activity.py",
    "test_mail/tests/test_mail_activity_mixin.py",
    "test_mail/tests/test_mail_activity_plan.py",
    "base_automation/tests",
    "test_base_automation/tests",
    "crm/tests",
)
SIDES = ("without", "with")
TEST_SECONDS = 600


def main(suites):
    """0 if each test that passes without our addons passes with them."""
    folder = Path(tempfile.mkdtemp(prefix="core-", dir=template.data_home()))
    folder.chmod(0o711)
    try:
        template.copy_template(template.core_template(MODULES), folder)
        with Postgres(folder / "pg") as postgres:
            results = _run_both(folder, postgres, suites or SUITES)
    finally:
        template.stop_leftovers(folder)
        shutil.rmtree(folder, ignore_errors=True)
    return _compare(results)


def _run_both(folder, postgres, suites):
    authority = CA(folder / "ca")
    without = Odoo(folder / "odoo", postgres, template.DATABASE, authority)
    others = without.clone("with", folder / "with")
    others.install(own_addons())
    return {
        side: _run(odoo, suites)
        for side, odoo in zip(SIDES, (without, others), strict=True)
    }


def _run(odoo, suites):
    """{test: outcome}"""
    outcomes = _pytest(odoo, suites)
    if "failed" in outcomes.values():  # as Odoo does: a busy machine is slow at tours
        outcomes |= _pytest(odoo, suites, "--last-failed")
    return outcomes


def _pytest(odoo, suites, *options):
    report = odoo.folder / "report.xml"
    argv = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-o", "addopts="]
    argv += ["-o", f"cache_dir={odoo.folder / 'cache'}", f"--junitxml={report}"]
    argv += [f"--timeout={TEST_SECONDS}", "--odoo-http", *options]
    argv += [f"--odoo-config={odoo.write_config()}", *map(_find, suites)]
    subprocess.run(argv, env=odoo.env(**os.environ), check=False)
    return _outcomes(report)


def _find(suite):
    """Debian's package holds some addons twice; Python takes the last folder's."""
    for folder in reversed(addons_path().split(",")):
        if (Path(folder) / suite.partition("::")[0]).exists():
            return f"{folder}/{suite}"
    sys.exit(f"{suite}: not among Odoo's addons")


def _outcomes(report):
    outcomes = {}
    if not report.exists():
        return outcomes
    for case in ElementTree.parse(report).iter("testcase"):
        found = {child.tag for child in case}
        outcome = "passed"
        if found & {"failure", "error"}:
            outcome = "failed"
        elif "skipped" in found:
            outcome = "skipped"
        name = f"{case.get('classname')}.{case.get('name')}"
        if outcomes.get(name) != "failed":  # subtests report one by one
            outcomes[name] = outcome
    return outcomes


def _compare(results):
    for side in SIDES:
        counts = [
            f"{list(results[side].values()).count(outcome)} {outcome}"
            for outcome in ("passed", "failed", "skipped")
        ]
        print(f"{side} our addons: {', '.join(counts)}")
    without, others = (results[side] for side in SIDES)
    for name, outcome in sorted(without.items()):
        if outcome == "failed":
            print(f"fails anyway: {name}")
    broken = [
        name
        for name, outcome in sorted(without.items())
        if outcome == "passed" and others.get(name) != "passed"
    ]
    for name in broken:
        print(f"BROKEN: {name}")
    return 1 if broken or "passed" not in without.values() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
