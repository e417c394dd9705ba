"""The plain rooms of the addons are imported as they stand: ``import mime.parse``,
``import transport.imap``.

Their folders come last on the path, so that nothing of Odoo or of a library is hidden
by a name like ``models``.
"""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

for addon in ("waimaolang_mail", "waimaolang_mail_oauth", "waimaolang_tasks"):
    folder = str(ROOT / addon)
    if folder not in sys.path:
        sys.path.append(folder)


@pytest.fixture
def serve():
    """Of ``scripted_imap``; tests of other protocols have one of their own."""
    from scripted_imap import serving  # needs the path above

    with serving() as start:
        yield start
