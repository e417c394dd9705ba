# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What we say of a server ourselves (``transport/ownwords.py``), in the reader's
language. The server's own words are nobody's to translate."""

from ..transport import ownwords as words


def translate(env, detail):
    """An error's detail; also of several refused recipients, "address: words; ..."."""
    told = _translate(env, detail)
    if told != detail or "@" not in detail:
        return told
    return "; ".join(_translate_one(env, part) for part in detail.split("; "))


def _translate_one(env, part):
    address, colon, said = part.partition(": ")
    return f"{address}: {_translate(env, said)}" if colon else part


def _translate(env, detail):
    found = words.find(detail)
    if not found:
        return detail
    template, figures = found
    return _TEXTS[template](env, figures)


_TEXTS = {
    words.NO_ENCRYPTION: lambda env, _: env._("The server offers no encryption."),
    words.NO_STARTTLS: lambda env, _: env._("The server does not offer STARTTLS."),
    words.LOGIN_DISABLED: lambda env, _: env._(
        "The server refuses logins without encryption (LOGINDISABLED)."
    ),
    words.NO_LOGIN: lambda env, _: env._("The server offers no login."),
    words.OTHER_LOGINS: lambda env, told: env._(
        "The server offers other kinds of login alone: %(names)s", **told
    ),
    words.CONTROL_CHARACTER: lambda env, _: env._(
        "The login or the code holds a character that cannot be typed."
    ),
    words.INVALID_HOST: lambda env, _: env._("This is no name of a server."),
    words.INVALID_PORT: lambda env, told: env._(
        "%(port)s is no port: it is between 1 and 65535.", **told
    ),
    words.NO_ADDRESS: lambda env, _: env._("The name leads to no address."),
    words.RESOLVING: lambda env, told: env._(
        "The address of %(host)s was not found in time.", **told
    ),
    words.PRIVATE_ADDRESS: lambda env, told: env._(
        "%(host)s leads to the private address %(address)s.", **told
    ),
    words.LOCAL_NAME: lambda env, told: env._(
        "%(host)s is a name of a local network.", **told
    ),
    words.INVALID_PROXY: lambda env, _: env._(
        "The address of the proxy has to be http://host:port, without a login."
    ),
    words.PROXY_CLEAR_TEXT: lambda env, _: env._(
        "Nothing is sent through a proxy without encryption."
    ),
    words.PROXY_UNKNOWN: lambda env, told: env._(
        "The name of the proxy %(proxy)s was not found.", **told
    ),
    words.PROXY_CLOSED: lambda env, told: env._(
        "The proxy %(proxy)s does not accept connections.", **told
    ),
    words.PROXY_SILENT: lambda env, told: env._(
        "The proxy %(proxy)s did not answer in time, or the mail server behind it did "
        "not.",
        **told,
    ),
    words.PROXY_BROKE: lambda env, told: env._(
        "The proxy %(proxy)s cut the connection.", **told
    ),
    words.PROXY_ABSURD: lambda env, told: env._(
        "What answers at %(proxy)s is no HTTP proxy.", **told
    ),
    words.PROXY_FORBIDS: lambda env, told: env._(
        "The proxy %(proxy)s does not allow connections to %(host)s on this port.",
        **told,
    ),
    words.PROXY_LOGIN: lambda env, told: env._(
        "The proxy %(proxy)s wants a login, which Odoo does not have.", **told
    ),
    words.PROXY_FAILS: lambda env, told: env._(
        "The proxy %(proxy)s cannot reach %(host)s (%(status)s).", **told
    ),
    words.PROXY_ANSWERS: lambda env, told: env._(
        "The proxy %(proxy)s does not open a connection, it answers %(status)s.", **told
    ),
    words.NO_FOLDERS: lambda env, _: env._("The server names no folders."),
    words.UNUSABLE_NAME: lambda env, _: env._(
        "The folder's name cannot be sent to the server."
    ),
    words.RENUMBERED: lambda env, _: env._(
        "The server has numbered the folder's mails anew meanwhile."
    ),
    words.OTHER_KEYS: lambda env, _: env._(
        "The mails were listed by another protocol."
    ),
    words.INBOX_ONLY: lambda env, _: env._("By POP3 there is the inbox alone."),
    words.NO_UIDL: lambda env, _: env._(
        "The server cannot tell mails apart by POP3 (no UIDL). Use IMAP."
    ),
    words.TOO_MANY: lambda env, told: env._(
        "More than %(most)s mails are too many for POP3. Use IMAP.", **told
    ),
    words.NOT_CONNECTED: lambda env, _: env._("The connection was closed before."),
    words.NOT_THERE: lambda env, told: env._(
        "It had not arrived after %(seconds)s seconds. Looked for in: %(folders)s",
        **told,
    ),
    words.NO_RECIPIENT: lambda env, _: env._("The mail has no recipient."),
    words.NOT_AN_ADDRESS: lambda env, _: env._("This is no mail address."),
    words.NO_SMTPUTF8: lambda env, _: env._(
        "The server takes no addresses with such characters."
    ),
    words.TOO_LARGE: lambda env, told: env._(
        "It has %(size)s bytes, the server takes %(limit)s.", **told
    ),
    words.INTERNAL: lambda env, _: env._(
        "A fault in Odoo itself; your administrator finds it in Odoo's log."
    ),
    words.NO_SPACE: lambda env, _: env._("The disk of Odoo's server is full."),
    words.NO_QUOTA: lambda env, _: env._(
        "Odoo's share of its server's disk is used up."
    ),
    words.READ_ONLY: lambda env, _: env._("The disk of Odoo's server is read-only."),
    words.NO_RIGHTS: lambda env, _: env._("Odoo may not write to its server's disk."),
    words.LATE: lambda env, _: env._("A batch of mails was not read in time."),
    words.REPEATED: lambda env, _: env._(
        "The server repeats what it was sent; it is not shown, for it may hold your "
        "code."
    ),
}
