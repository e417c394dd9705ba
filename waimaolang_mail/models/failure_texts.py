# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person reads of a mail that could not be stored: what happened and what to do,
without a word of the mail itself."""

from typing import NamedTuple

from odoo.tools import format_datetime

SELECTION = [
    ("unreadable", "It cannot be read"),
    ("slow", "Reading it took too long"),
    ("store", "Odoo could not store it"),
    ("refused", "Another app refused it"),
    ("withheld", "The server refuses to hand it over"),
    ("undelivered", "Listed, and never delivered"),
    ("broken", "The connection breaks over it"),
]


class Explanation(NamedTuple):
    cause: str
    remedy: str


def explain(copy) -> Explanation:
    """In the reader's language."""
    env = copy.env
    if not copy.error_kind:
        return Explanation("", "")
    causes = {
        "unreadable": env._("The mail is damaged or built in a way nobody expected."),
        "slow": env._(
            "Reading it took more time or memory than one mail may take: a huge "
            "attachment, or a trap."
        ),
        "store": env._("Odoo could not store it."),
        "refused": env._("Another app or a rule of this Odoo refused it."),
        "withheld": env._("The mail server lists it and refuses to hand it over."),
        "undelivered": env._("The mail server lists it and never delivers it."),
        "broken": env._("The connection broke each time this mail was fetched."),
    }
    remedies = {
        "unreadable": env._(
            "Look at it in your mail program. An upgrade of this app may read it: it "
            "is then tried again."
        ),
        "slow": env._("Look at it in your mail program, or try again at a quiet hour."),
        "store": env._(
            "Try again. If it fails again, your administrator finds the cause in "
            "Odoo's log."
        ),
        "refused": env._(
            "The owner of the mailbox reads the app's words in the details. Once what "
            "it asks for is settled, try again."
        ),
        "withheld": env._(
            "Open it in your mail program. If that fails too, the mail is damaged at "
            "the provider, who alone can repair it."
        ),
        "undelivered": env._(
            "Open it in your mail program. If it is not there, the provider counts a "
            "mail that it lost."
        ),
        "broken": env._(
            "Open it in your mail program; moving it to another folder often helps."
        ),
    }
    remedy = remedies[copy.error_kind]
    if copy.next_try and copy.state == "failed":
        when = format_datetime(env, copy.next_try, dt_format="short")
        again = env._("It is tried again by itself on %(date)s.", date=when)
        remedy = env._("%(sentence)s %(next)s", sentence=again, next=remedy)
    return Explanation(causes[copy.error_kind], remedy)
