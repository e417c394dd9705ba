# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Tours of Odoo in Chromium, against an Odoo that is another process.

Not ``HttpCase.start_tour``: there the page, the scheduler and the test share one
connection and one transaction, so that a lane at work beside a page breaks both.
"""

import json
import logging

import requests

from odoo.tests.common import ChromeBrowser

HOST = "127.0.0.1"
TOUR_SECONDS = 180
# A step's; core's 10 are too few for a page while other tests have all cores.
STEP_SECONDS = 40
START = """
const tours = odoo.loader.modules.get("@web/core/registry").registry;
tours.category("web_tour.tours").get({name}).timeout = {seconds} * 1000;
odoo.startTour({name}, {options});
"""


class Page:
    """What ``ChromeBrowser`` wants to know of the test that uses it."""

    browser_size = "1366x900"
    touch_enabled = False
    _logger = logging.getLogger(__name__)

    def fetch_proxy(self, url):
        """Nothing outside this machine is asked for anything."""
        self._logger.warning("the page asked for %s", url)
        return {"body": "", "responseCode": 404, "responseHeaders": []}


def run_tour(odoo, login, password, path, tour, size=None):
    """Logs in at the running ``odoo``, opens ``path`` and plays the tour. Raises
    ``ChromeBrowserException`` with what the page said when a step fails. ``size`` of
    the window: from 1534 pixels on the chatter stands beside the form."""
    session = log_in(odoo, login, password)
    page = Page()
    page.browser_size = size or page.browser_size
    browser = ChromeBrowser(page, success_signal="tour succeeded")
    try:
        browser.set_cookie("session_id", session, "/", HOST)
        # debug=tests brings the bundle in which tours are
        browser.navigate_to(f"{odoo.url}{path}?debug=tests")
        ready = f"odoo.isTourReady({json.dumps(tour)})"
        assert browser._wait_ready(ready), f"the tour {tour} never became ready"
        options = {"stepDelay": 0, "startUrl": path}
        code = START.format(
            name=json.dumps(tour), seconds=STEP_SECONDS, options=json.dumps(options)
        )
        browser._wait_code_ok(code, TOUR_SECONDS)
    finally:
        browser.stop()


def log_in(odoo, login, password):
    """The session's id."""
    answer = requests.post(
        f"{odoo.url}/web/session/authenticate",
        json={
            "jsonrpc": "2.0",
            "params": {"db": odoo.database, "login": login, "password": password},
        },
        timeout=60,
    )
    answer.raise_for_status()
    assert answer.json().get("result", {}).get("uid"), answer.text
    return answer.cookies["session_id"]
