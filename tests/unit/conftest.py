"""The plain rooms of the addons are imported as they stand: ``import mime.parse``,
``import transport.imap``; the engine of waimaolang_tasks is ``tasks_engine``, since
``engine`` is waimaolang_mail's.

Their folders come last on the path, so that nothing of Odoo or of a library is hidden
by a name like ``models``.
"""

import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]

for addon in ("waimaolang_mail", "waimaolang_mail_oauth", "waimaolang_tasks"):
    folder = str(ROOT / addon)
    if folder not in sys.path:
        sys.path.append(folder)

tasks_engine = ModuleType("tasks_engine")
tasks_engine.__path__ = [str(ROOT / "waimaolang_tasks" / "engine")]
sys.modules.setdefault("tasks_engine", tasks_engine)


@pytest.fixture
def serve():
    """Of ``scripted_imap``; tests of other protocols have one of their own."""
    from scripted_imap import serving  # needs the path above

    with serving() as start:
        yield start


@pytest.fixture
def provider(trusted):
    """Of ``oauth_provider``: it stands for Google and Microsoft."""
    from oauth_provider import forget, providing  # needs the path above

    forget()
    with providing(trusted) as found:
        yield found
