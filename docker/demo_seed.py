# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Run in ``odoo shell``: the demo's users, customers, opportunities and mailboxes.

Reads the JSON of ``Demo.to_json()`` from WML_DEMO_JSON and the mail servers from
WML_IMAP_HOST, WML_IMAP_PORT, WML_SMTP_HOST, WML_SMTP_PORT (WAIMAOLANG_DEMO_* of
demo.py serve as well). Can be run again: what exists is brought up to date.
"""

import json
import os
from pathlib import Path

PASSWORD = "demo"  # of every demo user in Odoo
CODE_STEPS = {
    "en_US": "Look into the terminal where the demo was started.\n"
    "Copy the code that stands behind the address.",
    "zh_CN": "查看启动演示的终端窗口。\n复制邮箱地址后面的授权码。",
}
LANGUAGES = {"zh": "zh_CN", "zt": "zh_TW", "es": "es_ES", "ru": "ru_RU", "en": "en_US"}
RULES = (
    "rule_answer_inquiry",
    "rule_quotation_3_days",
    "rule_quotation_7_days",
    "rule_sample_sent",
    "rule_bounced_address",
)
SILENT = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "no_reset_password": True,
    "lang": "en_US",
}


def setting(*names, default=""):
    """The first of the environment variables that is set."""
    return next((os.environ[name] for name in names if os.environ.get(name)), default)


def seed_company(env, company):
    env.company.write(
        {
            "name": company["name"],
            "street": company["street"],
            "city": company["city"],
            "country_id": env.ref("base.cn").id,
            "phone": company["phone"],
            "email": f"info@{company['domain']}",
            "website": company["website"],
        }
    )
    env["ir.config_parameter"].sudo().set_param(
        "waimaolang_mail.allow_private_hosts", "True"
    )


def seed_quiet(env):
    """Nothing of the demo asks anybody on the internet about its made-up customers."""
    env["ir.config_parameter"].set_param("crm.iap.lead.enrich.setting", "manual")
    cron = env.ref("crm_iap_enrich.ir_cron_lead_enrichment", raise_if_not_found=False)
    if cron:
        cron.active = False
    env.company.resource_calendar_id.tz = "Asia/Shanghai"
    if "iap_enrich_auto_done" in env["res.company"]._fields:
        env.company.iap_enrich_auto_done = True


def seed_language(env):
    """The stages and activity types were installed before the language was."""
    modules = env["ir.module.module"].search(
        [
            ("name", "in", ("crm", "mail", "sales_team", "waimaolang_tasks")),
            ("state", "=", "installed"),
        ]
    )
    modules._update_translations(["zh_CN"], overwrite=True)


def seed_users(env, demo):
    """login -> user: the boss, who manages, and the reps."""
    wanted = [{**demo["company"]["boss"], "lang": "zh_CN", "group": "manager"}]
    for rep in demo["reps"]:
        # the last one sees every lead, the others their own
        everything = rep is demo["reps"][-1]
        group = "salesman_all_leads" if everything else "salesman"
        wanted.append({**rep, "group": group})
    users = env["res.users"].with_context(active_test=False).search([])
    known = {user.login: user for user in users}
    vals_list = []
    for row in wanted:
        group = env.ref(f"sales_team.group_sale_{row['group']}")
        vals = {
            "name": row["name"],
            "email": row["email"],
            "lang": row["lang"],
            "tz": "Asia/Shanghai",
            "group_ids": [(4, env.ref("base.group_user").id), (4, group.id)],
        }
        if row["login"] in known:
            known[row["login"]].write(vals)
        else:
            vals_list.append({**vals, "login": row["login"], "password": PASSWORD})
    for user in env["res.users"].create(vals_list):
        known[user.login] = user
    env.ref("base.user_admin").write({"lang": "en_US", "tz": "Asia/Shanghai"})
    return {row["login"]: known[row["login"]] for row in wanted}


def seed_team(env, demo, users):
    company, boss = demo["company"], users[demo["company"]["boss"]["login"]]
    members = [users[rep["login"]].id for rep in demo["reps"]]
    team = env["crm.team"].search([("name", "=", company["team"])], limit=1)
    vals = {"user_id": boss.id, "member_ids": [(6, 0, members)]}
    if team:
        team.write(vals)
    else:
        team = env["crm.team"].create({**vals, "name": company["team"]})
    team.with_context(lang="zh_CN").name = company["team_zh"]
    return team


def seed_customers(env, demo, users):
    """(domain -> company, e-mail -> contact)."""
    partners = env["res.partner"]
    countries = env["res.country"].search(
        [("code", "in", [row["country"] for row in demo["companies"]])]
    )
    country = {record.code: record.id for record in countries}
    langs = {code for code, _name in env["res.lang"].get_installed()}
    site = "https://www.{}".format
    rows = {site(row["domain"]): row for row in demo["companies"]}
    found = partners.search([("website", "in", list(rows)), ("is_company", "=", True)])
    found += partners.create(
        [
            {
                "name": row["name"],
                "is_company": True,
                "website": website,
                "city": row["city"],
                "country_id": country[row["country"]],
                "user_id": users[row["rep_login"]].id,
            }
            for website, row in rows.items()
            if website not in set(found.mapped("website"))
        ]
    )
    firms = {rows[firm.website]["domain"]: firm for firm in found}
    emails = [row["email"] for row in demo["contacts"]]
    people = partners.search([("email", "in", emails)])
    known = set(people.mapped("email"))
    vals_list = []
    for row in demo["contacts"]:
        if row["email"] in known:
            continue
        firm, lang = firms[row["company"]], LANGUAGES[row["language"]]
        vals_list.append(
            {
                "name": row["name"],
                "parent_id": firm.id,
                "email": row["email"],
                "phone": row["phone"],
                "function": row["function"],
                "lang": lang if lang in langs else "en_US",
                "country_id": firm.country_id.id,
                "city": firm.city,
                "user_id": firm.user_id.id,
            }
        )
    people += partners.create(vals_list)
    return firms, {person.email: person for person in people}


def seed_opportunities(env, demo, users, team, contacts):
    stages = {stage.name: stage.id for stage in env["crm.stage"].search([])}
    leads = env["crm.lead"].with_context(active_test=False)
    partners = [person.id for person in contacts.values()]
    found = leads.search([("partner_id", "in", partners)])
    known = {(lead.name, lead.partner_id.id) for lead in found}
    leads.create(
        [
            {
                "name": row["name"],
                "type": "opportunity",
                "partner_id": contacts[row["contact"]].id,
                "user_id": users[row["rep_login"]].id,
                "team_id": team.id,
                "stage_id": stages[row["stage"]],
                "expected_revenue": row["expected_revenue"],
            }
            for row in demo["opportunities"]
            if (row["name"], contacts[row["contact"]].id) not in known
        ]
    )


def seed_provider(env, demo):
    """The company's own domain as a preset: address and code are all that is typed."""
    host = setting("WAIMAOLANG_DEMO_HOST", default="localhost")
    company = demo["company"]
    vals = {
        "code": "demo",
        "name": company["name"],
        "sequence": 1,
        "domains": company["domain"],
        "imap_host": setting("WML_IMAP_HOST", default=host),
        "imap_port": int(setting("WML_IMAP_PORT", "WAIMAOLANG_DEMO_IMAP_PORT")),
        "imap_security": "ssl",
        "pop3_host": host,
        "pop3_port": int(setting("WAIMAOLANG_DEMO_POP3_PORT", default="995")),
        "pop3_security": "ssl",
        "smtp_host": setting("WML_SMTP_HOST", default=host),
        "smtp_port": int(setting("WML_SMTP_PORT", "WAIMAOLANG_DEMO_STARTTLS_PORT")),
        "smtp_security": "starttls",
        "secret_kind": "code",
        "saves_sent": "never",
        "source": "the demo's own servers",
        "confidence": "high",
    }
    provider = env["waimaolang.provider"].search([("code", "=", "demo")])
    if provider:
        provider.write(vals)
    else:
        provider = provider.create(vals)
    for lang, steps in CODE_STEPS.items():
        provider.with_context(lang=lang).code_steps = steps
    return provider


def seed_mailboxes(env, demo, users, provider):
    """Bound by each rep herself; connecting works on committed records."""
    vals = {
        "provider_id": provider.id,
        "protocol": "imap",
        "incoming_host": provider.imap_host,
        "incoming_port": provider.imap_port,
        "incoming_security": provider.imap_security,
        "outgoing_host": provider.smtp_host,
        "outgoing_port": provider.smtp_port,
        "outgoing_security": provider.smtp_security,
        "history_days": -1,
        "sync_interval": 5,
    }
    mailboxes = []
    for rep in demo["reps"]:
        user = users[rep["login"]]
        own = env["waimaolang.mailbox"].with_user(user)
        row = {
            **vals,
            "name": rep["name"],
            "email": rep["email"],
            "login": rep["email"],
            "password": rep["password"],
            "user_id": user.id,
        }
        mailbox = own.search(
            [("email", "=", rep["email"]), ("user_id", "=", user.id)], limit=1
        )
        if mailbox:
            mailbox.write(row)
        else:
            mailbox = own.create(row)
        mailboxes.append(mailbox)
    env.cr.commit()
    for mailbox in mailboxes:
        mailbox.action_connect()
        env.cr.commit()
    return mailboxes


def seed_rules(env):
    """A few of the ready ones, so that mail that comes makes tasks."""
    for name in RULES:
        env.ref(f"waimaolang_tasks.{name}").active = True


def seed(env):
    path = Path(setting("WML_DEMO_JSON", "WAIMAOLANG_DEMO_JSON"))
    demo = json.loads(path.read_text(encoding="utf-8"))
    env = env(context={**env.context, **SILENT})
    seed_quiet(env)
    seed_language(env)
    seed_company(env, demo["company"])
    users = seed_users(env, demo)
    team = seed_team(env, demo, users)
    _firms, contacts = seed_customers(env, demo, users)
    seed_opportunities(env, demo, users, team, contacts)
    seed_rules(env)
    env.cr.commit()
    mailboxes = seed_mailboxes(env, demo, users, seed_provider(env, demo))
    print(
        f"{len(demo['companies'])} companies, {len(contacts)} contacts, "
        f"{len(demo['opportunities'])} opportunities, {len(mailboxes)} mailboxes"
    )
    print(f"Odoo logins, password {PASSWORD!r}: {', '.join(users)}")


seed(env)  # noqa: F821  given by odoo shell
