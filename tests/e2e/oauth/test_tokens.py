# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tokens against a provider that says what a test wants, and Dovecot, which takes what
that provider signed."""

import pytest

WORKERS = 8
both = pytest.mark.parametrize("bound", ["google", "microsoft"], indirect=True)


def refreshes(idp):
    return [
        one
        for one in idp.requests()
        if one["form"].get("grant_type") == "refresh_token"
    ]


@both
def test_a_mailbox_is_read_and_sends_without_any_password(signed_in, idp):
    signed_in.box.fill(12)
    signed_in.box.fill(2, folder="已发送", sent=True)
    found = signed_in.run(
        """
        box._look_for_folders()
        env.cr.commit()
        done = drain(box)
        box.action_send_test()
        fresh()
        result = [done, box.state, box.auth_method, box.has_password,
                  box.sudo().password_sealed, box.outgoing_error_code]
        """
    )
    assert found[0]["stored"] + found[0]["excluded"] == 14, found
    assert found[1:] == ["connected", "oauth", False, False, False]
    assert refreshes(idp) == [], "the first token serves"


@both
def test_eight_workers_ask_the_provider_once(signed_in, idp):
    """Threat 17: a provider that rotates takes the second request for a theft."""
    signed_in.run("expire(box); result = True")
    idp.forget_requests()
    idp.fail(None, times=1, delay=3)  # the others come while the first one waits
    steps = [signed_in.fork("result = issue(box)") for _number in range(WORKERS)]
    got = {step.wait() for step in steps}
    assert len(got) == 1, "all have the same token"
    assert len(refreshes(idp)) == 1
    assert signed_in.run("result = issue(box)") in got


def test_a_rollback_loses_no_rotated_token(signed_in, idp):
    found = signed_in.run(
        """
        expire(box)
        box.name = "changed, and never committed"
        env.flush_all()
        settings = loading.load(env, box.id)
        first = secrets.issue(env.cr.dbname, box.id, settings.credentials,
                              settings.address).credentials.secret
        env.cr.rollback()
        # as if all of this had been an error: the old refresh token is void by now
        second = issue(box, refused=first)
        result = [bool(first), bool(second), grant_of(box).state, box.name]
        """
    )
    assert found == [True, True, "live", "Rep"]
    assert len(refreshes(idp)) == 2


def test_a_killed_worker_leaves_the_token_to_the_next(signed_in, idp):
    signed_in.run("expire(box); result = True")
    idp.fail(503, times=1, delay=60)
    step = signed_in.fork("result = issue(box)")
    signed_in.wait_for(lambda: refreshes(idp), what="a request to the provider")
    assert step.kill()
    idp.heal()
    assert signed_in.run("result = issue(box)")


def test_tokens_that_end_in_the_middle_of_an_import(signed_in, idp):
    """I1, I2: sessions end before their token does, and nothing is lost by it."""
    signed_in.box.fill(900)
    idp.set(ttl=40)  # a session of some seconds
    found = signed_in.run(
        """
        expire(box)
        errors, passes = [], 0
        while passes < 60:
            done = box._sync()
            passes += 1
            errors.append(done["error"])
            if not done["pending"] and not done["busy"]:
                break
        fresh()
        result = [sorted(set(errors)), box.state, coverage(box)["INBOX"]]
        """
    )
    assert found[0] == [""] and found[1] == "connected", found
    assert found[2][0] == 900 and sum(found[2][1:]) == 900
    assert len(refreshes(idp)) >= 1


def test_sessions_end_before_their_token_and_a_cut_one_is_opened_anew(signed_in):
    """Gmail cuts a session when its token ends."""
    signed_in.box.fill(3)
    found = signed_in.run(
        """
        drain(box)
        key = (env.cr.dbname, box.id)
        first = connections._idle[key]
        told = first.until - time.monotonic()
        # as the network shows it when the server cuts
        first.transport._wire.sock.shutdown(2)
        errors = [box._sync()["error"]]
        second = connections._idle[key]
        second.until = time.monotonic() - 1
        errors.append(box._sync()["error"])
        fresh()
        result = [3400 < told < 3600, errors, box.state, second is not first,
                  connections._idle[key] is not second]
        """
    )
    assert found == [True, ["", ""], "connected", True, True]
