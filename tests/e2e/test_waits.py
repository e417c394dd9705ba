# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A provider that must be left alone is, whoever asks and however (I6); and a
connection that nobody wants is used by no process (I13)."""

import pytest
from servers import front as fronts

from .test_bind_wizard import WIZARD, ports

__all__ = ("ports",)  # a fixture


@pytest.fixture
def ambiguous(ca, dovecot, ports):
    script, real = fronts.SCRIPTS["exmail_ambiguous"], (dovecot.host, ports["imap"])
    with fronts.Front(ca, script, real, ca.issue("front-waits")) as server:
        yield server


def test_i6_no_form_and_no_mailbox_evades_the_wait(driver, ports, ambiguous):
    """Typed again, by another form, by the mailbox, by a pass: the same code waits;
    and of other codes a few may be tried."""
    found = driver.run(
        WIZARD
        + """
preset()
rep, boss = user("lin"), user("boss", "manager")
email, code = "lin@lanyue.example", "some-code-1"
form = wizard(rep, email, code)
told = [form.action_test_incoming()["error"]["code"]]
form.password = code
told.append(refusal(form.action_test_incoming))
other = wizard(rep, email, code)
told.append(refusal(other.action_test_incoming))
box = bind(name="Lin", email=email, password=code, incoming_port=values["imap"])
told += [refusal(box.action_connect), refusal(box.action_reconnect, code),
         refusal(box.action_reconnect), refusal(box.action_send_test)]
box.sudo().state = "connected"
env.cr.commit()
told.append(box._sync()["error"])
result = {"told": told, "waits": str(box.next_sync > box.write_date)}
for name in ("two", "three", "four", "four"):
    result[name] = refusal(box.action_reconnect, name)
""",
        **{**ports, "imap": ambiguous.port},
    )
    first, *told, passed = found["told"]
    assert (first, passed, found["waits"]) == ("ambiguous", "login_frequency", "True")
    for text in told[:-1]:
        assert "Please wait until" in text and "at once" in text
    assert "outgoing server" in told[-1]
    assert "Please wait" not in found["two"] + found["three"]
    assert "several codes" in found["four"]
    assert ambiguous.connections == 3


def test_i6_sending_waits_too(driver, box, ports, ca, smtp):
    answer = fronts.Answer(fronts.SMTP_LOGIN, "535 " + fronts.AMBIGUOUS)
    script = fronts.Script("as by IMAP; unverified", answers=(answer,))
    real = (smtp.host, ports["smtp"])
    with fronts.Front(ca, script, real, ca.issue("front-sending")) as server:
        found = driver.run(
            WIZARD
            + """
preset()
form = wizard(user("lin"), values["email"], values["secret"])
form.action_test_incoming()
first = form.action_test_sending()["error"]
result = [first["code"], refusal(form.action_test_sending),
          bool(form.action_test_incoming()["error"])]
""",
            email=box.email,
            secret=box.password,
            **{**ports, "smtp": server.port},
        )
        assert found[0] == "ambiguous"
        assert "Please wait until" in found[1] and found[2] is False
        assert server.connections == 1


def test_i13_a_kept_connection_ends_when_a_person_wants_a_new_one(driver, box):
    """A code that was changed at the provider shows when she asks; passes by themselves
    go on by the open connection. The counter alone is what another process sees."""
    code = """
from odoo.addons.waimaolang_mail.engine import lanes, logins
from odoo.addons.waimaolang_mail.engine.pool import connections
held = lambda: bool(connections.held(env.cr.dbname))
forget, logins.forget_connection = logins.forget_connection, lambda *a: None
"""
    box_id = driver.run("result = bind(**values).id", **box.values())
    found = driver.run(
        code
        + """
box = env["waimaolang.mailbox"].browse(values["id"])
box.action_connect()
fresh()
told = [box._sync()["error"], box._sync()["error"], held()]
box.action_pause()
env.cr.commit()
logins.forget_connection = forget
lanes.run_slice(env.registry)
told.append(held())
box.action_resume()
env.cr.commit()
told += [box._sync()["error"], held()]
logins.forget_connection = lambda *a: None
box.action_sync()
env.cr.commit()
told += [box._sync()["error"], held()]
result = told
""",
        id=box_id,
    )
    assert found == ["", "", True, False, "", True, "", True]
    assert box.dovecot.logins(box.email) == 3
    box.dovecot.add_user(box.email, "changed-at-the-provider")
    found = driver.run(
        """
box = env["waimaolang.mailbox"].browse(values["id"])
box.action_sync()
env.cr.commit()
error = box._sync()["error"]
fresh()
result = [error, box.state, box.health, box.reconnect_first]
""",
        id=box_id,
    )
    assert found == ["auth_bad", "error", "trouble", True]
