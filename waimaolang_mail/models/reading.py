# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who reads a mail, as SQL (invariant I8): the one place where this is decided.

    own:    her mailbox holds a copy (a shared mailbox is its members')
    given:  a mailbox that holds a copy is shown to her: by its visibility, as a
            delegate, or by her company's supervision
    reader = own, or given and she may read a record on which the mail stands

Conditions and never lists of ids: they are part of the page's own query, so that no
page comes short, and what is changed in a mailbox or a team counts at once.
"""

from odoo import SUPERUSER_ID
from odoo.fields import Domain
from odoo.tools import SQL

# Rows behind a mail that not all of its readers may know.
BEHIND = ("link_ids", "outbox_ids", "bounce_ids")
LINKED_MODELS = ("crm.lead", "res.partner")
JIT_OFF = "waimaolang_jit_off"  # in the cursor's cache
SWITCH_JIT_OFF = SQL("set_config('jit', 'off', TRUE)")
SUPERVISOR = "waimaolang_mail.group_supervisor"
_READ_FIELDS = {
    "waimaolang.mailbox": [
        "user_id",
        "member_ids",
        "visibility",
        "team_id",
        "company_id",
        "name",
        "erasing",
    ],
    "waimaolang.mailbox.copy": ["mail_id", "mailbox_id", "bcc", "state"],
    "waimaolang.mail": ["held_mailbox_ids", "conversation_id", "date", "subject"],
    "waimaolang.bounce": ["mail_id", "bcc_mailbox_id"],
    "waimaolang.conversation": ["private_mailbox_ids"],
    "waimaolang.mail.link": ["mail_id", "res_model", "res_id", "removed"],
    "crm.team": ["user_id"],
    "crm.team.member": ["user_id", "crm_team_id", "active"],
    "res.company": ["waimaolang_supervision"],
}


def flush(env) -> None:
    """What the conditions read must be in the database."""
    for model, names in _READ_FIELDS.items():
        env[model].flush_model(names)


def prepare(env) -> None:
    """Before a query over mails. Its planner takes the conditions for far more work
    than they are and would compile them (jit): two seconds for a list of a
    millisecond. For the rest of the transaction only."""
    if not env.cr.cache.get(JIT_OFF):
        env.execute_query(SQL("SELECT %s", SWITCH_JIT_OFF))
        env.cr.cache[JIT_OFF] = True
    flush(env)


def is_internal(env) -> bool:
    return env.user._is_internal()


def own_mailbox(env, box: SQL) -> SQL:
    """``box`` is the alias of a row of waimaolang_mailbox. One that is being deleted
    with its data shows nothing any more."""
    return SQL(
        "(%(box)s.erasing IS NOT TRUE AND (%(box)s.user_id = %(uid)s"
        " OR (%(box)s.user_id IS NULL AND %(member)s)))",
        box=box,
        uid=env.uid,
        member=is_member(env, box),
    )


def given_mailbox(env, box: SQL) -> SQL:
    """Shown to the user whatever her own documents are; own ones included. Of a
    company that she does not work for, nothing is."""
    return SQL(
        """(%(box)s.company_id IN (SELECT cid FROM res_company_users_rel
                                    WHERE user_id = %(uid)s)
            AND %(box)s.erasing IS NOT TRUE
            AND (%(own)s OR %(member)s OR %(supervised)s
                 OR %(box)s.visibility = 'everyone'
                 OR (%(box)s.visibility = 'team' AND %(team)s)))""",
        box=box,
        uid=env.uid,
        own=own_mailbox(env, box),
        member=is_member(env, box),
        supervised=_is_supervised(env, box),
        team=_is_of_team(env, box),
    )


def _kept_private(box: SQL, mail: SQL) -> SQL:
    """The mailbox's owner keeps the conversation to herself."""
    return SQL(
        """EXISTS (SELECT 1 FROM waimaolang_conversation_private_rel private
                     JOIN waimaolang_mail kept
                       ON kept.conversation_id = private.conversation_id
                    WHERE private.mailbox_id = %s.id AND kept.id = %s)""",
        box,
        mail,
    )


def is_member(env, box: SQL) -> SQL:
    return SQL(
        """EXISTS (SELECT 1 FROM waimaolang_mailbox_member_rel member
                    WHERE member.mailbox_id = %s.id AND member.user_id = %s)""",
        box,
        env.uid,
    )


def _is_supervised(env, box: SQL) -> SQL:
    if not env.user.has_group(SUPERVISOR):
        return SQL("FALSE")
    return SQL(
        "%s.company_id IN (SELECT id FROM res_company WHERE waimaolang_supervision)",
        box,
    )


def _is_of_team(env, box: SQL) -> SQL:
    """She is in the mailbox's team, else in the owner's."""
    return SQL(
        """EXISTS (
            SELECT 1 FROM (%(mine)s) mine
             WHERE mine.team = %(box)s.team_id
                OR (%(box)s.team_id IS NULL AND mine.team IN (%(owners)s)))""",
        mine=_teams_of(SQL("%s", env.uid)),
        owners=_teams_of(SQL("%s.user_id", box)),
        box=box,
    )


def _teams_of(user: SQL) -> SQL:
    return SQL(
        """SELECT crm_team_id AS team FROM crm_team_member
            WHERE user_id = %(user)s AND active
            UNION SELECT id FROM crm_team WHERE user_id = %(user)s""",
        user=user,
    )


def shown_mailbox(env, box: SQL, mail: SQL) -> SQL:
    """``box`` shows the user what it knows of the mail, if it has it."""
    return SQL(
        "%s AND (%s OR %s OR %s OR NOT %s)",
        given_mailbox(env, box),
        own_mailbox(env, box),
        is_member(env, box),
        _is_supervised(env, box),
        _kept_private(box, mail),
    )


def holds(mail: SQL, condition: SQL) -> SQL:
    """A mailbox, the row ``box``, holds a copy of the mail and meets the condition;
    ``mail`` is an expression for its id."""
    return SQL(
        """EXISTS (SELECT 1 FROM waimaolang_mail_mailbox_rel held
                     JOIN waimaolang_mailbox box ON box.id = held.waimaolang_mailbox_id
                    WHERE held.waimaolang_mail_id = %s AND %s)""",
        mail,
        condition,
    )


def bcc_shown(env, link: SQL) -> SQL:
    """A link that comes of a Bcc is known to those alone to whom that mailbox shows
    the mail; ``link`` is the alias of a row of waimaolang_mail_link."""
    return SQL(
        """(%(link)s.bcc_mailbox_id IS NULL OR EXISTS (
            SELECT 1 FROM waimaolang_mailbox box
             WHERE box.id = %(link)s.bcc_mailbox_id AND %(shown)s))""",
        link=link,
        shown=shown_mailbox(env, SQL("box"), SQL("%s.mail_id", link)),
    )


def read_bcc(env, mail_ids) -> dict[int, list[str]]:
    """{mail: the Bcc of its copies} as far as their mailboxes show it to the user."""
    return _read_shown(
        env,
        SQL("SELECT mail_id, mailbox_id, bcc AS value FROM waimaolang_mailbox_copy"),
        mail_ids,
    )


def shown_copies(env, mail_id: int) -> list[int]:
    """Ids of the mail's copies whose mailboxes show it to the user: the bytes of any
    other tell whose mailbox that is, and the Bcc."""
    flush(env)
    box = SQL("box")
    shown = SQL("TRUE")
    if env.uid != SUPERUSER_ID:
        shown = shown_mailbox(env, box, SQL("copy.mail_id"))
    rows = env.execute_query(
        SQL(
            """SELECT copy.id FROM waimaolang_mailbox_copy copy
                 JOIN waimaolang_mailbox box ON box.id = copy.mailbox_id
                WHERE copy.mail_id = %s AND %s ORDER BY copy.id""",
            mail_id,
            shown,
        )
    )
    return [row[0] for row in rows]


def read_mailbox_names(env, mail_ids) -> dict[int, list[str]]:
    """{mail: names of the mailboxes that hold it} as far as they show it: that some
    other has it may come of a Bcc."""
    return _read_shown(
        env,
        SQL(
            "SELECT waimaolang_mail_id AS mail_id, waimaolang_mailbox_id AS mailbox_id,"
            " name AS value FROM waimaolang_mail_mailbox_rel"
            " JOIN waimaolang_mailbox ON id = waimaolang_mailbox_id"
        ),
        mail_ids,
    )


def read_flags(env, mail_ids) -> dict[int, tuple[bool, bool]]:
    """{mail: (seen, answered)} as the copies tell in mailboxes that are the user's own
    or that she is a member of: what a colleague has read is not hers to know."""
    if not mail_ids:
        return {}
    flush(env)
    box = SQL("box")
    rows = env.execute_query(
        SQL(
            """SELECT copy.mail_id, COALESCE(bool_or(copy.seen), FALSE),
                      COALESCE(bool_or(copy.answered), FALSE)
                 FROM waimaolang_mailbox_copy copy
                 JOIN waimaolang_mailbox box ON box.id = copy.mailbox_id
                WHERE copy.mail_id = ANY(%s) AND copy.state != 'gone'
                  AND (%s OR %s) AND %s
                GROUP BY copy.mail_id""",
            list(mail_ids),
            own_mailbox(env, box),
            is_member(env, box),
            shown_mailbox(env, box, SQL("copy.mail_id")),
        )
    )
    return {mail_id: (seen, answered) for mail_id, seen, answered in rows}


def _read_shown(env, rows: SQL, mail_ids) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    if not mail_ids:
        return found
    flush(env)
    for mail_id, value in env.execute_query(
        SQL(
            """SELECT DISTINCT told.mail_id, told.value FROM (%s) told
                 JOIN waimaolang_mailbox box ON box.id = told.mailbox_id
                WHERE told.mail_id = ANY(%s) AND told.value <> '' AND %s
                ORDER BY told.mail_id, told.value""",
            rows,
            list(mail_ids),
            shown_mailbox(env, SQL("box"), SQL("told.mail_id")),
        )
    ):
        found.setdefault(mail_id, []).append(value)
    return found


def stands_on_readable(env, mail: SQL) -> SQL:
    """The mail stands on a record that the user may read."""
    records = []
    for name in LINKED_MODELS:
        model = env(su=False)[name].with_context(active_test=False)
        if not model.has_access("read"):
            continue
        query = model._search(Domain.TRUE)
        query.add_where(SQL("%s = l.res_id", SQL.identifier(query.table, "id")))
        records.append(
            SQL("(l.res_model = %s AND EXISTS (%s))", name, query.select(SQL("1")))
        )
    if not records:
        return SQL("FALSE")
    return SQL(
        """EXISTS (SELECT 1 FROM waimaolang_mail_link l
                    WHERE l.mail_id = %s AND l.removed IS NOT TRUE AND %s AND (%s))""",
        mail,
        bcc_shown(env, SQL("l")),
        SQL(" OR ").join(records),
    )


def readable(env, mail: SQL) -> SQL:
    """Whether the user of ``env`` reads the mail with this id."""
    if not is_internal(env):
        return SQL("FALSE")
    box = SQL("box")
    return SQL(
        "(%s OR (%s AND %s))",
        holds(mail, own_mailbox(env, box)),
        holds(mail, shown_mailbox(env, box, mail)),
        stands_on_readable(env, mail),
    )


def readable_domain(env, column: str = "id") -> Domain:
    """The same as a domain on any model whose ``column`` is a mail's id."""

    def to_sql(_model, alias, _query):
        prepare(env)
        return readable(env, SQL.identifier(alias, column))

    return Domain.custom(to_sql=to_sql)


def as_shown(condition):
    """For ``Domain.map_conditions`` on mails. Core finds rows behind a record by their
    numbers, whether the user may read them or not: that there is one tells of a Bcc."""
    name, operator = condition.field_expr, condition.operator
    value = condition.value
    by_number = operator in ("in", "not in", "=", "!=") and not isinstance(value, str)
    if name not in BEHIND or not by_number:
        return condition
    values = [value] if isinstance(value, (int, type(None))) else [*value]
    ids = [number for number in values if number]
    shown = Domain(name, "any", [("id", "in", ids)])
    if len(ids) < len(values):
        shown |= Domain(name, "not any", Domain.TRUE)
    return ~shown if operator in ("not in", "!=") else shown


def filter_readable(env, mail_ids) -> set[int]:
    """Those of the mails that the user reads."""
    if not mail_ids:
        return set()
    flush(env)
    rows = env.execute_query(
        SQL(
            "SELECT id FROM waimaolang_mail WHERE id = ANY(%s) AND %s",
            list(mail_ids),
            readable(env, SQL("waimaolang_mail.id")),
        )
    )
    return {row[0] for row in rows}


def shown_link_domain(env) -> Domain:
    """On links: those that come of a Bcc only for that mailbox's readers."""

    def to_sql(_model, alias, _query):
        flush(env)
        return bcc_shown(env, SQL.identifier(alias))

    return Domain.custom(to_sql=to_sql)


def check(records, operation, result):
    """For ``_check_access`` of a model whose ``_search`` finds readable records
    only: those that it does not find are forbidden, for whatever operation."""
    if records.env.su or not any(records._ids):
        return result
    forbidden = records - result[0] if result else records
    if forbidden:
        seen = forbidden.with_context(active_test=False)
        forbidden -= seen.search([("id", "in", forbidden.ids)])
    hidden = forbidden | result[0] if result else forbidden
    if hidden:  # core evaluates record rules in sudo, which leaves them in the cache
        hidden.invalidate_recordset()
    if not forbidden:
        return result
    if result:
        return hidden, result[1]
    make = records.env["ir.rule"]._make_access_error
    return forbidden, lambda: make(operation, forbidden)


def carried_domain(env, field: str) -> Domain:
    """On rows that carry what the message in ``field`` says."""
    return Domain(field, "any!", env["mail.message"]._get_unrestricted_domain())


def filter_own(records):
    """Those that the user herself may read, where ``records`` may be in sudo."""
    if records.env.uid == SUPERUSER_ID:
        return records
    return records.sudo(False)._filtered_access("read").with_env(records.env)
