# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who reads which labels of a mail, as SQL (invariant I8): a mail may lie in many
mailboxes, and how one of them files it is the business of those who work in it."""

from odoo import SUPERUSER_ID
from odoo.fields import Domain
from odoo.tools import SQL

from . import reading


def _filed_by(env, box: SQL) -> SQL:
    """The mailbox's labels are the words of those who work in it."""
    return SQL(
        """(%(box)s.company_id IN (SELECT cid FROM res_company_users_rel
                                    WHERE user_id = %(uid)s)
            AND %(box)s.erasing IS NOT TRUE
            AND (%(box)s.user_id = %(uid)s OR %(member)s))""",
        box=box,
        uid=env.uid,
        member=reading.is_member(env, box),
    )


def _labelled(env) -> SQL:
    """Which labels of the user's own mailboxes are on which mails; whoever asks in
    sudo is still the user."""
    shown = SQL("TRUE") if env.uid == SUPERUSER_ID else _filed_by(env, SQL("box"))
    return SQL(
        """SELECT filed.mail_id, rel.label_id
             FROM waimaolang_copy_label_rel rel
             JOIN waimaolang_mailbox_copy filed ON filed.id = rel.copy_id
             JOIN waimaolang_mailbox box ON box.id = filed.mailbox_id
            WHERE filed.mail_id IS NOT NULL AND filed.state != 'gone' AND %s""",
        shown,
    )


def read_labels(env, mail_ids) -> dict[int, list[int]]:
    """{mail: its labels} of the user's own mailboxes."""
    found: dict[int, list[int]] = {}
    if mail_ids:
        reading.flush(env)
        for mail_id, label_id, _name in env.execute_query(
            SQL(
                """SELECT DISTINCT on_mail.mail_id, label.id, label.name
                     FROM (%s) on_mail
                     JOIN waimaolang_label label ON label.id = on_mail.label_id
                    WHERE on_mail.mail_id = ANY(%s) ORDER BY label.name, label.id""",
                _labelled(env),
                list(mail_ids),
            )
        ):
            found.setdefault(mail_id, []).append(label_id)
    return found


def labelled_domain(env, label_ids=None) -> Domain:
    """On mails: with one of these labels, None: with any."""

    def to_sql(_model, alias, _query):
        reading.flush(env)
        wanted = SQL("TRUE")
        if label_ids is not None:
            wanted = SQL("on_mail.label_id = ANY(%s)", list(label_ids))
        return SQL(
            "EXISTS (SELECT 1 FROM (%s) on_mail WHERE on_mail.mail_id = %s AND %s)",
            _labelled(env),
            SQL.identifier(alias, "id"),
            wanted,
        )

    return Domain.custom(to_sql=to_sql)
