# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person reads of the engine's reasons (``engine/reasons.py``), in her own
language. A row that an older release wrote may hold a code of which nobody knows a
text any more: its bare figures are shown."""

from datetime import datetime

from odoo.tools import format_datetime

from ..engine import reasons
from . import own_words


def explain(env, code, args):
    """``code`` and ``args`` as they are kept; "" without a reason."""
    if not code:
        return ""
    args = args or {}
    if reasons.CODES.get(code) != args.keys():
        return reasons.spell(code, args)
    return _TEXTS[code](env, args)


def tell(env, reason):
    return explain(env, reason.code, reason.args)


def _older_than_shown(env, args):
    oldest = format_datetime(
        env,
        datetime.fromisoformat(args["oldest"]),
        tz=env.user.tz or "UTC",
        dt_format="short",
    )
    return env._(
        "They are all older than the oldest mail that it still shows, of %(date)s.",
        date=oldest,
    )


def _folder_refused(env, args):
    words = own_words.translate(env, args["words"])
    if not words:
        return env._("The server does not open this folder.")
    return env._("The server does not open this folder: %(words)s", words=words)


_TEXTS = {
    "nothing_new": lambda env, args: env._("Nothing is new."),
    "counted": lambda env, args: env._("The server counts %(count)s mails.", **args),
    "cursor_forgotten": lambda env, args: env._("It is to be listed again."),
    "uidvalidity_changed": lambda env, args: env._(
        "The server's UIDVALIDITY was %(before)s and is %(now)s.", **args
    ),
    "no_uidnext": lambda env, args: env._(
        "The server does not tell the number of the next mail."
    ),
    "uidnext_grew": lambda env, args: env._(
        "The number of the next mail was %(before)s and is %(now)s.", **args
    ),
    "uidnext_back": lambda env, args: env._(
        "The number of the next mail went back from %(before)s to %(now)s, which must "
        "not be.",
        **args,
    ),
    "modseq_back": lambda env, args: env._(
        "The server's HIGHESTMODSEQ went back from %(before)s to %(now)s.", **args
    ),
    "history_unlisted": lambda env, args: env._(
        "Mails with numbers below %(uid)s are not listed yet.", **args
    ),
    "listed_short": lambda env, args: env._(
        "The server did not list all of the mails that it counts (%(count)s): nothing "
        "is concluded from that.",
        **args,
    ),
    "listed_part": lambda env, args: env._(
        "The server counts %(count)s mails and listed %(listed)s of them: nothing is "
        "concluded from what is missing.",
        **args,
    ),
    "not_shown_once": lambda env, args: env._(
        "One complete listing did not show them."
    ),
    "not_shown_twice": lambda env, args: env._(
        "Two complete listings in a row did not show them; what is in Odoo stays."
    ),
    "older_than_shown": _older_than_shown,
    "known_again": lambda env, args: env._(
        "They count again, without being downloaded."
    ),
    "below_uid": lambda env, args: env._(
        "Their numbers are below %(uid)s, where new mail was looked for.", **args
    ),
    "moved_to": lambda env, args: env._("They were moved to %(folder)s.", **args),
    "moved_from": lambda env, args: env._("They came from %(folder)s.", **args),
    "complete": lambda env, args: env._("Every mail is accounted for."),
    "unaccounted": lambda env, args: env._(
        "On the server and not known here: %(count)s. They are fetched now.",
        **args,
    ),
    "vanished": lambda env, args: env._(
        "No longer on the server: %(count)s. What is in Odoo stays.",
        **args,
    ),
    "unaccounted_and_vanished": lambda env, args: env._(
        "On the server and not known here: %(new)s, fetched now. No longer on the "
        "server: %(lost)s; what is in Odoo stays.",
        **args,
    ),
    "renumbered": lambda env, args: env._(
        "The server has numbered its mails anew; they are compared by their content, "
        "and counted after that."
    ),
    "renamed": lambda env, args: env._("%(before)s is now called %(now)s.", **args),
    "folder_removed": lambda env, args: env._("The folder is no longer on the server."),
    "folder_refused": _folder_refused,
}
