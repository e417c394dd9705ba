# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Business Mailboxes: Google and Microsoft",
    "summary": "Gmail and Microsoft 365 mailboxes by sign-in: no password in Odoo",
    "version": "19.0.1.0.0",
    "development_status": "Alpha",
    "category": "Sales/CRM",
    "website": "https://github.com/waimaolang/waimaolang",
    "author": "waimaolang contributors",
    "license": "LGPL-3",
    "depends": ["waimaolang_mail"],
    "external_dependencies": {"python": ["msal", "google-auth", "PyJWT"]},
    "data": [
        "security/ir.model.access.csv",
        "data/mail_activity_type_data.xml",
        "data/waimaolang_oauth_app_data.xml",
        "data/ir_cron_data.xml",
        "views/waimaolang_oauth_app_views.xml",
        "views/waimaolang_oauth_google_steps_views.xml",
        "views/waimaolang_oauth_microsoft_steps_views.xml",
        "views/waimaolang_bind_wizard_views.xml",
        "views/waimaolang_mailbox_views.xml",
        "views/waimaolang_reconnect_wizard_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
