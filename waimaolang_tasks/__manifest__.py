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
        "data/mail_activity_type_data.xml",
        "data/waimaolang_task_rule_data.xml",
        "views/mail_activity_views.xml",
        "views/waimaolang_task_log_views.xml",
        "views/waimaolang_task_dry_run_views.xml",
        "views/waimaolang_task_setup_views.xml",
        "views/waimaolang_task_rule_views.xml",
        "views/crm_team_views.xml",
        "views/res_config_settings_views.xml",
        "views/waimaolang_tasks_menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["waimaolang_tasks/static/src/**/*"],
        "web.assets_tests": ["waimaolang_tasks/static/tests/tours/**/*"],
    },
    "post_init_hook": "post_init_hook",
    "installable": True,
}
