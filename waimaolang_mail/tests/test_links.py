# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..mime.parse import parse_mail
from .common import MailboxCase, build_mail

EMMA = "Emma Vogel <emma.vogel@nordwind.example>"
LIN = "Lin Xiao <lin@lanyue.example>"
CARL = "carl@sudwind.example"


@tagged("post_install", "-at_install")
class TestLinks(MailboxCase):
    """One mail stands on many records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carl = cls.env["res.partner"].create({"name": "Carl", "email": CARL})

    def message(self, mail):
        return (mail.mail_message_id.model, mail.mail_message_id.res_id)

    def test_everybody_who_takes_part_has_it(self):
        mail = self.take(build_mail(EMMA, f"{LIN}, {CARL}")).mail_id
        self.assertEqual(mail.partner_ids, self.contact | self.carl)
        self.assertEqual(mail.lead_ids, self.lead)
        self.assertEqual(set(mail.link_ids.mapped("origin")), {"auto"})
        self.assertTrue(all(mail.link_ids.mapped("reason")))
        for record in (self.lead, self.contact, self.customer, self.carl):
            self.assertEqual(record.mail_count, 1, record)

    def test_put_on_and_taken_off_by_hand(self):
        other = self.lead.copy({"name": "Another deal", "user_id": self.rep.id})
        mail = self.take(build_mail(CARL, LIN)).mail_id.with_user(self.rep)
        mail.action_link(other.with_user(self.rep))
        self.assertEqual(mail.lead_ids, other)
        self.assertEqual(other.mail_count, 1)
        mail.action_unlink(self.carl)
        self.assertFalse(mail.partner_ids)
        self.assertEqual(self.carl.mail_count, 0)
        self.assertEqual(self.message(mail), ("crm.lead", other.id))
        mail.action_unlink(other)
        self.assertEqual((mail.state, self.message(mail)), ("unlinked", (False, 0)))
        mail.action_link(self.carl)
        self.assertEqual(self.message(mail), ("res.partner", self.carl.id))

    def test_of_strangers_mail_an_opportunity_is_made_with_their_conversation(self):
        first = self.take(
            build_mail("Zoe <zoe@new.example>", LIN, Message_ID="<1@new.example>")
        ).mail_id
        second = self.take(
            build_mail(
                "Zoe <zoe@new.example>",
                LIN,
                Message_ID="<2@new.example>",
                In_Reply_To="<1@new.example>",
            )
        ).mail_id
        self.assertEqual((first + second).mapped("state"), ["unlinked", "unlinked"])
        action = second.with_user(self.rep).action_create_opportunity()
        lead = self.env["crm.lead"].browse(action["res_id"])
        self.assertEqual(
            (lead.name, lead.email_from, lead.contact_name, lead.user_id, lead.type),
            ("Offer", "zoe@new.example", "Zoe", self.rep, "opportunity"),
        )
        self.assertEqual(first.lead_ids | second.lead_ids, lead)
        later = self.take(build_mail("zoe@new.example", LIN, "Another")).mail_id
        self.assertEqual(later.lead_ids, lead)

    def test_i8_of_mail_that_one_may_not_read_no_opportunity_is_made(self):
        mail = self.take(build_mail("zoe@new.example", LIN)).mail_id
        with self.assertRaises(AccessError):
            mail.with_user(self.colleague).action_create_opportunity()

    def test_the_newest_mail_on_a_record_is_one_that_stands_there(self):
        """Its other links, on other records, count for nothing."""
        mail = self.take(build_mail(CARL, LIN)).mail_id.with_user(self.rep)
        mail.action_link(self.lead.with_user(self.rep))
        mail.action_unlink(self.carl)
        newest = self.env["waimaolang.mail"].with_user(self.rep)._search_newest_on
        self.assertEqual(newest("crm.lead", self.lead.id, 1), mail)
        self.assertFalse(newest("res.partner", self.carl.id, 1))

    def test_i1_a_reader_does_not_take_a_colleagues_mail_out_of_her_own_sight(self):
        self.mailbox.visibility = "everyone"
        mail = self.take(build_mail(CARL, LIN)).mail_id
        with self.assertRaises(UserError), self.env.cr.savepoint():
            mail.with_user(self.colleague).action_unlink(self.carl)
        mail.invalidate_recordset()
        self.assertEqual(mail.partner_ids, self.carl)
        deal = self.env["crm.lead"].create({"name": "x", "user_id": self.colleague.id})
        mail.with_user(self.colleague).action_link(deal.with_user(self.colleague))
        mail.with_user(self.colleague).action_unlink(self.carl)
        self.assertEqual(mail.lead_ids, deal)

    def test_reasons_are_told_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        links = self.take(build_mail(EMMA, LIN)).mail_id.link_ids
        english = set(links.mapped("why"))
        self.assertIn("the address emma.vogel@nordwind.example", english)
        self.assertIn("the contact's only open opportunity", english)
        chinese = links.with_context(lang="zh_CN")
        chinese.invalidate_recordset(["why"])
        self.assertFalse(english & set(chinese.mapped("why")))

    def test_i8_who_may_not_read_may_not_link(self):
        mail = self.take(build_mail(CARL, LIN)).mail_id
        deal = self.env["crm.lead"].create({"name": "x", "user_id": self.colleague.id})
        with self.assertRaises(AccessError):
            mail.with_user(self.rep).action_link(deal.with_user(self.rep))
        with self.assertRaises(AccessError):
            mail.with_user(self.colleague).action_link(self.carl)
        with self.assertRaises(UserError):
            mail.with_user(self.rep).action_link(self.env.user.with_user(self.rep))

    def test_i1_deals_that_become_one_keep_their_mail_as_it_was(self):
        other = self.lead.copy({"name": "Another deal", "user_id": self.rep.id})
        kept = self.take(build_mail(EMMA, LIN, "Kept", Message_ID="<k@n.x>")).mail_id
        moved = self.take(build_mail(EMMA, LIN, "Moved", Message_ID="<m@n.x>")).mail_id
        (kept | moved).action_unlink(other)
        kept.action_link(self.lead)
        moved.action_link(other)
        (self.lead | other).merge_opportunity()
        left = (self.lead | other).exists()
        self.assertEqual(len(left), 1)
        self.assertEqual((kept | moved).lead_ids, left)
        self.assertEqual(left.mail_count, 2)
        self.assertEqual(moved.mail_message_id.subject, "Moved")
        self.assertEqual(self.message(moved), ("crm.lead", left.id))

    def test_i1_contacts_that_become_one_keep_their_mail(self):
        double = self.env["res.partner"].create({"name": "Carl 2", "email": CARL})
        one = self.take(build_mail(CARL, LIN, "One", Message_ID="<1@s.x>")).mail_id
        two = self.take(build_mail(CARL, LIN, "Two", Message_ID="<2@s.x>")).mail_id
        two.action_link(double)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.carl | double).ids, double
        )
        self.assertEqual((one | two).partner_ids, double)
        self.assertEqual(double.mail_count, 2)
        self.assertEqual(self.message(one), ("res.partner", double.id))

    def test_archived_won_and_converted_deals_keep_their_mail(self):
        self.lead.type = "lead"
        mail = self.take(build_mail(EMMA, LIN)).mail_id
        self.lead.convert_opportunity(self.contact)
        self.lead.action_set_won()
        self.lead.active = False
        self.assertEqual(self.message(mail), ("crm.lead", self.lead.id))
        self.assertEqual(mail.with_user(self.rep).text.strip(), "Hello")

    def test_i4_importing_writes_no_column_of_the_customer(self):
        records = (self.lead, self.contact, self.customer)
        self.env.flush_all()
        before = [self.row(record) for record in records]
        self.take(build_mail(EMMA, LIN), build_mail(LIN, EMMA, "2"))
        self.env.flush_all()
        self.assertEqual([self.row(record) for record in records], before)

    def row(self, record):
        self.env.cr.execute(f"SELECT * FROM {record._table} WHERE id = %s", [record.id])
        return self.env.cr.fetchone()

    def test_a_contact_that_changes_its_company_takes_its_mail_along(self):
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        self.take(build_mail(EMMA, LIN))
        self.assertEqual((self.customer.mail_count, firm.mail_count), (1, 0))
        self.contact.parent_id = firm
        self.env.invalidate_all()
        self.assertEqual((self.customer.mail_count, firm.mail_count), (0, 1))

    def test_records_are_found_by_their_mail(self):
        self.take(build_mail(EMMA, LIN))
        leads = self.env["crm.lead"]
        quiet = leads.create({"name": "quiet"})
        for domain, found in [
            ([("mail_count", ">", 0)], True),
            ([("mail_count", "=", 0)], False),
            ([("mail_count", "<", 5)], None),
            ([("awaiting_reply", "=", True)], True),
            ([("awaiting_reply", "=", False)], False),
            ([("last_mail_in", ">=", "2026-05-01")], True),
            ([("last_mail_in", "=", False)], False),
            ([("last_mail_out", "!=", False)], "nobody"),
        ]:
            result = leads.search(domain)
            self.assertEqual(self.lead in result, found in (True, None), domain)
            self.assertEqual(quiet in result, found in (False, None), domain)

    def test_i8_figures_can_be_kept_from_those_who_may_not_read(self):
        self.mailbox.visibility = "owner"
        self.take(build_mail(EMMA, LIN))
        contact = self.contact.with_user(self.colleague)
        self.assertEqual(contact.mail_count, 1)
        self.env["ir.config_parameter"].set_param(
            "waimaolang_mail.shared_statistics", "False"
        )
        self.env.invalidate_all()
        self.assertEqual(contact.mail_count, 0)
        self.assertEqual(self.contact.with_user(self.rep).mail_count, 1)
        found = [("mail_count", ">", 0), ("id", "=", contact.id)]
        self.assertFalse(contact.search(found))
        self.assertTrue(contact.with_user(self.rep).search(found))

    def test_i8_a_bcc_is_known_to_that_mailboxs_readers_alone(self):
        chen = "chen@lanyue.example"
        box = self.create_mailbox(self.colleague, chen, visibility="owner")
        raw = build_mail(LIN, f"{EMMA}, {chen}", Message_ID="<b@lanyue.example>")
        with_bcc = raw.replace(b"Subject:", b"Bcc: carl@sudwind.example\nSubject:", 1)
        self.mailbox.visibility = "owner"
        mail = self.take(raw, mailbox=box).mail_id
        self.assertEqual(self.take(with_bcc, path="已发送").mail_id, mail)
        hers, his = mail.with_user(self.rep), mail.with_user(self.colleague)
        self.assertEqual((hers.bcc, his.bcc), ("carl@sudwind.example", False))
        self.assertEqual(hers.partner_ids, self.contact | self.carl)
        self.assertEqual(his.partner_ids, self.contact)
        search = [("partner_ids", "in", self.carl.ids)]
        self.assertTrue(hers.search(search))
        self.assertFalse(his.search(search))

    def test_an_unknown_sender_becomes_a_lead_where_the_owner_wants_it(self):
        self.mailbox.unknown_policy = "lead"
        followers = self.env["mail.followers"].search_count([])
        old = self.take(build_mail("old@new.example", LIN), live=False).mail_id
        one, two = self.take(
            build_mail("Ann <ann@new.example>", LIN, "Inquiry", Message_ID="<1@new.x>"),
            build_mail("ann@new.example", LIN, "Re: Inquiry", In_Reply_To="<1@new.x>"),
        ).mail_id.sorted("id")
        self.assertFalse(old.lead_ids)
        self.assertEqual(one.lead_ids, two.lead_ids)
        lead = one.lead_ids
        self.assertEqual((lead.name, lead.type), ("Inquiry", "lead"))
        self.assertEqual(
            (lead.email_from, lead.contact_name), ("ann@new.example", "Ann")
        )
        self.assertEqual(lead.user_id, self.rep)
        self.assertEqual(self.env["mail.followers"].search_count([]), followers)

    def test_i8_a_form_that_points_to_a_message_does_not_show_it(self):
        """By the onchange of an unsaved form, which computes what it is told to."""
        mail = self.take(build_mail(CARL, LIN, text="private")).mail_id
        values = {"mail_message_id": mail.mail_message_id.id}
        mails = self.env["waimaolang.mail"].with_user(self.colleague)
        with self.assertRaises(AccessError):
            mails.onchange(values, ["mail_message_id"], {"body": {}, "text": {}})
        draft = mails.new(values)
        self.assertFalse(draft.body)

    def test_the_original_is_rebuilt_where_no_server_has_it(self):
        raw = build_mail(EMMA, LIN, "询价 LED", "Hello", Message_ID="<r@n.x>")
        mail = self.take(raw).mail_id.with_user(self.rep)
        self.mailbox.state = "disconnected"
        self.env.flush_all()
        rebuilt = mail._raw()
        self.assertIn(b"X-Waimaolang-Rebuilt: yes", rebuilt)
        again = parse_mail(rebuilt)
        self.assertEqual(again.subject, "询价 LED")
        self.assertEqual((again.message_id, again.text.strip()), ("r@n.x", "Hello"))
        with self.assertRaises(AccessError):
            mail.with_user(self.colleague)._raw()
