# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Writes every addon's .pot anew from its source, and brings zh_CN.po up to it: known
translations stay, new terms come empty, vanished ones go.

.odoo/venv/bin/python tests/i18n_export.py      (after docker/setup.sh --tests)
"""

import shutil
import sys
import tempfile
from pathlib import Path

import polib
from servers import template
from servers.odoo import Odoo, own_addons
from servers.postgres import Postgres
from servers.process import ROOT

DATES = ("POT-Creation-Date", "PO-Revision-Date")


def export(odoo, addon):
    target = ROOT / addon / "i18n" / f"{addon}.pot"
    target.parent.mkdir(exist_ok=True)
    odoo.cli(
        *("i18n", "export", "-c", odoo.config_file, "-d", odoo.database),
        *("-l", "pot", "-o", target, addon),
    )
    terms = polib.pofile(str(target))
    for name in DATES:
        terms.metadata.pop(name, None)
    terms.save()
    return terms


def merge(addon, terms):
    path = ROOT / addon / "i18n" / "zh_CN.po"
    known = {e.msgid: e for e in polib.pofile(str(path))} if path.exists() else {}
    merged = polib.POFile()
    merged.metadata = {**terms.metadata, "Language": "zh_CN"}
    for term in terms:
        old = known.get(term.msgid)
        term.msgstr = old.msgstr if old else ""
        merged.append(term)
    merged.save(str(path))
    return [term.msgid for term in merged if not term.msgstr]


def main():
    folder = Path(tempfile.mkdtemp(prefix="i18n-", dir=template.data_home()))
    folder.chmod(0o711)
    try:
        template.copy_template(template.addons_template(), folder)
        with Postgres(folder / "pg") as postgres:
            odoo = Odoo(folder / "odoo", postgres, template.DATABASE)
            odoo.write_config()
            for addon in own_addons():
                terms = export(odoo, addon)
                if not len(terms):
                    shutil.rmtree(ROOT / addon / "i18n")
                    continue
                for msgid in merge(addon, terms):
                    sys.stdout.write(f"{addon}: {msgid!r}\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
