# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A rep at a browser signs in, comes back, and has her mailbox."""

import pytest

from ..browser import _log_in
from .person import Person
from .scene import IN_ODOO

LIN = "lin@lanyue.example"
SETUP = (
    IN_ODOO
    + """
lang = learn(values["lang"])
rep = env["res.users"].with_context(no_reset_password=True).create({
    "name": "Lin Xiao", "login": "lin", "password": "lin-at-odoo", "lang": lang,
    "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)],
})
set_up(values["provider"], base_url=values["url"], **values["app"])
env["waimaolang.provider"].create({
    "code": "lanyue", "name": "Lanyue on " + values["provider"].capitalize(),
    "domains": "lanyue.example", "imap_host": "localhost", "smtp_host": "localhost",
    "secret_kind": "oauth", "oauth_service": values["provider"], "source": "test",
})
env.cr.commit()
result = True
"""
)


@pytest.fixture
def office(driver, odoo, sites, dovecot):
    """Odoo is served, an app is set up, the rep has an account with some mail."""

    def open_office(provider="google", lang="en", **app):
        odoo.start(cron_threads=2)
        driver.run(SETUP, provider=provider, lang=lang, url=odoo.url, app=app)
        return odoo

    dovecot.remove_user(LIN)
    dovecot.add_user(LIN, "code-7Hq2")
    yield open_office
    dovecot.remove_user(LIN)


def bind(person, odoo):
    """As far as the provider's page."""
    person.log_in(_log_in(odoo, "lin", "lin-at-odoo"))
    person.go("/odoo/bind-mailbox")
    person.types("div[name=email] input", LIN)
    person.clicks("button[name=action_next]")
    person.sees("div[name=method]")
    person.sees(".o_waimaolang_comparison", "Google")
    person.clicks("button[name=action_next]")
    person.clicks("button[name=action_sign_in]")


def finish(person):
    person.sees("div[name=test]")
    person.clicks("button[name=action_next]:not([disabled])")
    person.sees("div[name=folders]")
    person.clicks("button[name=action_next]")
    person.sees("div[name=options]")
    person.clicks("button[name=action_next]")
    person.sees("div[name=done]")


def test_a_rep_binds_by_signing_in(office, idp, driver, tmp_path):
    odoo = office()
    with Person([odoo.url, idp.base]) as person:
        bind(person, odoo)
        finish(person)
        found = driver.run(
            """
            box = env["waimaolang.mailbox"].search([])
            result = [box.state, box.auth_method, box.has_password, box.login,
                      box.user_id.login, box.oauth_account]
            """
        )
    assert found == ["connected", "oauth", False, LIN, "lin", LIN]
