# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Calls of a running Odoo as its web client makes them, without a browser."""

import requests

SECONDS = 120


class RpcError(Exception):
    """What Odoo answered instead of a result, with its traceback."""


class Client:
    def __init__(self, odoo):
        self.odoo = odoo

    def log_in(self, login, password):
        return Session(self.odoo, login, password)


class Session:
    def __init__(self, odoo, login, password):
        self.url = odoo.url
        self.http = requests.Session()
        self._post(
            "/web/session/authenticate",
            {"db": odoo.database, "login": login, "password": password},
        )

    def call(self, model, method, *args, **kwargs):
        """A method's result; RpcError with all that the client is told."""
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    def button(self, model, method, res_id):
        params = {"model": model, "method": method, "args": [[res_id]], "kwargs": {}}
        return self._post(f"/web/dataset/call_button/{model}/{method}", params)

    def save(self, model, ids, vals):
        """As a form saves; the id."""
        saved = self.call(model, "web_save", ids, vals, specification={})
        return saved[0]["id"]

    def tries(self, *args, **kwargs):
        """The result, or the refusal."""
        try:
            return self.call(*args, **kwargs)
        except RpcError as error:
            return str(error)

    def fails(self, *args, **kwargs):
        try:
            result = self.call(*args, **kwargs)
        except RpcError as error:
            return str(error)
        raise AssertionError(f"{args} gave {result}")

    def _post(self, path, params):
        answer = self.http.post(
            f"{self.url}{path}",
            json={"jsonrpc": "2.0", "method": "call", "params": params},
            timeout=SECONDS,
        )
        answer.raise_for_status()
        told = answer.json()
        if "error" in told:
            raise RpcError(repr(told["error"]))
        return told["result"]
