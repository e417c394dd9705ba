# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import content_disposition, request

# What cannot be opened is not there, whether it is or not (invariant I8).
REFUSED = (AccessError, MissingError, UserError)


class MailBytes(http.Controller):
    @http.route(
        "/waimaolang_mail/failed/<int:copy_id>.eml",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def failed(self, copy_id):
        """The bytes of a mail that failed, to the owner of its mailbox."""
        copy = request.env["waimaolang.mailbox.copy"].browse(copy_id)
        try:
            copy._check_mine()
            raw = base64.b64decode(copy.sudo().raw or b"")
        except REFUSED:
            raw = b""
        return self._answer(raw, copy_id)

    @http.route(
        "/waimaolang_mail/original/<int:mail_id>.eml",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def original(self, mail_id):
        """The bytes of a mail, to its readers, each as her own mailboxes have it."""
        try:
            raw = request.env["waimaolang.mail"].browse(mail_id)._raw()
        except REFUSED:
            raw = b""
        return self._answer(raw, mail_id)

    def _answer(self, raw, number):
        if not raw:
            raise request.not_found()
        # never shown as a page of ours: it is whatever a stranger sent
        return request.make_response(
            raw,
            [
                ("Content-Type", "application/octet-stream"),
                ("Content-Disposition", content_disposition(f"mail-{number}.eml")),
                ("X-Content-Type-Options", "nosniff"),
                ("Content-Security-Policy", "default-src 'none'; sandbox"),
                ("Cache-Control", "no-store"),
            ],
        )
