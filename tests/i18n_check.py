# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Is every term of every addon translated into Chinese? Lists the others, and exits 1.

python tests/i18n_check.py [REPOSITORY]
"""

import re
import sys
from pathlib import Path

import polib

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-+#0]*\d*(?:\.\d+)?[sdifgrx]|%%|\{\w*\}")


def placeholders(text):
    return sorted(PLACEHOLDER.findall(text))


def fault(term, entry):
    """What is wrong with the translation of a term; "" when nothing is."""
    if entry is None:
        return "missing"
    texts = [entry.msgstr]
    if term.msgid_plural:
        texts = list(entry.msgstr_plural.values())
    if not texts or not all(text.strip() for text in texts):
        return "empty"
    if entry.fuzzy:
        return "fuzzy"
    wanted = [placeholders(term.msgid), placeholders(term.msgid_plural or term.msgid)]
    if any(placeholders(text) not in wanted for text in texts):
        return "other placeholders"
    return ""


def check(folder):
    """The faults of one addon's i18n folder, a line each."""
    pot, chinese = folder / f"{folder.parent.name}.pot", folder / "zh_CN.po"
    absent = [f"{p}: no such file" for p in (pot, chinese) if not p.exists()]
    if absent:
        return absent
    po = polib.pofile(str(chinese))
    entries = {(e.msgctxt, e.msgid): e for e in po if not e.obsolete}
    terms = [(t, entries.get((t.msgctxt, t.msgid))) for t in polib.pofile(str(pot))]
    return [f"{chinese}: {w}: {t.msgid!r}" for t, e in terms if (w := fault(t, e))]


def main(root):
    folders = sorted(Path(root).glob("waimaolang_*/i18n"))
    faults = [line for folder in folders for line in check(folder)]
    print("\n".join([*faults, f"{len(folders)} addons, {len(faults)} faults"]))
    return 1 if faults or not folders else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else Path(__file__).parents[1]))
