# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..models import waimaolang_provider
from ..transport.discovery import ISPDB_URL


@tagged("post_install", "-at_install")
class TestDiscovery(TransactionCase):
    """The parameters only: the search itself is tested in tests/e2e."""

    def setUp(self):
        super().setUp()
        self.provider = self.env["waimaolang.provider"].create(
            {
                "code": "corp",
                "name": "Corp",
                "domains": "corp.example",
                "imap_host": "imap.corp.example",
            }
        )

    def _options(self):
        """What the search is given."""
        with patch.object(waimaolang_provider, "discover") as discover:
            self.env["waimaolang.provider"]._discover("lin@other.example")
        return discover.call_args.kwargs

    def test_an_administrators_preset_is_found_by_its_domain(self):
        found = self.env["waimaolang.provider"]._discover("Lin@Corp.Example")
        self.assertEqual((found.code, found.how), ("corp", "domain"))
        self.assertEqual(found.imap.host, "imap.corp.example")

    def test_an_archived_preset_is_not(self):
        self.provider.active = False
        presets = self.env["waimaolang.provider"]._get_presets()
        self.assertNotIn("corp", [preset.code for preset in presets])

    def test_defaults(self):
        options = self._options()
        self.assertEqual(list(options["nameservers"]), [])
        self.assertEqual(options["ispdb"], ISPDB_URL)
        self.assertFalse(options["allow_private"])

    def test_what_the_administrator_set(self):
        set_param = self.env["ir.config_parameter"].set_param
        set_param("waimaolang_mail.nameservers", "10.0.0.53, 10.0.1.53:5353")
        set_param("waimaolang_mail.ispdb", "False")
        set_param("waimaolang_mail.allow_private_hosts", "True")
        options = self._options()
        self.assertEqual(options["nameservers"], ["10.0.0.53", "10.0.1.53:5353"])
        self.assertEqual(options["ispdb"], "")
        self.assertTrue(options["allow_private"])
