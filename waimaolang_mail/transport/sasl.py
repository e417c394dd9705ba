# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a client says to log in by SASL. Pure."""

from __future__ import annotations

from collections.abc import Collection

from . import ownwords
from .base import Credentials, ServerAddress
from .errors import MailServerError
from .net import host_ascii


def answer_of(
    credentials: Credentials, offered: Collection[str], address: ServerAddress
) -> tuple[str, list[bytes]]:
    """``(mechanism, client messages in order)`` for the best of the mechanisms."""
    login, secret = credentials.login.encode(), credentials.secret.encode()
    if any(char in login + secret for char in b"\0\r\n"):
        raise MailServerError("auth_bad", ownwords.CONTROL_CHARACTER, "login")
    if credentials.method != "password":
        mechanism, answer = oauth(login, secret, offered, address)
        return mechanism, [answer]
    if "PLAIN" in offered:
        return "PLAIN", [b"\0" + login + b"\0" + secret]
    if "LOGIN" in offered:
        return "LOGIN", [login, secret]
    code = "oauth_required" if "XOAUTH2" in offered else "protocol"
    names = " ".join(sorted(offered))
    raise MailServerError(
        code, ownwords.say(ownwords.OTHER_LOGINS, names=names), "login"
    )


def oauth(
    login: bytes, token: bytes, offered: Collection[str], address: ServerAddress
) -> tuple[str, bytes]:
    """``(mechanism, answer)``: XOAUTH2, or OAUTHBEARER (RFC 7628) where only that is
    offered."""
    if "OAUTHBEARER" in offered and "XOAUTH2" not in offered:
        host = host_ascii(address.host).encode()
        place = b"\x01host=%s\x01port=%d" % (host, address.port)
        bearer = b"n,a=%s,%s\x01auth=Bearer %s\x01\x01" % (login, place, token)
        return "OAUTHBEARER", bearer
    return "XOAUTH2", b"user=%s\x01auth=Bearer %s\x01\x01" % (login, token)
