# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The binding wizard against real servers, as a client drives it: call by call."""

import base64

import pytest
from servers import front as fronts

from .box import Box
from .client import Client

CODE = "qzvjwkxh-Sieben7"
WIZARD = """
def preset(**more):
    vals = {
        "code": "own", "name": "Own servers", "domains": "lanyue.example",
        "imap_host": "localhost", "imap_port": values["imap"],
        "pop3_host": "localhost", "pop3_port": values["pop3"],
        "smtp_host": "localhost", "smtp_port": values["smtp"],
        "secret_kind": "code", "source": "test", **more,
    }
    return env["waimaolang.provider"].create(vals)
def user(login, group="salesman"):
    return env["res.users"].with_context(no_reset_password=True).create({
        "name": login, "login": login, "password": f"{login}-at-odoo",
        "group_ids": [(4, env.ref(f"sales_team.group_sale_{group}").id)],
    })
def wizard(owner, email, code, **vals):
    form = env["waimaolang.bind.wizard"].with_user(owner).create(
        {"email": email, **vals})
    form.action_next()
    form.action_next()
    form.password = code
    form.action_next()
    return form
def prove(form):
    for stage in ("incoming", "sending", "arrival"):
        done = getattr(form, f"action_test_{stage}")()
        if done["error"]:
            break
    return done
def refusal(call, *args):
    from odoo.exceptions import AccessError, UserError
    try:
        with env.cr.savepoint():
            call(*args)
    except (AccessError, UserError) as error:
        return str(error)
    return ""
def states(done):
    return {step["name"]: step["state"] for step in done["steps"]}
"""


@pytest.fixture
def ports(dovecot, smtp):
    return {
        "imap": dovecot.imaps_port,
        "pop3": dovecot.pop3s_port,
        "smtp": smtp.tls_port,
    }


def test_nothing_is_stored_before_the_test_has_passed(driver, box, ports):
    """Not even by a client that writes into the wizard that it has."""
    found = driver.run(
        WIZARD
        + """
preset()
form = wizard(user("lin"), values["email"], "wrong")
told = {"untested": refusal(form._bind), "next": refusal(form.action_next)}
told["forged"] = refusal(form.write, {"proof": {"passed": ["incoming", "arrival"]}})
done = prove(form)
told["wrong code"] = done["error"]["code"]
told["remedies"] = len(done["error"]["remedies"])
told["refused"] = refusal(form.action_next)
form.password = values["secret"]
done = prove(form)
told["steps"] = states(done)
told["boxes before"] = env["waimaolang.mailbox"].search_count([])
form.incoming_host = "127.0.0.1"
told["changed after the test"] = refusal(form.action_next)
form.incoming_host = "localhost"
for _step in ("test", "folders", "options"):
    form.action_next()
told["boxes"] = env["waimaolang.mailbox"].search([]).mapped("state")
told["estimates"] = form.estimates
told["kept"] = bool(form.sudo().password_sealed)
env.cr.commit()
result = told
""",
        email=box.email,
        secret=box.password,
        **ports,
    )
    assert found["untested"] and found["next"] and found["forged"]
    assert found["wrong code"] == "auth_bad"
    assert found["remedies"] >= 1
    assert found["refused"] and found["changed after the test"]
    assert found["steps"] == dict.fromkeys(
        ("dns", "tcp", "tls", "login", "id", "folders", "send", "receive"), "ok"
    )
    assert found["boxes before"] == 0
    assert found["boxes"] == ["connected"]
    assert found["estimates"]["-1"][0] == 0  # the test mail does not count
    assert found["kept"] is False


def test_a_test_that_has_passed_can_be_made_again(driver, box, ports):
    """After a step back; what was ticked meanwhile stays."""
    box.fill(1, folder="Projects")
    found = driver.run(
        WIZARD
        + """
preset()
form = wizard(user("lin"), values["email"], values["secret"], send_test=False)
form.action_test_incoming()
form.action_next()
row = form.folder_ids.filtered(lambda folder: folder.path == "Projects")
row.write({"role": "archive", "synced": False})
form.action_back()
form.action_back()
form.password = values["secret"]
form.action_next()
done = form.action_test_incoming()
form.action_next()
result = [done["error"], [
    (folder.role, folder.synced) for folder in form.folder_ids
    if folder.path == "Projects"
]]
""",
        email=box.email,
        secret=box.password,
        **ports,
    )
    assert found == [False, [["archive", False]]]


def test_a_pop3_mailbox_is_bound_without_folders(driver, box, ports):
    found = driver.run(
        WIZARD
        + """
preset()
rep = user("lin")
form = env["waimaolang.bind.wizard"].with_user(rep).create({"email": values["email"]})
form.action_next()
form.method = "pop3"
form._fill_servers()
form.action_next()
form.password = values["secret"]
form.action_next()
done = prove(form)
form.action_next()
step = form.step
form.action_next()
env.cr.commit()
box = env["waimaolang.mailbox"].search([])
total = drain(box)
result = [states(done), step, box.protocol, box.state, total["excluded"],
          box.folder_ids.mapped("path")]
""",
        email=box.email,
        secret=box.password,
        **ports,
    )
    steps, step, protocol, state, excluded, folders = found
    assert steps["receive"] == "ok"
    assert step == "options"
    assert (protocol, state, folders) == ("pop3", "connected", ["INBOX"])
    assert excluded == 1


def test_a_mailbox_that_only_receives_is_bound_on_purpose(driver, box, ports):
    """A broken outgoing server is told, and does not stop who only wants to read."""
    found = driver.run(
        WIZARD
        + """
preset(smtp_port=1)
form = wizard(user("lin"), values["email"], values["secret"])
done = prove(form)
told = [done["error"]["code"], states(done)["send"], refusal(form.action_next)]
form.action_skip_sending()
form.action_next()
result = [*told, form.step]
""",
        email=box.email,
        secret=box.password,
        **ports,
    )
    code, send, refused, step = found
    assert (code, send, step) == ("refused", "failed", "folders")
    assert refused


def test_i8_a_form_is_its_author_s_alone(driver, box, ports):
    found = driver.run(
        WIZARD
        + """
preset()
form = wizard(user("lin"), values["email"], values["secret"])
result = {}
for group in ("salesman", "manager"):
    other = user(f"other-{group}", group)
    theirs = form.with_user(other)
    result[group] = [
        bool(refusal(theirs.read, ["email"])),
        bool(refusal(theirs.action_test_incoming)),
        bool(refusal(theirs.write, {"incoming_host": "imap.thief.example"})),
    ]
""",
        email=box.email,
        secret=box.password,
        **ports,
    )
    assert found == {"salesman": [True] * 3, "manager": [True] * 3}


# What the MX records of customers' own domains look like, and whose they are.
EXCHANGERS = {
    "exmail": "mxbiz1.qq.com",
    "qiye163": "qiye163mx01.mxmail.netease.com",
    "aliyun_qiye": "mx1.qiye.aliyun.com",
    "263": "mx01.263.net",
    "feishu": "mx1.feishu.cn",
    "huawei": "mx1.sparkspace.huaweicloud.com",
    "gmail": "aspmx.l.google.com",
    "microsoft365": "corp-example.mail.protection.outlook.com",
}
FOUND_WITHIN = 2.0  # seconds, as promised


def test_a_custom_domain_is_recognised_by_its_mail_exchanger(driver, dns):
    domains = {code: f"{code.replace('_', '-')}.corp.test" for code in EXCHANGERS}
    for code, exchanger in EXCHANGERS.items():
        dns.add(f"mx-host={domains[code]},{exchanger},10")
    found = driver.run(
        WIZARD
        + """
import time
parameters = env["ir.config_parameter"]
parameters.set_param("waimaolang_mail.nameservers", values["nameserver"])
parameters.set_param("waimaolang_mail.ispdb", "False")
rep = user("lin")
result = {}
for code, domain in values["domains"].items():
    form = env["waimaolang.bind.wizard"].with_user(rep).create(
        {"email": f"lin@{domain}"})
    began = time.monotonic()
    form.action_next()
    spent = time.monotonic() - began
    result[code] = [form.provider_id.code, form.incoming_host, form.method, spent,
                    form.methods["recommended"]]
""",
        nameserver=dns.nameserver,
        domains=domains,
    )
    assert {code: row[0] for code, row in found.items()} == {c: c for c in EXCHANGERS}
    for code, (_code, host, method, spent, recommended) in found.items():
        assert spent < FOUND_WITHIN, code
        if code == "microsoft365":  # passwords are gone there
            assert (method, recommended) == (False, "")
        else:
            assert host.startswith(("imap.", "hwimap")), code
            assert method == recommended == "imap"


def test_an_unknown_domain_is_entered_by_hand(driver, box, dns, ports):
    """Nothing is found: the form says so, and goes on with what is entered."""
    dns.add("txt-record=nowhere.test,nothing here")
    found = driver.run(
        WIZARD
        + """
parameters = env["ir.config_parameter"]
parameters.set_param("waimaolang_mail.nameservers", values["nameserver"])
parameters.set_param("waimaolang_mail.ispdb", "False")
form = env["waimaolang.bind.wizard"].with_user(user("lin")).create(
    {"email": "lin@nowhere.test"})
form.action_next()
told = [form.found_how, form.incoming_host, refusal(form.action_next),
        bool(form.search_log)]
form.write({"incoming_host": "localhost", "incoming_port": values["imap"],
            "outgoing_host": "localhost", "outgoing_port": values["smtp"],
            "login": values["email"]})
form.action_next()
form.password = values["secret"]
form.action_next()
done = form.action_test_incoming()
result = [*told, done["error"], states(done)["login"]]
""",
        nameserver=dns.nameserver,
        email=box.email,
        secret=box.password,
        **ports,
    )
    how, host, refused, logged, error, login = found
    assert not how and not host and logged
    assert "nowhere.test" in refused
    assert (error, login) == (False, "ok")


def test_a_bound_mailbox_sends_itself_a_mail(driver, box, ports):
    """Proved by the server's own folder; told with cause when it fails."""
    found = driver.run(
        WIZARD
        + """
box = bind(provider_id=preset().id, **values["box"])
box.outgoing_host, box.outgoing_port = "localhost", values["smtp"]
env.cr.commit()
box.action_connect()
sent = box.action_send_test()
fresh()
total = drain(box)
reasons = env["waimaolang.mailbox.copy"].search([]).mapped("reason")
box.outgoing_port = 1
env.cr.commit()
result = [sent["params"]["type"], total["stored"], total["excluded"], reasons,
          refusal(box.action_send_test)]
""",
        box=box.values(),
        **ports,
    )
    kind, stored, excluded, reasons, refused = found
    assert (kind, stored, excluded, reasons) == ("success", 0, 1, ["test"])
    assert "SMTP" in refused
    assert len(box.dovecot.messages(box.email)) == 1


def test_i9_a_test_mail_goes_by_what_is_committed(driver, box, ports):
    """Server and code of one moment: not a committed code to a server that is not."""
    found = driver.run(
        WIZARD
        + """
box = bind(provider_id=preset().id, outgoing_host="localhost",
           outgoing_port=values["smtp"], **values["box"])
box.action_connect()
fresh()
box.outgoing_port = 1
result = box.action_send_test()["params"]["type"]
""",
        box=box.values(),
        **ports,
    )
    assert found == "success"


def test_i6_an_ambiguous_answer_is_not_asked_again(driver, ports, ca, dovecot):
    """The same try waits; another code does not."""
    script, real = fronts.SCRIPTS["exmail_ambiguous"], (dovecot.host, ports["imap"])
    with fronts.Front(ca, script, real, ca.issue("front-wizard")) as server:
        found = driver.run(
            WIZARD
            + """
preset()
form = wizard(user("lin"), "lin@lanyue.example", "some-code-1")
first = form.action_test_incoming()
again = refusal(form.action_test_incoming)
form.password = "some-code-2"
other = form.action_test_incoming()
result = [first["error"]["code"], len(first["error"]["remedies"]), bool(again),
          other["error"]["code"]]
""",
            **{**ports, "imap": server.port},
        )
        assert found[0] == found[3] == "ambiguous"
        assert found[1] >= 3 and found[2]
        assert server.connections == 2


def test_i9_the_code_is_nowhere(driver, odoo, dovecot, ports, tmp_path):
    """A bind, a failure and a sync at log level debug, then everything that is
    written down is searched for the code."""
    box = Box(dovecot, "secrets@lanyue.example", CODE)
    box.fill(5)
    odoo.options["log_level"] = "debug"
    driver.run(
        WIZARD
        + """
preset()
user("lin")
user("boss", "manager")
env.cr.commit()
result = True
""",
        **ports,
    )
    odoo.start(cron_threads=2)
    client = Client(odoo)
    lin = client.log_in("lin", "lin-at-odoo")
    form = lin.save("waimaolang.bind.wizard", [], {"email": box.email})
    for _step in ("address", "method"):
        lin.button("waimaolang.bind.wizard", "action_next", form)
    onchange = lin.call(
        "waimaolang.bind.wizard",
        "onchange",
        [form],
        {"password": CODE},
        ["password"],
        {"password": {}, "has_password": {}},
    )
    lin.save("waimaolang.bind.wizard", [form], {"password": f"wrong-{CODE}"})
    lin.button("waimaolang.bind.wizard", "action_next", form)
    refused = lin.call("waimaolang.bind.wizard", "action_test_incoming", [form])
    assert refused["error"]["code"] == "auth_bad"
    lin.save("waimaolang.bind.wizard", [form], {"password": CODE})
    answers = [onchange, refused]
    for stage in ("incoming", "sending", "arrival"):
        answers.append(
            lin.call("waimaolang.bind.wizard", f"action_test_{stage}", [form])
        )
    for _step in ("test", "folders", "options"):
        lin.button("waimaolang.bind.wizard", "action_next", form)
    driver.run("box = env['waimaolang.mailbox'].search([])\ndrain(box)\nresult = 1")
    written = [driver.log]
    # the same by the form of the mailbox itself, with a failure that raises
    (mailbox,) = lin.call("waimaolang.mailbox", "search", [["email", "=", box.email]])
    lin.save("waimaolang.mailbox", [mailbox], {"password": f"other-{CODE}"})
    answers.append(lin.fails("waimaolang.mailbox", "action_connect", [mailbox]))
    lin.save("waimaolang.mailbox", [mailbox], {"password": CODE})
    lin.button("waimaolang.mailbox", "action_connect", mailbox)
    for login, password in (
        ("lin", "lin-at-odoo"),
        ("boss", "boss-at-odoo"),
        ("admin", "admin"),
    ):
        reader = client.log_in(login, password)
        for model in ("waimaolang.mailbox", "waimaolang.bind.wizard"):
            names = list(reader.call(model, "fields_get", [], ["type"]))
            for name in names:
                answers.append(reader.tries(model, "search_read", [], [name]))
                answers.append(reader.tries(model, "export_data", [mailbox], [name]))
    odoo.stop()
    dump = odoo.postgres.dump(odoo.database)
    written += [odoo.log.read_text(errors="replace"), dump, repr(answers)]
    assert "waimaolang" in dump and "DEBUG" in written[1]
    for text in written:
        for piece in (CODE, CODE.lower(), encoded(CODE)):
            assert piece not in text, text[max(0, text.find(piece) - 300) :][:600]


def encoded(secret):
    return base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]
