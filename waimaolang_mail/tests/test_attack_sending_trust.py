# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timezone
from email.message import EmailMessage
from email.utils import format_datetime

from markupsafe import Markup

from odoo import Command
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import tagged

from odoo.addons.mail.tools.discuss import Store

from ..mime.parse import parse_mail
from ..models.sending_options import SENDING
from ..transport.errors import MailServerError
from . import attack_sending
from .attack import EMMA, LIN, PIXEL
from .attack_sending import build_report
from .common import ARRIVED, build_mail


@tagged("post_install", "-at_install")
class TestAttackSendingTrust(attack_sending.SendingCase):
    def test_i14_what_somebody_sent_fetches_no_picture_of_ours(self):
        """Quoted back to who sent it."""
        logo = self.env["ir.attachment"].create(
            {"name": "secret.png", "raw": PIXEL + b"narwhal", "public": True}
        )
        base = self.lead.get_base_url()
        sources = (
            f"/web/image/{logo.id}",
            f"{base}/web/image/{logo.id}",
            f"web/image/{logo.id}",
            f"cid:/web/image/{logo.id}",
            f"/web/image/{logo.id}-abc/x.png",
        )
        html = "".join(
            f"<p>Hi</p><img src='{src}'/><img data-waimaolang-src='{src}'/>"
            f"<div style='background:url({src})'>x</div>"
            for src in sources
        )
        mail = EmailMessage()
        mail["From"], mail["To"] = EMMA, LIN
        mail["Subject"], mail["Message-ID"] = "Picture", "<pic1@nordwind.example>"
        mail["Date"] = "Mon, 04 May 2026 11:00:00 +0200"
        mail.set_content("Hi")
        mail.add_alternative(html, subtype="html")
        mail = self.take(mail.as_bytes()).mail_id
        self.assertTrue(mail)
        for mode in ("reply", "forward"):
            action = mail.with_user(self.rep)._compose(mode, "crm.lead", self.lead.id)
            wizard = self.env["mail.compose.message"].with_user(self.rep)
            wizard = wizard.browse(action["res_id"])
            wizard.partner_ids = [Command.set(self.buyer.ids)]
            _mails, message = wizard._action_send_mail()
            parsed = parse_mail(self.row_of(message)._get_raw())
            self.assertFalse(parsed.attachments, mode)

    def test_i14_no_value_of_a_client_makes_a_header_or_a_recipient(self):
        evil = "x\r\nBcc: evil@evil.example\r\n\r\nbody"
        values = {
            "subject": evil,
            SENDING: {
                "mailbox_id": self.mailbox.id,
                "composed": True,
                "cc_emails": "ok@ok.example, a@b.example\r\nX: y@z.example",
                "bcc": ["1", -1, 2**70, None, True],
                "cc": "1",
                "answers": "x",
                "files": {"1": 2},
                "send_at": "",
            },
        }
        self.buyer.name = evil
        row = self.row_of(self.post(**values))
        head = row._get_raw().partition(b"\r\n\r\n")[0]
        names = {
            line.partition(b":")[0]
            for line in head.split(b"\r\n")
            if not line.startswith((b" ", b"\t"))
        }
        self.assertLessEqual(
            names,
            {
                *(b"Date", b"From", b"To", b"Cc", b"Subject", b"Message-ID"),
                *(b"X-Waimaolang-Ref", b"MIME-Version", b"Content-Type"),
            },
        )
        for address in row.recipients:
            self.assertRegex(address, r"^[^\s<>,;]+@[^\s<>,;]+$")
        self.assertNotIn("evil@evil.example", row.recipients)

    def test_i14_what_a_client_sends_of_sending_may_be_anything(self):
        """It is refused, or understood as nothing; never a fault."""
        for value in (
            *(1, "x", [1], {"mailbox_id": True}, {"send_at": "tomorrow"}),
            *({"send_at": "9999-99-99"}, {"bcc": [2**40]}, {"files": [2**40]}),
            *({"cc": [2**31]}, {"mailbox_id": 2**80}, {"answers": 2**80}),
            {"composed": True, "cc_emails": "a" * 100000},
        ):
            with self.subTest(value=repr(value)[:60]):
                if isinstance(value, dict):
                    value = {"composed": True, **value}
                    value.setdefault("mailbox_id", self.mailbox.id)
                try:
                    with self.env.cr.savepoint():
                        self.post(**{SENDING: value})
                except (UserError, MissingError):
                    self.env.invalidate_all()

    def test_i14_a_forged_report_marks_nobody_who_did_not_get_the_mail(self):
        row = self.row_of(self.post(subject="Quotation 7"))
        self.leave()
        for named, expected in (
            (self.contact.email_normalized, 0),
            ("mate@lanyue.example", 0),
            ("paul@paris.example", 1),
        ):
            self.take(build_report(named, row.rfc_message_id, "Quotation 7"))
            self.assertEqual(len(row.mail_id.bounce_ids), expected, named)

    def test_i6_a_flood_of_reports_costs_little(self):
        """Of however many mails each of them might be."""
        dated = format_datetime(ARRIVED.replace(tzinfo=timezone.utc))
        sent = [
            build_mail(
                LIN,
                f"buyer{n}@many.example",
                f"Offer {n}",
                Message_ID=f"<sent{n}@lanyue.example>",
            ).replace(b"Mon, 04 May 2026 10:00:00 +0200", dated.encode())
            for n in range(60)
        ]
        self.take(*sent, path="已发送")
        flood = [
            build_report(f"buyer{n}@many.example", f"no{n}@evil.example", "Nothing")
            for n in range(40)
        ]
        queries = self.env.cr.sql_log_count
        self.take(*flood)
        self.assertLess(self.env.cr.sql_log_count - queries, 12 * len(flood))

    def test_i14_a_quote_in_the_composer_loads_nothing(self):
        mail = EmailMessage()
        mail["From"], mail["To"] = EMMA, LIN
        mail["Subject"], mail["Message-ID"] = "Pixel", "<pix1@nordwind.example>"
        mail["Date"] = "Mon, 04 May 2026 11:00:00 +0200"
        mail.set_content("Hi")
        mail.add_alternative(
            "<p>Hi<img src='https://track.example/p.gif'/></p>", subtype="html"
        )
        mail = self.take(mail.as_bytes()).mail_id
        action = mail.with_user(self.rep)._compose("reply", "crm.lead", self.lead.id)
        wizard = self.env["mail.compose.message"].with_user(self.rep)
        quote = wizard.browse(action["res_id"]).waimaolang_quote
        self.assertIn("track.example", quote)
        self.assertNotIn(' src="https', quote)

    def test_i8_no_context_makes_a_message_a_mail(self):
        names = {
            "waimaolang_restricted": True,
            "waimaolang_mail_id": self.secret.id,
            "waimaolang_outgoing": True,
        }
        for name, value in names.items():
            for post in (True, False):
                with self.subTest(name=name, post=post):
                    env = self.fresh(self.mate)
                    lead = env["crm.lead"].browse(self.lead.id)
                    lead = lead.with_context(**{f"default_{name}": value})
                    try:
                        with self.env.cr.savepoint():
                            if post:
                                message = lead.message_post(body="x")
                            else:
                                message = lead.env["mail.message"].create(
                                    {"body": "x", "model": "crm.lead"}
                                    | {"res_id": lead.id}
                                )
                    except AccessError:
                        self.env.invalidate_all()
                        continue
                    self.assertFalse(message.sudo()[name])
                    message.unlink()
        self.assertTrue(self.secret.exists())

    def test_i5_any_body_leaves(self):
        for body in (
            "plain < text & more",
            "<p>a\x0b\x0c\x1fb</p>",
            "<a href='/\x01[x'>x</a><a href='//[x'>y</a><a href='/[::'>z</a>",
            "<p>" + "<b>" * 2000 + "deep",
            "<img src='data:image/png;base64,xx'/><img/><img src=''/>",
            "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
        ):
            with self.subTest(body=body[:30]):
                row = self.row_of(self.post(body=Markup(body)))
                self.assertTrue(row.raw)

    def test_i11_what_was_to_leave_later_has_its_day_of_tries_then(self):
        busy = MailServerError("throttled", "451 greylisted", "rcpt")
        row = self.row_of(self.post())
        self.env.cr.execute(
            "UPDATE waimaolang_outbox SET create_date = create_date - interval '3 days'"
            " WHERE id = %s",
            (row.id,),
        )
        self.env.invalidate_all()
        self.leave(error=busy)
        self.assertEqual(row.state, "queued")

    def test_what_the_system_sends_stays_with_odoos_servers(self):
        """Also where a script has bound a mailbox, which is OdooBot's then."""
        robot = self.env.ref("base.user_root")
        self.mailbox.user_id = robot
        message = self.lead.with_user(robot).message_post(
            body="x",
            partner_ids=self.buyer.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertFalse(self.row_of(message))

    def test_i11_an_archived_mailbox_sends_nothing_when_it_comes_back(self):
        row = self.row_of(self.post())
        self.mailbox.active = False
        self.assertEqual(row.state, "cancelled")

    def test_i8_an_answer_in_a_private_conversation_stays_there(self):
        self.mailbox.visibility = "everyone"
        conversation = self.secret.conversation_id
        conversation.with_user(self.rep).private = True
        wizard = self.compose(body="<p>Yes.</p>")
        _mails, message = wizard._action_send_mail()
        self.leave()
        mail = self.row_of(message).mail_id
        self.assertEqual(mail.conversation_id, conversation)
        self.assert_only(
            [self.rep],
            {
                "mail": lambda env: (
                    env["waimaolang.mail"].browse(mail.id).read(["subject", "text"])
                ),
                "found": lambda env: env["waimaolang.mail"].search(
                    [("id", "=", mail.id)]
                ),
            },
            [self.mate, self.leader],
        )
        self.assert_nobody(
            {
                "badge": lambda env: (
                    Store().add(env["mail.message"].browse(message.id)).get_result()
                ),
            }
        )
