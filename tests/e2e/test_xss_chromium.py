# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""I14 as a browser sees it: the attacks of tests/unit and the bodies of real mails,
sanitized, in Chromium. No script runs, nothing is asked for, nothing leaves its place.

Three pages hold the same messages: as part of the page, set by ``innerHTML``, and
within a shadow root as Odoo's chatter does for e-mail (mail/core/common/message.js).
Between the messages stand marks, which a message that leaves its place would cover.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from servers.process import ROOT
from unit.xss_vectors import VECTORS

sys.path.append(str(ROOT / "waimaolang_mail"))  # after Odoo's own, as in tests/unit

from mime import sanitize as module  # noqa: E402
from mime.parse import parse_mail  # noqa: E402
from mime.sanitize import sanitize  # noqa: E402

from .devtools import Browser  # noqa: E402

MODES = ("static", "direct", "shadow")
CORPUS = ROOT.parent / "shared" / "corpus"
# The chatter gives a body this class; it makes the message a world of its own.
HEAD = """<!DOCTYPE html><meta charset="utf-8"><style>
.message { overflow-x: auto; width: 600px } .mark { height: 20px; width: 600px }
</style><script>
var ran = 0;
for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
    window[name] = () => { ran++; };
}
window.addEventListener("submit", () => ran++, true);
</script><body>"""
FILL = """<script>
const mode = %s;
for (const html of JSON.parse(document.getElementById("data").textContent)) {
    const body = document.createElement("div");
    body.className = "message";
    const root = mode === "shadow" ? body.attachShadow({mode: "open"}) : body;
    const inner = root.appendChild(document.createElement("div"));
    inner.innerHTML = html;
    const mark = document.createElement("div");
    mark.className = "mark";
    document.body.append(body, mark);
}
</script>"""
# For each message: tags, attributes and computed styles that may not be, and whether
# the mark below it is still what one sees and clicks there.
INSPECT = """(() => {
    const wrong = [];
    const tags = new Set(%s);
    [...document.querySelectorAll(".message")].forEach((body, index) => {
        const root = body.shadowRoot || body;
        for (const one of root.querySelectorAll("*")) {
            const style = getComputedStyle(one);
            const margins = ["Top", "Right", "Bottom", "Left"].map(
                (side) => parseFloat(style["margin" + side]) || 0);
            if (!tags.has(one.localName)
                || [...one.attributes].some(({name}) => /^on|^srcset$/.test(name))
                || style.position !== "static" || style.zIndex !== "auto"
                || style.transform !== "none" || style.pointerEvents !== "auto"
                || style.backgroundImage !== "none" || style.animationName !== "none"
                // <hr> has automatic ones, negative where it is wider than its place
                || (one.localName !== "hr" && Math.min(...margins) < 0)) {
                wrong.push([index, one.outerHTML.slice(0, 300)]);
            }
        }
        const mark = body.nextElementSibling;
        mark.scrollIntoView({block: "center", behavior: "instant"});
        const box = mark.getBoundingClientRect();
        for (const x of [2, 300, 598]) {
            const seen = document.elementFromPoint(box.left + x, box.top + 10);
            if (seen !== mark) {
                wrong.push([index, "covers the mark at " + x]);
            }
        }
    });
    return wrong;
})()"""
# What a mouse and a keyboard would wake: events without a user's trust do as well.
WAKE = """(() => {
    for (const body of document.querySelectorAll(".message")) {
        for (const one of (body.shadowRoot || body).querySelectorAll("*")) {
            for (const kind of ["mouseover", "focus", "error", "load", "toggle",
                                "animationstart", "pointerover"]) {
                one.dispatchEvent(new Event(kind, {bubbles: true}));
            }
        }
    }
    return ran;
})()"""


def page(messages, mode):
    if mode == "static":
        blocks = (
            f'<div class="message"><div>{html}</div></div><div class="mark"></div>'
            for html in messages
        )
        return HEAD + "".join(blocks)
    data = json.dumps(messages).replace("<", "\\u003c")
    data = f'<script type="application/json" id="data">{data}</script>'
    return HEAD + data + FILL % json.dumps(mode)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 (http.server's name)
        body = self.server.pages.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def pages():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.pages = {"/favicon.ico": " "}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser(pages):
    with Browser(f"http://127.0.0.1:{pages.server_port}") as browser:
        yield browser


def attacks():
    """With images of the mail itself: their placeholders may stay."""
    wrappings = ("%s", "<div>%s", "<svg>%s", "<table><tr><td>%s", "<pre>%s</pre>")
    return [
        sanitize(wrapping.replace("%s", vector), {"x": "cid:waimaolang-0"}.get)
        for vector in VECTORS
        for wrapping in wrappings
    ]


def real_mails():
    found = [parse_mail(path.read_bytes()).html for path in CORPUS.glob("*/*.eml")]
    # laying out megabytes of one text shows nothing more
    return [html for html in found if 0 < len(html) < 300_000]


def assert_quiet(browser, pages, messages, mode):
    browser.requests.clear()
    pages.pages["/page"] = page(messages, mode)
    browser.open("/page")
    assert browser.run("document.querySelectorAll('.message').length") == len(messages)
    wrong = browser.run(INSPECT % json.dumps(sorted(module.TAGS)))
    assert not wrong, [(what, messages[index]) for index, what in wrong[:5]]
    assert browser.run(WAKE) == 0, "a script ran"
    assert not browser.dialogs and not browser.targets
    # the placeholder of an image that came with the mail; the client replaces it
    asked = [url for url in browser.requests if not url.startswith("cid:waimaolang-")]
    assert not asked
    assert browser.run("location.pathname") == "/page"


@pytest.mark.parametrize("mode", MODES)
def test_i14_attacks_do_nothing(browser, pages, mode):
    assert_quiet(browser, pages, attacks(), mode)


@pytest.mark.parametrize("mode", MODES)
def test_i14_real_mails_stay_in_their_place(browser, pages, mode):
    messages = real_mails()
    if not messages:
        pytest.skip(f"no corpus at {CORPUS}")
    assert_quiet(browser, pages, messages, mode)


@pytest.mark.parametrize(
    "html",
    [
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        '<p onmouseover="alert(1)">x</p>',
        "<img src=http://remote.invalid/x>",
        '<p style="background:url(http://remote.invalid/x)">x</p>',
        '<p style="position:fixed;top:0;left:0;width:100%;height:100%">x</p>',
        '<p style="margin-bottom:-300px;padding-bottom:900px">x</p>',
        "<iframe src=http://remote.invalid/></iframe>",
        "<script>alert(1)</script>",
    ],
)
def test_the_watch_would_see_it(browser, pages, html):
    """The same without the sanitizer fails: else the tests above say nothing."""
    with pytest.raises(AssertionError):
        assert_quiet(browser, pages, [html], "static")
    browser.requests.clear()
    browser.dialogs.clear()
    browser.targets.clear()
