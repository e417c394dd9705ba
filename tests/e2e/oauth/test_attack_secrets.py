# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is left of a sign-in where others can read."""

import base64
import json

from .scene import IN_ODOO

SECRET = "lab-client-secret"
# The whole life of the tokens; what they were goes into a file that no log holds.
LIFE = (
    IN_ODOO
    + """
box = env["waimaolang.mailbox"].browse(values["box_id"])
expire(box)
known = [issue(box)]
drain(box)
box.action_send_test()
kept = grant_of(box)._get_tokens()
known.append(kept.refresh_token)
# refused by the server, whose dialogue is kept, and then by the provider
spoilt = kept.access_token[:-6] + "AAAAAA"
no_refresh = "a-refresh-token-that-is-none"
known += [spoilt, no_refresh]
grant_of(box)._seal(type(kept)(spoilt, no_refresh, kept.issued, kept.expires))
env.cr.commit()
connections.close_all()
error = box._sync()["error"]
fresh()
under_way = env["waimaolang.oauth.state"].search([])
text = env["waimaolang.vault"]._unseal(under_way, "kept_sealed", under_way.kept_sealed)
begun = json.loads(text)
known += [begun[name] for name in ("code_verifier", "nonce", "state")]
with open(values["file"], "w") as file:
    json.dump(known, file)
result = error
"""
)


def test_i9_threat_12_no_secret_in_logs_or_the_database(
    rep, bound, idp, driver, tmp_path
):
    """At log level debug, with what can go wrong on the way."""
    bound.box.fill(2)
    she = rep(log_level="debug", log_db=driver.odoo.database)
    idp.fail(400, {"error": "invalid_grant", "error_description": "no"}, times=1)
    ways = [she.leaves()]
    she.returns(ways[0])
    ways.append(she.leaves())
    assert she.returns(ways[1]).status_code == 303
    ways.append(she.leaves())  # and one that is under way for good
    file = tmp_path / "known.json"
    error = driver.run(LIFE, box_id=bound.id, file=str(file))
    assert error == "consent_needed", driver.log[-3000:]
    forms = [one["form"] for one in idp.requests()]
    names = ("code", "code_verifier", "refresh_token", "client_secret")
    asked = {form[name] for form in forms for name in names if form.get(name)}
    known = {*asked, *json.loads(file.read_text())}
    assert SECRET in known and len(known) >= 12
    texts = {
        "the server's log": she.odoo.log.read_text(errors="replace"),
        "the engine's log": driver.log,
        "the database": driver.odoo.postgres.dump(driver.odoo.database),
    }
    assert "/google/callback?" in texts["the server's log"]
    assert "consent_needed" in texts["the database"]
    assert "ir_logging" in texts["the database"]
    for place, text in texts.items():
        if place != "the database":
            assert " DEBUG " in text, place
        for secret in known:
            for form in (secret, *encoded(secret)):
                where = text.find(form)
                assert where < 0, f"{place}: {text[max(0, where - 200) : where + 30]}"


def encoded(secret):
    """What base64 makes of it, wherever in a longer text it stands."""
    for shift in range(3):
        text = base64.b64encode(b"\1" * shift + secret.encode()).decode()
        yield text[4:-4] if shift else text[:-4]
