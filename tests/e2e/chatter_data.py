# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Code for ``Driver.run``: fills a contact's chatter, and answers what a tour says.

A message has a number in its body, #7#, by which tour and test speak of it.
"""

MAKE = """
import time
from datetime import datetime, timedelta
from html import unescape
def add(number, kind, date, home, stands=(), box=None, text=""):
    vals = {
        "model": home._name, "res_id": home.id, "body": f"<p>{text} #{number}#</p>",
        "message_type": "comment", "subtype_id": env.ref("mail.mt_note").id,
        "author_id": env.ref("base.partner_admin").id, "date": date,
    }
    if kind == "mail":
        vals |= {
            "message_type": "email", "subtype_id": env.ref("mail.mt_comment").id,
            "waimaolang_restricted": True, "is_internal": True, "author_id": False,
            "email_from": "Emma <emma@nordwind.example>", "subject": text or False,
            "incoming_email_to": "lin@lanyue.example",
        }
    message = env["mail.message"].create(vals)
    if kind == "note":
        return message
    conversation = env["waimaolang.conversation"].create(
        {"company_id": env.company.id, "subject": text})
    mail = message.waimaolang_mail_id = env["waimaolang.mail"].create({
        "mail_message_id": message.id, "company_id": env.company.id, "date": date,
        "direction": "in", "subject": f"mail {number}", "state": "linked",
        "email_from": "Emma <emma@nordwind.example>", "email_to": "lin@lanyue.example",
        "email_cc": "boss@nordwind.example", "conversation_id": conversation.id,
        "mailbox_ids": box.ids,
    })
    env["waimaolang.mail.link"].create([{
        "mail_id": mail.id, "message_id": message.id, "date": date,
        "res_model": record._name, "res_id": record.id,
    } for record in stands])
    return message
def user(login, name):
    return env["res.users"].create({
        "name": name, "login": login, "password": values["password"],
        "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)]})
def mailbox(user, email, **vals):
    return env["waimaolang.mailbox"].with_user(user).create(
        {"name": user.name, "email": email, "incoming_host": "localhost", **vals}
    ).sudo()
def fill():
    lin, wu = user("lin", "Lin Xiao"), user("wu", "Wu Hao")
    box = mailbox(lin, "lin@lanyue.example")
    other = mailbox(wu, "wu@lanyue.example", visibility="owner")
    contact = env["res.partner"].create({"name": "Emma Vogel"})
    contact.message_ids.unlink()
    own, others = env["crm.lead"].create([
        {"name": "Own deal", "user_id": lin.id, "partner_id": contact.id},
        {"name": "Secret deal", "user_id": wu.id, "partner_id": contact.id}])
    return contact, own, others, box, other
"""

# She reads 350 of 500; 78 have a date that another has, too. First the notes, then in
# any order the mails, as an import brings them.
HISTORY = """
import random
contact, own, others, box, other = fill()
chance = random.Random(7)
start = datetime(2026, 1, 1)
hours = {n: 2 * (n - 1 if n % 9 == 3 else n) for n in range(1, 351)}
notes = set(chance.sample([n for n in hours if n != 101], 200))
for n in sorted(notes):
    add(n, "note", start + timedelta(hours=hours[n]), contact, text="note")
mails = [n for n in hours if n not in notes] + list(range(5000, 5150))
chance.shuffle(mails)
for n in mails:
    home = (contact, own, others)[n % 3]
    stands = [contact] if home == contact else [home, contact]
    hour = hours.get(n) or chance.randrange(700)
    add(n, "mail", start + timedelta(hours=hour), home, stands,
        box if n in hours else other, text="needle" if n % 3 == 2 else "mail")
env.cr.commit()
result = contact.id
"""

FEW = """
contact, own, others, box, other = fill()
now = datetime(2026, 5, 4, 8)
add(1, "mail", now, own, [own, contact], box, text="Needle of the own deal")
add(2, "mail", now, others, [others, contact], box, text="Needle of a colleague")
env.cr.commit()
result = contact.id
"""

NOTES = """
contact, own, others, box, other = fill()
for n in (1, 3):
    add(n, "note", datetime(2026, 5, 4, 7 + n), contact, text="note")
env.cr.commit()
result = contact.id
"""

# what comes while the chatter is open, in a process of its own
ANSWER = """
contact = env["res.partner"].browse(values["contact"])
box = env["waimaolang.mailbox"].search([("user_id.login", "=", "lin")])
def wait_for(what):
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline:
        env.cr.rollback()
        env.cr.execute(
            "SELECT body FROM mail_message WHERE body LIKE '%%waimaolang-tour:%%'")
        for (body,) in env.cr.fetchall():
            text = unescape(body).partition("tour:")[2]
            said = json.loads(text.rpartition("}")[0] + "}")
            if said["what"] == what:
                env.invalidate_all()
                return said
        time.sleep(0.05)
    raise SystemExit(f"the tour never said {what}")
def arrive(number, date):
    mail = add(number, "mail", date, contact, (), box, text="live").waimaolang_mail_id
    mail.action_link(contact)
    return mail
def date_of(number):
    return env["mail.message"].search([("body", "like", f"#{number}#")]).date
"""

WHILE_READING = """
said = wait_for("reading")
arrive(9001, datetime.utcnow().replace(microsecond=0))
off = arrive(9002, date_of(said["newer"]))
arrive(9003, date_of(said["older"]))
env.cr.commit()
wait_for("live")
off.action_unlink(contact)
env.cr.commit()
wait_for("at the top")
arrive(9004, datetime.utcnow().replace(microsecond=0))
env.cr.commit()
result = True
"""

WHILE_AWAY = """
wait_for("away")
arrive(3, datetime(2026, 5, 5))
env.cr.commit()
result = True
"""

FIRST_MAIL = """
wait_for("open")
first = arrive(2, datetime(2026, 5, 4, 9))
env.cr.commit()
wait_for("seen")
first.action_unlink(contact)
env.cr.commit()
result = True
"""
