# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.mail.tools.discuss import Store

from .attack import BODY, LIN, STRANGER, SUBJECT, AttackCase, tells


@tagged("post_install", "-at_install")
class TestAttackPosting(AttackCase):
    """Answering, quoting, forwarding and being told."""

    def composer(self, env, **vals):
        return env["mail.compose.message"].create(
            {"composition_mode": "comment", "parent_id": self.message.id, **vals}
        )

    def test_i8_an_answer_does_not_quote_what_one_may_not_read(self):
        lead = {"model": "crm.lead", "res_ids": str(self.lead.ids)}
        names = ["subject", "body", "parent_id", "partner_ids", "model"]
        paths = ["parent_id/body", "parent_id/subject"]

        def wizard(env, *fields, **vals):
            return self.composer(env, **vals).read(fields)

        self.assert_nobody(
            {
                "subject": lambda env: wizard(env, "subject", "record_name"),
                "on the lead": lambda env: wizard(env, "subject", **lead),
                "recipients": lambda env: self.composer(env).partner_ids,
                "name": lambda env: wizard(env, "parent_id"),
                "exported": lambda env: self.composer(env, subject="x").export_data(
                    paths
                ),
                "defaults": lambda env: (
                    env["mail.compose.message"]
                    .with_context(default_parent_id=self.message.id)
                    .default_get(names)
                ),
            }
        )
        owners = self.attempt(self.rep, lambda env: wizard(env, "subject"))
        self.assertTrue(owners, "the owner answers")

    def test_i8_an_expression_reads_as_its_author_does(self):
        def inline(env, expression):
            composer = env["mail.compose.message"].create(
                {
                    "subject": "{{" + expression + "}}",
                    "composition_mode": "mass_mail",
                    "model": "crm.lead",
                    "res_ids": str(self.lead.ids),
                }
            )
            return composer._render_field("subject", self.lead.ids)

        by_id = f"object.env['mail.message'].browse({self.message.id}).body"
        self.assert_nobody(
            {
                "by messages": lambda env: inline(env, "object.message_ids[0].body"),
                "by id": lambda env: inline(env, by_id),
            }
        )

    def test_i8_templates_and_previews_render_for_readers_only(self):
        partner = self.env["ir.model"]._get_id("res.partner")
        template = self.env["mail.template"].create(
            {
                "name": "x",
                "model_id": partner,
                "body_html": f"""<t t-out="object.env['mail.message']
                    .browse({self.message.id}).body"/>""",
                "subject": "{{ object.message_ids[:1].subject }}",
            }
        )
        self.assert_nobody(
            {
                "rendered": lambda env: (
                    env["mail.template"]
                    .browse(template.id)
                    ._render_field("body_html", self.contact.ids)
                ),
                "preview": lambda env: (
                    env["mail.template.preview"]
                    .create(
                        {
                            "mail_template_id": template.id,
                            "resource_ref": f"res.partner,{self.contact.id}",
                        }
                    )
                    .read(["body_html", "subject"])
                ),
            },
            self.colleagues,
        )

    def test_i8_posting_beside_a_hidden_mail_works_and_tells_nothing(self):
        """Core takes the last mail of a record for the parent of a note."""
        follower = self.colleague.partner_id | self.mate.partner_id
        for record in (self.lead, self.contact):
            record.message_subscribe(follower.ids)
        for user in (self.mate, self.leader, self.manager, self.admin):
            env = self.fresh(user)
            lead = env["crm.lead"].browse(self.lead.id)
            message = lead.message_post(
                body="a comment",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
            self.assertEqual(message.body, "<p>a comment</p>")
            self.assertFalse(tells(Store().add(message).get_result()))
            mail = lead._notify_by_email_get_base_mail_values(message, [])
            self.assertIn(message.message_id, mail["references"])
            self.assertFalse(tells(mail))
            self.assertFalse(
                self.attempt(
                    user,
                    lambda env, id_=message.id: (
                        env["mail.message"].browse(id_).read(["parent_id", "subject"])
                    ),
                )
            )

    def test_i8_nobody_is_notified_of_what_she_may_not_read(self):
        partners = self.mate.partner_id | self.colleague.partner_id
        everybody = partners | self.portal.partner_id | self.contact
        self.lead.message_subscribe(everybody.ids)
        self.lead.message_unsubscribe(self.rep.partner_id.ids)
        before = self.env["bus.bus"].sudo().search([], order="id desc", limit=1).id or 0
        notified = self.env["mail.notification"].search_count([])
        message = self.message.with_user(self.admin).sudo()
        message.author_id = self.mate.partner_id
        lead = self.lead.with_env(message.env)
        recipients = lead._notify_get_recipients(message, False)
        self.assertFalse(recipients)
        lead._notify_thread(message)
        message._notify_message_notification_update()
        self.secret._tell_chatters({"crm.lead": lead.ids})
        self.env["bus.bus"].flush_model()
        self.env.cr.precommit.run()
        sent = self.env["bus.bus"].sudo().search([("id", ">", before)])
        self.assertFalse(tells(sent.mapped("message")))
        self.assertEqual(self.env["mail.notification"].search_count([]), notified)
        self.assertFalse(
            self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        )

    def test_i8_a_payload_is_its_receivers_whoever_makes_it(self):
        """Also of values that are cached already, also in sudo."""
        for user in self.colleagues:
            self.fresh(user)
            self.assertTrue(self.message.body)
            for record in (self.message, self.message.with_user(user)):
                for store in (
                    Store(bus_channel=user),
                    Store(bus_channel=self.env.ref("base.group_user")),
                    *((Store(),) if record.env.user == user else ()),
                ):
                    with self.subTest(user=user.login, target=store.target.channel):
                        self.assertFalse(tells(store.add(record).get_result()))
        hers = Store(bus_channel=self.rep).add(self.message.with_user(self.rep))
        self.assertTrue(tells(hers.get_result()))

    def test_i8_no_outgoing_mail_is_made_of_it(self):
        """An administrator's: a mail.mail has all fields of its message."""
        id_ = self.message.id
        paths = ["body", "subject", "mail_message_id/body"]

        def make(env, **vals):
            mail = env["mail.mail"].create({"mail_message_id": id_, **vals})
            env.flush_all()
            return mail

        def write(env):
            env["mail.mail"].create({"subject": "x"}).write({"mail_message_id": id_})
            return env["mail.mail"].search([]).mapped("body")

        def find(env):
            make(env)
            return env["mail.mail"].search([("body", "ilike", BODY)])

        def group(env):
            make(env)
            return env["mail.mail"].formatted_read_group([], ["subject"], ["__count"])

        self.assert_nobody(
            {
                "read": lambda env: make(env).read(["subject", "body", "email_from"]),
                "name": lambda env: make(env).read(["display_name"]),
                "files": lambda env: make(env, email_to="x@y.z").read(
                    ["attachment_ids"]
                ),
                "exported": lambda env: make(env).export_data(paths),
                "forged": lambda env: make(env, body="forged"),
                "written": write,
                "found": find,
                "grouped": group,
            }
        )
        self.assertIn(BODY, self.message.body)

    def test_i8_no_scheduled_message_is_made_of_it(self):
        tomorrow = fields.Datetime.add(fields.Datetime.now(), days=1)

        def scheduled(env):
            message = env["mail.scheduled.message"].create(
                {
                    "model": "crm.lead",
                    "res_id": self.lead.id,
                    "scheduled_date": tomorrow,
                    "subject": "x",
                    "author_id": env.user.partner_id.id,
                    "body": "x",
                }
            )
            message.post_message()
            posted = env["mail.message"].search([], order="id desc", limit=1)
            return posted.read(["subject", "body", "parent_id"])

        vals = {"mail_message_id": self.message.id, "scheduled_datetime": tomorrow}
        self.assert_nobody(
            {
                "scheduled": scheduled,
                "delayed": lambda env: (
                    env["mail.message.schedule"].create(vals).read(["mail_message_id"])
                ),
            }
        )

    def test_i8_suggested_recipients_are_of_readable_mails(self):
        self.lead.partner_id = False
        for user in (self.mate, self.leader, self.manager, self.admin):
            lead = self.fresh(user)["crm.lead"].browse(self.lead.id)
            self.assertFalse(
                tells(lead._message_get_suggested_recipients(reply_discussion=True))
            )
            # also where core asks in sudo, and where it was cached in sudo
            lead.sudo().message_ids.mapped("body")
            for thread in (lead, lead.sudo()):
                found = thread._message_get_suggested_recipients(
                    reply_discussion=True,
                    reply_message=self.message.with_env(thread.env),
                )
                self.assertFalse(tells(found), user.login)
        lead = self.fresh(self.rep)["crm.lead"].browse(self.lead.id)
        found = lead._message_get_suggested_recipients(reply_discussion=True)
        self.assertTrue(tells(found))

    def test_i8_our_own_mailboxes_are_no_recipients(self):
        self.create_mailbox(self.colleague, "chen@lanyue.example")
        self.mailbox.alias_emails = "sales@lanyue.example"
        own = {"lin@lanyue.example", "chen@lanyue.example", "sales@lanyue.example"}
        contacts = self.env["res.partner"].search_count([])
        self.message.incoming_email_to = (
            f"{LIN}, chen@lanyue.example, Sales <Sales@lanyue.example>, {STRANGER}"
        )
        self.colleague.partner_id.email = "chen@lanyue.example"
        self.message.partner_ids |= self.colleague.partner_id
        lead = self.fresh(self.rep)["crm.lead"].browse(self.lead.id)
        for options in (
            {"reply_discussion": True},
            {"reply_message": self.message.with_env(lead.env)},
            {"reply_discussion": True, "no_create": False},
        ):
            found = lead._message_get_suggested_recipients(**options)
            emails = {recipient["email"] for recipient in found}
            self.assertFalse(emails & own, options)
            self.assertIn(STRANGER, emails)
        created = self.env["res.partner"].search_count([]) - contacts
        self.assertEqual(created, 1, "the stranger alone")

    def test_i8_server_actions_of_a_user_read_as_she_does(self):
        """Automations run in sudo by Odoo's design; what a user may start is not."""
        action = self.env["ir.actions.server"].create(
            {
                "name": "x",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "state": "code",
                "code": "action = {'found': record.message_ids.mapped('body')}",
            }
        )
        options = {"active_model": "crm.lead", "active_id": self.lead.id}
        self.assert_nobody(
            {
                "messages": lambda env: (
                    env["ir.actions.server"]
                    .with_context(**options)
                    .browse(action.id)
                    .run()
                )
            },
            self.colleagues,
        )

    def test_i8_activities_and_followers_carry_nothing(self):
        self.assert_nobody(
            {
                "activity": lambda env: (
                    env["mail.activity"]
                    .create(
                        {
                            "res_model_id": env["ir.model"]._get_id("crm.lead"),
                            "res_id": self.lead.id,
                            "user_id": env.uid,
                            "summary": "x",
                        }
                    )
                    .activity_format()
                    if "activity_format" in dir(env["mail.activity"])
                    else 0
                ),
                "follow": lambda env: (
                    env["crm.lead"]
                    .browse(self.lead.id)
                    .message_subscribe(env.user.partner_id.ids)
                    and env["mail.message"].search([("subject", "ilike", SUBJECT)])
                ),
                "invite": lambda env: (
                    env["mail.followers.edit"]
                    .create(
                        {
                            "res_model": "crm.lead",
                            "res_ids": str(self.lead.ids),
                            "partner_ids": [Command.set(env.user.partner_id.ids)],
                        }
                    )
                    .edit_followers()
                    and env["mail.message"].search([("body", "ilike", BODY)])
                ),
            },
            self.colleagues,
        )
