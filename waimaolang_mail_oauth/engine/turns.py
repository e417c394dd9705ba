# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Signing in and withdrawing, each in its turn: Google withdraws all that an account
gave to an app, and so what it is giving at that very moment."""

from contextlib import contextmanager

# Of our own: the first half of the lock's key, the app is the second.
KEY = 0x77614F41


def sign_in(cr, app_id: int) -> None:
    """Until the transaction ends, together with others who sign in. Waits for who
    withdraws: one request to the provider."""
    cr.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", (KEY, app_id))


@contextmanager
def withdraw(registry, app_id: int):
    """Whether nobody signs in, nor will within the block. In a cursor of its own: what
    is read within begins after who signed in has committed."""
    with registry.cursor() as cr:
        cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (KEY, app_id))
        yield cr.fetchone()[0]
