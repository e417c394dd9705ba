# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Business Mailboxes in CRM",
    "summary": "Customers' mail, received and sent, on the right contact and "
    "opportunity",
    "version": "19.0.1.0.0",
    "development_status": "Alpha",
    "category": "Sales/CRM",
    "website": "https://github.com/waimaolang/waimaolang",
    "author": "waimaolang contributors",
    "license": "LGPL-3",
    "depends": ["crm", "mail"],
    "external_dependencies": {
        "python": [
            "imapclient",
            "nh3",
            "cryptography",
            "charset-normalizer",
            "dnspython",
        ]
    },
    "data": [
        "security/waimaolang_mail_security.xml",
        "security/ir.model.access.csv",
        "data/ir_cron_data.xml",
        "data/mail_activity_type_data.xml",
        "data/waimaolang_provider_data.xml",
        "views/waimaolang_provider_views.xml",
        "views/waimaolang_mailbox_folder_views.xml",
        "views/waimaolang_mailbox_copy_views.xml",
        "views/waimaolang_bind_wizard_views.xml",
        "views/waimaolang_mailbox_views.xml",
        "views/waimaolang_mailbox_list_views.xml",
        "views/waimaolang_reconnect_wizard_views.xml",
        "views/waimaolang_erase_wizard_views.xml",
        "views/waimaolang_mailbox_log_views.xml",
        "views/waimaolang_mail_link_wizard_views.xml",
        "views/waimaolang_conversation_views.xml",
        "views/waimaolang_mail_views.xml",
        "views/crm_lead_views.xml",
        "views/res_partner_views.xml",
        "views/res_config_settings_views.xml",
        "views/waimaolang_mail_menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["waimaolang_mail/static/src/**/*"],
        "web.assets_tests": ["waimaolang_mail/static/tests/tours/**/*"],
    },
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
    "application": True,
    "installable": True,
}
