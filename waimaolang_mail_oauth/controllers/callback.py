# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from markupsafe import Markup

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.waimaolang_mail.engine.transactions import transaction
from odoo.addons.waimaolang_mail.models.waimaolang_vault import KeyMissingError

from .. import flow
from ..engine import turns
from ..flow.errors import OF_APP_ALONE, OAuthError
from ..models import oauth_error_texts

_logger = logging.getLogger(__name__)

# Of the clients' pages; the target's id is appended.
PAGES = {
    "waimaolang.bind.wizard": "/odoo/bind-mailbox",
    "waimaolang.mailbox": "/odoo/mailboxes",
}
HEADERS = {
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # the page's address holds a code
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGE = Markup(
    "<!DOCTYPE html><html><head><title>Odoo</title></head><body>"
    '<p>{text}</p><p><a href="/odoo/mailboxes">{link}</a></p></body></html>'
)
# A provider that sends more is not one.
MOST_PARAMETERS = 20
LONGEST_PARAMETER = 4096


class OauthCallback(http.Controller):
    """Where the providers send people back to.

    ``auth="public"``: a session that is over would else lead to the login page, with
    the code in its address. Who comes is checked by the state that she began with.
    """

    @http.route(
        "/waimaolang_mail_oauth/<string:provider>/callback",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=False,
        csrf=False,
    )
    def callback(self, provider, **params):
        if provider not in flow.PROVIDERS or not _is_sane(params):
            raise request.not_found()
        if request.httprequest.method != "GET":  # HEAD comes with it
            return request.make_response("", status=405)
        uid = request.session.uid
        states = request.env["waimaolang.oauth.state"].sudo()
        taken = states._take(provider, params.get("state"), uid)
        if not taken:
            if params.get("admin_consent"):
                return self._answer_administrator(params)
            return self._refuse()
        app, model, res_id, kept = taken
        target = request.env(user=uid, su=False)[model].browse(res_id)
        try:
            problem = self._finish(app, target, kept, params)
        except (AccessError, MissingError):
            return self._refuse()
        if problem:
            _apart(
                target, lambda form: setattr(form.sudo(), "sign_in_problem", problem)
            )
        # to an address without the code, whatever was in the query
        response = request.redirect(f"{PAGES[model]}/{res_id}", code=303, local=True)
        response.headers.update(HEADERS)
        return response

    def _finish(self, app, target, kept, params):
        """The text of an error, or "". What is written is committed apart: neither the
        state nor the code is good for a second time, as a request may be."""
        try:
            target._check_may_sign_in()
            turns.sign_in(request.env.cr, app.id)
            account, tokens = flow.of(app.provider).finish(
                app._get_flow_app(), kept, params
            )
            _apart(app, lambda app: app._note_working())
            trial = target._try_consent(app, account, tokens)
            return _apart(
                target, lambda form: form._take_consent(app, account, tokens, trial)
            )
        except KeyMissingError:
            return target.env._(
                "The app's secret cannot be opened: ask your administrator to enter "
                "it once more in Odoo's settings."
            )
        except OAuthError as error:
            _logger.info("a sign-in was refused: %s %s", error.kind, error.code)
            # the address is the person's to write: an error in it is nobody's word
            if error.code in OF_APP_ALONE and not params.get("error"):
                _apart(app, lambda app, error=error: app._note_broken(error))
            return oauth_error_texts.describe_to_person(target.env, error, app)
        except UserError as error:
            if isinstance(error, (AccessError, MissingError)):
                raise
            return str(error)

    def _refuse(self):
        """One answer for whatever does not match, so that nothing can be guessed."""
        return self._page(
            request.env._(
                "This sign-in is over: it was finished already, it took longer than "
                "ten minutes, or it was begun in another window or session. This page "
                "changed nothing."
            ),
            403,
        )

    def _answer_administrator(self, params):
        """Who followed the link for her organization's consent; says nothing about
        whether it is true and changes nothing."""
        if params.get("error"):
            text = request.env._(
                "The consent for your organization was not given. Nothing was changed."
            )
        else:
            text = request.env._(
                "Thank you: your organization now allows Odoo. Everybody can sign in."
            )
        return self._page(text, 200)

    def _page(self, text, status):
        headers = {**HEADERS, "Content-Type": "text/html; charset=utf-8"}
        page = PAGE.format(text=text, link=request.env._("Back to Odoo"))
        return request.make_response(page, list(headers.items()), status=status)


def _apart(record, function):
    """``function(record)`` in a transaction of its own, tried anew when another was in
    the way, as a pass over the same mailbox may be."""
    uid, su, context = record.env.uid, record.env.su, record.env.context

    def work(env):
        env = env(user=uid, context=context, su=su)
        return function(record.with_env(env))

    result = transaction(record.env.registry, work)
    record.env.invalidate_all()
    return result


def _is_sane(params):
    return len(params) <= MOST_PARAMETERS and all(
        isinstance(value, str) and len(value) <= LONGEST_PARAMETER
        for value in params.values()
    )
