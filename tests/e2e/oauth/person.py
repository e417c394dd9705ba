# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A person at a browser: she is led from Odoo to a provider and back, which no tour of
Odoo can follow."""

import base64
import json

from servers.process import ServerError, wait_until

from ..devtools import SWITCHES, Browser

SEES_SECONDS = 30
# What Chromium says of a page that is being left.
LEAVING = ("context", "navigated")
# The private authority is not in Chromium's store; what Odoo thinks of certificates
# is tested elsewhere.
PERSON_SWITCHES = (
    *(one for one in SWITCHES if not one.startswith("--host-resolver-rules")),
    "--ignore-certificate-errors",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--window-size=1366,900",
)
FIND = """
(() => {
    const shown = (one) => one.getClientRects().length > 0;
    const text = %(text)s;
    return [...document.querySelectorAll(%(selector)s)].find(
        (one) => shown(one) && (!text || one.textContent.includes(text)));
})()
"""


class Person(Browser):
    """``sites``: the origins that exist in her world, Odoo's first."""

    def __init__(self, sites):
        self.sites = tuple(f"{site}/" for site in sites)
        super().__init__(sites[0], PERSON_SWITCHES)

    def _is_ours(self, url):
        # pages draw pictures of their own, and Odoo has a bus
        scheme = url.partition(":")[0]
        return url.startswith(self.sites) or scheme in ("data", "blob", "ws")

    def go(self, path):
        self.send("Page.navigate", url=f"{self.origin}{path}")

    def log_in(self, session_id):
        self.send(
            "Network.setCookie", name="session_id", value=session_id, url=self.origin
        )

    def sees(self, selector, text="", seconds=SEES_SECONDS):
        """Waits until it is shown; how to find it."""
        found = FIND % {"selector": json.dumps(selector), "text": json.dumps(text)}
        try:
            wait_until(lambda: self._ask(f"Boolean({found})"), seconds)
        except ServerError:
            raise AssertionError(
                f"no {selector} {text} at {self.where()}:\n{self.words()[:2000]}"
            ) from None
        return found

    def clicks(self, selector, text=""):
        self._ask(f"{self.sees(selector, text)}?.click()")

    def types(self, selector, text):
        """As a person does: focus, text, and on to the next field."""
        code = """
            (() => {
                const field = %s;
                field.focus();
                field.value = %s;
                for (const name of ["input", "change"]) {
                    field.dispatchEvent(new Event(name, {bubbles: true}));
                }
                field.blur();
            })()
        """
        self._ask(code % (self.sees(selector), json.dumps(text)))

    def where(self):
        return self._ask("location.href") or ""

    def words(self):
        return self._ask("document.body ? document.body.innerText : ''") or ""

    def _ask(self, code):
        """None while a page is being left."""
        try:
            return self.run(code)
        except AssertionError as error:
            if not any(word in str(error).lower() for word in LEAVING):
                raise
            return None

    def shoots(self, file):
        """A picture, for who writes these tests."""
        data = self.send("Page.captureScreenshot")["data"]
        file.write_bytes(base64.b64decode(data))
