# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The states of a mailbox, and what moves it from one to another.

    draft --bound--> connected <--answered, refused--> error
                       |                                 |
                       +--- locked out, code wiped ------+--> reauth --bound--> (c.)
                       +--- paused, owner left ----------+--> paused --resumed--> (c.)
    any --disconnected--> disconnected --bound--> (c.)

A table and one look-up: who writes the outcome is ``waimaolang.mailbox._move``.
"""

from dataclasses import dataclass

STATES = ("draft", "connected", "reauth", "error", "paused", "disconnected")

BOUND = "bound"
ANSWERED = "answered"
REFUSED = "refused"
LOCKED_OUT = "locked_out"
SENT = "sent"
SENDING_REFUSED = "sending_refused"
PAUSED = "paused"
OWNER_LEFT = "owner_left"
RESUMED = "resumed"
WIPED = "wiped"
DISCONNECTED = "disconnected"

REASONS = {
    BOUND: "a person's try to connect succeeded",
    ANSWERED: "the server answered a pass",
    REFUSED: "a pass failed",
    LOCKED_OUT: "the login was refused three times",
    SENT: "a test mail left and came back",
    SENDING_REFUSED: "the outgoing server refused the login",
    PAUSED: "paused by hand",
    OWNER_LEFT: "its owner was archived",
    RESUMED: "resumed by hand",
    WIPED: "somebody else changed owner or server: the code was wiped",
    DISCONNECTED: "disconnected by hand",
}
# What a person asked for and cannot have is told; the rest came too late, since a
# person did something meanwhile, and changes nothing.
BY_PERSON = frozenset((BOUND, PAUSED, RESUMED, DISCONNECTED))

_TABLE = {
    BOUND: dict.fromkeys(STATES, "connected"),
    # a pass that ends after a person paused or disconnected must not undo that
    ANSWERED: dict.fromkeys(("connected", "error"), "connected"),
    REFUSED: dict.fromkeys(("connected", "error"), "error"),
    LOCKED_OUT: dict.fromkeys(("connected", "error"), "reauth"),
    # what is received is received: how it fares says that nothing can be sent
    SENT: {"connected": "connected", "error": "error"},
    SENDING_REFUSED: {"connected": "connected", "error": "error"},
    PAUSED: dict.fromkeys(("connected", "error", "paused"), "paused"),
    # the others fetch nothing anyway, and say why already
    OWNER_LEFT: dict.fromkeys(("connected", "error"), "paused"),
    # never out of "reauth": the code is known to be bad
    RESUMED: dict.fromkeys(("paused", "connected"), "connected"),
    WIPED: {
        "draft": "draft",
        "disconnected": "disconnected",
        **dict.fromkeys(("connected", "error", "reauth", "paused"), "reauth"),
    },
    DISCONNECTED: dict.fromkeys(STATES, "disconnected"),
}


@dataclass(frozen=True)
class Step:
    """The state after an event, and why, for the log."""

    state: str
    reason: str


def step(state: str, event: str) -> Step | None:
    """None: the event means nothing in this state."""
    target = _TABLE[event].get(state)
    return Step(target, REASONS[event]) if target else None
