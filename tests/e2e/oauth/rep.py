# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A rep whose mailbox is bound by a code, at a browser of hers without the browser."""

import requests

from ..browser import log_in
from .scene import IN_ODOO

SERVED = (
    IN_ODOO
    + """
app = set_up(base_url=values["url"])
rep = env["res.users"].with_context(no_reset_password=True).create({
    "name": "Lin Xiao", "login": "lin", "password": "lin-at-odoo",
    "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)],
})
box = create(app, values["email"], user_id=rep.id, password=values["secret"],
             **app._get_server_vals())
box.action_connect()
env.cr.commit()
result = [box.id, ""]
"""
)


class Rep:
    def __init__(self, odoo, idp, box_id):
        self.odoo, self.idp, self.box_id = odoo, idp, box_id
        self.cookies = {"session_id": log_in(odoo, "lin", "lin-at-odoo")}

    def leaves(self):
        """Where the provider sends her back to."""
        call = {
            "model": "waimaolang.mailbox",
            "method": "action_sign_in",
            "args": [[self.box_id]],
            "kwargs": {},
        }
        url = f"{self.odoo.url}/web/dataset/call_button"
        answer = requests.post(
            url, json={"params": call}, cookies=self.cookies, timeout=60
        ).json()
        return self.idp.consent(answer["result"]["url"], None, True)

    def returns(self, url):
        return requests.get(
            url, cookies=self.cookies, timeout=60, allow_redirects=False
        )
