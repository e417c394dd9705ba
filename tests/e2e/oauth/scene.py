# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the tests of the sign-in do within Odoo: an app is set up, an account consents
at the provider as its owner would, a mailbox is signed in."""

IN_ODOO = '''
import os, time
from urllib.parse import parse_qsl, urlsplit
import requests
from odoo.addons.waimaolang_mail.engine import loading, secrets
from odoo.addons.waimaolang_mail.engine.pool import connections
from odoo.addons.waimaolang_mail_oauth import flow
def set_up(provider="google", **vals):
    app = env["waimaolang.oauth.app"].search([("provider", "=", provider)])
    app.write({"client_id": "lab-client", "password": "lab-client-secret",
               "base_url": "https://odoo.lanyue.example", **vals})
    env.cr.commit()
    return app
def consent(app, email):
    """What a person's browser does, without her."""
    module = flow.of(app.provider)
    begun = module.begin(app._get_flow_app(), app.redirect_uri, email)
    url = begun.url
    session = requests.Session()
    while not url.startswith(app.redirect_uri):
        answer = session.get(url, allow_redirects=False,
                             verify=os.environ["SSL_CERT_FILE"])
        url = requests.compat.urljoin(url, answer.headers["Location"])
    params = dict(parse_qsl(urlsplit(url).query))
    return module.finish(app._get_flow_app(), begun.kept, params)
PROVIDERS = {"google": "gmail", "microsoft": "microsoft365"}
def create(app, email, **vals):
    provider = env["waimaolang.provider"].search(
        [("code", "=", PROVIDERS[app.provider])])
    return bind(name="Rep", email=email, provider_id=provider.id, **vals)
def sign_in(box, email=None):
    """What the callback does; the text of a refusal, or ""."""
    app = box.provider_id._get_oauth_app()
    problem = box._take_consent(app, *consent(app, email or box.email))
    env.cr.commit()
    return problem
def issue(box, refused=""):
    fresh()
    settings = loading.load(env, box.id)
    env.cr.rollback()
    return secrets.issue(env.cr.dbname, box.id, settings.credentials,
                         settings.address, refused).credentials.secret
def grant_of(box):
    fresh()
    return env["waimaolang.oauth.grant"].search([("mailbox_id", "=", box.id)])
def expire(box):
    """Its access token has reached its end."""
    grant = grant_of(box)
    kept = grant._get_tokens()
    grant._seal(type(kept)(kept.access_token, kept.refresh_token, kept.issued,
                           kept.issued))
    env.cr.commit()
def told(kind):
    return env["mail.activity"].search_count(
        [("activity_type_id", "=", env.ref(kind).id)])
CODE_NEEDED = "waimaolang_mail.mail_activity_code_needed"
APP_BROKEN = "waimaolang_mail_oauth.mail_activity_app_broken"
'''
RESUME = """
box = env["waimaolang.mailbox"].browse(values["box_id"])
"""
