# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From a code to a sign-in and back: the ledger stays, nothing comes twice."""

LEDGER = """
def ledger():
    fresh()
    env.cr.execute("SELECT min(id), max(id), count(*) FROM waimaolang_mailbox_copy")
    rows = list(env.cr.fetchone())
    return [rows, sorted(env["waimaolang.mail"].search([]).ids)]
"""


def test_i1_i2_from_a_code_to_a_sign_in_and_back(bound_by_code, idp):
    bound_by_code.box.fill(9)
    found = bound_by_code.run(
        LEDGER
        + """
drain(box)
before = ledger()
problem = sign_in(box)
fresh()
signed = [problem, box.auth_method, box.has_password, box.sudo().password_sealed,
          box.state]
again = drain(box)
after = ledger()
box.action_reconnect(values["secret"])
fresh()
back = [box.auth_method, box.has_password, box.state,
        env["waimaolang.oauth.grant"].search([]).mapped("state")]
once_more = drain(box)
env["waimaolang.oauth.grant"]._withdraw_all()
fresh()
result = [signed, again["stored"], before == after, back, once_more["stored"],
          before == ledger(), env["waimaolang.oauth.grant"].search_count([])]
""",
        secret=bound_by_code.box.password,
    )
    signed, stored, same, back, stored_again, still_same, grants = found
    assert signed == ["", "oauth", False, False, "connected"]
    assert (stored, same) == (0, True)
    assert back == ["password", True, "connected", ["revoking"]]
    assert (stored_again, still_same, grants) == (0, True, 0)
    assert idp.requests("revoke"), "the provider was told"


def test_new_mail_between_the_ways_comes_once(bound_by_code):
    bound_by_code.box.fill(4)
    found = bound_by_code.run(
        """
        drain(box)
        result = sign_in(box)
        """
    )
    assert found == ""
    bound_by_code.box.fill(3, first=40)
    found = bound_by_code.run("result = [drain(box)['error'], coverage(box)['INBOX']]")
    assert found == ["", [7, 7, 0, 0, 0]]


def test_a_wrong_code_leaves_the_sign_in_as_it_was(signed_in):
    found = signed_in.run(
        """
        from odoo.exceptions import UserError
        refused = False
        try:
            box.action_reconnect("wrong-code")
        except UserError:
            refused = True
        env.cr.rollback()
        fresh()
        result = [refused, box.auth_method, grant_of(box).state, drain(box)["error"]]
        """
    )
    assert found == [True, "oauth", "live", ""]


def test_disconnecting_ends_it_at_both_ends(signed_in, idp):
    """Threat 19: what was kept opens nothing afterwards."""
    found = signed_in.run(
        """
        kept = grant_of(box)._get_tokens()
        app = grant_of(box).app_id
        box.action_disconnect()
        env.cr.commit()
        env["waimaolang.oauth.grant"]._withdraw_all()
        fresh()
        try:
            flow.of(app.provider).refresh(app._get_flow_app(), kept.refresh_token)
            refused = ""
        except flow.errors.OAuthError as error:
            refused = error.kind
        result = [box.state, env["waimaolang.oauth.grant"].search_count([]), refused,
                  box._sync()["error"]]
        """
    )
    assert found[:3] == ["disconnected", 0, "consent_needed"]
    assert idp.requests("revoke")
