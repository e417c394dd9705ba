# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person reads when a binding or a sync fails: the cause, what to do about it
step by step, and where the provider explains it; in the reader's own language. The
codes are the transport's, the steps the provider's where its preset has them."""

from typing import NamedTuple

from ..engine.backoff import WAIT_CODES
from . import mailbox_error_texts as texts
from . import own_words

SELECTION = [
    ("auth_bad", "Login refused"),
    ("auth_needs_code", "Authorization code needed"),
    ("imap_disabled", "IMAP is switched off"),
    ("client_id_required", "The server wants to know the mail program"),
    ("oauth_required", "OAuth required"),
    ("blocked_by_admin", "Blocked by the mail administrator"),
    ("ip_blocked", "Address of this server is blocked"),
    ("login_frequency", "Too many logins"),
    ("ambiguous", "Ambiguous refusal"),
    ("wrong_host", "Wrong server for this address"),
    ("dns", "Server name not found"),
    ("refused", "Connection refused"),
    ("timeout", "No answer in time"),
    ("reset", "Connection lost"),
    ("protocol", "Not a mail server"),
    ("tls_missing", "No encryption offered"),
    ("tls_untrusted", "Certificate not trusted"),
    ("tls_name", "Certificate of another server"),
    ("private_host", "Address in a private network"),
    ("too_many_connections", "Too many connections"),
    ("throttled", "Server asked to slow down"),
    ("quota", "Provider's quota used up"),
    ("folder_gone", "Folder not found"),
    ("key_missing", "Key for secrets missing"),
    ("consent_needed", "Sign-in needed"),
    ("consent_missing", "Consent of the administrator missing"),
    ("app_broken", "Sign-in app refused"),
    ("storage", "No room on Odoo's server"),
]

# Of one mail that is sent (``transport.errors.SENDING_CODES``).
SENDING_SELECTION = [
    ("mail_refused", "Mail refused"),
    ("recipient_refused", "Recipient refused"),
    ("too_large", "Mail too large"),
]

# A login that was refused: about the code, where there is one.
CODE_CODES = frozenset(("auth_bad", "auth_needs_code", "ambiguous", "oauth_required"))
# Where the provider's page is of use.
LINK_CODES = WAIT_CODES | {
    "auth_bad",
    "auth_needs_code",
    "imap_disabled",
    "client_id_required",
    "oauth_required",
    "blocked_by_admin",
    "ip_blocked",
}


class Explanation(NamedTuple):
    """``remedies`` in the order of doing; ``link`` is a page or ""; ``wait``: trying
    again before a quarter of an hour has passed makes it worse."""

    cause: str
    remedies: tuple[str, ...]
    link: str
    wait: bool


def explain(
    env,
    code,
    detail="",
    provider=None,
    protocol="imap",
    side="incoming",
    method="password",
):
    """The Explanation of an error code. ``provider`` is a record of
    waimaolang.provider, empty or None; ``side`` is "incoming" or "outgoing";
    ``method`` the mailbox's ``auth_method``; ``detail``, the server's words, are not
    part of it."""
    protocol = "smtp" if side == "outgoing" else protocol
    if method != "password" and code in CODE_CODES:
        # of codes and their steps she knows nothing
        cause, remedies = texts.signed_in(env, protocol)
        return Explanation(cause, remedies, "", code in WAIT_CODES)
    cause, remedies = texts.generic(env, code, protocol)
    link = ""
    if provider:
        provider = provider.with_env(env)
        remedies = _own_remedies(env, code, provider, protocol) or remedies
        if code in LINK_CODES:
            link = _link(provider.help_url)
    return Explanation(cause, tuple(remedies), link, code in WAIT_CODES)


def describe(
    env,
    code,
    detail=None,
    provider=None,
    protocol="imap",
    side="incoming",
    method="password",
):
    """The same as text: the cause, a numbered line for each remedy, the link, and the
    server's words; "" without an error."""
    if not code:
        return ""
    told = explain(env, code, detail or "", provider, protocol, side, method)
    lines = [told.cause]
    lines += [f"{number}. {line}" for number, line in enumerate(told.remedies, 1)]
    if told.link:
        lines.append(told.link)
    if detail:
        lines.append(tell_details(env, detail))
    return "\n".join(lines)


def tell_details(env, detail):
    """The server's words as they are, our own in the reader's language."""
    return env._("Details: %(words)s", words=own_words.translate(env, detail))


def _own_remedies(env, code, provider, protocol):
    """What the provider's preset says of it; nothing where it says nothing."""
    if code in ("auth_bad", "auth_needs_code"):
        # sending comes after reading, with the code that was accepted there
        return () if protocol == "smtp" else _steps(provider.code_steps)
    if code == "imap_disabled":
        return _switch_steps(provider, protocol)
    if code == "blocked_by_admin":
        return _steps(provider.admin_steps)
    if code == "ambiguous":
        return _checklist(env, provider, protocol)
    return ()


def _checklist(env, provider, protocol):
    switched_on, right_code, right_server, wait = texts.checklist(env, protocol)
    server = provider._get_server(protocol) if protocol in texts.PROTOCOLS else None
    if server:
        right_server = env._(
            "The server of %(provider)s is %(host)s: check that it is the one entered.",
            provider=provider.name,
            host=server.host,
        )
    codes = _steps(provider.code_steps) or (right_code,)
    lines = [
        *(_switch_steps(provider, protocol) or (switched_on,)),
        *(() if protocol == "smtp" else codes),
        right_server,
    ]
    if provider.admin_steps:
        lines.append(
            env._("Ask your mail administrator whether mail programs are allowed.")
        )
    return (*lines, wait)


def _switch_steps(provider, protocol):
    """They are about IMAP; those that name POP3 or SMTP serve for it too."""
    text = provider.imap_steps or ""
    name = {"pop3": "POP", "smtp": "SMTP"}.get(protocol, "")
    return _steps(text) if name in text else ()


def _steps(text):
    return tuple(line.strip() for line in (text or "").splitlines() if line.strip())


def _link(url):
    """An administrator's field: no scheme but that of pages."""
    url = (url or "").strip()
    return url if url.lower().startswith(("https://", "http://")) else ""
