# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3] / "waimaolang_mail"))
