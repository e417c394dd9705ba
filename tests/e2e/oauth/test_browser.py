# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A rep at a browser signs in, comes back, and has her mailbox."""

from datetime import datetime, timezone

import pytest
from servers.oauth import TENANT
from servers.process import wait_until

from ..browser import log_in
from ..driver import trade_mail
from .person import Person
from .scene import IN_ODOO

LIN = "lin@lanyue.example"
NOW = datetime.now(timezone.utc)
SETUP = (
    IN_ODOO
    + """
lang = learn(values["lang"])
rep = env["res.users"].with_context(no_reset_password=True).create({
    "name": "Lin Xiao", "login": "lin", "password": "lin-at-odoo", "lang": lang,
    "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)],
})
env["waimaolang.provider"].create({
    "code": "lanyue", "name": "Lanyue on " + values["provider"].capitalize(),
    "domains": "lanyue.example", "imap_host": "localhost", "smtp_host": "localhost",
    "secret_kind": "oauth", "oauth_service": values["provider"], "source": "test",
})
env.cr.commit()
result = True
"""
)
APP = (
    IN_ODOO
    + """
set_up(values["provider"], base_url=values["url"], **values["app"])
result = True
"""
)


@pytest.fixture
def office(driver, odoo, sites, dovecot):
    """Odoo is served, an app is set up, the rep has an account with some mail."""

    def open_office(provider="google", lang="en", **app):
        driver.run(SETUP, provider=provider, lang=lang)
        odoo.start(cron_threads=2)
        driver.run(APP, provider=provider, url=odoo.url, app=app)
        return odoo

    dovecot.remove_user(LIN)
    dovecot.add_user(LIN, "code-7Hq2")
    yield open_office
    dovecot.remove_user(LIN)


def bind(person, odoo, provider="google"):
    """As far as the provider's page."""
    person.log_in(log_in(odoo, "lin", "lin-at-odoo"))
    person.go("/odoo/bind-mailbox")
    person.types("div[name=email] input", LIN)
    person.clicks("button[name=action_next]")
    person.sees("div[name=method]")
    person.sees(".o_waimaolang_comparison", provider.capitalize())
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


def strict_page(server, callback):
    server.register("lab-client", "lab-client-secret", [callback])
    server.set(page=True)
    return lambda person: person.clicks("#allow")


def emulated_page(server, callback):
    # all of a session's tests have this one
    server.users = tuple({*server.users, LIN})
    server.clients["lab-client"] = ("lab-client-secret", [callback])
    server.restart()
    return lambda person: person.clicks("button", LIN)


LANGUAGES = {"strict_op": "en", "emulate": "zh"}
DISCONNECTED = {"en": "Disconnected", "zh": "已解除绑定"}
PAGES = {"strict_op": strict_page, "emulate": emulated_page}
FOUND = """
box = env["waimaolang.mailbox"].search([])
result = [box.state, box.auth_method, box.has_password, box.login, box.user_id.login,
          box.oauth_account, env["waimaolang.oauth.grant"].search([]).mapped("state")]
"""


@pytest.mark.parametrize("provider", ["google", "microsoft"])
@pytest.mark.parametrize("name", [*PAGES])
def test_she_binds_reads_sends_and_withdraws(
    request, office, sites, driver, dovecot, name, provider
):
    """From nothing to a mailbox and back to nothing, at providers that others wrote.
    The test mail of the form proves that mail leaves and comes."""
    server = request.getfixturevalue(name)
    sites(server)
    tenant = {"tenant": TENANT} if provider == "microsoft" else {}
    odoo = office(provider, LANGUAGES[name], **tenant)
    callback = f"{odoo.url}/waimaolang_mail_oauth/{provider}/callback"
    allow = PAGES[name](server, callback)
    origins = {f"https://localhost:{port}" for port in server.ports.values()}
    dovecot.append(LIN, "INBOX", trade_mail(7, "buyer@customer.example", LIN, NOW))
    with Person([odoo.url, *origins]) as person:
        bind(person, odoo, provider)
        allow(person)
        finish(person)
        assert driver.run(FOUND) == [
            *("connected", "oauth", False, LIN, "lin", LIN),
            ["live"],
        ]
        wait_until(driver.stored, 60, "her mail")
        person.clicks("button[name=action_open_mailbox]")
        person.sees("div[name=oauth_account]", LIN)
        person.clicks("button[name=action_disconnect]")
        person.clicks(".modal .btn-primary")
        person.sees(".o_arrow_button_current", DISCONNECTED[LANGUAGES[name]])
    wait_until(
        lambda: not driver.sql("SELECT 1 FROM waimaolang_oauth_grant"),
        60,
        "the consent to be withdrawn",
    )
    if name == "strict_op":
        told = [one["provider"] for one in server.requests("revoke")]
        # Microsoft has nobody to tell it to
        assert told == (["google"] if provider == "google" else [])


def test_who_says_no_is_where_she_was(office, sites, strict_op, driver):
    sites(strict_op)
    odoo = office()
    strict_page(strict_op, f"{odoo.url}/waimaolang_mail_oauth/google/callback")
    with Person([odoo.url, strict_op.base]) as person:
        bind(person, odoo)
        person.clicks("#deny")
        person.sees("div[name=sign_in_problem]", "did not allow")
        person.clicks("button[name=action_sign_in]")
        person.sees("#allow")
    found = driver.run(
        """
        result = [env["waimaolang.mailbox"].search_count([]),
                  env["waimaolang.oauth.grant"].search_count([])]
        """
    )
    assert found == [0, 0]


def test_another_account_than_the_address_is_asked_about(office, idp, dovecot):
    """Threat 2: nobody binds what she did not mean."""
    odoo = office()
    idp.set(login="other@lanyue.example")
    with Person([odoo.url, idp.base]) as person:
        bind(person, odoo)
        person.sees(".alert", "other@lanyue.example")
        person.clicks("button[name=action_next]")
        person.sees(".o_notification, .modal", "Say which mailbox is meant")
