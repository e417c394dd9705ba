# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Run in ``odoo shell``: fills one contact's chatter and reads its first page."""

import json
import os
import time
from statistics import median

from odoo.addons.mail.tools.discuss import Store

ROUNDS = 15
values = json.loads(os.environ["BENCH_VALUES"])
env = env  # noqa: F821, PLW0127  (given by the shell)
mails = values["mails"]

group = env.ref("sales_team.group_sale_salesman")
rep, mate, other = env["res.users"].create(
    [{"name": n, "login": n, "group_ids": [(4, group.id)]} for n in ("lin", "wu", "he")]
)
env["crm.team"].create({"name": "Export", "member_ids": (rep | mate).ids})
boxes = env["waimaolang.mailbox"]
for user, visibility in ((rep, "team"), (mate, "team"), (other, "owner")):
    boxes |= boxes.with_user(user).create(
        {
            "name": user.name,
            "email": f"{user.login}@lanyue.example",
            "incoming_host": "imap.lanyue.example",
            "visibility": visibility,
        }
    )
company = env["res.partner"].create({"name": "Nordwind", "is_company": True})
contact = env["res.partner"].create({"name": "Emma", "parent_id": company.id})
leads = env["crm.lead"].create(
    [
        {"name": f"Deal {u.name}", "partner_id": contact.id, "user_id": u.id}
        for u in (rep, other)
    ]
)
env.flush_all()
env.cr.execute(
    """
    WITH numbers AS (
        SELECT n, timestamp '2020-01-01' + n * interval '5 hours' AS date,
               CASE n %% 3 WHEN 0 THEN 'res.partner' ELSE 'crm.lead' END AS model,
               CASE n %% 3 WHEN 0 THEN %(contact)s WHEN 1 THEN %(own)s
                    ELSE %(others)s END AS res_id
          FROM generate_series(1, %(mails)s) n
    ), messages AS (
        INSERT INTO mail_message (model, res_id, message_type, subtype_id, email_from,
            author_id, date, create_date, subject, body, message_id, is_internal,
            waimaolang_restricted, incoming_email_to)
        SELECT model, res_id, 'email', %(subtype)s, 'Emma <emma@nordwind.example>',
               %(contact)s, date, now(), 'Mail ' || n,
               '<p>' || repeat('lorem ipsum dolor sit amet ', 60) || n || '</p>',
               '<' || n || '@bench>', TRUE, TRUE, 'Lin <lin@lanyue.example>'
          FROM numbers ORDER BY n RETURNING id, date, model, res_id
    ), stored AS (
        INSERT INTO waimaolang_mail (mail_message_id, company_id, direction, subject,
            email_from, email_to, date, state)
        SELECT id, %(company)s, 'in', 'Mail', 'Emma <emma@nordwind.example>',
               'Lin <lin@lanyue.example>', date, 'linked' FROM messages
        RETURNING id, mail_message_id, date
    ), links AS (
        INSERT INTO waimaolang_mail_link (mail_id, message_id, res_model, res_id, date,
            origin)
        SELECT s.id, m.id, l.model, l.res_id, s.date, 'auto'
          FROM stored s JOIN messages m ON m.id = s.mail_message_id
          JOIN LATERAL (SELECT m.model, m.res_id
                        UNION SELECT 'res.partner', %(contact)s) l ON TRUE
    )
    INSERT INTO waimaolang_mail_mailbox_rel (waimaolang_mail_id, waimaolang_mailbox_id)
    SELECT id, (%(boxes)s::int[])[CASE id %% 4 WHEN 0 THEN 2 WHEN 1 THEN 3 ELSE 1 END]
      FROM stored
    """,
    {
        "contact": contact.id,
        "own": leads[0].id,
        "others": leads[1].id,
        "mails": mails,
        "subtype": env.ref("mail.mt_comment").id,
        "company": env.company.id,
        "boxes": boxes.ids,
    },
)
env.cr.execute(
    "UPDATE mail_message SET waimaolang_mail_id = mail.id FROM waimaolang_mail mail"
    " WHERE mail.mail_message_id = mail_message.id"
)
env.cr.commit()
env.cr.execute("ANALYZE")
env.cr.commit()
env = env(user=rep.id, su=False)
milliseconds, queries = [], []
for _number in range(ROUNDS):
    env.invalidate_all()
    before, started = env.cr.sql_log_count, time.monotonic()
    thread = env["res.partner"]._get_thread_with_access(contact.id, mode="read")
    answer = env["mail.message"]._message_fetch(None, thread=thread)
    answer["messages"].set_message_done()
    told = Store().add(answer["messages"]).get_result()
    milliseconds.append(1000 * (time.monotonic() - started))
    queries.append(env.cr.sql_log_count - before)
    env.cr.rollback()
if len(told["mail.message"]) != 30 or not answer.get("by_date"):  # noqa: PLR2004
    raise SystemExit("not a full page by date")
print(  # noqa: T201
    "MEASURED:"
    + json.dumps({"ms": round(median(milliseconds), 1), "queries": median(queries)})
)
