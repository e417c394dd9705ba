# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A rep who writes to a customer through her mailbox, for tests of sending."""

import email
import textwrap
from email.policy import default

from servers.process import wait_until

# A rep with a bound mailbox, a customer and a deal.
SCENE = """
rep = env["res.users"].search([("login", "=", "rep")])
if not rep:
    rep = env["res.users"].with_context(no_reset_password=True).create({
        "name": "林晓", "login": "rep", "email": "rep@odoo.example",
        "group_ids": [(6, 0, [env.ref("base.group_user").id,
                              env.ref("sales_team.group_sale_salesman").id])]})
    buyer = env["res.partner"].create(
        {"name": "Müller, Hans", "email": "hans@kunde.example", "lang": "en_US"})
    lead = env["crm.lead"].create({
        "name": "LED 灯询价", "type": "opportunity", "partner_id": buyer.id,
        "user_id": rep.id})
    provider = env["waimaolang.provider"].create({
        "code": "ours", "name": "Ours", "saves_sent": values.get("saves", "never")})
    box = bind(user_id=rep.id, provider_id=provider.id, **values["box"])
    box.action_connect()
    env.cr.commit()
buyer = env["res.partner"].search([("email", "=", "hans@kunde.example")])
lead = env["crm.lead"].search([("name", "=", "LED 灯询价")])
box = env["waimaolang.mailbox"].search([("email", "=", values["box"]["email"])])
def as_rep(record):
    return record.with_user(rep)
def post(record=lead, **kwargs):
    kwargs.setdefault("partner_ids", buyer.ids)
    kwargs.setdefault("subtype_xmlid", "mail.mt_comment")
    kwargs.setdefault("message_type", "comment")
    message = as_rep(record).message_post(**kwargs)
    env.cr.commit()
    return message
def sync(times=3):
    for _number in range(times):
        done = box._sync()
        fresh()
    return done
def due_now():
    env["waimaolang.outbox"].search([("due", "!=", False)]).due = "2026-01-01 00:00:00"
    env.cr.commit()
"""


def play(driver, outlet, code, **values):
    """Runs the code in the scene, as ``Driver.run`` does."""
    return driver.run(SCENE + textwrap.dedent(code), box=outlet, **values)


def parsed(raw):
    return email.message_from_bytes(raw, policy=default)


def arrived(smtp, box, subject):
    """The raw mails with this subject that left the mailbox for people outside."""
    found = []
    for raw in smtp.outside():
        mail = parsed(raw)
        if mail["Subject"] == subject and box.email in mail["From"]:
            found.append(raw)
    return found


def wait_for(smtp, box, subject):
    wait_until(lambda: arrived(smtp, box, subject), 20, subject)
    return arrived(smtp, box, subject)


def sent_folder(box, name="Sent"):
    return box.dovecot.messages(box.email, name)


COMPOSE = """
def compose(message, mode, **vals):
    action = as_rep(message).waimaolang_compose(mode, "crm.lead", lead.id)
    wizard = as_rep(env["mail.compose.message"]).browse(action["res_id"])
    wizard.write(vals)
    return wizard
def contacts(*addresses):
    made = env["res.partner"].browse()
    for address in addresses:
        made |= env["res.partner"].create(
            {"name": address.split("@")[0], "email": address})
    return made
inquiry = env["waimaolang.mail"].search(
    [("subject", "=", "询价 Inquiry")]).mail_message_id
"""


def inquire(box, smtp, **headers):
    """A customer's mail with two of her colleagues in copy."""
    message = email.message.EmailMessage()
    told = {
        "From": "Hans Müller <hans@kunde.example>",
        "To": f"林晓 <{box.email}>, eva@kunde.example, otto@kunde.example",
        "Cc": "Cem <cem@kunde.example>, agent@broker.example",
        "Subject": "询价 Inquiry",
        "Message-ID": "<q2@kunde.example>",
        "References": "<q0@kunde.example> <q1@kunde.example>",
        "Date": "Mon, 02 Nov 2026 09:00:00 +0100",
        **headers,
    }
    for name, value in told.items():
        message[name] = value
    message.set_content("Please quote.\n")
    message.add_alternative("<p>Please <b>quote</b>.</p>", subtype="html")
    smtp.receive("hans@kunde.example", [box.email], message.as_bytes())
    wait_until(lambda: box.dovecot.messages(box.email), 20, "the inquiry")


def text_of(message):
    return message.get_body(("plain",)).get_content()


def addresses(header):
    return [one.addr_spec for one in header.addresses]


def unique(messages):
    return list({m["Message-ID"]: m for m in messages}.values())
