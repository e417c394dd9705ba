# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Run in an Odoo shell by rules.py: rules over mails that are stored already."""

import json
import time

from odoo.addons.waimaolang_tasks.engine import matching, queue

MAILS, RULES, BUYERS = 10_000, 500, 1_000
GOODS = ("LED", "pump", "bearing", "cable", "valve", "tarpaulin", "chair", "helmet")
env = env  # noqa: F821, PLW0127
cr = env.cr

queue.forget_all(cr)
country = env.ref("base.de")
partners = env["res.partner"].create(
    [
        {
            "name": f"Buyer {n}",
            "email": f"buyer{n}@many.example",
            "country_id": country.id if n % 3 else False,
        }
        for n in range(BUYERS)
    ]
)
leads = (
    env["crm.lead"]
    .with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
    .create(
        [
            {"name": f"Deal {p.id}", "type": "opportunity", "partner_id": p.id}
            for p in partners
        ]
    )
)
mailbox = env["waimaolang.mailbox"].create(
    {"name": "Sales", "email": "sales@lanyue.example", "user_id": env.uid}
)
env.flush_all()
cr.execute(
    """
    WITH said AS (
        INSERT INTO waimaolang_conversation (company_id, last_date)
        SELECT %(company)s, now() FROM generate_series(1, %(mails)s) RETURNING id),
    numbered AS (SELECT id, row_number() OVER () AS n FROM said),
    mails AS (
        INSERT INTO waimaolang_mail
               (company_id, conversation_id, direction, subject, email_from, email_to,
                date, state, text, language, is_history, is_auto, is_bulk, is_bounce)
        SELECT %(company)s, id, CASE WHEN n %% 3 = 0 THEN 'out' ELSE 'in' END,
               'Price for ' || (%(goods)s::text[])[1 + n %% 8] || ' no. ' || n,
               'buyer' || n %% %(buyers)s || '@many.example', 'sales@lanyue.example',
               now() AT TIME ZONE 'UTC' - n * INTERVAL '2 minutes', 'linked',
               repeat('We would like to have your best price. ', 20),
               (ARRAY['en', 'de', 'zh'])[1 + n %% 3], FALSE, FALSE, FALSE, FALSE
          FROM numbered RETURNING id, conversation_id, date, direction),
    held AS (
        INSERT INTO waimaolang_mail_mailbox_rel
        SELECT id, %(mailbox)s FROM mails),
    placed AS (
        INSERT INTO waimaolang_mail_link (mail_id, res_model, res_id, date, origin)
        SELECT id, 'crm.lead', (%(leads)s::int4[])[1 + id %% %(buyers)s], date, 'auto'
          FROM mails
         UNION ALL
        SELECT id, 'res.partner', (%(partners)s::int4[])[1 + id %% %(buyers)s], date,
               'auto'
          FROM mails)
    INSERT INTO waimaolang_mail_event (mail_id, mailbox_id, kind, actor, date)
    SELECT id, %(mailbox)s, CASE direction WHEN 'in' THEN 'received' ELSE 'sent' END,
           'human', now()
      FROM mails
    """,
    {
        "company": env.company.id,
        "mails": MAILS,
        "goods": list(GOODS),
        "buyers": BUYERS,
        "mailbox": mailbox.id,
        "leads": leads.ids,
        "partners": partners.ids,
    },
)
KINDS = (
    ("received", "[('subject', 'ilike', 'no. {n}7')]", "[]"),
    ("received", "[('email_from', 'ilike', 'buyer{n}@')]", "[]"),
    (
        "received",
        "[('language', '=', 'de'), ('subject', 'ilike', '{n}1')]",
        "[('stage_id.sequence', '>', 900)]",
    ),
    ("sent", "[('text', 'ilike', 'offer {n}')]", "[]"),
    ("received", "[('partner_ids.country_id.code', '=', 'F{n}')]", "[]"),
    ("received", "[('attachment_ids.name', 'ilike', 'po{n}')]", "[]"),
    ("no_reply_from_us", "[('subject', 'ilike', 'no. {n}3')]", "[]"),
    ("no_reply_from_them", "[('mailbox_ids.name', '=', 'Sales {n}')]", "[]"),
    ("received", "[('lead_ids.tag_ids.name', 'ilike', 'vip {n}')]", "[]"),
    ("sent", "[('email_to', 'ilike', 'partner{n}')]", "[]"),
)
todo = env.ref("mail.mail_activity_data_todo")
rules = env["waimaolang.task.rule"]
rules.search([]).active = False
rules.create(
    [
        {
            "name": f"Rule {n}",
            "trigger": trigger,
            "mail_domain": mail_domain.format(n=100 + n),
            "record_domain": record_domain,
            "activity_type_id": todo.id,
        }
        for n in range(RULES)
        for trigger, mail_domain, record_domain in [KINDS[n % len(KINDS)]]
    ]
)
cr.commit()
cr.execute("ANALYZE")
cr.commit()

asked = []
run = matching._run
matching._run = lambda *args: asked.append(1) or run(*args)
started = time.monotonic()
seen = rules._process_events()
spent = time.monotonic() - started
cr.execute("SELECT outcome, count(*) FROM waimaolang_task_log GROUP BY 1")
found = {
    "seen": seen,
    "ms": spent * 1000 / MAILS,
    "questions": len(asked),
    "log": dict(cr.fetchall()),
}
print("MEASURED:" + json.dumps(found))
