# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How far a connection came: the exchanges of a session, told as the few steps that
a person follows (``base.STEPS``)."""

from __future__ import annotations

from dataclasses import replace

from .base import Step

# A phase of a session and the step it belongs to. Other phases are no step.
STEP_OF_PHASE = {
    "dns": "dns",
    "connect": "tcp",
    "greeting": "tcp",
    "tls": "tls",
    "login": "login",
    "id": "id",
    "folders": "folders",
    "mail": "send",
    "rcpt": "send",
    "data": "send",
    "answer": "send",
}


class Timeline:
    """``names`` are the steps that this kind of session has, in order."""

    def __init__(self, names: tuple[str, ...]):
        self._names = names
        self.start()

    def start(self) -> None:
        self._steps = {name: Step(name) for name in self._names}

    def note(self, phase: str, milliseconds: int, error=None) -> None:
        """An exchange has ended, with a MailServerError or None. Exchanges of one step
        add up; one that failed makes the step fail."""
        name = STEP_OF_PHASE.get(phase)
        if phase == "greeting" and self._is_done("tls"):
            name = "login"  # the server speaks for the first time, under TLS
        step = self._steps.get(name)
        if step is None:
            return
        self._steps[name] = replace(
            step,
            state="failed" if error or step.state == "failed" else "ok",
            milliseconds=step.milliseconds + milliseconds,
            detail=f"{error.code} {error.detail}".strip() if error else step.detail,
        )

    def skip(self, name: str) -> None:
        """It was tried, failed, and does not matter."""
        self._steps[name] = replace(self._steps[name], state="skipped")

    def _is_done(self, name: str) -> bool:
        return name in self._steps and self._steps[name].state == "ok"

    def steps(self) -> tuple[Step, ...]:
        return tuple(self._steps.values())
