# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Attacks by the dialogs of a binding: what they tell of mailboxes that are somebody
else's (invariant I8)."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .attack import AttackCase

WIZARD = "waimaolang.bind.wizard"
ERASE = "waimaolang.erase.wizard"
LINK = "waimaolang.mail.link.wizard"
RECONNECT = "waimaolang.reconnect.wizard"
TOLD = ("state", "last_sync", "next_sync", "done_count", "total_count")


@tagged("post_install", "-at_install")
class TestDialogsTellNothing(AttackCase):
    """Of Lin's mailbox, to a client that writes it into a dialog of its own."""

    def setUp(self):
        super().setUp()
        self.mailbox.last_sync = "2026-05-04 10:00:00"
        self.chen = self.fresh(self.colleague)
        self.vals = {"email": "chen@lanyue.example", "mailbox_id": self.mailbox.id}

    def refused(self, call):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            call()

    def test_by_create_write_and_copy(self):
        form = self.chen[WIZARD].create({"email": "chen@lanyue.example"})
        context = {"default_mailbox_id": self.mailbox.id}
        forms = self.chen[WIZARD].with_context(**context)
        self.refused(lambda: self.chen[WIZARD].create(self.vals))
        self.refused(lambda: forms.create({"email": "chen@lanyue.example"}))
        self.refused(lambda: form.write(self.vals))
        self.refused(lambda: form.web_save(self.vals, {"mail_count": {}}))
        self.refused(lambda: form.copy(self.vals))
        self.refused(lambda: self.chen[ERASE].create(self.vals))

    def test_by_onchange(self):
        for name in TOLD:
            with self.subTest(field=name):
                self.refused(
                    lambda name=name: self.chen[WIZARD].onchange(
                        self.vals, ["mailbox_id"], {name: {}}
                    )
                )

    def test_by_a_form_that_was_handed_the_mailbox(self):
        """As after a mailbox was bound for somebody, or given away since."""
        form = self.chen[WIZARD].create({"email": "chen@lanyue.example"})
        form.sudo().mailbox_id = self.mailbox
        for name in TOLD:
            with self.subTest(field=name):
                self.env.invalidate_all()
                self.refused(lambda name=name: form.read([name]))
        # as many as she may read herself
        self.assertFalse(form.mail_count)

    def test_i8_a_dialog_that_links_mails_is_its_author_s(self):
        """Which mails she means to link, and to what, is nobody else's."""
        dialog = self.fresh(self.rep)[LINK].create(
            {"mail_ids": [Command.set(self.secret.ids)], "lead_id": self.lead.id}
        )
        self.assertTrue(dialog.read(["mail_ids", "lead_id"]))
        for user in self.colleagues:
            env = self.fresh(user)
            theirs = env[LINK].browse(dialog.id)
            self.assertFalse(env[LINK].search([]), user.login)
            self.refused(lambda theirs=theirs: theirs.read(["lead_id"]))
            self.refused(lambda theirs=theirs: theirs.write({"lead_id": False}))
            self.refused(theirs.action_apply)

    def test_the_dialog_of_a_new_code_says_whose_and_for_where(self):
        dialog = self.fresh(self.rep)[RECONNECT].create({"mailbox_id": self.mailbox.id})
        names = ["login", "incoming_host"]
        told = {name: self.mailbox[name] for name in names}
        self.assertEqual(dialog.read(names), [{"id": dialog.id, **told}])
        arch = self.env[RECONNECT].get_view(view_type="form")["arch"]
        for name in names:
            self.assertIn(f'name="{name}"', arch)


@tagged("post_install", "-at_install")
class TestWhoIsBoundInOtherCompanies(AttackCase):
    """Nobody learns whether an address is bound in a company that is not hers."""

    def setUp(self):
        super().setUp()
        self.other = self.env["res.company"].create({"name": "Other"})
        self.stranger = new_test_user(
            self.env,
            "stranger",
            groups="sales_team.group_sale_manager",
            company_id=self.other.id,
            company_ids=[Command.set(self.other.ids)],
        )

    def answer(self, attack, email):
        env = self.fresh(self.stranger)
        with self.assertRaises(AccessError) as caught, self.env.cr.savepoint():
            attack(env, email)
        return str(caught.exception)

    def assert_same(self, attack):
        bound = self.answer(attack, "lin@lanyue.example")
        self.assertNotIn("Lin", bound)
        self.assertEqual(bound, self.answer(attack, "nobody@lanyue.example"))

    def test_by_the_binding_wizard(self):
        company_id = self.env.company.id

        def attack(env, email):
            vals = {"email": email, "company_id": company_id, "searched_email": email}
            env[WIZARD].create(vals).action_next()

        self.assert_same(attack)

    def test_by_a_company_in_the_context(self):
        company_id = self.env.company.id

        def attack(env, email):
            mailboxes = env["waimaolang.mailbox"]
            mailboxes = mailboxes.with_context(default_company_id=company_id)
            mailboxes.create({"name": "x", "email": email})

        self.assert_same(attack)
