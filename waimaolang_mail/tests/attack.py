# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The world in which test_attack_* try to learn what they may not (invariant I8)."""

import base64
from email.message import EmailMessage

from odoo import Command, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import new_test_user

from .common import MailboxCase, build_mail

EMMA = "Emma Vogel <emma.vogel@nordwind.example>"
LIN = "Lin Xiao <lin@lanyue.example>"
STRANGER = "stranger@hidden.example"
BODY, SUBJECT, FILE, CONTENT = "zebraword", "quokkaword", "walrusword", "narwhalword"
# Each is told by another part of the mail.
SECRETS = (BODY, SUBJECT, FILE, CONTENT, STRANGER, "secret@nordwind")
REFUSALS = (AccessError, MissingError, UserError, ValueError)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


def build_secret(sender=EMMA, to=LIN, message_id="<secret@nordwind.example>"):
    """A mail with a word of its own in body, subject, file name and file."""
    message = EmailMessage()
    message["From"], message["To"] = sender, f"{to}, {STRANGER}"
    message["Subject"], message["Message-ID"] = f"About {SUBJECT}", message_id
    message["Date"] = "Mon, 04 May 2026 10:00:00 +0200"
    message.set_content(f"The price is {BODY}.")
    message.add_alternative(
        f"<p>The price is {BODY}.</p><img src='cid:pic@nordwind.example'/>",
        subtype="html",
    )
    message.get_payload()[1].add_related(
        PIXEL, "image", "png", cid="<pic@nordwind.example>", filename="inline.png"
    )
    message.add_attachment(f"{CONTENT} inside", filename=f"{FILE}.txt")
    return message.as_bytes()


def tells(result):
    """Whether an answer tells anything of the secret mail: records and figures are
    those that match it, anything else is searched for its words."""
    if isinstance(result, models.BaseModel):
        return bool(result)
    if isinstance(result, int):
        return result > 0
    if isinstance(result, bytes):
        return any(word.encode() in result for word in SECRETS)
    return any(word in repr(result) for word in SECRETS)


class AttackCase(MailboxCase):
    """Lin's mailbox is hers alone. Its mail stands on her opportunity and its contact,
    and everybody here but Lin is an attacker."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create({"name": "Europe"})
        cls.leader = cls.create_user(
            "leader", "sales_team.group_sale_salesman_all_leads"
        )
        cls.mate = cls.create_user("mate", "sales_team.group_sale_salesman_all_leads")
        cls.team.user_id = cls.leader
        for user in (cls.rep, cls.mate):
            cls.env["crm.team.member"].create(
                {"crm_team_id": cls.team.id, "user_id": user.id}
            )
        cls.admin = cls.create_user(
            "sysadmin", "base.group_system,sales_team.group_sale_manager"
        )
        cls.portal = cls.create_user("customer", "base.group_portal")
        cls.portal.partner_id.parent_id = cls.customer
        cls.public = cls.env.ref("base.public_user")
        cls.mailbox.visibility = "owner"
        cls.secret = cls.take_secret()
        cls.message = cls.secret.mail_message_id
        cls.file = cls.message.attachment_ids
        cls.inline = (
            cls.env["ir.attachment"].search(
                [("res_model", "=", "mail.message"), ("res_id", "=", cls.message.id)]
            )
            - cls.file
        )

    @classmethod
    def create_user(cls, login, groups):
        return new_test_user(
            cls.env, login, groups=groups, name=login.title(), password=f"{login}-pass"
        )

    @classmethod
    def take_secret(cls):
        taker = cls("test_nothing")  # an instance for `take`, which is no classmethod
        return taker.take(build_secret()).mail_id

    def test_nothing(self):
        """For take_secret."""

    @property
    def colleagues(self):
        """Employees who are no readers: team-mate, leader, a rep of another team, the
        sales manager, the system's administrator."""
        return (self.mate, self.leader, self.colleague, self.manager, self.admin)

    @property
    def attackers(self):
        return (*self.colleagues, self.portal, self.public)

    def fresh(self, user):
        """The user's environment as a request begins: nothing cached."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        return self.env(user=user, su=False, context={})

    def attempt(self, user, attack):
        """What the attack tells, None if it is refused. Nothing of it stays."""
        env = self.fresh(user)
        found = None
        try:
            with self.env.cr.savepoint() as savepoint:
                found = tells(attack(env))
                savepoint.rollback()
        except REFUSALS as error:
            self.assertFalse(tells(str(error)), f"the refusal tells: {error}")
        self.env.invalidate_all()
        return found

    def assert_only(self, readers, attacks, others=None):
        """Each attack of ``attacks`` ({name: function of an environment}) tells the
        readers something, and nobody else."""
        others = self.attackers if others is None else others
        for name, attack in attacks.items():
            for user in readers:
                with self.subTest(attack=name, reader=user.login):
                    self.assertTrue(self.attempt(user, attack), name)
            self.assert_nobody({name: attack}, others)

    def assert_nobody(self, attacks, others=None):
        others = self.attackers if others is None else others
        for name, attack in attacks.items():
            for user in others:
                with self.subTest(attack=name, attacker=user.login):
                    self.assertFalse(self.attempt(user, attack), name)

    # -- the world's changes ------------------------------------------------------

    def show_to(self, *users):
        self.mailbox.member_ids = [Command.link(user.id) for user in users]

    def take_plain(self, sender, to, mailbox=None, path="INBOX", **headers):
        return self.take(
            build_mail(sender, to, SUBJECT, BODY, **headers), mailbox=mailbox, path=path
        ).mail_id
