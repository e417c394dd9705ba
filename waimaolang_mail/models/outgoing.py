# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A message of the chatter becomes a mail of the mailbox: who gets it, what it
answers, what it says. Reads in the name of the user who posted it."""

import secrets
from datetime import timezone

from markupsafe import Markup

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import email_normalize, formataddr
from odoo.tools.mail import email_split_tuples

from ..engine.letter import Letter
from ..mime import build, outbody, quoting, replying
from . import reading

# Of a record's mails the newest are looked at for the one that is being answered.
RECENT_MAILS = 30
# Of one mail, where the provider's own limit is not known: more is a newsletter.
MOST_RECIPIENTS = 500


def external(recipients_data, message, sending):
    """Those of core's recipients who get the mail itself: people outside, and whom the
    composer names."""
    explicit = set(message.sudo().partner_ids.ids) if sending.composed else set()
    copied = {*sending.cc, *sending.bcc} if sending.composed else set()
    return [
        data
        for data in recipients_data
        if data["notif"] == "email"
        and (data["share"] or data["id"] in explicit or data["id"] in copied)
    ]


def find_answered(thread, message, sending, external_data, user):
    """The mail that the message answers, none for a new topic: the one that was
    clicked, or that the post replies to, else the newest on the record with one of the
    recipients. Only what the user may read."""
    env = thread.env(user=user.id, su=False)
    mails = env["waimaolang.mail"]
    if sending.forwards:
        return mails
    if sending.answers:
        return mails.search([("id", "=", sending.answers)])
    if sending.composed or thread._name not in reading.LINKED_MODELS:
        return mails
    addresses = {data["email_normalized"] for data in external_data}
    recent = mails._search_newest_on(thread._name, thread.id, RECENT_MAILS)
    for mail in recent.sudo():
        if addresses.intersection((mail.people or "").split()):
            return mails.browse(mail.id)
    return mails


def _find_forwarded(thread, sending, user):
    mails = thread.env(user=user.id, su=False)["waimaolang.mail"]
    return mails.search([("id", "=", sending.forwards)]) if sending.forwards else mails


def send(thread, message, mailbox, sending, external_data):
    """Queues it, in the transaction of the post."""
    user = message.sudo().create_uid
    answered = find_answered(thread, message, sending, external_data, user)
    people = _get_people(thread, message, sending, external_data, user)
    if not any(people.values()):
        raise UserError(
            thread.env._("Nobody to send it to: add a recipient with an address.")
        )
    _check_recipients(thread.env, mailbox, people)
    now = fields.Datetime.now()
    send_at = _read_time(thread.env, sending.send_at)
    undo = 0 if send_at else mailbox.undo_seconds
    name = mailbox._get_sender_name(user)
    domain = mailbox.email_key.rpartition("@")[2]
    message_id = build.make_message_id(domain)
    html, images = _get_html(thread, message, mailbox, sending, people, user, answered)
    mail = build.OutgoingMail(
        from_name=name,
        from_email=mailbox.email_key,
        to=people["to"],
        cc=people["cc"],
        bcc=people["bcc"],
        subject=_get_subject(thread, message, sending, answered),
        html=html,
        date=max(now, send_at or now).replace(tzinfo=timezone.utc),
        message_id=message_id,
        in_reply_to=answered.sudo().rfc_message_id or "",
        references=_get_references(answered.sudo()),
        ref=secrets.token_hex(16),
        attachments=_get_files(thread, message, sending, user, images),
        inline=[*images.values()],
    )
    try:
        raw = build.build(mail)
        recipients = build.envelope(mail)[1]
    except build.AddressError as error:
        raise UserError(
            thread.env._("%(address)s is not an e-mail address.", address=error)
        ) from error
    _check_size(thread.env, mailbox, raw)
    letter = Letter(
        subject=mail.subject,
        email_from=_format([(name, mailbox.email_key)]),
        email_to=_format(people["to"]),
        email_cc=_format(people["cc"]),
        email_bcc=_format(people["bcc"]),
        recipients=recipients,
        message_id=message_id,
        ref=mail.ref,
        raw=raw,
    )
    sudo = message.sudo()
    sudo.write(
        {
            "message_id": f"<{letter.message_id}>",
            "email_from": letter.email_from,
            "reply_to": letter.email_from,
        }
    )
    _notify(thread, message, people, external_data, sending)
    outbox = thread.env["waimaolang.outbox"].sudo().with_user(user).sudo()
    outbox = outbox._queue(mailbox, sudo, letter, undo, send_at)
    outbox.options = {**_keep(sending), "answers": answered.id}
    return outbox


def _keep(sending):
    """What the composer needs to show it once more."""
    names = ("composed", "forwards", "quote", "files")
    return {name: getattr(sending, name) for name in names}


def _read_time(env, text):
    try:
        return fields.Datetime.to_datetime(text or None)
    except ValueError as error:
        raise UserError(env._("%(text)s is not a time.", text=text[:40])) from error


def _get_people(thread, message, sending, external_data, user):
    """{"to", "cc", "bcc"}: lists of (name, address); nobody twice."""
    partners = thread.env["res.partner"].sudo()
    if sending.composed:  # the outbox will show the address
        named = partners.browse([*sending.cc, *sending.bcc])
        named.with_env(thread.env(user=user.id, su=False)).check_access("read")
    explicit = message.sudo().partner_ids.ids
    kinds = {"to": [], "cc": list(sending.cc), "bcc": list(sending.bcc)}
    if not sending.composed:
        kinds["cc"], kinds["bcc"] = [], []
    chosen = [data for data in external_data if data["id"] in explicit]
    others = [data for data in external_data if data not in chosen]
    if sending.composed:
        kinds["to"] = explicit
        others = [data for data in others if not data["id"]]
    else:
        kinds["to"] = [data["id"] for data in chosen]
    seen = set()
    found = {}
    for kind in ("to", "cc", "bcc"):
        found[kind] = []
        for partner in partners.browse(kinds[kind]):
            _add(found[kind], seen, partner.name, partner.email)
        if kind != "to" and sending.composed:
            _add(found[kind], seen, "", getattr(sending, f"{kind}_emails"))
    for data in others:
        # who follows the record from outside is not shown to the other recipients
        hidden = found["to"] and not sending.composed
        kind = "bcc" if hidden else "to"
        _add(found[kind], seen, data["name"], data["email_normalized"])
    return found


def _format(people):
    return ", ".join(formataddr(person) for person in people)


def _add(people, seen, name, email):
    for told, address in email_split_tuples(email or ""):
        key = email_normalize(address)
        if key and key not in seen:
            seen.add(key)
            people.append((name or told or "", key))


def _get_subject(thread, message, sending, answered):
    subject = sending.subject or message.subject or ""
    if not subject and answered:
        subject = replying.reply_subject(answered.sudo().subject or "")
    return subject or (thread.display_name if thread.id else "") or ""


def _get_references(answered):
    """As the mail that is answered had them, and its own (RFC 5322, 3.6.4)."""
    if not answered.rfc_message_id:
        return ()
    earlier = (answered.rfc_references or "").split()
    return (*earlier, answered.rfc_message_id)


def _get_html(thread, message, mailbox, sending, people, user, answered):
    """(html, {attachment: inline image})"""
    base_url = thread.get_base_url()
    domain = mailbox.email_key.rpartition("@")[2]
    images: dict[int, tuple] = {}

    def name_image(address):
        attachment_id = outbody.image_id(address)
        if attachment_id and attachment_id not in images:
            found = _get_image(thread.env, message, user, attachment_id)
            images[attachment_id] = found and (
                f"{secrets.token_hex(12)}@{domain}",
                *found,
            )
        image = images.get(attachment_id)
        return image and image[0]

    def polish(html):
        return quoting.outgoing_html(
            outbody.without_records(str(html or ""), base_url), name_image
        )

    parts = [polish(message.body)]
    if message.email_add_signature and not sending.composed:
        lang = _get_lang(thread, people)
        parts.append(polish(mailbox._get_signature(user, lang)))
    parts.append(str(_get_portal_link(thread, message, people)))
    parts += [polish(link) for link in _get_links(message, sending, thread, user)]
    quoted = answered if sending.answers else _find_forwarded(thread, sending, user)
    if sending.quote and quoted:
        parts.append(quoted._quote(bool(sending.forwards), name_image))
    html = "\n".join(part for part in parts if part)
    return html, {number: image for number, image in images.items() if image}


def _get_image(env, message, user, attachment_id):
    """(name, type, bytes) of a picture that the user may show, else None."""
    found = env["ir.attachment"].with_user(user).browse(attachment_id).exists()
    own = attachment_id in message.sudo().attachment_ids.ids
    if not found or not (own or found.has_access("read")):
        return None
    found = found.sudo()
    if not (found.mimetype or "").startswith("image/"):
        return None
    return found.name or "image", found.mimetype, found.raw or b""


def _get_lang(thread, people):
    emails = [email for _name, email in people["to"]]
    partner = (
        thread.env["res.partner"]
        .sudo()
        .search([("email_normalized", "in", emails)], limit=1)
    )
    return partner.lang


def _get_portal_link(thread, message, people):
    """Documents that a customer opens online keep that way, without Odoo's frame. The
    link lets in whoever has it: to the document's customer alone."""
    if not message.email_layout_xmlid or not hasattr(thread, "_portal_ensure_token"):
        return ""
    customers = thread.sudo()._mail_get_partners()[thread.id]
    told = {email for kind in people.values() for _name, email in kind}
    if not told <= set(customers.mapped("email_normalized")):
        return ""
    thread.sudo()._portal_ensure_token()
    url = f"{thread.get_base_url()}{thread.sudo().get_portal_url()}"
    return Markup('<p><a href="%s">%s</a></p>') % (url, thread.env._("View online"))


def _get_attachments(message, sending, thread, user):
    forwarded = thread.env["ir.attachment"].with_user(user).browse(sending.files)
    forwarded.check_access("read")
    return message.sudo().attachment_ids | forwarded.sudo()


def _get_links(message, sending, thread, user):
    """Attachments that are addresses."""
    files = _get_attachments(message, sending, thread, user)
    return [
        Markup('<p><a href="%s">%s</a></p>') % (file.url, file.name or file.url)
        for file in files
        if file.type == "url" and file.url
    ]


def _get_files(thread, message, sending, user, shown):
    """Of the message, and of a forwarded mail, which the chatter has already; without
    the pictures that the body shows."""
    files = _get_attachments(message, sending, thread, user)
    return [
        (file.name or "file", file.mimetype or "application/octet-stream", file.raw)
        for file in files
        if file.type == "binary" and file.id not in shown
    ]


def _check_size(env, mailbox, raw):
    """What the provider refuses for sure is told while the text is at hand."""
    limit = mailbox.provider_id.max_megabytes
    if limit and len(raw) > limit * 2**20:
        raise UserError(
            env._(
                "The mail has %(size)s MB and %(provider)s takes %(limit)s MB: send "
                "large files as links.",
                size=f"{len(raw) / 2**20:.0f}",
                provider=mailbox.provider_id.name,
                limit=limit,
            )
        )


def _check_recipients(env, mailbox, people):
    count = sum(map(len, people.values()))
    most = mailbox.provider_id.max_recipients or MOST_RECIPIENTS
    if count > most:
        raise UserError(
            env._(
                "%(provider)s takes %(limit)s recipients in one mail, and this one has "
                "%(count)s.",
                provider=mailbox.provider_id.name or mailbox.outgoing_host,
                limit=most,
                count=count,
            )
        )


def _notify(thread, message, people, external_data, sending):
    """The chatter's envelope knows who got it; a Bcc is nobody's business (I8), nor is
    anybody whom a mail names that stands nowhere: every employee reads these rows."""
    if message.sudo().waimaolang_restricted:
        return
    shown = {email for _name, email in (*people["to"], *people["cc"])}
    base = thread._notify_by_email_get_base_notification_values(message.sudo())
    partners = thread.env["res.partner"].sudo()
    known = partners.browse(
        [*message.sudo().partner_ids.ids, *sending.cc]
        + [data["id"] for data in external_data if data["id"]]
    )
    already = set(message.sudo().notification_ids.res_partner_id.ids)
    rows, told = [], set()
    for partner in known:
        email = partner.email_normalized
        if email in shown and email not in told and partner.id not in already:
            rows.append({**base, "res_partner_id": partner.id})
        told.add(email)
    rows += [{**base, "mail_email_address": email} for email in sorted(shown - told)]
    thread.env["mail.notification"].sudo().create(rows)


def let_change(messages):
    """What has left cannot be changed, and what waits would leave as it was."""
    outgoing = messages.sudo().filtered("waimaolang_outgoing")
    rows = outgoing.waimaolang_outbox_ids
    if rows.filtered(lambda row: row.state in ("sending", "sent", "unknown")):
        raise UserError(
            messages.env._("This mail has left: it can no longer be changed.")
        )
    if rows.filtered(lambda row: row.state == "queued"):
        raise UserError(
            messages.env._("This mail is about to leave: take it back first.")
        )
    rows.raw = False  # sent again it would be the old text
