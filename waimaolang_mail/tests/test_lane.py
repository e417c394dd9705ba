# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from ..engine import lease
from ..models.waimaolang_lane import PARAM_LANES, PARAM_PRIVATE
from .common import MailboxCase


@tagged("post_install", "-at_install")
class TestLane(MailboxCase):
    def setUp(self):
        super().setUp()
        self.env["waimaolang.mailbox"].search([]).write({"state": "paused"})
        self.mailbox.write({"state": "connected", "next_sync": "2020-01-01"})
        self.env.flush_all()

    def test_a_leased_mailbox_is_not_given_twice(self):
        held = lease.claim_due(self.env.cr)
        self.assertEqual(held.mailbox_id, self.mailbox.id)
        self.assertFalse(lease.claim_due(self.env.cr))
        self.assertFalse(lease.claim(self.env.cr, self.mailbox.id))
        lease.release(self.env.cr, held)
        self.assertTrue(lease.any_due(self.env.cr))

    def test_i13_a_stale_holder_cannot_commit(self):
        stale = lease.claim(self.env.cr, self.mailbox.id)
        self.env.cr.execute(
            "UPDATE waimaolang_mailbox_lease SET expires = '2020-01-01'"
            " WHERE mailbox_id = %s",
            (self.mailbox.id,),
        )
        held = lease.claim(self.env.cr, self.mailbox.id)
        self.assertEqual(held.token, stale.token + 1)
        lease.hold(self.env.cr, held)
        with self.assertRaises(lease.StaleLeaseError):
            lease.hold(self.env.cr, stale)

    def test_paused_and_archived_mailboxes_are_left_alone(self):
        for values in ({"state": "paused"}, {"state": "reauth"}, {"active": False}):
            self.mailbox.write({"state": "connected", "active": True, **values})
            self.env.flush_all()
            self.assertFalse(lease.claim_due(self.env.cr), values)

    def test_what_times_out_is_taken_last(self):
        other = self.create_mailbox(self.colleague, "chen@lanyue.example")
        other.next_sync = "2021-01-01"
        self.mailbox.error_code = "timeout"
        self.env.flush_all()
        self.assertEqual(lease.claim_due(self.env.cr).mailbox_id, other.id)
        self.assertEqual(lease.claim_due(self.env.cr).mailbox_id, self.mailbox.id)

    def test_as_many_lanes_as_wanted(self):
        lanes = self.env["waimaolang.lane"]
        for wanted in (3, 1, 2):
            self.env["ir.config_parameter"].set_param(PARAM_LANES, wanted)
            lanes._ensure_lanes()
            self.assertEqual(len(lanes._get_lanes().filtered("active")), wanted)

    def test_private_hosts_are_allowed_by_the_exact_word_only(self):
        lane = self.env["waimaolang.lane"]
        for value, allowed in [("True", True), ("true", False), ("1", False)]:
            self.env["ir.config_parameter"].set_param(PARAM_PRIVATE, value)
            self.assertEqual(lane._allow_private_hosts(), allowed)
        self.env["ir.config_parameter"].set_param(PARAM_PRIVATE, False)
        self.assertFalse(lane._allow_private_hosts())

    def test_settings_keep_the_choice(self):
        settings = self.env["res.config.settings"].create(
            {"waimaolang_allow_private_hosts": True, "waimaolang_lanes": 2}
        )
        settings.execute()
        self.assertTrue(self.env["waimaolang.lane"]._allow_private_hosts())
        self.assertTrue(
            self.env["res.config.settings"].create({}).waimaolang_allow_private_hosts
        )
