# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The sign-in while something else happens at the same moment."""

import threading


def while_asked(idp, act, wait_for):
    """``act()`` while the provider thinks about a token request."""
    idp.forget_requests()
    idp.fail(None, times=1, delay=3)

    def when_asked():
        wait_for(idp.requests, what="a request to the provider")
        act()

    thread = threading.Thread(target=when_asked)
    thread.start()
    return thread


def test_a_pass_at_the_same_moment_loses_no_sign_in(rep, bound, idp, driver):
    """The answer of a provider is good for one use, so the request is not tried anew
    as a whole."""
    she = rep()
    back = she.leaves()
    thread = while_asked(
        idp,
        lambda: driver.sql(
            "UPDATE waimaolang_mailbox SET last_sync = now() at time zone 'utc'"
            f" WHERE id = {bound.id} RETURNING id"
        ),
        bound.wait_for,
    )
    answer = she.returns(back)
    thread.join()
    assert answer.status_code == 303, answer.text
    found = bound.run("result = [box.auth_method, box.state, grant_of(box).state]")
    assert found == ["oauth", "connected", "live"]


def test_who_disconnects_meanwhile_is_not_overruled(rep, bound, idp, driver):
    she = rep()
    back = she.leaves()
    thread = while_asked(
        idp,
        lambda: bound.run("box.action_disconnect(); env.cr.commit(); result = True"),
        bound.wait_for,
    )
    answer = she.returns(back)
    thread.join()
    assert answer.status_code == 303
    found = bound.run(
        """
        grants = env["waimaolang.oauth.grant"].search([])
        result = [box.state, box.auth_method, grants.mapped("state"),
                  bool(box.sign_in_problem)]
        """
    )
    assert found[:2] == ["disconnected", "password"] and found[3]
    assert found[2] in ([], ["revoking"])


def test_a_withdrawal_waits_for_who_signs_in(signed_in, idp):
    """Google would take back what it is giving to the same account."""
    step = signed_in.fork(
        """
        from odoo.addons.waimaolang_mail.engine.transactions import transaction
        from odoo.addons.waimaolang_mail_oauth.engine import turns
        app = grant_of(box).app_id
        env.cr.rollback()
        turns.sign_in(env.cr, app.id)
        given = consent(app, box.email)
        trial = box._try_consent(app, *given)
        open(values["ready"], "w").close()
        while not os.path.exists(values["go"]):
            time.sleep(0.05)
        take = lambda env: box.with_env(env)._take_consent(app, *given, trial)
        result = transaction(env.registry, take)
        env.cr.commit()
        """,
        ready=str(signed_in.driver.folder / "ready"),
        go=str(signed_in.driver.folder / "go"),
    )
    ready = signed_in.driver.folder / "ready"
    signed_in.wait_for(lambda: ready.exists() or step.over, what="the consent")
    signed_in.run(
        """
        grant_of(box)._withdraw()
        env.cr.commit()
        env["waimaolang.oauth.grant"]._withdraw_all()
        result = True
        """
    )
    assert idp.requests("revoke") == [], "not while she signs in"
    (signed_in.driver.folder / "go").touch()
    assert step.wait() == ""
    found = signed_in.run(
        """
        env["waimaolang.oauth.grant"]._withdraw_all()
        result = [grant_of(box).state, issue(box) != "",
                  env["waimaolang.oauth.grant"].search_count([])]
        """
    )
    assert found == ["live", True, 1]
    assert idp.requests("revoke") == [], "the account lives on"


def test_a_database_that_goes_away_loses_no_rotated_token(signed_in, idp, driver):
    signed_in.run("expire(box); result = True")
    kill = (
        "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a"
        " WHERE a.datname = current_database() AND a.state = 'idle in transaction'"
        " AND a.query LIKE '%waimaolang%' AND a.pid != pg_backend_pid()"
    )
    killed = []
    thread = while_asked(
        idp, lambda: killed.extend(driver.sql(kill)), signed_in.wait_for
    )
    given = signed_in.run("result = issue(box)")
    thread.join()
    assert given and killed
    # the old refresh token is void: with it nothing would come
    again = signed_in.run("expire(box); result = [issue(box), grant_of(box).state]")
    assert again[0] != given and again[1] == "live"


def test_threat_19_removing_the_addon_ends_consents_and_keeps_the_mailbox(
    signed_in, idp
):
    found = signed_in.run(
        """
        addon = env["ir.module.module"].search([("name", "=", "waimaolang_mail_oauth")])
        addon.button_immediate_uninstall()
        env.cr.execute(
            "SELECT state, auth_method, password_sealed FROM waimaolang_mailbox"
            " WHERE id = %s", (box.id,))
        rows = [list(env.cr.fetchone())]
        env.cr.execute("SELECT to_regclass('waimaolang_oauth_grant') IS NULL")
        result = rows + [env.cr.fetchone()[0]]
        """
    )
    assert found == [["disconnected", "password", None], True]
    assert len(idp.requests("revoke")) == 1
