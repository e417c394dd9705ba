# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What 500 rules cost over 10,000 mails that wait for them at once."""

import json
from pathlib import Path

HERE = Path(__file__).parent
MARK = "MEASURED:"


def measure(stage, say):
    done = stage.database("rules").shell(HERE / "odoo_rules.py", check=False)
    lines = [x for x in done.stdout.splitlines() if x.startswith(MARK)]
    if not lines:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
    found = json.loads(lines[-1][len(MARK) :])
    say(f"rules: {found}")
    yield "rules_500_ms_per_mail", round(found["ms"], 2), "ms"
