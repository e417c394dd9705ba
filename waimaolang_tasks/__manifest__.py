# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Business Mailboxes: Tasks from Mail",
    "summary": "No inquiry forgotten: mail makes tasks, answers close them",
    "version": "19.0.1.0.0",
    "development_status": "Alpha",
    "category": "Sales/CRM",
    "website": "https://github.com/waimaolang/waimaolang",
    "author": "waimaolang contributors",
    "license": "LGPL-3",
    "depends": ["waimaolang_mail", "resource"],
    "data": [
        "security/ir.model.access.csv",
        "security/waimaolang_tasks_security.xml",
        "data/ir_cron_data.xml",
    ],
    "post_init_hook": "post_init_hook",
    "installable": True,
}
