# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a search for mail servers gives, and how it tells what it did."""

import time
from dataclasses import dataclass

from . import providermatch
from .presets import Preset, Server

MOST_LINES = 200


@dataclass(frozen=True)
class Found:
    """``code``: the preset's, "" where only servers are known, or nothing. ``how``:
    "domain", "cname", "mx", "autoconfig", "ispdb", "srv", "probe", or "" for nothing.

    ``foreign``: unsigned DNS named servers outside the address's own domain that no
    preset knows; the user must confirm them. ``login``: what the provider wants as
    login where that is not the address. ``notes``: why nothing (or less) was found,
    as codes of ``errors.CODES``, or "bad_address", "no_domain" (the domain does not
    exist), "null_mx" (it takes no mail). ``transcript``: what was asked, what came,
    when; it names no private address. ``seconds`` that it took."""

    code: str = ""
    how: str = ""
    imap: Server | None = None
    pop3: Server | None = None
    smtp: Server | None = None
    foreign: bool = False
    login: str = ""
    notes: tuple[str, ...] = ()
    transcript: tuple[str, ...] = ()
    seconds: float = 0.0


def of_preset(preset: Preset, how: str) -> Found:
    return Found(preset.code, how, **providermatch.servers_of(preset))


class Log:
    """Lines with the seconds since the start. Threads that were left behind may still
    add to it; who has the lines does not see that. ``notes``: see Found."""

    def __init__(self, started):
        self._started = started
        self._lines = []
        self.notes = []

    def add(self, asked, came, since=None):
        now = time.monotonic()
        took = "" if since is None else f" ({now - since:.2f} s)"
        if len(self._lines) < MOST_LINES:
            self._lines.append(f"{now - self._started:5.2f} {asked}: {came}{took}")

    def note(self, code):
        if code not in self.notes:
            self.notes.append(code)

    def lines(self):
        return tuple(self._lines)
