# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Headless Chromium by its DevTools protocol, cut off from every network.

Not Odoo's ``ChromeBrowser``: that one answers what a page asks for, and ends the test
at a dialog. Here every request is seen before it is made and only pages of the test's
own server are let through.
"""

import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import websocket
from servers.process import UNLIMITED, find_program, wait_until

START_SECONDS = 60
ANSWER_SECONDS = 60
SWITCHES = (
    "--headless=new",
    "--no-sandbox",  # root in containers
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
    # a browser that may play sound and open windows hides nothing
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class Browser:
    """``requests``: what the page asked for, besides ``origin``'s pages; ``dialogs``:
    what it said; ``targets``: further windows, frames and workers that it opened."""

    def __init__(self, origin, switches=SWITCHES):
        self.origin = origin
        self.requests = []
        self.dialogs = []
        self.targets = []
        self._events = []
        self._number = 0
        self._folder = Path(tempfile.mkdtemp(prefix="chromium-"))
        self._process = subprocess.Popen(
            [
                *UNLIMITED,
                find_program("chromium"),
                *switches,
                f"--user-data-dir={self._folder}",
                "about:blank",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def _connect(self):
        port_file = self._folder / "DevToolsActivePort"
        lines = wait_until(
            lambda: port_file.exists() and port_file.read_text().split("\n")[1:],
            START_SECONDS,
            "Chromium's port",
        )
        port = port_file.read_text().split("\n")[0]
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{port}{lines[0]}",
            timeout=ANSWER_SECONDS,
            suppress_origin=True,
        )
        self._session = None
        targets = self.send("Target.getTargets")["targetInfos"]
        page = next(one for one in targets if one["type"] == "page")
        self._session = self.send(
            "Target.attachToTarget", targetId=page["targetId"], flatten=True
        )["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.send(f"{domain}.enable")
        self.send("Fetch.enable", patterns=[{"urlPattern": "*"}])
        self.send(
            "Target.setAutoAttach",
            autoAttach=True,
            waitForDebuggerOnStart=True,  # a frame of another origin never starts
            flatten=True,
        )
        self.targets.clear()  # the page itself

    def send(self, method, **params):
        """The answer; events that come meanwhile are taken."""
        number = self._post(method, params)
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                assert "error" not in message, (method, message["error"])
                return message["result"]
            self._take(message)

    def _post(self, method, params):
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        return self._number

    def _take(self, message):
        method, params = message.get("method"), message.get("params", {})
        self._events.append(method)
        if method == "Fetch.requestPaused":
            self._take_request(params["requestId"], params["request"]["url"])
        elif method == "Network.requestWillBeSent":
            self._note(params["request"]["url"])
        elif method == "Network.webSocketCreated":
            self._note(params["url"])
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(params["message"])
            self._post("Page.handleJavaScriptDialog", {"accept": False})
        elif method == "Target.attachedToTarget":
            self.targets.append(params["targetInfo"]["url"])

    def _take_request(self, request, url):
        self._note(url)
        if self._is_ours(url):
            self._post("Fetch.continueRequest", {"requestId": request})
        else:
            refusal = {"requestId": request, "errorReason": "BlockedByClient"}
            self._post("Fetch.failRequest", refusal)

    def _note(self, url):
        if not self._is_ours(url) and url not in self.requests:
            self.requests.append(url)

    def _is_ours(self, url):
        return url.startswith(self.origin)

    def open(self, path):
        """Loads the page, and waits until it has said all it has to say."""
        self._events.clear()
        self.send("Page.navigate", url=f"{self.origin}{path}")
        end = time.monotonic() + ANSWER_SECONDS
        while "Page.loadEventFired" not in self._events:
            assert time.monotonic() < end, "the page did not load"
            self._take(json.loads(self._socket.recv()))
        # two frames drawn: images and styles have asked for what they want
        frame = "new Promise(requestAnimationFrame)"
        self.run(f"{frame}.then(() => {frame})")

    def run(self, code):
        """The value of a JavaScript expression, promises waited for."""
        answer = self.send(
            "Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def close(self):
        with contextlib.suppress(Exception):
            self._socket.close()
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.close()
