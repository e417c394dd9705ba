# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rules by mail that a real server delivers: each trigger, condition and action."""

from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime

from servers.process import wait_until

from .scene import play

HANS = "Hans Müller <hans@kunde.example>"
RULES = """
rules = env["waimaolang.task.rule"]
todo = env.ref("mail.mail_activity_data_todo")
def rule(name, **vals):
    return rules.create({"name": name, "activity_type_id": todo.id,
                         "deadline_counting": "elapsed", **vals})
def process():
    env.cr.commit()
    rules._process_events()
    fresh()
def fired():
    logs = env["waimaolang.task.log"].search([("outcome", "=", "done")])
    return sorted(set(logs.mapped("rule_id.name")))
def time_comes():
    env["waimaolang.task.wait"].search([]).due = "2026-01-01 00:00:00"
    process()
"""
TRIGGERS = """
rules.search([]).active = False
env["ir.config_parameter"].set_param("waimaolang_tasks.per_record_and_day", "50")
for trigger in dict(rules._fields["trigger"].selection):
    rule(trigger, trigger=trigger)
far = env["res.partner"].create({"name": "Far", "email": "bounce@far.example"})
box.action_connect()
env.cr.commit()
sync()
process()
result = fired()
"""


def write(box, subject, sender=HANS, sent=False, **more):
    """As it arrives now; ``text``, ``file`` and further headers."""
    message = EmailMessage()
    people = (box.email, HANS) if sent else (sender, box.email)
    message["From"], message["To"] = people
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.now(timezone.utc))
    message["Message-ID"] = f"<{abs(hash(subject))}@mail.example>"
    text, file = more.pop("text", "Hello"), more.pop("file", None)
    for name, value in more.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if file:
        message.add_attachment(
            b"%PDF", maintype="application", subtype="pdf", filename=file
        )
    box.dovecot.append(box.email, "Sent" if sent else "INBOX", message.as_bytes())


def act(driver, outlet, code):
    return play(driver, outlet, RULES + code)


def test_each_trigger_fires_by_mail(driver, box, outlet):
    box.dovecot.create_folders(box.email, ["Sent"])
    assert act(driver, outlet, TRIGGERS) == []

    write(box, "Price?")
    told = act(driver, outlet, "sync(); process(); result = fired()")
    assert told == ["first_contact", "received"]
    told = act(driver, outlet, "time_comes(); result = fired()")
    assert told == ["first_contact", "no_reply_from_us", "received"]

    write(box, "Our offer", sent=True)
    told = act(driver, outlet, "sync(); process(); result = fired()")
    assert "sent" in told and "no_reply_from_them" not in told
    told = act(driver, outlet, "time_comes(); result = fired()")
    assert "no_reply_from_them" in told

    back = datetime.now(timezone.utc) + timedelta(days=4)
    write(
        box,
        "Out of office: Our offer",
        text=f"I am out of the office and will be back on {back:%d %B %Y}.",
        Auto_Submitted="auto-replied",
    )
    told = act(driver, outlet, "sync(); process(); result = fired()")
    assert "out_of_office_ended" not in told
    told = act(driver, outlet, "time_comes(); result = fired()")
    assert "out_of_office_ended" in told and "bounced" not in told

    before = len(box.dovecot.messages(box.email))
    act(
        driver,
        outlet,
        """
far = env["res.partner"].search([("email", "=", "bounce@far.example")])
post(body="x", subject="Far away", partner_ids=far.ids)
sync()
result = True
""",
    )
    wait_until(lambda: len(box.dovecot.messages(box.email)) > before, 20, "the report")
    told = act(driver, outlet, "sync(); process(); result = fired()")
    assert "bounced" in told

    # what tracking will write
    told = act(
        driver,
        outlet,
        """
mail = env["waimaolang.mail"].search([("subject", "=", "Our offer")])
for actor, kind in (("proxy", "opened"), ("scanner", "clicked")):
    env["waimaolang.mail.event"].create({
        "mail_id": mail.id, "kind": kind, "actor": actor, "date": mail.date})
process()
machines = {"opened", "clicked"} & set(fired())
for kind in ("opened", "clicked"):
    env["waimaolang.mail.event"].create({
        "mail_id": mail.id, "kind": kind, "actor": "human", "date": mail.date})
process()
result = [sorted(machines), sorted({"opened", "clicked"} & set(fired()))]
""",
    )
    assert told == [[], ["clicked", "opened"]]


CONDITIONS = {
    "people": ("[('email_from', 'ilike', 'hans@kunde')]", "[('email_to', '=', 'x')]"),
    "contact": (
        "[('partner_ids.email', '=', 'hans@kunde.example')]",
        "[('partner_ids.country_id.code', '=', 'FR')]",
    ),
    "subject": ("[('subject', 'ilike', 'quotation')]", "[('subject', '=', 'no')]"),
    "text": ("[('text', 'ilike', 'LED')]", "[('text', 'ilike', 'pump')]"),
    "attachment": (
        "[('attachment_ids.name', '=like', '%.pdf')]",
        "[('attachment_ids', '=', False)]",
    ),
    "language": ("[('language', '=', 'en')]", "[('language', '=', 'zh')]"),
    "mailbox": (
        "[('mailbox_ids.email', 'ilike', '@')]",
        "[('mailbox_ids.email', '=', 'nobody@x.example')]",
    ),
    "direction": ("[('direction', '=', 'in')]", "[('direction', '=', 'out')]"),
    "first": (
        "[('first_in_conversation', '=', True)]",
        "[('first_in_conversation', '=', False)]",
    ),
    "label": (
        "[('label_ids', '=', False)]",
        "[('label_ids.name', '=', 'Buyers')]",
    ),
}
RECORDS = {
    "stage": "[('stage_id', '=', {lead.stage_id.id})]",
    "value": "[('expected_revenue', '>=', 1000)]",
    "tag": "[('tag_ids.name', '=', 'VIP')]",
    "country": "[('partner_id.country_id.code', '=', 'DE')]",
}


def test_each_condition_is_one_of_the_mail_or_of_its_record(driver, box, outlet):
    play(
        driver,
        outlet,
        RULES
        + """
rules.search([]).active = False
env["ir.config_parameter"].set_param("waimaolang_tasks.per_record_and_day", "50")
tag = env["crm.tag"].create({"name": "VIP"})
buyer.country_id = env.ref("base.de")
lead.write({"expected_revenue": 5000, "tag_ids": [(4, tag.id)]})
for name, (yes, no) in values["conditions"].items():
    rule(name + " yes", mail_domain=yes)
    rule(name + " no", mail_domain=no)
for name, domain in values["records"].items():
    domain = domain.replace("{lead.stage_id.id}", str(lead.stage_id.id))
    rule(name + " yes", record_domain=domain)
    rule(name + " no", record_domain="['!', *%s]" % domain)
env.cr.commit()
sync()
result = True
""",
        conditions=CONDITIONS,
        records=RECORDS,
    )
    write(
        box,
        "Quotation please",
        text="We would like to order your LED lamps, please send us the price list.",
        file="order.pdf",
    )
    told = act(driver, outlet, "sync(); process(); result = fired()")
    assert told == sorted(f"{name} yes" for name in (*CONDITIONS, *RECORDS))


def test_each_action_is_one_of_odoos_own(driver, box, outlet):
    found = act(
        driver,
        outlet,
        """
rules.search([]).active = False
env["ir.config_parameter"].set_param("waimaolang_tasks.per_record_and_day", "50")
leader = env["res.users"].create({"name": "Leader", "login": "leader"})
other = env["res.users"].create({"name": "Other", "login": "other"})
team = env["crm.team"].create({"name": "Export", "user_id": leader.id})
stages = env["crm.stage"].search([], limit=2)
tag = env["crm.tag"].create({"name": "Wrote"})
lead.write({"team_id": team.id, "user_id": other.id, "stage_id": stages[0].id})
lead_model = env.ref("crm.model_crm_lead").id
mail_model = env.ref("waimaolang_mail.model_waimaolang_mail").id
def action(name, model=lead_model, **vals):
    return (0, 0, {"name": name, "model_id": model, **vals})
def field(name):
    return env["ir.model.fields"]._get("crm.lead", name).id
for responsible in ("mailbox_owner", "salesperson", "team_leader", "user"):
    rule(responsible, responsible=responsible, user_id=env.ref("base.user_admin").id)
rule("actions", activity_type_id=False, server_action_ids=[
    action("stage", state="object_write", update_path="stage_id",
           resource_ref=f"crm.stage,{stages[1].id}"),
    action("priority", state="object_write", update_path="priority",
           evaluation_type="value", selection_value=env["ir.model.fields.selection"]
           .search([("field_id", "=", field("priority")), ("value", "=", "2")]).id),
    action("tag", state="code", code=f"record.write({{'tag_ids': [(4, {tag.id})]}})"),
    action("code", state="code", code="record.write({'referred': mail.subject})"),
])
rule("deal", activity_type_id=False, mail_domain="[('state', '=', 'unlinked')]",
     server_action_ids=[action("deal", mail_model, state="code", code='''
deal = env["crm.lead"].create({"name": record.subject, "type": "opportunity"})
record.action_link(deal)
''')])
env.cr.commit()
sync()
result = True
""",
    )
    assert found
    write(box, "Lamps")
    write(box, "Catalogue?", sender="New <new@buyer.example>")
    found = act(
        driver,
        outlet,
        """
sync()
process()
tasks = env["mail.activity"].search([("res_id", "=", lead.id), ("res_model", "=",
                                     "crm.lead"), ("waimaolang_rule_id", "!=", False)])
deal = env["crm.lead"].search([("name", "=", "Catalogue?")])
result = [
    {task.waimaolang_rule_id.name: task.user_id.login for task in tasks},
    lead.stage_id == env["crm.stage"].search([], limit=2)[1],
    lead.priority, lead.tag_ids.mapped("name"), lead.referred,
    deal.mail_count,
    env["waimaolang.task.log"].search([("outcome", "=", "failed")]).mapped("error"),
]
""",
    )
    assert found == [
        {
            "mailbox_owner": "rep",
            "salesperson": "other",
            "team_leader": "leader",
            "user": "admin",
        },
        True,
        "2",
        ["Wrote"],
        "Lamps",
        1,
        [],
    ]
