# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What leaves as its writer saw it: pictures, large files, a document's mail, mail to
several, from a second mailbox, mended after a refusal."""

import base64
import hashlib

import requests

from .box import Box
from .scene import addresses, arrived, parsed, play, sent_folder, wait_for

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


def test_a_picture_in_the_body_arrives_with_it(driver, box, outlet, smtp):
    play(
        driver,
        outlet,
        """
        from markupsafe import Markup
        picture = as_rep(env["ir.attachment"]).create({
            "name": "lamp.png", "datas": values["png"], "mimetype": "image/png",
            "res_model": "crm.lead", "res_id": lead.id})
        post(body=Markup('<p>See <img src="/web/image/%s?access_token=x"></p>')
             % picture.id, subject="Picture",
             attachment_ids=picture.ids)  # as the editor has it: shown, not listed
        sync()
        result = True
        """,
        png=base64.b64encode(PNG).decode(),
    )
    (raw,) = wait_for(smtp, box, "Picture")
    mail = parsed(raw)
    (image,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert image.get_content() == PNG
    content_id = image["Content-ID"].strip("<>")
    html = mail.get_body(("html",)).get_content()
    assert f'src="cid:{content_id}"' in html and "/web/image" not in html
    assert image.get_content_disposition() == "inline"


def test_twenty_megabytes_arrive_whole(driver, box, outlet, smtp):
    box.dovecot.create_folders(box.email, ["Sent"])
    found = play(
        driver,
        outlet,
        """
        import base64, hashlib, random
        content = random.Random(20).randbytes(20 * 2**20)
        file = as_rep(env["ir.attachment"]).create({
            "name": "产品目录 2026.pdf", "raw": content,
            "mimetype": "application/pdf", "res_model": "crm.lead", "res_id": lead.id})
        row = post(body="x", subject="Large",
                   attachment_ids=file.ids).sudo().waimaolang_outbox_ids
        sync()
        due_now()
        sync()
        result = [row.state, row.copy_state, hashlib.sha256(content).hexdigest(),
                  env["waimaolang.mail"].search_count([])]
        """,
    )
    state, copy, digest, mails = found
    assert (state, copy, mails) == ("sent", "appended", 1)
    for raw in (*wait_for(smtp, box, "Large"), *sent_folder(box)):
        (file,) = parsed(raw).iter_attachments()
        assert file.get_filename() == "产品目录 2026.pdf"
        assert hashlib.sha256(file.get_content()).hexdigest() == digest
    assert len(arrived(smtp, box, "Large")) == len(sent_folder(box)) == 1


def test_a_documents_mail_leaves_without_odoos_frame(driver, box, outlet, smtp):
    """Quotations and other documents are posted with a layout."""
    play(
        driver,
        outlet,
        """
        post(body="<p>Your quotation.</p>", subject="Quotation",
             email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature")
        sync()
        result = True
        """,
    )
    (raw,) = wait_for(smtp, box, "Quotation")
    html = parsed(raw).get_body(("html",)).get_content()
    assert "Your quotation." in html
    for frame in ("odoo", "<table", "powered by", "o_mail_notification", "crm.lead"):
        assert frame not in html.lower()


def test_the_small_composer_sends_from_the_chosen_mailbox(
    driver, odoo, dovecot, box, outlet, smtp
):
    other = Box(dovecot, f"second-{box.email}")
    smtp.add_user(other.email, other.password)
    second = {**outlet, **other.values(), "name": "Second"}
    found = play(
        driver,
        outlet,
        """
        rep.password = "rep-at-odoo"
        second = bind(user_id=rep.id, provider_id=box.provider_id.id,
                      **values["second"])
        second.action_connect()
        foreign = bind(user_id=env.ref("base.user_admin").id, **values["foreign"])
        env.cr.commit()
        senders = as_rep(env["waimaolang.mailbox"]).get_senders("crm.lead", lead.id)
        result = [lead.id, buyer.id, second.id, foreign.id,
                  [sender["id"] for sender in senders]]
        """,
        second=second,
        foreign={**second, "email": "admin@lanyue.example"},
    )
    lead, buyer, second_id, foreign, senders = found
    assert len(senders) == 2 and foreign not in senders
    odoo.start()
    session = requests.Session()

    def call(route, **params):
        answer = session.post(
            f"{odoo.url}{route}", json={"jsonrpc": "2.0", "params": params}, timeout=60
        )
        return answer.json()

    call(
        "/web/session/authenticate",
        db=odoo.database,
        login="rep",
        password="rep-at-odoo",
    )

    def post(mailbox_id):
        return call(
            "/mail/message/post",
            thread_model="crm.lead",
            thread_id=lead,
            post_data={
                "body": "x",
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
                "partner_ids": [buyer],
                "waimaolang_sending": {"mailbox_id": mailbox_id},
            },
        )

    assert "result" in post(second_id)
    assert "error" in post(foreign)
    rows = driver.sql("SELECT subject, mailbox_id FROM waimaolang_outbox")
    assert rows == [["LED 灯询价", str(second_id)]]
    play(
        driver,
        outlet,
        """
        env["waimaolang.mailbox"].browse(values["second"])._sync()
        result = True
        """,
        second=second_id,
    )
    wait_for(smtp, other, "LED 灯询价")


def test_several_get_a_mail_of_their_own(driver, box, outlet, smtp):
    found = play(
        driver,
        outlet,
        """
        from odoo.exceptions import UserError
        people = env["res.partner"].create([
            {"name": "Ann", "email": "ann@first.example"},
            {"name": "Bob", "email": "Bob <bob@second.example>"},
            {"name": "No Address"}])
        action = as_rep(people).action_write_mail()
        wizard = as_rep(env["mail.compose.message"]).browse(action["res_id"])
        wizard.subject = "Season"
        told = wizard.waimaolang_each
        wizard.action_send_mail()
        wizard = as_rep(env["mail.compose.message"]).browse(
            as_rep(people[0]).action_write_mail()["res_id"])
        wizard.write({"subject": "Typed", "waimaolang_to": "nonsense"})
        try:
            wizard.action_send_mail()
            typed = False
        except UserError:
            typed = True
        # as Chinese keyboards write it
        wizard.waimaolang_to = "Dora <dora@d.example>，eve@e.example；"
        wizard.action_send_mail()
        # a deal without a contact
        cold = env["crm.lead"].create({
            "name": "Cold", "email_from": "Cy <cy@third.example>", "user_id": rep.id})
        action = as_rep(cold).action_write_mail()
        one = as_rep(env["mail.compose.message"]).browse(action["res_id"])
        one.subject = "To one"
        one.action_send_mail()
        try:
            as_rep(people[2] | people[2].copy()).action_write_mail()
            refused = False
        except UserError:
            refused = True
        env.cr.commit()
        sync()
        result = [told, [len(p.message_ids.filtered("waimaolang_outgoing"))
                         for p in people],
                  cold.mail_count, refused and typed]
        """,
    )
    told, counts, cold, refused = found
    assert "Ann" in told and "Bob" in told and "No Address" in told
    assert counts == [2, 1, 0] and cold == 1 and refused
    wait_for(smtp, box, "To one")
    wait_for(smtp, box, "Season")
    (typed,) = {parsed(raw)["To"] for raw in wait_for(smtp, box, "Typed")}
    assert addresses(typed) == ["ann@first.example", "dora@d.example", "eve@e.example"]
    mails = [parsed(raw) for raw in arrived(smtp, box, "Season")]
    assert sorted(addresses(m["To"]) for m in mails) == [
        ["ann@first.example"],
        ["bob@second.example"],
    ]
    assert not any(m["Cc"] or m["Bcc"] for m in mails)


def test_what_was_refused_is_mended_and_takes_its_place(driver, box, outlet, smtp):
    found = play(
        driver,
        outlet,
        """
        from odoo.exceptions import UserError
        from markupsafe import Markup
        gone = env["res.partner"].create({"name": "Gone", "email": "reject@a.example"})
        file = as_rep(env["ir.attachment"]).create({
            "name": "price.txt", "raw": b"1.20", "res_model": "crm.lead",
            "res_id": lead.id})
        bad = post(body=Markup("<p>Price</p>"), subject="Mended", partner_ids=gone.ids,
                   attachment_ids=file.ids)
        sync()
        row = bad.sudo().waimaolang_outbox_ids
        before = row.state
        action = as_rep(row).action_edit()
        wizard = as_rep(env["mail.compose.message"]).browse(action["res_id"])
        filled = [wizard.subject, wizard.partner_ids == gone, "Price" in wizard.body,
                  wizard.attachment_ids.mapped("name"), wizard.model,
                  wizard._evaluate_res_ids() == lead.ids]
        wizard.partner_ids = buyer
        wizard.waimaolang_bcc = "boss@own.example"
        twice = as_rep(row).action_edit()
        wizard.action_send_mail()
        env.cr.commit()
        late = as_rep(env["mail.compose.message"]).browse(twice["res_id"])
        try:
            late.action_send_mail()
            again = True
        except Exception:
            again = False
        env.cr.rollback()
        sync()
        result = [before, filled, again,
                  env["waimaolang.outbox"].search([]).mapped("state"),
                  env["mail.message"].search_count([("subject", "=", "Mended")])]
        """,
    )
    before, filled, again, states, messages = found
    assert before == "failed" and filled == [
        "Mended", True, True, ["price.txt"], "crm.lead", True
    ]  # fmt: skip
    assert not again
    assert states == ["sent"] and messages == 1
    mails = [parsed(raw) for raw in wait_for(smtp, box, "Mended")]
    assert addresses(mails[0]["To"]) == ["hans@kunde.example"]
    (file,) = mails[0].iter_attachments()
    assert file.get_filename() == "price.txt"
