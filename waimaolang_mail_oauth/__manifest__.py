# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Business Mailboxes: Google and Microsoft",
    "summary": "Sign in to Gmail and Microsoft 365 mailboxes (nothing works yet)",
    "version": "19.0.1.0.0",
    "development_status": "Alpha",
    "category": "Sales/CRM",
    "website": "https://github.com/waimaolang/waimaolang",
    "author": "waimaolang contributors",
    "license": "LGPL-3",
    "depends": ["waimaolang_mail"],
    "installable": True,
}
