# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Pages of a chatter against a naive oracle that reads everything and sorts it."""

import random
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tools.discuss import Store

from ..models import chatter_page
from .common import MailboxCase

START = datetime(2026, 1, 5, 8)
SALESMAN = "sales_team.group_sale_salesman"
LIMIT = 7


class ChatterCase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mate = new_test_user(
            cls.env, "zhao", groups="sales_team.group_sale_salesman_all_leads"
        )
        cls.outsider = new_test_user(cls.env, "wu", groups=SALESMAN)
        cls.users = cls.rep | cls.mate | cls.colleague | cls.manager | cls.outsider
        cls.env["crm.team"].create(
            {"name": "Export", "member_ids": (cls.rep | cls.mate | cls.colleague).ids}
        )
        cls.private_box = cls.create_mailbox(
            cls.colleague, "chen@lanyue.example", visibility="owner"
        )
        cls.open_box = cls.create_mailbox(
            cls.outsider, "wu@lanyue.example", visibility="everyone"
        )
        cls.second = cls.env["res.partner"].create(
            {"name": "Jan Roth", "parent_id": cls.customer.id}
        )
        cls.other_lead = cls.env["crm.lead"].create(
            {
                "name": "Chen's",
                "partner_id": cls.contact.id,
                "user_id": cls.colleague.id,
            }
        )
        for record in (cls.lead, cls.contact, cls.second, cls.customer):
            record.message_ids.unlink()  # "created"

    @classmethod
    def add_note(cls, record, date, body="note", **vals):
        message = cls.env["mail.message"].create(
            {
                "model": record._name,
                "res_id": record.id,
                "message_type": "comment",
                "subtype_id": cls.env.ref("mail.mt_note").id,
                "author_id": cls.manager.partner_id.id,
                "body": body,
                **vals,
            }
        )
        message.date = date
        return message

    @classmethod
    def add_mail(cls, records, date, boxes=None, home=None, adopted=False, **vals):
        """A mail that stands on the records, at home on the first."""
        home = records[0] if home is None else home
        message = cls.add_note(
            home,
            date,
            vals.pop("body", "<p>mail</p>"),
            message_type="email",
            waimaolang_restricted=not adopted,
            author_id=vals.pop("author_id", False),
        )
        mail = cls.env["waimaolang.mail"].create(
            {
                "mail_message_id": message.id,
                "company_id": cls.env.company.id,
                "direction": "in",
                "subject": f"mail {message.id}",
                "date": date,
                "state": "linked",
                "mailbox_ids": (boxes or cls.mailbox).ids,
            }
        )
        message.waimaolang_mail_id = mail
        cls.env["waimaolang.mail.link"].create(
            [
                {
                    "mail_id": mail.id,
                    "message_id": message.id,
                    "res_model": record._name,
                    "res_id": record.id,
                    "date": date,
                    **vals,
                }
                for record in records
            ]
        )
        return message

    # -- the oracle ------------------------------------------------------------------

    def expected(self, thread, user, test=lambda message: True):
        """Ids, newest first, of what the user reads on the thread."""
        Message = self.env["mail.message"]
        found = Message.search(
            [
                ("model", "=", thread._name),
                ("res_id", "=", thread.id),
                ("message_type", "!=", "user_notification"),
                ("waimaolang_restricted", "=", False),
            ]
        )
        contacts = thread
        if thread._name == "res.partner" and thread.commercial_partner_id == thread:
            contacts = self.env["res.partner"].search(
                [("commercial_partner_id", "=", thread.id)]
            )
        for link in self.env["waimaolang.mail.link"].search(
            [("res_model", "=", thread._name), ("res_id", "in", contacts.ids)]
        ):
            if not link.removed and self.sees(user, link):
                found |= link.message_id
        found = found.filtered(test)
        return found.sorted(lambda m: (m.date or m.create_date, m.id), reverse=True).ids

    def sees(self, user, link):
        if link.bcc_mailbox_id and not self.is_given(user, link.bcc_mailbox_id):
            return False
        mail, message = link.mail_id, link.message_id
        boxes = mail.mailbox_ids
        if any(box.user_id == user for box in boxes):
            return True
        if any(self.is_given(user, box) for box in boxes) and any(
            self.reads(user, other.res_model, other.res_id)
            for other in mail.link_ids
            if not other.removed
            and (not other.bcc_mailbox_id or self.is_given(user, other.bcc_mailbox_id))
        ):
            return True
        return not message.waimaolang_restricted and (
            message.author_id == user.partner_id
            or self.reads(user, message.model, message.res_id)
        )

    def is_given(self, user, box):
        if box.user_id == user or box.visibility == "everyone":
            return True
        return box.visibility == "team" and bool(
            user.crm_team_ids & box.user_id.crm_team_ids
        )

    def reads(self, user, model, res_id):
        return self.env[model].browse(res_id).with_user(user).has_access("read")

    # -- the page ----------------------------------------------------------------------

    def fetch(self, thread, user, **params):
        Message = self.env["mail.message"].with_user(user)
        return Message._message_fetch(None, thread=thread.with_user(user), **params)

    def walk(self, thread, user, newer_than=None, **params):
        """All pages one after another; asserts that none but the last is short."""
        ids = [newer_than] if newer_than else []
        way = {}
        while True:
            if ids:
                way = {"after": ids[0]} if newer_than else {"before": ids[-1]}
            page = self.fetch(thread, user, limit=LIMIT, **way, **params)
            got = page["messages"].ids
            ids = got + ids if newer_than else ids + got
            self.assertEqual(len(ids), len(set(ids)), "a message came twice")
            if len(got) < LIMIT:
                return ids


@tagged("post_install", "-at_install")
class TestChatterPages(ChatterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        chance = random.Random(19)
        records = [cls.lead, cls.other_lead, cls.contact, cls.second]
        boxes = [cls.mailbox, cls.private_box, cls.open_box]
        team = cls.env["crm.team"].search([], limit=1)
        for number in range(220):
            # few days: many equal dates
            date = START + timedelta(hours=chance.randrange(70))
            stands = chance.sample(records, chance.choice([1, 1, 2, 3]))
            box = chance.choice(boxes)
            more = {"body": f"<p>{chance.choice(['price', 'sample'])} {number}</p>"}
            if number % 3 == 0:
                record = chance.choice([*records, cls.customer])
                cls.add_note(record, date, more["body"])
                continue
            if number % 7 == 0:
                more["bcc_mailbox_id"] = box.id
            if number % 11 == 0:
                more["removed"] = True
            if number % 5 == 0:
                more["adopted"] = True
                more["home"] = chance.choice([*records, team])
                more["author_id"] = chance.choice(cls.users).partner_id.id
            cls.add_mail(stands, date, boxes=box, **more)
        old = cls.add_note(cls.lead, START)
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE mail_message SET date = NULL, create_date = %s WHERE id = %s",
            (START + timedelta(hours=30, microseconds=7), old.id),
        )
        cls.env.invalidate_all()
        cls.threads = [cls.lead, cls.contact, cls.second, cls.customer]

    def each(self):
        for thread in self.threads:
            for user in self.users:
                if thread.with_user(user).has_access("read"):
                    yield thread, user

    def test_older_pages_bring_all_that_she_reads_in_order_and_once(self):
        lengths = set()
        for thread, user in self.each():
            expected = self.expected(thread, user)
            self.assertEqual(self.walk(thread, user), expected)
            lengths.add(len(expected))
        self.assertGreater(len(lengths), 8, "the users hardly differ")

    def test_newer_pages_too(self):
        for thread, user in self.each():
            expected = self.expected(thread, user)
            self.assertEqual(self.walk(thread, user, expected[-1]), expected)

    def test_around(self):
        for thread, user in self.each():
            expected = self.expected(thread, user)
            for at in (0, 3, len(expected) // 2, len(expected) - 1):
                page = self.fetch(thread, user, around=expected[at], limit=10)
                self.assertEqual(
                    page["messages"].ids, expected[max(0, at - 5) : at + 5]
                )

    def test_search_pages_and_counts(self):
        for thread, user in self.each():
            expected = self.expected(thread, user, lambda m: "price" in m.body)
            self.assertEqual(self.walk(thread, user, search_term="price"), expected)
            page = self.fetch(thread, user, search_term="price", limit=2)
            self.assertEqual(page["count"], len(expected))
            self.assertTrue(page["by_date"])

    def test_log_notes_can_be_left_out(self):
        note = self.add_note(self.lead, START, message_type="notification")
        for wanted in (True, False):
            ids = self.walk(self.lead, self.rep, is_notification=wanted)
            self.assertEqual(note.id in ids, wanted)

    def test_i8_what_a_page_brings_may_be_read_by_all_of_cores_checks(self):
        for thread, user in self.each():
            for number in range(0, 60, 20):
                before = self.expected(thread, user)[number:][:1]
                page = self.fetch(thread, user, before=before and before[0], limit=20)
                page["messages"].check_access("read")
                Store().add(page["messages"]).get_result()

    def test_an_anchor_that_was_deleted_keeps_its_place(self):
        ids = self.walk(self.lead, self.rep)
        gone = self.add_note(self.lead, self.env["mail.message"].browse(ids[9]).date)
        ids = self.walk(self.lead, self.rep)
        place, date = ids.index(gone.id), str(gone.date)
        gone.unlink()
        del ids[place]
        for way, wanted in (("before", ids[place:]), ("after", ids[:place][-5:])):
            page = self.fetch(
                self.lead, self.rep, **{way: gone.id}, anchor_date=date, limit=5
            )
            self.assertEqual(page["messages"].ids, wanted[:5])

    def test_i8_an_unreadable_message_tells_no_date_as_an_anchor(self):
        hidden = self.add_mail([self.lead], START, boxes=self.private_box)
        nothing = hidden.id + 1000
        for way in ("around", "before", "after"):
            pages = [
                self.fetch(self.lead, self.rep, **{way: id_}, limit=4)["messages"].ids
                for id_ in (hidden.id, nothing)
            ]
            self.assertEqual(*pages)

    def test_a_window_is_brought_up_to_date(self):
        for thread, user in self.each():
            expected = self.expected(thread, user)
            if len(expected) < 12:
                continue
            Message = self.env["mail.message"]
            ends = [
                [str(m.date or m.create_date.replace(microsecond=0)), m.id]
                for m in Message.browse([expected[2], expected[9]])
            ]
            shown = expected[2:10]
            window = {
                "known": [shown[0], *shown[3:], 987654321],
                "newest": ends[0],
                "oldest": ends[1],
            }
            answer = self.fetch(thread, user, window=window)
            self.assertEqual(answer["ids"], shown)
            self.assertEqual(answer["messages"].ids, shown[1:3])
            self.assertTrue(answer["complete"])

    def test_a_window_that_missed_very_much_is_cut(self):
        expected = self.expected(self.customer, self.manager)
        with patch.object(chatter_page, "MOST_FRESH", 4):
            window = {"known": [expected[1], expected[3]]}
            answer = self.fetch(self.customer, self.manager, window=window)
        self.assertEqual(answer["ids"], expected[:6])
        self.assertEqual(len(answer["messages"]), 4)
        self.assertFalse(answer["complete"])


@tagged("post_install", "-at_install")
class TestChatter(ChatterCase):
    def test_forty_unreadable_mails_do_not_end_history(self):
        wanted = [
            self.add_mail([self.contact], START + timedelta(hours=n)).id
            for n in range(40)
        ]
        for n in range(40):
            date = START + timedelta(days=9, hours=n)
            self.add_mail([self.contact], date, boxes=self.private_box)
        page = self.fetch(self.contact, self.rep)
        self.assertEqual(page["messages"].ids, wanted[:9:-1])
        self.assertEqual(len(self.walk(self.contact, self.rep)), 40)

    def test_a_mail_to_two_contacts_stands_once_with_their_company(self):
        for n in range(9):
            self.add_mail([self.contact, self.second], START + timedelta(hours=n))
        self.assertEqual(len(self.walk(self.customer, self.rep)), 9)

    def test_i8_a_company_shows_nothing_of_a_contact_that_she_may_not_read(self):
        self.env["ir.rule"].create(
            {
                "name": "not Jan Roth",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.second.id})]",
            }
        )
        own = self.add_mail([self.second], START)
        self.add_mail([self.second], START, boxes=self.open_box)
        both = self.add_mail([self.second, self.contact], START, boxes=self.open_box)
        page = self.fetch(self.customer, self.rep)
        self.assertEqual(page["messages"], both + own)
        page["messages"].check_access("read")

    def test_mail_taken_off_is_gone_from_that_record_only(self):
        message = self.add_mail([self.lead, self.contact], START)
        message.waimaolang_mail_id.action_unlink(self.contact)
        self.assertIn(message.id, self.walk(self.lead, self.rep))
        self.assertNotIn(message.id, self.walk(self.contact, self.rep))

    def test_i8_a_home_that_she_may_not_read_is_not_told(self):
        message = self.add_mail([self.other_lead, self.contact], START)
        page = self.fetch(self.contact, self.rep)
        self.assertEqual(page["messages"], message)
        told = Store().add(page["messages"]).get_result()
        data = told["mail.message"][0]
        self.assertFalse(data["thread"])
        self.assertEqual((data["model"], data["res_id"]), (False, False))
        self.assertFalse(data["record_name"])
        self.assertFalse(data["default_subject"])
        self.assertNotIn("mail.thread", told)
        self.assertNotIn("Chen's", str(told))

    def test_i8_no_context_of_a_client_makes_a_home_told(self):
        self.add_mail([self.other_lead, self.contact], START)
        messages = self.fetch(self.contact, self.rep)["messages"]
        for nothing in ([], (), {}, True):
            known = messages.with_context(waimaolang_decided=nothing)
            self.assertNotIn("Chen's", str(Store().add(known).get_result()))

    def test_a_home_that_she_reads_is_told(self):
        message = self.add_mail([self.lead, self.contact], START)
        page = self.fetch(self.contact, self.rep)
        data = Store().add(page["messages"]).get_result()["mail.message"][0]
        self.assertEqual(data["thread"], {"id": self.lead.id, "model": "crm.lead"})
        self.assertEqual((data["model"], data["res_id"]), ("crm.lead", self.lead.id))
        self.assertEqual(data["id"], message.id)

    def test_a_message_that_odoo_had_stays_with_its_homes_readers(self):
        message = self.add_mail(
            [self.lead, self.contact], START, boxes=self.private_box, adopted=True
        )
        self.add_mail([self.lead], START)
        self.add_mail([self.contact], START)
        for thread in (self.lead, self.contact):
            self.assertIn(message.id, self.walk(thread, self.rep))
        self.assertNotIn(message.id, self.walk(self.contact, self.outsider))


@tagged("post_install", "-at_install")
class TestOrdinaryChatter(ChatterCase):
    """Invariant I12: where no mail stands, all is core's."""

    def queries(self, call):
        self.env.flush_all()
        call()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        result = call()
        return result, self.cr.sql_log_count - before

    def compare(self, thread, more, **params):
        def fetch():
            return self.fetch(thread, self.rep, **params)

        ours, count = self.queries(fetch)
        with patch.object(chatter_page, "find", return_value=None):
            core, core_count = self.queries(fetch)
        self.assertEqual(ours, core)
        self.assertNotIn("by_date", ours)
        self.assertEqual(count, core_count + more)

    def test_i12_one_probe_on_contacts_and_opportunities(self):
        for record in (self.lead, self.contact, self.customer):
            for n in range(5):
                record.message_post(body=f"price {n}")
            message_id = record.message_ids[2].id
            for params in (
                {},
                {"before": message_id},
                {"after": message_id},
                {"around": message_id},
                {"search_term": "price 2"},
                {"before": message_id, "anchor_date": "2026-01-01 00:00:00"},
            ):
                with self.subTest(record=record, params=params):
                    self.compare(record, 1, **params)

    def test_i12_nothing_on_other_threads(self):
        team = self.env["crm.team"].create({"name": "Domestic"})
        team.message_post(body="note")
        self.compare(team, 0)

    def test_i12_a_domain_is_left_alone(self):
        self.add_mail([self.lead], START)
        found = self.env["mail.message"]._message_fetch([], thread=self.lead)
        self.assertNotIn("by_date", found)

    def test_portal_users_have_cores(self):
        self.add_mail([self.customer], START)
        portal = new_test_user(self.env, "portal", groups="base.group_portal")
        page = self.fetch(self.customer, portal)
        self.assertNotIn("by_date", page)

    def test_an_id_that_is_not_there_is_a_place_as_for_core(self):
        notes = [self.add_note(self.lead, START + timedelta(n)) for n in range(9)]
        gone = notes[4].id
        notes[4].unlink()
        page = chatter_page.ChatterPage(
            self.env["mail.message"].with_user(self.rep), self.lead, False
        )
        for id_ in (gone, 1, notes[8].id + 1000):
            for way in ("before", "after", "around"):
                params = {way: id_, "limit": 4}
                core = self.fetch(self.lead, self.rep, **params)["messages"]
                self.assertEqual(page.fetch(**params)["messages"], core, params)

    def test_the_copy_of_cores_search_finds_what_core_finds(self):
        """Pins what ``_get_search_domain`` copies."""
        attachment = self.env["ir.attachment"].create({"name": "price list.pdf"})
        subtype = self.env["mail.message.subtype"].create(
            {"name": "Priced", "description": "a price was told"}
        )
        for vals in (
            {"body": "<p>the price of it</p>"},
            {"body": "nothing", "subject": "Price of it"},
            {"body": "nothing", "attachment_ids": attachment.ids},
            {"body": "nothing", "subtype_id": subtype.id},
            {"body": "nothing"},
            {"body": "price", "message_type": "user_notification"},
        ):
            self.add_note(self.lead, False, **vals)
        lead = self.lead.with_context(tracking_disable=False)
        lead.partner_name = "Price asked"
        self.env.cr.precommit.run()  # tracking is written then
        page = chatter_page.ChatterPage(
            self.env["mail.message"].with_user(self.rep), self.lead, False
        )
        for term, wanted, count in (
            ("price", None, 5),
            ("price", True, None),
            ("price", False, None),
            ("price it", None, 2),
            ("absent", None, 0),
        ):
            params = {"search_term": term, "is_notification": wanted}
            core = self.fetch(self.lead, self.rep, **params)
            ours = page.fetch(**params)
            with self.subTest(term=term, wanted=wanted):
                self.assertTrue(ours.pop("by_date"))
                self.assertEqual(set(ours["messages"]), set(core["messages"]))
                self.assertEqual(ours["count"], core["count"])
                if count is not None:
                    self.assertEqual(core["count"], count)
