# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person sees when a binding fails, provider by provider: the code and the first
thing to do. Each provider is played by a front (servers/front.py) before Dovecot."""

import re
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from servers import front as fronts
from servers.ca import CA

sys.path.append(str(Path(__file__).resolve().parents[2] / "waimaolang_mail"))

from transport import registry  # noqa: E402

SECRET = "Zq7-right-code-91"
WAIT = "Wait a quarter of an hour; do not try again before."
ALLOW = "Allow third-party mail programs in the web mail's settings"

# script, provider, code, the first remedy: a field of the provider's preset, and what
# stands there where the preset has none
TABLE = [
    ("exmail_code", "exmail", "auth_needs_code", "code_steps", "Open the web mail"),
    ("exmail_code_gbk", "exmail", "auth_needs_code", "code_steps", "Open the web mail"),
    ("exmail_ambiguous", "exmail", "ambiguous", "imap_steps", "Check that IMAP is"),
    ("exmail_ambiguous_gbk", "exmail", "ambiguous", "imap_steps", "Check that IMAP is"),
    ("netease_unsafe_for_good", "163", "client_id_required", "", ALLOW),
    ("netease_wrong_code", "163", "auth_bad", "code_steps", "Check address and login"),
    ("netease_qiye_ip", "qiye163", "ip_blocked", "", "Add the address to the"),
    (
        "aliyun_blocked",
        "aliyun_qiye",
        "blocked_by_admin",
        "admin_steps",
        "Ask the administrator",
    ),
    ("gmail_app_password", "gmail", "auth_needs_code", "code_steps", "Open the web"),
    ("gmail_wrong", "gmail", "auth_needs_code", "code_steps", "Open the web mail"),
    ("microsoft_basic", "microsoft365", "oauth_required", "", "Sign in with the"),
    ("yandex_off", "yandex", "ambiguous", "imap_steps", "Check that IMAP is switched"),
    ("frequency", "qq", "login_frequency", "", WAIT),
    ("hangs", "", "timeout", "", "Check server, port and encryption"),
    ("self_signed", "", "tls_untrusted", "", "If this is your company's own server"),
    ("wrong_name", "", "tls_name", "", "Enter the server's name as its provider"),
    ("stripped", "", "tls_missing", "", "Use SSL/TLS with port 993."),
]
POP3_TABLE = [
    ("pop3_qq_code", "qq", "auth_needs_code", "code_steps", "Open the web mail"),
    ("pop3_qq_ambiguous", "qq", "ambiguous", "", "Check that POP3 is"),
]

PRELUDE = """
from odoo.exceptions import UserError
from odoo.addons.waimaolang_mail.models import mailbox_errors
from odoo.addons.waimaolang_mail.transport import session
session.CONNECT_SECONDS = 3.0  # for the one that hangs
env["res.lang"]._activate_lang("zh_CN")
env["ir.module.module"]._load_module_terms(["waimaolang_mail"], ["zh_CN"])

def provider(code):
    found = env["waimaolang.provider"].search([("code", "=", code)])
    assert found or not code, code
    return found

def first_line(text):
    return ((text or "").strip().splitlines() or [""])[0].strip()

def attempt(box):
    try:
        box.action_connect()
        return ""
    except UserError as error:
        return str(error)
    finally:
        fresh()
"""


@pytest.fixture
def play(ca, dovecot, tmp_path):
    """``play(script, protocol)`` starts the front of a row; what a mailbox needs."""
    certificates = {
        "self_signed": CA(tmp_path / "other-ca").issue("front"),
        "wrong_name": ca.issue("front-misnamed", names=("imap.qiye.163.com",)),
    }
    trusted = ca.issue("front")
    with ExitStack() as stack:

        def start(name, protocol="imap"):
            ports = {"imap": dovecot.imaps_port, "pop3": dovecot.pop3s_port}
            certificate = certificates.get(name, trusted)
            if name == "stripped":
                certificate = None
            script = fronts.SCRIPTS["plain" if name in certificates else name]
            upstream = (dovecot.host, ports[protocol])
            front = fronts.Front(ca, script, upstream, certificate)
            return stack.enter_context(front)

        yield start


def values_of(number, front, protocol="imap", name=""):
    return {
        "name": name or str(number),
        "email": f"user{number}@lanyue.example",
        "password": SECRET,
        "protocol": protocol,
        "incoming_port": front.port,
        "incoming_security": "starttls" if name == "stripped" else "ssl",
    }


def test_the_table_of_what_the_user_sees(driver, play, dovecot):
    # NetEase lets in and refuses later
    dovecot.add_users(
        {f"user{number}@lanyue.example": SECRET for number in range(len(TABLE))}
    )
    rows = [(row, "imap") for row in TABLE]
    if "pop3" in registry.protocols():
        rows += [(row, "pop3") for row in POP3_TABLE]
    played = [play(row[0], protocol) for row, protocol in rows]
    told = driver.run(
        PRELUDE
        + """
result = []
for vals, code, field in values["rows"]:
    record = provider(code)
    box = bind(**vals, provider_id=record.id)
    text = attempt(box)
    chinese = mailbox_errors.explain(
        env(context={"lang": "zh_CN"}), box.error_code, provider=record,
        protocol=box.protocol)
    result.append({
        "code": box.error_code, "text": text, "message": box.error_message,
        "preset": first_line(record[field]) if field else "",
        "chinese": [chinese.cause, chinese.remedies[0]],
        "link": record.help_url or "", "transcript": box.transcript or "",
        "state": box.state,
    })
""",
        rows=[
            (values_of(number, front, protocol, row[0]), row[1], row[3])
            for number, ((row, protocol), front) in enumerate(
                zip(rows, played, strict=True)
            )
        ],
    )
    for (row, _protocol), seen in zip(rows, told, strict=True):
        script, _provider, code, _field, otherwise = row
        assert seen["code"] == code, (script, seen)
        _cause, first = seen["text"].splitlines()[:2]
        assert first.startswith("1. " + (seen["preset"] or otherwise)), (script, seen)
        assert seen["message"] == seen["text"], script
        assert seen["state"] == "draft", script
        for line in seen["chinese"]:
            assert re.search("[一-鿿]", line), (script, line)
        if code in ("auth_bad", "auth_needs_code", "ambiguous", "blocked_by_admin"):
            assert seen["link"] in seen["text"]
        assert f": {code}" in seen["transcript"], script
        assert SECRET not in str(seen)
    assert SECRET not in driver.log
    stripped = played[[row[0] for row, _protocol in rows].index("stripped")]
    assert not any("LOGIN" in x or "AUTHENT" in x for x in stripped.received)


def test_netease_with_an_id_connects(driver, play, box):
    front = play("netease_unsafe")
    found = driver.run(
        PRELUDE
        + """
box = bind(**values["vals"], provider_id=provider("163").id)
text = attempt(box)
result = [text, box.state, box.error_code, box.transcript]
""",
        vals=box.values(incoming_port=front.port),
    )
    assert found == ["", "connected", False, False]
    said = [line.split(" ", 1)[1] for line in front.received if " " in line]
    asked = next(n for n, line in enumerate(said) if line.startswith("ID ("))
    opened = next(n for n, line in enumerate(said) if line.startswith("EXAMINE"))
    assert asked < opened


def test_an_ambiguous_answer_waits_and_a_changed_code_does_not(driver, play, box):
    front = play("exmail_ambiguous")
    fine = play("plain")
    found = driver.run(
        PRELUDE
        + """
box = bind(**values["vals"], provider_id=provider("exmail").id)
env.user.tz = "Asia/Shanghai"
env.cr.commit()
first = attempt(box)
until = box.wait_until
again = [attempt(box), attempt(box)]
box.password = values["vals"]["password"] + "x"
env.cr.commit()
cleared = box.wait_until
attempt(box)
# the account's wait is the server's: by another name it is another one
box.write({"incoming_host": "127.0.0.1", "incoming_port": values["fine"],
           "password": values["vals"]["password"]})
env.cr.commit()
last = attempt(box)
result = {
    "first": first, "again": again, "until": str(until), "now": str(box.write_date),
    "local": str(__import__("odoo").tools.format_datetime(
        env, until, tz="Asia/Shanghai", dt_format="short")),
    "cleared": cleared, "last": [last, box.state, box.wait_until, box.transcript],
}
""",
        vals=box.values(incoming_port=front.port),
        fine=fine.port,
    )
    assert front.connections == 2  # the first try, and the one with another code
    for text in found["again"]:
        assert found["local"] in text.splitlines()[0]
        assert "1. " in text and WAIT in text
    assert found["cleared"] is False
    assert found["last"] == ["", "connected", False, False]


def test_i9_the_dialogue_for_support_holds_no_code_and_no_folder(driver, play, box):
    box.fill(1, folder="客户/Nordwind GmbH")
    front = play("plain")
    found = driver.run(
        PRELUDE
        + """
box = bind(**values["vals"])
box.action_connect()
fresh()
box.password = "Wr0ng-" + values["vals"]["password"]
env.cr.commit()
text = attempt(box)
result = [text, box.transcript]
""",
        vals=box.values(incoming_port=front.port),
    )
    text, transcript = found
    assert "greeting: " in transcript and "login: auth_bad" in transcript
    assert box.password not in text + transcript + driver.log
    assert "Nordwind" not in transcript
