# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What becomes of mailboxes when a provider, or a server, says no."""


def token_requests(idp):
    return len(idp.requests())


def test_a_withdrawn_consent_is_told_once_and_not_asked_again(signed_in, idp):
    """I6: the state says what is needed, and the provider is left alone."""
    idp.revoke_user(signed_in.box.email)
    idp.forget_requests()
    found = signed_in.run(
        """
expire(box)
errors = strike(box)
result = [errors, box.state, box.error_code, told(CODE_NEEDED), told(APP_BROKEN),
          grant_of(box).state]
"""
    )
    assert found[0] == ["consent_needed", "", ""], "then no login is tried"
    assert found[1:] == ["reauth", "consent_needed", 1, 0, "dead"]
    assert token_requests(idp) == 1


def test_signing_in_again_goes_on_where_it_stopped(signed_in, idp):
    signed_in.box.fill(5)
    found = signed_in.run(
        """
drain(box)
env.cr.execute("SELECT min(id), max(id), count(*) FROM waimaolang_mailbox_copy")
before = env.cr.fetchone()
expire(box)
grant_of(box)._die()
env.cr.commit()
errors = strike(box, 1)
needed = [box.state, told(CODE_NEEDED)]
problem = sign_in(box)
after = drain(box)
env.cr.execute("SELECT min(id), max(id), count(*) FROM waimaolang_mailbox_copy")
now = env.cr.fetchone()
result = [errors, needed, problem, box.state, told(CODE_NEEDED), after["stored"],
          before == now]
"""
    )
    assert found == [["consent_needed"], ["reauth", 1], "", "connected", 0, 0, True]


def test_another_account_is_refused_and_the_old_sign_in_stays(signed_in):
    """Threat 2: whoever signs in does not swap the mailbox."""
    signed_in.other("mallory@lanyue.example")
    found = signed_in.run(
        """
        before = issue(box)
        problem = sign_in(box, "mallory@lanyue.example")
        result = [problem, issue(box) == before, box.state, drain(box)["error"]]
        """
    )
    assert "mallory@lanyue.example" in found[0] and signed_in.box.email in found[0]
    assert found[1:] == [True, "connected", ""]


def test_an_account_that_may_not_open_the_mailbox_changes_nothing(bound_by_code):
    bound_by_code.other("mallory@lanyue.example")
    found = bound_by_code.run(
        """
        problem = sign_in(box, "mallory@lanyue.example")
        fresh()
        grants = env["waimaolang.oauth.grant"].search([])
        result = [problem, box.auth_method, box.has_password, box.state,
                  drain(box)["error"], grants.mapped("state")]
        """
    )
    assert found[0]
    assert found[1:5] == ["password", True, "connected", ""]
    assert found[5] in ([], ["revoking"])


def test_a_token_that_the_server_refuses_early_is_renewed_once(signed_in, dovecot):
    """The account's sessions were ended at the provider: the token looks fresh."""
    found = signed_in.run(
        """
        grant = grant_of(box)
        kept = grant._get_tokens()
        spoilt = kept.access_token[:-6] + "AAAAAA"
        grant._seal(type(kept)(spoilt, kept.refresh_token, kept.issued, kept.expires))
        env.cr.commit()
        connections.close_all()
        done = drain(box)
        result = [done["error"], box.state, issue(box) != spoilt]
        """
    )
    assert found == ["", "connected", True]


def test_a_server_that_refuses_every_token_asks_for_a_new_sign_in(signed_in, idp):
    """Three strikes, and not a token request without end."""
    idp.set(access_claims={"email": "nobody@elsewhere.example"})
    idp.forget_requests()
    found = signed_in.run(
        """
expire(box)
errors = strike(box, 5)
result = [errors[:3], box.state, told(CODE_NEEDED)]
"""
    )
    assert found[1:] == ["reauth", 1], found
    assert set(found[0]) == {"auth_bad"}
    assert token_requests(idp) <= 4


def test_a_broken_app_is_its_administrators_matter(signed_in, idp):
    """I6: told once, mailboxes kept, and they go on when it is mended."""
    idp.fail_aadsts(7000222)
    found = signed_in.run(
        """
other = create(box.provider_id._get_oauth_app(), values["email"])
expire(box)
errors = strike(box, 3)
broken = [errors, box.state, told(APP_BROKEN), told(CODE_NEEDED), grant_of(box).state,
          box.provider_id._get_oauth_app().state]
result = broken
""",
        email="second@lanyue.example",
    )
    assert found[0] == ["app_broken"] * 3
    assert found[1] == "error" and found[3:] == [0, "live", "broken"]
    administrators = found[2]
    assert administrators >= 1
    assert token_requests(idp) <= 2
    idp.heal()
    mended = signed_in.run(
        """
        app = box.provider_id._get_oauth_app()
        app.write({"password": "another-secret"})
        env.cr.commit()
        due = box.next_sync <= env.cr.now()
        result = [due, drain(box)["error"], box.state, told(APP_BROKEN), app.error_kind]
        """
    )
    assert mended == [True, "", "connected", 0, False]


def test_what_passes_by_itself_is_no_failure_of_the_sign_in(signed_in, idp):
    idp.fail(429, {"error": "slow_down"}, {"Retry-After": "7"}, times=1)
    found = signed_in.run(
        """
expire(box)
first = strike(box, 1)
second = strike(box, 1)
result = [first, second, box.state, grant_of(box).state]
"""
    )
    assert found == [["throttled"], [""], "connected", "live"]
