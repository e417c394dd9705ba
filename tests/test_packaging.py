# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Each addon can be built as a wheel with whool, as the OCA publishes addons."""

import subprocess
import sys
import zipfile

import pytest
from servers.odoo import own_addons
from servers.process import ROOT

BUILD = "import sys; from whool.buildapi import build_wheel; build_wheel(sys.argv[1])"


@pytest.mark.parametrize("addon", own_addons())
def test_wheel(addon, tmp_path):
    pytest.importorskip("whool")
    subprocess.run(
        [sys.executable, "-c", BUILD, str(tmp_path)],
        cwd=ROOT / addon,
        check=True,
        capture_output=True,
        timeout=60,
    )
    [wheel] = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name.startswith(f"odoo_addon_{addon}-19.0.1.0.0")
    assert f"odoo/addons/{addon}/__manifest__.py" in names
    assert not [name for name in names if name.endswith(".pyc")]
