# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A page of the chatter of a contact, a company or an opportunity on which mail stands:
its own messages and the mail linked to it, in order of (date, id).

    own:    messages of the record that were not imported, as core has them
    linked: mail that stands on the record, wherever its home is; a company's includes
            its contacts'

Each branch has its own keyset, order and limit, so that a page costs its length and not
the thread's. Who reads what is a condition of the query: a page that is filtered
afterwards comes short, and the client takes a short page for the end of history.

Records without mail never get here: they pay the probe of ``find`` alone (I12).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from . import reading

NEWER, OLDER, OLDER_OR_SAME, NEWER_OR_SAME = (SQL(x) for x in (">", "<", "<=", ">="))
# New messages that a window takes at once. A client that has missed more forgets what
# lies below them and loads it again when somebody scrolls there.
MOST_FRESH = 60
# the client knows seconds
MESSAGE_DATE = SQL(
    "date_trunc('second', COALESCE(mail_message.date, mail_message.create_date))"
)
MESSAGE_ID = SQL("mail_message.id")
LINK = SQL("link")
MAIL = SQL("link.mail_id")
BOX = SQL("box")
LIVE = SQL("link.removed IS NOT TRUE")
# of mail.message: what Odoo had already and is a mail's now
ADOPTED = "waimaolang_mail_id IS NOT NULL AND waimaolang_restricted IS NOT TRUE"
IMPORTED = SQL("mail_message.waimaolang_restricted IS TRUE")
HOME_MODELS = SQL(
    """
    WITH RECURSIVE home AS (
        SELECT min(model) AS model FROM mail_message WHERE %(adopted)s
        UNION ALL
        SELECT (SELECT min(model) FROM mail_message
                 WHERE %(adopted)s AND model > home.model)
          FROM home WHERE home.model IS NOT NULL
    )
    SELECT model FROM home WHERE model IS NOT NULL
    """,
    adopted=SQL(ADOPTED),
)
_READ_FIELDS = {
    "waimaolang.mail.link": ["message_id", "date", "bcc_mailbox_id"],
    "mail.message": [
        "date",
        "model",
        "res_id",
        "message_type",
        "author_id",
        "partner_ids",
        "waimaolang_mail_id",
        "waimaolang_restricted",
    ],
    "mail.notification": ["mail_message_id", "res_partner_id"],
    "res.partner": ["commercial_partner_id"],
}

Position = tuple[datetime, int]


@dataclass(frozen=True)
class Cut:
    """What of the order (date, id) is wanted; ``bounds`` are (operator, position)."""

    bounds: tuple[tuple[SQL, Position], ...] = ()
    newest_first: bool = True
    limit: int | None = None

    @property
    def direction(self) -> SQL:
        return SQL("DESC") if self.newest_first else SQL("ASC")

    def order(self, date: SQL, id_: SQL) -> SQL:
        return SQL("%s %s, %s %s", date, self.direction, id_, self.direction)


def find(messages, thread):
    """The page of a record on which mail stands; None for any other thread."""
    env = messages.env
    if thread._name not in reading.LINKED_MODELS or not reading.is_internal(env):
        return None
    env["waimaolang.mail.link"].flush_model(["res_model", "res_id", "removed"])
    env["res.partner"].flush_model(["commercial_partner_id"])
    is_partner = thread._name == "res.partner"
    probe = _probe_partner(thread.id) if is_partner else _probe(thread)
    rows = env.execute_query(probe)
    if not rows:
        return None
    env.cr.cache[reading.JIT_OFF] = True  # the probe has seen to it
    is_company, home_models, _jit = rows[0]
    return ChatterPage(messages, thread, is_company, home_models)


def _probe(record) -> SQL:
    """One row where mail stands on the record: is it a company? And of which models
    are the homes of messages that Odoo had already? A few of some million rows: their
    index is read from one value to the next, and not at all where there is no mail."""
    return SQL(
        "SELECT FALSE, ARRAY(%s), %s WHERE %s",
        HOME_MODELS,
        reading.SWITCH_JIT_OFF,
        _has_link(record._name, SQL("%s", record.id)),
    )


def _has_link(model: str, res_id: SQL) -> SQL:
    return SQL(
        "EXISTS (SELECT 1 FROM waimaolang_mail_link link"
        " WHERE link.res_model = %s AND link.res_id = %s AND %s)",
        model,
        res_id,
        LIVE,
    )


def _probe_partner(partner_id: int) -> SQL:
    return SQL(
        """
        SELECT partner.commercial_partner_id = partner.id, ARRAY(%(models)s), %(jit)s
          FROM res_partner partner
         WHERE partner.id = %(id)s AND (%(own)s OR (
               partner.commercial_partner_id = partner.id AND EXISTS (
               SELECT 1 FROM res_partner contact
                WHERE contact.commercial_partner_id = %(id)s AND %(contacts)s)))
        """,
        models=HOME_MODELS,
        jit=reading.SWITCH_JIT_OFF,
        id=partner_id,
        own=_has_link("res.partner", SQL("%s", partner_id)),
        contacts=_has_link("res.partner", SQL("contact.id")),
    )


class ChatterPage:
    def __init__(self, messages, thread, is_company: bool, home_models=()):
        self.messages = messages
        self.env = messages.env
        self.thread = thread
        self.is_company = is_company
        self.home_models = home_models
        self._readable = None

    # -- what core's _message_fetch does -------------------------------------------

    def fetch(
        self,
        search_term=None,
        is_notification=None,
        before=None,
        after=None,
        around=None,
        limit=30,
        anchor_date=None,
        window=None,
    ) -> dict:
        """``anchor_date``: of the message ``before``, ``after`` or ``around``, which
        may be deleted meanwhile. ``window``: see ``_compare``."""
        self._flush()
        result = {"by_date": True}
        if window is not None:
            return {**result, **self._compare(window)}
        domain = self._get_domain(search_term, is_notification)
        if search_term:
            counted = SQL("SELECT count(*) FROM (%s) page", self._select(domain, Cut()))
            result["count"] = self.env.execute_query(counted)[0][0]
        anchor = self._get_anchor(around, before, after, anchor_date)
        if around is not None and anchor:
            half = Cut(limit=limit // 2)
            newer = replace(half, bounds=((NEWER, anchor),), newest_first=False)
            older = replace(half, bounds=((OLDER_OR_SAME, anchor),))
            ids = self._list(domain, newer)[::-1] + self._list(domain, older)
        elif (before or after) and not anchor:
            ids = []  # nothing on that side
        elif after:
            newer = Cut(((NEWER, anchor),), newest_first=False, limit=limit)
            ids = self._list(domain, newer)[::-1]
        else:
            bounds = ((OLDER, anchor),) if before else ()
            ids = self._list(domain, Cut(bounds, limit=limit))
        return {**result, "messages": self.messages.browse(ids)}

    def _compare(self, window: dict) -> dict:
        """What a client has in its window against what is there now.

        ``window``: {"known": ids, "oldest" and "newest": [date, id], or nothing where
        the window reaches the end of the thread}. The answer: the ids of the window,
        newest first, of which ``messages`` are those that the client does not know; not
        ``complete`` when more is new than is told at once: what follows is left out.
        """
        known = set(window.get("known") or ())
        bounds = tuple(
            (operator, (fields.Datetime.to_datetime(end[0]), int(end[1])))
            for operator, end in (
                (NEWER_OR_SAME, window.get("oldest")),
                (OLDER_OR_SAME, window.get("newest")),
            )
            if end
        )
        most = len(known) + MOST_FRESH + 1
        ids = self._list(Domain.TRUE, Cut(bounds, limit=most))
        fresh = [id_ for id_ in ids if id_ not in known]
        complete = len(fresh) <= MOST_FRESH
        if not complete:
            ids = ids[: ids.index(fresh[MOST_FRESH])]
        return {
            "ids": ids,
            "complete": complete,
            "messages": self.messages.browse(fresh[:MOST_FRESH]),
        }

    def _get_anchor(self, around, before, after, date) -> Position | None:
        wanted = around or before or after
        if not wanted:
            return None
        return (
            self._locate(wanted, date)
            or self._locate_nearest(wanted, newer=bool(after))
            or (self._locate_nearest(wanted, newer=True) if around else None)
        )

    def _locate(self, message_id, date) -> Position | None:
        """Where a message of the page stands. Of others nothing is told, not even
        when they were written (I8)."""
        if date:
            return fields.Datetime.to_datetime(date), int(message_id)
        wanted = self._select(Domain("id", "=", message_id), Cut())
        rows = self.env.execute_query(wanted)
        return rows[0] if rows else None

    def _locate_nearest(self, message_id, newer: bool) -> Position | None:
        """For an id that is none of the page's, from a client that tells no date: just
        before the message that core would go on with."""
        others = Domain("id", ">" if newer else "<", message_id)
        rows = self.env.execute_query(
            SQL(
                "SELECT page.date, page.id FROM (%s) page ORDER BY page.id %s LIMIT 1",
                self._select(others, Cut()),
                Cut(newest_first=not newer).direction,
            )
        )
        if not rows:
            return None
        date, id_ = rows[0]
        return date, id_ - 1 if newer else id_ + 1

    def _get_domain(self, search_term, is_notification) -> Domain:
        domain = Domain.TRUE
        if is_notification is not None:
            operator = "=" if is_notification else "!="
            domain &= Domain("message_type", operator, "notification")
        if search_term:
            domain &= self._get_search_domain(search_term, is_notification)
        return domain

    def _get_search_domain(self, search_term, is_notification) -> Domain:
        """A copy of core's, which is inline in mail_message.py: ``_message_fetch``."""
        term = search_term.replace(" ", "%")
        attachments = (
            self.env["ir.attachment"].sudo()._search([("name", "ilike", term)])
        )
        domain = Domain.OR(
            [
                Domain("attachment_ids", "in", attachments),
                Domain("body", "ilike", term),
                Domain("subject", "ilike", term),
                Domain("subtype_id.description", "ilike", term),
            ]
        )
        if is_notification is False:
            return domain
        tracked = self.env["mail.tracking.value"].sudo()
        values = tracked.search(
            Domain("mail_message_id.res_id", "=", self.thread.id)
            & Domain("mail_message_id.model", "=", self.thread._name)
            & self.messages._get_tracking_values_domain(term)
        )
        shown = values._filter_has_field_access(self.env)
        return domain | Domain("id", "in", shown.mail_message_id.ids)

    # -- the query -----------------------------------------------------------------

    def _flush(self):
        reading.flush(self.env)
        for model, names in _READ_FIELDS.items():
            self.env[model].flush_model(names)

    def _list(self, domain: Domain, cut: Cut) -> list[int]:
        query = SQL(
            "SELECT page.id FROM (%s) page ORDER BY %s%s",
            self._select(domain, cut),
            cut.order(SQL("page.date"), SQL("page.id")),
            SQL(" LIMIT %s", cut.limit) if cut.limit is not None else SQL(),
        )
        return [row[0] for row in self.env.execute_query(query)]

    def _select(self, domain: Domain, cut: Cut) -> SQL:
        """(date, id) of the messages of both branches, which never overlap."""
        if not self.env.su:
            rules = self.env["ir.rule"]._compute_domain("mail.message", "read")
            domain &= Domain(rules)
        own, linked = self._own(domain, cut), self._linked(domain, cut)
        return SQL("(%s) UNION ALL (%s)", own, linked)

    def _own(self, domain: Domain, cut: Cut) -> SQL:
        """What the record's readers read on it: core's, and imported mail is not."""
        query = self.messages.sudo()._search(domain)
        query.add_where(
            SQL(
                "%s AND mail_message.message_type != 'user_notification' AND NOT (%s)",
                self._is_home(),
                IMPORTED,
            )
        )
        return self._cut(query, cut, MESSAGE_DATE, MESSAGE_ID)

    def _linked(self, domain: Domain, cut: Cut) -> SQL:
        date, id_ = SQL("link.date"), SQL("link.message_id")
        query = self.messages.sudo()._search(domain)
        query.add_join(
            "JOIN",
            "link",
            "waimaolang_mail_link",
            SQL("link.message_id = mail_message.id AND %s", LIVE),
        )
        contact = SQL("contact.id") if self.is_company else SQL("%s", self.thread.id)
        query.add_where(
            SQL("link.res_model = %s AND link.res_id = %s", self.thread._name, contact)
        )
        query.add_where(SQL("(%s OR NOT (%s))", IMPORTED, self._is_home()))
        if not self.env.su:
            query.add_where(self._get_readable())
        linked = self._cut(query, cut, date, id_)
        if not self.is_company:
            return linked
        # the first of each contact by the index, then the first of these; a mail that
        # stands on several contacts is one, before the page is cut
        return SQL(
            "SELECT DISTINCT mine.date, mine.id FROM res_partner contact"
            " CROSS JOIN LATERAL (%s) mine WHERE contact.commercial_partner_id = %s",
            linked,
            self.thread.id,
        )

    def _cut(self, query, cut: Cut, date: SQL, id_: SQL) -> SQL:
        for operator, position in cut.bounds:
            query.add_where(SQL("(%s, %s) %s (%s, %s)", date, id_, operator, *position))
        query.order = cut.order(date, id_) if cut.limit is not None else None
        query.limit = cut.limit
        return query.select(SQL("%s AS date, %s AS id", date, id_))

    # -- who reads a linked mail (I8) ----------------------------------------------

    def _is_home(self) -> SQL:
        return SQL(
            "mail_message.model = %s AND mail_message.res_id = %s",
            self.thread._name,
            self.thread.id,
        )

    def _get_readable(self) -> SQL:
        """Of a row of ``link``. The same for every branch: rules are asked once."""
        if self._readable is None:
            self._readable = SQL(
                "%s AND (%s OR (NOT (%s) AND (%s OR %s)))",
                reading.bcc_shown(self.env, LINK),
                self._is_reader(),
                IMPORTED,
                self.messages._sql_is_party(SQL("mail_message")),
                self._is_home_readable(),
            )
        return self._readable

    def _is_reader(self) -> SQL:
        """``reading.readable``, and the route has checked one record: the thread."""
        stands = SQL("link.res_id = %s", self.thread.id)
        if self.is_company:
            elsewhere = reading.stands_on_readable(self.env, MAIL)
            stands = SQL("(%s OR %s)", stands, elsewhere)
        return SQL(
            "(%s OR (%s AND %s))",
            reading.holds(MAIL, reading.own_mailbox(self.env, BOX)),
            stands,
            reading.holds(MAIL, reading.shown_mailbox(self.env, BOX, MAIL)),
        )

    def _is_home_readable(self) -> SQL:
        """A message that Odoo had already is read by whoever reads its home."""
        homes = []
        for name in filter(self._has_plain_access, self.home_models):
            model = self.env[name].with_context(active_test=False)
            query = model._search(Domain.TRUE)
            query.add_where(
                SQL("%s = mail_message.res_id", SQL.identifier(query.table, "id"))
            )
            inside = query.select(SQL("1"))
            homes.append(SQL("(mail_message.model = %s AND EXISTS (%s))", name, inside))
        return SQL("(%s)", SQL(" OR ").join(homes)) if homes else SQL("FALSE")

    def _has_plain_access(self, name: str) -> bool:
        """The user reads records of the model, and whoever reads one reads what is
        written there. (Not so for private meetings: who reads those is decided in
        Python, and a page cannot ask.)"""
        if name not in self.env or not self.env[name].has_access("read"):
            return False
        rule = "_mail_get_operation_for_mail_message_operation"
        model, base = type(self.env[name]), self.env.registry["base"]
        plain = getattr(model, rule) is getattr(base, rule)
        return plain or name in reading.LINKED_MODELS
