# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A rep in a real browser sees, wherever she is, that her older mail is being imported,
how far it is, and that it waits; and has it go on."""

import pytest
from servers.process import wait_until

from .browser import run_tour

PREPARE = """
from odoo.addons.waimaolang_mail.engine.pool import connections
lang = learn(values["lang"])
rep = env["res.users"].with_context(no_reset_password=True).create({
    "name": "Lin Xiao", "login": "lin", "password": "lin-at-odoo", "lang": lang,
    "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)]})
box = bind(user_id=rep.id, **values["box"])
box.action_connect()
fresh()
box.action_pause_history()
env.cr.commit()
box._sync()
fresh()
connections.close_all()
result = box.pending_count
"""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_rep_sees_her_import_wherever_she_is(driver, odoo, box, lang):
    box.fill(6)
    assert driver.run(PREPARE, lang=lang, box=box.values()) == 6
    odoo.start(cron_threads=2)
    run_tour(odoo, "lin", "lin-at-odoo", "/odoo/crm", f"waimaolang_systray_{lang}")
    wait_until(lambda: driver.states() == {"stored": 6}, 60, "the import")
