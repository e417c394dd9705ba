# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..engine import asking, lookup
from .common import ARRIVED, build_mail
from .test_failures import EMMA, LIN, FailureCase


class MissingCase(FailureCase):
    """The mail server's answer is ``self.answer``; ``self.asked`` counts."""

    def setUp(self):
        super().setUp()
        self.answer, self.asked = asking.Answer(asked=3), 0
        wizard = type(self.env["waimaolang.missing.wizard"])

        def ask(_wizard, _mailbox, _wanted, _seconds):
            self.asked += 1
            return self.answer

        self.patch(wizard, "_ask_server", ask)

    def why(self, user=None, **words):
        """The answers to the user's question."""
        self.env.flush_all()
        self.env.invalidate_all()
        env = self.env(user=user or self.rep, su=False)
        wizard = env["waimaolang.missing.wizard"].create(words)
        wizard.action_search()
        return wizard.finding_ids.search([("wizard_id", "=", wizard.id)])

    def hit(self, path, uid, uidvalidity=7):
        folder = self.mailbox.folder_ids.filtered(lambda f: f.path == path)
        return asking.Hit(folder.id, uidvalidity, uid, ARRIVED)


@tagged("post_install", "-at_install")
class TestMissing(MissingCase):
    def test_a_stored_mail_is_shown_with_its_records(self):
        copy = self.take(build_mail(EMMA, LIN, "LED", Message_ID="<1@Kunde.example>"))
        for words in (
            {"message_id": "<1@kunde.EXAMPLE>"},
            {"message_id": " 1@Kunde.example "},
            {"sender": "Emma.Vogel@Nordwind.example"},
            {"sender": "Emma <emma.vogel@nordwind.example>", "subject": "re: led"},
            {"subject": "LE"},
        ):
            finding = self.why(**words)
            self.assertEqual((finding.kind, finding.mail_id), ("stored", copy.mail_id))
            self.assertIn("LED work lights", finding.text)
        self.assertFalse(self.asked, "it is here")
        self.assertEqual(finding.action_open()["res_id"], copy.mail_id.id)

    def test_her_own_mail_comes_before_colleagues_newer_mail(self):
        box = self.create_mailbox(
            self.colleague, "chen@lanyue.example", visibility="everyone"
        )
        raws = [
            build_mail(
                EMMA, "chen@lanyue.example", "Sample", Message_ID=f"<{n}@x.example>"
            )
            for n in range(9)
        ]
        self.take(*raws, mailbox=box)
        copy = self.take(build_mail(EMMA, LIN, "Sample", Message_ID="<own@x.example>"))
        copy.mail_id.sudo().date = "2020-01-01"
        found = self.why(subject="Sampl")
        self.assertEqual((found[0].kind, found[0].mail_id), ("stored", copy.mail_id))

    def test_a_stored_mail_that_stands_nowhere_says_so(self):
        self.take(build_mail("x@stranger.example", LIN, "Hi"))
        self.assertIn("stands on no contact", self.why(subject="Hi").text)

    def test_an_excluded_mail_names_the_rule_and_the_entry(self):
        self.mailbox.blocked = "kunde.example\nbank.example"
        copy = self.take(build_mail("Ann <a@mail.bank.example>", LIN, "Re: Statement"))
        for words in ({"sender": "a@mail.bank.example"}, {"subject": "statement"}):
            finding = self.why(**words)
            self.assertEqual(finding.kind, "excluded")
            self.assertIn("bank.example", finding.text)
        # by a part of its subject nothing readable is left to be found
        self.assertEqual(self.why(subject="State").kind, "never")
        self.mailbox.blocked = False
        finding = self.why(subject="statement")
        self.assertIn("removed since", finding.text)
        finding.action_fetch_again()
        self.assertEqual((copy.state, copy.reason), ("pending", False))

    def test_each_reason_is_told(self):
        self.mailbox.unknown_policy = "ignore"
        bulk = build_mail("n@shop.example", LIN, "C", List_Unsubscribe="<https://x.y>")
        self.take(
            build_mail("chen@lanyue.example", LIN, "A"),
            build_mail("who@stranger.example", LIN, "B"),
            bulk,
        )
        for subject, word in (("A", "colleagues"), ("B", "unknown"), ("C", "bulk")):
            finding = self.why(subject=subject)
            self.assertEqual(finding.kind, "excluded")
            self.assertIn(word, finding.text)
            self.assertTrue(finding.remedy)

    def test_a_mail_deleted_in_odoo_says_when(self):
        copy = self.take(build_mail(EMMA, LIN, "Gone", Message_ID="<2@k.example>"))
        copy.mail_id.mail_message_id.unlink()
        finding = self.why(message_id="<2@k.example>")
        self.assertEqual(finding.kind, "deleted")
        self.assertIn("on purpose", finding.text)

    def test_a_failed_mail_is_tried_again_from_here(self):
        copy = self.take_failed()
        finding = self.why(message_id="<bad@nordwind.example>")
        self.assertEqual((finding.kind, finding.copy_id), ("failed", copy))
        self.assertTrue(finding.remedy)
        finding.action_retry()
        self.assertEqual(copy.state, "pending")

    def test_what_nobody_knows_is_asked_of_the_server(self):
        finding = self.why(subject="never seen")
        self.assertEqual((finding.kind, self.asked), ("never", 1))
        self.assertIn("no folder", finding.text)

    def test_the_servers_answer_is_told_by_where_it_is(self):
        row = self.list_copies(self.mailbox, "INBOX", 2)[0]
        inbox = self.mailbox.folder_ids.filtered(lambda f: f.role == "inbox")
        inbox.sudo().write({"outside": "900:901", "backfill_uid": 2})
        junk = self.mailbox.folder_ids.filtered(lambda f: f.path == "Old")
        junk.sudo().write({"synced": False, "role": "junk"})
        for hit, kind, word in (
            (self.hit("INBOX", row.uid), "pending", "waits"),
            (self.hit("INBOX", 900), "window", "before"),
            (self.hit("INBOX", 5000), "new", "fetched now"),
            (self.hit("INBOX", 1, uidvalidity=8), "new", "fetched now"),
            (self.hit("Old", 4), "folder", "not fetched"),
        ):
            self.answer = asking.Answer(hits=(hit,), asked=3)
            finding = self.why(subject="x")
            self.assertEqual(finding.kind, kind)
            self.assertIn(word, finding.text)
        self.assertIn("junk", finding.remedy)
        finding.action_fetch_folder()
        self.assertTrue(junk.synced)

    def test_a_mail_in_a_folder_made_meanwhile_is_named_and_the_folder_looked_at(self):
        self.mailbox.sudo().last_listed = ARRIVED
        hit = asking.Hit(0, 7, 1, ARRIVED, "Fair 2026")
        self.answer = asking.Answer(hits=(hit,), asked=4)
        finding = self.why(subject="x")
        self.assertEqual(finding.kind, "new")
        self.assertIn("Fair 2026", finding.text)
        self.assertFalse(self.mailbox.last_listed, "folders are looked for at once")

    def test_i1_a_mail_that_was_overlooked_is_fetched_now(self):
        inbox = self.mailbox.folder_ids.filtered(lambda f: f.role == "inbox")
        inbox.sudo().write({"uidnext": 100, "recounted_at": ARRIVED})
        self.answer = asking.Answer(hits=(self.hit("INBOX", 50),), asked=1)
        self.assertEqual(self.why(subject="x").kind, "unknown")
        self.assertFalse(inbox.recounted_at, "it is compared in the next pass")

    def test_a_server_that_cannot_be_asked_is_not_taken_for_an_answer(self):
        for error in ("timeout", "unable", "auth_bad"):
            self.answer = asking.Answer(error=error)
            self.assertEqual(self.why(subject="x").kind, "not_asked")

    def test_a_mail_that_did_not_leave_is_found_in_the_outbox(self):
        self.env["waimaolang.outbox"].create(
            {
                "mailbox_id": self.mailbox.id,
                "user_id": self.rep.id,
                "subject": "Our offer",
                "email_from": LIN,
                "rfc_message_id": "offer@lanyue.example",
                "state": "failed",
                "send_at": ARRIVED,
            }
        )
        finding = self.why(message_id="<offer@lanyue.example>")
        self.assertEqual((finding.kind, finding.subject), ("outbox", "Our offer"))
        self.assertIn("Not sent", finding.text)

    def test_nothing_to_look_for_is_asked_for(self):
        with self.assertRaises(UserError):
            self.why(subject="  ")

    def test_the_place_in_the_queue(self):
        rows = self.list_copies(self.mailbox, "INBOX", 3, live=False)
        live = self.list_copies(self.mailbox, "INBOX", 1)
        place = lookup.place_in_queue(self.env.cr, self.mailbox.id, rows[0].id)
        self.assertEqual(place, 3)
        self.assertEqual(
            lookup.place_in_queue(self.env.cr, self.mailbox.id, live[0].id), 0
        )

    # -- I8 ------------------------------------------------------------------------

    def secrets(self):
        """A mail of every kind in Lin's mailbox, by one word."""
        self.mailbox.visibility = "owner"
        self.mailbox.blocked = "bank.example"
        self.take(
            build_mail("x@stranger.example", LIN, "quokka", Message_ID="<s@q.example>")
        )
        self.take(
            build_mail("a@bank.example", LIN, "quokka", Message_ID="<e@q.example>")
        )
        self.take_failed(build_mail(EMMA, LIN, "quokka", Message_ID="<f@q.example>"))
        deleted = self.take(build_mail(EMMA, LIN, "quokka", Message_ID="<d@q.example>"))
        deleted.mail_id.mail_message_id.unlink()

    WORDS = (
        {"subject": "quokka"},
        {"message_id": "<s@q.example>"},
        {"message_id": "<e@q.example>"},
        {"message_id": "<f@q.example>"},
        {"message_id": "<d@q.example>"},
        {"sender": "a@bank.example"},
    )

    def test_i8_the_owner_is_told_of_all_of_it(self):
        self.secrets()
        kinds = self.why(subject="quokka").mapped("kind")
        self.assertEqual(kinds, ["stored", "failed", "excluded", "deleted"])

    def test_i8_nobody_else_learns_that_a_mail_exists(self):
        self.secrets()
        self.answer = asking.Answer(hits=(self.hit("INBOX", 1),), asked=1)
        box = self.create_mailbox(self.colleague, "chen@lanyue.example")
        for user in (self.colleague, self.manager, self.env.ref("base.user_admin")):
            for words in self.WORDS:
                with self.assertRaises(AccessError):
                    self.why(user, mailbox_id=self.mailbox.id, **words)
        self.answer = asking.Answer(asked=1)
        for words in self.WORDS:
            found = self.why(self.colleague, mailbox_id=box.id, **words)
            self.assertEqual(found.kind, "never")
            # an administrator without a mailbox has nobody to ask about
            found = self.why(self.manager, **words)
            self.assertEqual(found.kind, "not_asked")

    def test_i8_who_was_given_the_mailbox_learns_of_what_she_may_read(self):
        self.secrets()
        self.mailbox.member_ids = [Command.link(self.colleague.id)]
        self.lead.user_id = self.colleague
        shown = self.take(build_mail(EMMA, LIN, "walrus", Message_ID="<w@q.example>"))
        found = self.why(self.colleague, mailbox_id=self.mailbox.id, subject="walrus")
        self.assertEqual(found.mail_id, shown.mail_id)
        for words in self.WORDS:
            found = self.why(self.colleague, mailbox_id=self.mailbox.id, **words)
            self.assertEqual(found.mapped("kind"), ["not_asked"])
        self.assertFalse(self.asked)

    def test_i8_answers_are_their_askers_alone(self):
        self.secrets()
        finding = self.why(subject="quokka")[:1]
        for user in (self.colleague, self.manager):
            env = self.env(user=user, su=False)
            with self.assertRaises(AccessError):
                finding.with_env(env).read(["text"])
            with self.assertRaises(AccessError):
                finding.wizard_id.with_env(env).action_search()
            self.assertFalse(env["waimaolang.missing.finding"].search([]))

    def test_i8_a_finding_made_by_hand_opens_nothing(self):
        """Pointed at somebody's row by RPC, it tells and does no more than the row."""
        self.secrets()
        copies = self.env["waimaolang.mailbox.copy"].search(
            [("mailbox_id", "=", self.mailbox.id)]
        )
        env = self.env(user=self.colleague, su=False)
        wizard = env["waimaolang.missing.wizard"].create({"subject": "x"})
        for copy in copies:
            with self.assertRaises(AccessError):
                finding = wizard.finding_ids.create(
                    {
                        "wizard_id": wizard.id,
                        "kind": "stored",
                        "copy_id": copy.id,
                        "mail_id": copy.mail_id.id,
                    }
                )
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertNotIn("quokka", repr(finding.read()))
                finding.action_retry()

    def test_i8_portal_and_public_cannot_ask(self):
        for user in (
            self.env.ref("base.public_user"),
            self.env["res.users"].create(
                {
                    "name": "P",
                    "login": "portal-asks",
                    "group_ids": [Command.set([self.env.ref("base.group_portal").id])],
                }
            ),
        ):
            with self.assertRaises(AccessError):
                self.why(user, subject="quokka")
