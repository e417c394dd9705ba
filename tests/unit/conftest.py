"""The plain rooms of the addons are imported as they stand: ``import mime.parse``,
``import transport.imap``.

Their folders come last on the path, so that nothing of Odoo or of a library is hidden
by a name like ``models``.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

for addon in ("waimaolang_mail", "waimaolang_mail_oauth", "waimaolang_tasks"):
    folder = str(ROOT / addon)
    if folder not in sys.path:
        sys.path.append(folder)
