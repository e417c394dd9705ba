# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import logging
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from ..engine import failures, folderlog, gmail, lanes, lease, original, traces
from ..engine.fetch import Arrival
from ..engine.reasons import because
from ..transport.base import FetchedMail, RemoteItem
from .attack import BODY, EMMA, FILE, LIN, SUBJECT, AttackCase
from .common import build_mail

FINDING = "waimaolang.missing.finding"
WIZARD = "waimaolang.missing.wizard"
COPY = "waimaolang.mailbox.copy"
# What a row of the ledger keeps of a mail, and what was done with it elsewhere.
KEPT = (
    "error",
    "raw",
    "header_key",
    "message_id_digest",
    "sender_digest",
    "subject_digest",
    "entry_digest",
    "bcc",
    "seen",
    "answered",
)


class LedgerCase(AttackCase):
    """Besides her secret mail Lin's mailbox has one that failed, one that was left out,
    one that did not leave, a label and a folder that each tell something."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls.create_user("elsewhere", "sales_team.group_sale_salesman")
        company = cls.env["res.company"].create({"name": "Other Ltd"})
        cls.stranger.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        cls("test_nothing").fill()

    def fill(self):
        copy = self.env[COPY].search([("mail_id", "=", self.secret.id)])
        label = RemoteItem(
            copy.remote_key, copy.uid, labels=frozenset({f"{BODY} buyers"})
        )
        folder = copy.folder_id
        gmail.keep(self.env.cr, self.mailbox.id, folder.id, 7, [label])
        copy.sudo().write({"seen": True, "answered": True})
        reason = because("moved_to", folder="Secret deal")
        folderlog.note(self.env.cr, folder.id, self.mailbox.id, "moved", 1, reason)
        secret_folder = self.mailbox.folder_ids.filtered(lambda f: f.path == "Old")
        secret_folder.sudo().write(
            {"path": f"{FILE} deal", "remote_name": f"{FILE} deal"}
        )
        self.__class__.folder = secret_folder
        [row] = self.list_copies(self.mailbox, "INBOX", 1)
        raw = build_mail(
            EMMA, LIN, f"Failed {SUBJECT}", Message_ID="<f@nordwind.example>"
        )
        fetched = FetchedMail(row.key, row.uid, raw)
        arrival = Arrival(row, fetched, None, f"ValueError: {SUBJECT}", "unreadable")
        self.store(self.mailbox, [arrival])
        self.__class__.failed = self.env[COPY].browse(row.id)
        self.mailbox.blocked = "bank.example"
        self.__class__.excluded = self.take(
            build_mail("a@bank.example", LIN, SUBJECT, Message_ID="<e@bank.example>")
        )
        self.__class__.outbox = self.env["waimaolang.outbox"].create(
            {
                "mailbox_id": self.mailbox.id,
                "user_id": self.rep.id,
                "subject": f"Our {SUBJECT}",
                "email_from": LIN,
                "rfc_message_id": "o@lanyue.example",
                "state": "failed",
                "send_at": copy.internaldate,
            }
        )

    @property
    def everybody_else(self):
        return (*self.attackers, self.stranger)

    @property
    def without_figures(self):
        """Who may not even know of the mailbox's folders."""
        return (
            self.mate,
            self.leader,
            self.colleague,
            self.stranger,
            self.portal,
            self.public,
        )


@tagged("post_install", "-at_install")
class TestAttackLedger(LedgerCase):
    def pointers(self, comodel):
        """(model, field) of ours that one may create and that point to it."""
        for name, model in self.env.registry.items():
            if not name.startswith("waimaolang.") or model._abstract:
                continue
            for field in model._fields.values():
                if field.type == "many2one" and field.comodel_name == comodel:
                    yield name, field.name

    def ways_of_pointing(self, model, name, id_):
        named = {name: {"fields": {"display_name": {}}}}
        wizard = {"finding_ids": [Command.create({"kind": "stored", name: id_})]}

        def make(env):
            vals = {name: id_}
            if model == FINDING:
                asked = env[WIZARD].create({"subject": "x"})
                vals |= {"wizard_id": asked.id, "kind": "stored"}
            return env[model].create(vals)

        ways = {
            "create": lambda env: make(env).read([name]),
            "web_read": lambda env: make(env).web_read(named),
            "export": lambda env: make(env).export_data([name, f"{name}/display_name"]),
            "onchange": lambda env: env[model].onchange({name: id_}, [name], named),
            "grouped": lambda env: (
                make(env) and env[model].formatted_read_group([], [name], ["__count"])
            ),
        }
        if model == FINDING:
            ways["of the wizard"] = lambda env: env[WIZARD].onchange(
                wizard, ["finding_ids"], {"finding_ids": {"fields": named}}
            )
        return ways

    def assert_no_pointer_tells(self, record, others):
        for model, name in self.pointers(record._name):
            ways = self.ways_of_pointing(model, name, record.id)
            self.assert_nobody(
                {f"{model} {name} {way}": attack for way, attack in ways.items()},
                others,
            )

    def test_i8_no_row_of_ones_own_names_what_it_points_to(self):
        """Names of what a row points to are computed in sudo."""
        self.assert_no_pointer_tells(self.outbox, self.everybody_else)
        self.assert_no_pointer_tells(self.secret, self.everybody_else)
        self.assert_no_pointer_tells(self.folder, self.without_figures)
        self.assertTrue(self.folder.with_user(self.rep).display_name)
        self.assertTrue(self.folder.with_user(self.manager).display_name)
        self.assertTrue(self.outbox.with_user(self.rep).display_name)

    def test_i8_nobody_reads_asks_sorts_or_groups_by_what_is_kept_of_a_mail(self):
        ids = (self.failed | self.excluded).ids
        users = (self.rep, *self.everybody_else)
        for name in KEPT:
            for user in users:
                copies = self.fresh(user)[COPY]
                with self.subTest(field=name, user=user.login):
                    for attack in (
                        lambda c, n: c.browse(ids).read([n]),
                        lambda c, n: c.browse(ids).mapped(n),
                        lambda c, n: c.search_count([(n, "!=", False)]),
                        lambda c, n: c.search([], order=n),
                        lambda c, n: c.formatted_read_group([], [n], ["__count"]),
                        lambda c, n: c.formatted_read_group([], [], [f"{n}:count"]),
                        lambda c, n: c.browse(ids).export_data([n])["datas"],
                        lambda c, n: c.env["waimaolang.mail"].search(
                            [(f"mailbox_ids.folder_ids.log_ids.{n}", "!=", False)]
                        ),
                    ):
                        self.assertIsNone(
                            self.attempt(
                                user, lambda env, a=attack, n=name: a(env[COPY], n)
                            )
                        )
                    self.assertNotIn(name, copies.fields_get())

    def test_i8_labels_are_no_oracle(self):
        """Not for those who may read the mail either."""
        self.mailbox.visibility = "everyone"
        label = self.env["waimaolang.label"].search([])

        def mails(env):
            return env["waimaolang.mail"]

        attacks = {
            "read": lambda env: mails(env).browse(self.secret.id).label_ids,
            "grouped": lambda env: mails(env).formatted_read_group(
                [("label_ids", "=", label.id)], [], ["__count"]
            )[0]["__count"],
            "id": lambda env: mails(env).search([("label_ids", "in", label.ids)]),
            "set": lambda env: mails(env).search([("label_ids", "!=", False)]),
            "path": lambda env: mails(env).search([("label_ids.name", "ilike", BODY)]),
            "name": lambda env: mails(env).search([("label_ids", "ilike", BODY)]),
            "box": lambda env: mails(env).search(
                [("label_ids.mailbox_id", "=", self.mailbox.id)]
            ),
            "name_search": lambda env: env["waimaolang.label"].name_search(""),
            "count": lambda env: env["waimaolang.label"].search_count([]),
            "message": lambda env: env["mail.message"].search(
                [("waimaolang_mail_id.label_ids.name", "ilike", BODY)]
            ),
            "conversation": lambda env: env["waimaolang.conversation"].search(
                [("mail_ids.label_ids.name", "ilike", BODY)]
            ),
            "lead": lambda env: env["crm.lead"].search(
                [("message_ids.waimaolang_mail_id.label_ids.name", "ilike", BODY)]
            ),
        }
        self.assert_only([self.rep], attacks, self.everybody_else)

    def test_i8_whose_mailbox_has_a_mail_is_no_oracle(self):
        """It may have got it as a Bcc."""
        box = self.create_mailbox(self.mate, "mate@lanyue.example")
        raw = build_mail(EMMA, "mate@lanyue.example", Message_ID="<b@nordwind.example>")
        mail = self.take(raw).mail_id
        self.assertEqual(self.take(raw, mailbox=box).mail_id, mail)
        lins = self.mailbox.id

        def mails(env):
            return env["waimaolang.mail"]

        attacks = {
            operator: lambda env, o=operator, v=value: mails(env).search(
                [("id", "=", mail.id), ("mailbox_ids", o, v)]
            )
            for operator, value in (
                ("in", [lins]),
                ("in", [False, lins]),
                ("=", lins),
                ("any", [("id", "=", lins)]),
                ("any!", [("id", "=", lins)]),
                ("child_of", lins),
                ("parent_of", [lins]),
                ("ilike", "Lin"),
                ("=", "Lin Xiao"),
            )
        }
        attacks |= {
            "from afar": lambda env: env["waimaolang.conversation"].search(
                [("mail_ids", "any", [("mailbox_ids", "in", [lins])])]
            ),
            "message": lambda env: env["mail.message"].search(
                [("waimaolang_mail_id.mailbox_ids", "in", [lins])]
            ),
            "filtered": lambda env: (
                mails(env)
                .browse(mail.id)
                .filtered_domain([("mailbox_ids", "in", [lins])])
            ),
            "copies": lambda env: env[COPY].search(
                [("mail_id.mailbox_ids", "in", [lins]), ("mailbox_id", "=", box.id)]
            ),
            "grouped": lambda env: (
                mails(env).search_count([("mailbox_ids", "=", lins)])
                + sum(
                    row["mailbox_ids"] and row["mailbox_ids"][0] == lins or 0
                    for row in mails(env).formatted_read_group(
                        [], ["mailbox_ids"], ["__count"]
                    )
                )
            ),
        }
        bosses = self.create_mailbox(self.manager, "boss@lanyue.example")
        self.assertEqual(self.take(raw, mailbox=bosses).mail_id, mail)
        attacks["read"] = lambda env: (
            mails(env).browse(mail.id).mailbox_ids
            & env["waimaolang.mailbox"].browse(lins)
        )
        attacks["named"] = lambda env: int(
            "Lin" in mails(env).browse(mail.id).mailbox_names
        )
        self.assert_nobody(attacks, (self.mate, self.manager, self.stranger))
        for user in (self.mate, self.manager):
            for condition in (
                [("mailbox_ids", "not in", [lins])],
                [("mailbox_ids", "!=", lins)],
                ["!", ("mailbox_ids", "in", [lins])],
            ):
                found = mail.with_env(self.fresh(user)).search(condition)
                self.assertIn(mail, found, "as if it were not there")
        for name in ("in", "=", "any", "read"):
            self.assertTrue(self.attempt(self.rep, attacks[name]), name)
        self.assertTrue(
            self.fresh(self.mate)["waimaolang.mail"].search(
                [("mailbox_ids", "in", box.ids)]
            )
        )

    def test_i8_no_row_behind_a_mail_is_asked_for_by_its_number(self):
        """That there is one more than the reader sees tells of a Bcc."""
        carl = self.env["res.partner"].create(
            {"name": "Carl", "email": "carl@hidden.example"}
        )
        box = self.create_mailbox(self.mate, "mate@lanyue.example")
        people = f"{EMMA}, mate@lanyue.example"
        raw = build_mail(LIN, people, Message_ID="<b@lanyue.example>")
        sent = b"Bcc: carl@hidden.example\n" + raw
        mail = self.take(sent, path="已发送").mail_id
        self.assertEqual(self.take(raw, mailbox=box).mail_id, mail)
        link = mail.link_ids.filtered(lambda link: link.res_id == carl.id)
        self.assertTrue(link.bcc_mailbox_id)
        self.outbox.mail_id = mail
        mail.conversation_id.with_user(self.rep).private = True
        lins = self.mailbox.id

        def mails(env, *condition):
            return env["waimaolang.mail"].search([("id", "=", mail.id), *condition])

        attacks = {
            "link": lambda env: mails(env, ("link_ids", "in", link.ids)),
            "a link": lambda env: mails(env, ("link_ids", "=", link.id)),
            "links": lambda env: mails(env, ("link_ids", "in", [*link.ids, 10**9])),
            "no other": lambda env: mails(
                env,
                ("link_ids", "in", link.ids),
                ("link_ids", "not in", (mail.link_ids - link).ids),
            ),
            "of a record": lambda env: env["res.partner"].search(
                [("message_ids.waimaolang_mail_id.link_ids", "in", link.ids)]
            ),
            "its record": lambda env: mails(env, ("link_ids.res_id", "=", carl.id)),
            "partner": lambda env: mails(env, ("partner_ids", "in", carl.ids)),
            "outbox": lambda env: mails(env, ("outbox_ids", "in", self.outbox.ids)),
            "an outbox": lambda env: mails(env, ("outbox_ids", "!=", False)),
            "subject": lambda env: mails(env, ("outbox_ids.subject", "ilike", SUBJECT)),
        }
        self.assert_nobody(attacks, (self.mate, self.manager, self.stranger))
        mine = mail.with_env(self.fresh(self.mate))
        shown = (mail.link_ids - link).ids
        for condition in (
            ("link_ids", "in", shown),
            ("link_ids", "!=", False),
            ("link_ids", "not in", link.ids),
            ("link_ids", "!=", link.id),
            ("outbox_ids", "=", False),
            ("outbox_ids", "in", [False]),
        ):
            self.assertIn(mine, mine.search([condition]), condition)
        self.assertTrue(self.attempt(self.rep, attacks["link"]))
        private = [("private_mailbox_ids", "in", [lins])]
        self.assert_nobody(
            {"private": lambda env: env["waimaolang.conversation"].search(private)},
            (self.mate, self.manager, self.stranger),
        )

    def test_i8_who_read_or_answered_is_no_oracle(self):
        self.mailbox.visibility = "everyone"
        for name in ("seen", "answered"):
            attacks = {
                "read": lambda env, n=name: int(
                    env["waimaolang.mail"].browse(self.secret.id)[n]
                ),
                "search": lambda env, n=name: env["waimaolang.mail"].search(
                    [(n, "=", True)]
                ),
                "order": lambda env, n=name: env["waimaolang.mail"].search([], order=n),
                "ledger": lambda env, n=name: env[COPY].search([(n, "=", True)]),
            }
            self.assertTrue(self.attempt(self.rep, attacks["read"]))
            self.assert_nobody(attacks, self.everybody_else)

    def test_i8_figures_and_logs_are_no_colleagues(self):
        for model in (
            "waimaolang.mailbox.folder",
            "waimaolang.mailbox.folder.log",
            "waimaolang.coverage",
            COPY,
            "waimaolang.label",
        ):
            ids = self.env[model].search([]).ids
            names = list(self.env[model].fields_get())
            attacks = {
                "search": lambda env, m=model: env[m].search([]),
                "count": lambda env, m=model: env[m].search_count([]),
                "group": lambda env, m=model: sum(
                    row["__count"]
                    for row in env[m].formatted_read_group([], [], ["__count"])
                ),
                "read": lambda env, m=model, i=ids: (
                    env[m].browse(i).read(["display_name"]) and env[m].browse(i)
                ),
                "onchange": lambda env, m=model, i=ids, n=names: (
                    env[m].browse(i[:1]).onchange({}, [], {name: {} for name in n})
                    and env[m].browse(i)
                ),
                "companies": lambda env, m=model: (
                    env[m]
                    .with_context(allowed_company_ids=self.mailbox.company_id.ids)
                    .search([])
                ),
            }
            self.assert_nobody(attacks, self.without_figures)
        self.assert_nobody(
            {
                f"{action} {model}": lambda env, m=model, a=action, i=ids: getattr(
                    env[m].browse(i), a
                )()
                for model, action, ids in (
                    (COPY, "action_retry", self.failed.ids),
                    (COPY, "action_judge_again", self.excluded.ids),
                    (COPY, "action_download", self.failed.ids),
                    ("waimaolang.mailbox.folder", "action_recount", self.folder.ids),
                    ("waimaolang.mailbox.folder", "action_resync", self.folder.ids),
                    ("waimaolang.mailbox.folder", "action_fetch", self.folder.ids),
                )
            },
            self.without_figures,
        )
        self.assertEqual(
            (self.failed.state, self.excluded.state), ("failed", "excluded")
        )

    def test_i8_no_mailbox_of_ones_own_makes_a_row_ones_own(self):
        """Whose a row is, is told by what is stored, not by what a client says."""
        box = self.create_mailbox(self.mate, "mate@lanyue.example")
        spec = {"error_detail": {}, "is_mine": {}, "may_judge_again": {}}
        for user in (self.mate, self.manager, self.admin):
            for attack in (
                lambda env: repr(
                    env[COPY]
                    .browse(self.failed.id)
                    .onchange({"mailbox_id": box.id}, ["mailbox_id"], spec)
                ),
                lambda env: repr(
                    env[COPY]
                    .new(
                        {"mailbox_id": box.id}, origin=env[COPY].browse(self.failed.id)
                    )
                    .error_detail
                ),
            ):
                self.assertFalse(self.attempt(user, attack))

    def test_i8_a_member_retries_and_opens_nothing_of_an_owner(self):
        self.show_to(self.mate)
        for attack in (
            lambda env: env[COPY].browse(self.failed.id).action_retry(),
            lambda env: env[COPY].browse(self.failed.id).action_download(),
            lambda env: env[COPY].browse(self.failed.id).error_detail or 0,
            lambda env: env[COPY].action_retry_all() and 0,
            lambda env: env[COPY].browse(self.excluded.id).action_judge_again() and 0,
        ):
            self.assertFalse(self.attempt(self.mate, attack))
            self.assertEqual(self.failed.state, "failed")
            self.assertEqual(self.excluded.state, "excluded")

    def test_i8_the_wizard_answers_no_crafted_context(self):
        contexts = (
            {"allowed_company_ids": self.mailbox.company_id.ids},
            {"active_test": False, "default_mailbox_id": self.mailbox.id},
            {"uid": self.rep.id, "su": True, "default_create_uid": self.rep.id},
        )

        def ask(env, context, **vals):
            wizard = env[WIZARD].with_context(**context).create({**vals})
            wizard.action_search()
            found = wizard.sudo().finding_ids
            return found.filtered(lambda f: f.kind not in ("never", "not_asked"))

        words = ({"subject": SUBJECT}, {"message_id": "<e@bank.example>"})
        self.patch(
            type(self.env[WIZARD]),
            "_ask_server",
            lambda *args: self.fail("no server of theirs"),
        )
        for context in contexts:
            for vals in words:
                for box in ({}, {"mailbox_id": self.mailbox.id}):
                    self.assert_nobody(
                        {
                            "ask": lambda env, c=context, v={**vals, **box}: ask(
                                env, c, **v
                            )
                        },
                        self.everybody_else,
                    )

    def test_i8_an_answer_is_no_longer_told_to_who_lost_the_mailbox(self):
        env = self.fresh(self.rep)
        wizard = env[WIZARD].create({"message_id": "<e@bank.example>"})
        wizard.action_search()
        self.assertEqual(wizard.finding_ids.kind, "excluded")
        finding = wizard.finding_ids.id
        self.mailbox.user_id = self.leader
        for attack in (
            lambda env: env[FINDING].browse(finding).action_retry(),
            lambda env: env[FINDING].browse(finding).action_fetch_again(),
            lambda env: env[FINDING].browse(finding).action_open(),
        ):
            self.assertFalse(self.attempt(self.rep, attack))
        self.assertEqual(self.excluded.state, "excluded")

    def test_i8_digests_are_found_by_nobody_elses_question(self):
        key = self.env["waimaolang.vault"]._get_digest_key()
        digest = traces.digests(
            key, self.mailbox.id, traces.normalise(subject=SUBJECT)
        ).subject
        self.assertEqual(self.excluded.sudo().subject_digest, digest)
        self.assert_nobody(
            {
                "key": lambda env: env["waimaolang.vault"].search([]),
                "asked": lambda env: env[COPY].search(
                    [("subject_digest", "=", digest)]
                ),
                "sorted": lambda env: env[COPY].search(
                    [], order="subject_digest desc", limit=1
                ),
            },
            (self.rep, *self.everybody_else),
        )


@tagged("post_install", "-at_install")
class TestAttackLog(LedgerCase):
    """The log has other readers than the mail."""

    def refuse(self, error):
        """Some addon does not let the mail be stored, in these words."""
        return patch.object(
            type(self.env["mail.message"]), "create", side_effect=error, autospec=True
        )

    def test_i5_whatever_is_said_of_a_mail_it_is_kept_as_failed(self):
        for text in ("", "\n \n", "no\0thing", "x" * 5000):
            raw = build_mail(
                EMMA, LIN, "Hi", Message_ID=f"<{len(text)}@nordwind.example>"
            )
            with (
                self.refuse(UserError(text)),
                self.assertLogs("odoo.addons.waimaolang_mail", "WARNING"),
            ):
                copy = self.take(raw)
            with self.subTest(text=text[:10]):
                self.assertEqual((copy.state, copy.error_kind), ("failed", "refused"))
                self.assertTrue(copy.sudo().error)

    def test_i8_no_log_repeats_what_an_exception_says_of_a_mail(self):
        error = ValueError(f"{SUBJECT} of {EMMA}")
        held = lease.Lease(self.mailbox.id, 1)
        self.patch(failures, "transaction", lambda _registry, _work: [held.mailbox_id])
        attacks = {
            (failures, "parse_kept"): lambda: failures.retry_due(self.registry),
            (lanes, "Pass"): lambda: lanes._run(self.registry, held, 0),
        }
        for place, attack in attacks.items():
            with (
                self.subTest(place=place[1]),
                patch.object(*place, side_effect=error),
                self.assertLogs("odoo.addons.waimaolang_mail", "ERROR") as said,
            ):
                attack()
            told = repr([(r.getMessage(), r.exc_info) for r in said.records])
            self.assertNotIn(SUBJECT, told)
            self.assertIn("ValueError", told)

    def test_i8_the_question_is_not_written_down(self):
        """At level debug Odoo logs what clients call, with the arguments."""
        wizard = self.env[WIZARD].with_user(self.rep)
        logger = logging.getLogger("odoo.service.model")
        with self.assertLogs(logger, "DEBUG") as said:
            logger.debug("call %s.%s(%s)", wizard, "web_save", {"subject": SUBJECT})
        self.assertNotIn(SUBJECT, said.output[0])


@tagged("post_install", "-at_install")
class TestAttackBytes(HttpCase, LedgerCase):
    def log_in(self, user):
        if user == self.public:
            return self.authenticate(None, None)
        short = user in (self.rep, self.colleague, self.manager)
        password = user.login if short else f"{user.login}-pass"
        return self.authenticate(user.login, password)

    def test_i8_an_original_tells_of_no_other_mailbox(self):
        """Who got a Bcc, and to whom it went, stands in the bytes of one copy alone."""
        mate = self.create_mailbox(self.mate, "mate@lanyue.example")
        hidden = "hidden@bcc.example"
        plain = build_mail(
            EMMA, "mate@lanyue.example", Message_ID="<b@nordwind.example>"
        )
        mine = f"Delivered-To: lin@lanyue.example\nBcc: {hidden}\n".encode() + plain
        copies = self.take(mine) | self.take(plain, mailbox=mate)
        mail = copies.mail_id
        self.assertEqual(len(mail), 1)
        other = self.create_user("outsider", "sales_team.group_sale_salesman")
        route = f"/waimaolang_mail/original/{mail.id}.eml"

        def told(user):
            self.log_in(user)
            answer = self.url_open(route)
            found = [word in answer.content for word in (b"Subject: Offer", b"hidden@")]
            return [answer.status_code, *found]

        def fetch(_registry, ids):
            self.assertLessEqual(set(ids), set(copies.ids))
            return mine if copies[0].id in ids else plain

        for kept in (False, True):
            if kept:
                for copy, raw in zip(copies, (mine, plain), strict=True):
                    copy.sudo().raw = base64.b64encode(raw)
            with patch.object(original, "fetch", fetch):
                self.assertEqual(told(self.rep), [200, True, True])
                self.assertEqual(told(self.mate), [200, True, False])
                for user in (other, self.manager, self.admin, self.portal):
                    self.assertEqual(told(user), [404, False, False], user.login)
        action = mail.with_user(self.rep).action_download_original()
        self.assertEqual(action["url"], route)
        self.assertFalse(mail.mail_message_id.attachment_ids)
        kept = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "mail.message"),
                ("res_id", "=", mail.mail_message_id.id),
            ]
        )
        self.assertFalse(kept, "it would be every reader's")

    def test_i8_no_route_gives_the_bytes_of_a_failed_mail(self):
        """To nobody by Odoo's own routes; by ours to the owner alone."""
        id_ = self.failed.id
        ours = f"/waimaolang_mail/failed/{id_}.eml"
        routes = (
            ours,
            f"/waimaolang_mail/failed/{id_}.eml?debug=1",
            f"/waimaolang_mail/failed/{10**30}.eml",
            f"/waimaolang_mail/failed/{2**40}.eml",
            f"/web/content/{COPY}/{id_}/raw",
            f"/web/content?model={COPY}&id={id_}&field=raw&download=true",
            f"/web/image/{COPY}/{id_}/raw",
            f"/web/content/{COPY}/{id_}/error",
        )
        for user in (self.rep, *self.everybody_else):
            self.log_in(user)
            for route in routes:
                with self.subTest(user=user.login, route=route):
                    answer = self.url_open(route, allow_redirects=False)
                    told = SUBJECT.encode() in answer.content
                    self.assertEqual(told, user == self.rep and route.startswith(ours))
                    self.assertLess(answer.status_code, 500)
