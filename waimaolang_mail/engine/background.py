# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A function in a thread of its own. Not a ThreadPoolExecutor: Python waits for its
threads when the process ends, and a server that is told to stop must not wait for
somebody's mail server."""

import threading
from concurrent.futures import Future


def start(function, *args) -> Future:
    future: Future = Future()

    def run():
        try:
            future.set_result(function(*args))
        except BaseException as exc:
            future.set_exception(exc)

    threading.Thread(target=run, name="waimaolang-fetch", daemon=True).start()
    return future
