# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import threads

# One transaction's worth: what is left waits for the next.
MOST_AT_ONCE = 2000


class WaimaolangStatistics(models.Model):
    """What contacts, companies and opportunities show of their mail. A table of its
    own, since importing writes no column of theirs (invariant I4).

        store: INSERT into dirty (never conflicts) -> after commit: _refresh_dirty

    A crash in between leaves the dirty rows, and the next pass takes them.
    """

    _name = "waimaolang.statistics"
    _description = "Mail Statistics of a Record"
    _log_access = False

    res_model = fields.Char(required=True)
    res_id = fields.Many2oneReference(model_field="res_model", required=True)
    mail_count = fields.Integer()
    last_in = fields.Datetime()
    last_out = fields.Datetime()
    awaiting_reply = fields.Boolean()

    _record_unique = models.UniqueIndex("(res_model, res_id)")

    # -- marking ---------------------------------------------------------------------

    @api.model
    def _mark(self, model, ids):
        """These records' mail changed; the caller's transaction carries the mark."""
        ids = sorted(set(ids))
        if ids:
            self.env.cr.execute(
                "INSERT INTO waimaolang_statistics_dirty (res_model, res_id)"
                " SELECT %s, unnest(%s::int4[])",
                (model, ids),
            )

    @api.model
    def _mark_if_known(self, partners):
        """Contacts whose company changed: those without mail change nothing."""
        self._mark(
            "res.partner",
            self.search(
                [("res_model", "=", "res.partner"), ("res_id", "in", partners.ids)]
            ).mapped("res_id"),
        )
        self._refresh_dirty()

    @api.model
    def _mark_mails(self, mails):
        """The records and conversations that the mails stand on."""
        links = mails.sudo().link_ids
        for model, found in links.grouped("res_model").items():
            self._mark(model, found.mapped("res_id"))
        self._mark("waimaolang.conversation", mails.sudo().conversation_id.ids)

    # -- refreshing ------------------------------------------------------------------

    @api.model
    def _refresh_dirty(self):
        """Recomputes what is marked; true when more is left. Exact, whatever was
        counted before."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            DELETE FROM waimaolang_statistics_dirty
             WHERE id IN (SELECT id FROM waimaolang_statistics_dirty
                           ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING res_model, res_id
            """,
            (MOST_AT_ONCE,),
        )
        rows = self.env.cr.fetchall()
        ids: dict[str, set[int]] = {}
        for model, res_id in rows:
            ids.setdefault(model, set()).add(res_id)
        self._refresh_partners(ids.get("res.partner", ()))
        self._refresh_leads(ids.get("crm.lead", ()))
        self._refresh_conversations(ids.get("waimaolang.conversation", ()))
        self.env.invalidate_all(flush=False)
        return len(rows) == MOST_AT_ONCE

    def _refresh_partners(self, ids):
        """Contacts, and their companies, which count their contacts' mail."""
        if not ids:
            return
        self.env.cr.execute(
            "SELECT id FROM res_partner WHERE id = ANY(%(ids)s) UNION"
            " SELECT commercial_partner_id FROM res_partner WHERE id = ANY(%(ids)s)"
            " AND commercial_partner_id IS NOT NULL",
            {"ids": list(ids)},
        )
        targets = sorted({*ids, *(row[0] for row in self.env.cr.fetchall())})
        self._write("res.partner", targets, partners_covered(targets))

    def _refresh_leads(self, ids):
        if ids:
            targets = sorted(ids)
            self._write("crm.lead", targets, leads_covered(targets))

    def _write(self, model, targets, covered):
        rows = self.env.execute_query(counts_sql(model, covered))
        gone = set(targets) - {row[0] for row in rows}
        self.env.cr.execute(
            "DELETE FROM waimaolang_statistics"
            " WHERE res_model = %s AND res_id = ANY(%s)",
            (model, list(gone)),
        )
        if not rows:
            return
        ids, counts, last_in, last_out = map(list, zip(*rows, strict=True))
        self.env.cr.execute(
            """
            INSERT INTO waimaolang_statistics AS stat
                   (res_model, res_id, mail_count, last_in, last_out, awaiting_reply)
            SELECT %s, new.*, (new.last_in > new.last_out OR new.last_out IS NULL)
                              AND new.last_in IS NOT NULL
              FROM unnest(%s::int4[], %s::int4[], %s::timestamp[], %s::timestamp[])
                   AS new(res_id, mail_count, last_in, last_out)
             ORDER BY new.res_id
                ON CONFLICT (res_model, res_id) DO UPDATE
               SET mail_count = EXCLUDED.mail_count, last_in = EXCLUDED.last_in,
                   last_out = EXCLUDED.last_out,
                   awaiting_reply = EXCLUDED.awaiting_reply
            """,
            (model, ids, counts, last_in, last_out),
        )

    def _refresh_conversations(self, ids):
        if not ids:
            return
        ids = threads.merge_doubles(self.env, ids)
        self.env.cr.execute(
            f"""
            UPDATE waimaolang_conversation conversation
               SET last_in = new.last_in, last_out = new.last_out,
                   last_date = new.last_date,
                   awaiting = CASE
                       WHEN new.last_in > new.last_out
                            OR (new.last_out IS NULL AND new.last_in IS NOT NULL)
                       THEN 'us'
                       WHEN new.last_out IS NOT NULL THEN 'them'
                       ELSE 'nobody' END
              FROM (SELECT m.conversation_id AS id, max(m.date) AS last_date,
                           max(m.date) FILTER (WHERE {BY_THEM}) AS last_in,
                           max(m.date) FILTER (WHERE {BY_US}) AS last_out
                      FROM waimaolang_mail m WHERE m.conversation_id = ANY(%s)
                     GROUP BY m.conversation_id) new
             WHERE conversation.id = new.id
            """,
            (sorted(ids),),
        )


# What a person wrote to a person: the rest neither asks for an answer nor is one.
BY_PERSON = (
    "m.is_auto IS NOT TRUE AND m.is_bulk IS NOT TRUE AND m.is_bounce IS NOT TRUE"
)
BY_THEM = f"m.direction = 'in' AND {BY_PERSON}"
BY_US = "m.direction = 'out' AND m.is_auto IS NOT TRUE"


def partners_covered(targets) -> SQL:
    """(target, record): a company's mail is its contacts' too."""
    return SQL(
        """SELECT t AS target, t AS record FROM unnest(%(ids)s) t UNION
           SELECT t, c.id FROM unnest(%(ids)s) t
             JOIN res_partner c ON c.commercial_partner_id = t""",
        ids=list(targets),
    )


def leads_covered(targets) -> SQL:
    return SQL("SELECT t AS target, t AS record FROM unnest(%s) t", list(targets))


def counts_sql(model, covered, condition=None) -> SQL:
    """(target, mails, last received, last sent) of those that have any mail;
    ``condition`` on the mail ``m`` and the link ``l``."""
    return SQL(
        f"""SELECT cover.target, count(DISTINCT m.id),
                   max(m.date) FILTER (WHERE {BY_THEM}),
                   max(m.date) FILTER (WHERE {BY_US})
              FROM (%s) cover
              JOIN waimaolang_mail_link l ON l.res_model = %s
                   AND l.res_id = cover.record AND l.removed IS NOT TRUE
              JOIN waimaolang_mail m ON m.id = l.mail_id
             WHERE %s
             GROUP BY cover.target""",
        covered,
        model,
        condition or SQL("TRUE"),
    )
