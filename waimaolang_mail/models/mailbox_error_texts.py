# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The sentences of ``mailbox_errors`` for servers of which nothing more is known.

Each code has a cause and its remedies. Those that speak of a protocol come in two
forms: of IMAP, which most mailboxes use, and of any other."""

PROTOCOLS = {"imap": "IMAP", "pop3": "POP3", "smtp": "SMTP"}
# With SSL/TLS, with STARTTLS.
PORTS = {"imap": (993, 143), "pop3": (995, 110), "smtp": (465, 587)}


def generic(env, code, protocol):
    """``(cause, remedies)``"""
    known = {**_login(env), **_network(env), **_limits(env), **_sending(env)}
    checks = checklist(env, protocol)
    if protocol == "smtp":  # the code has just opened the mailbox for reading
        checks = (checks[0], *checks[2:])
    known["ambiguous"] = (known["ambiguous"][0], checks)
    if protocol in PROTOCOLS and protocol != "imap":
        known |= _of_protocol(env, protocol)
    if protocol == "smtp":
        known |= _outgoing(env)
    return known.get(code) or (
        env._("The mailbox could not be read."),
        (
            env._(
                "Try again later; if it stays, show this message to your administrator."
            ),
        ),
    )


def signed_in(env, protocol):
    """``(cause, remedies)`` where a sign-in, and no code, was refused."""
    if protocol == "smtp":
        return (
            env._("The outgoing server does not accept this sign-in."),
            (
                env._(
                    "Ask your mail administrator to allow sending by mail programs for "
                    "your account (Authenticated SMTP)."
                ),
            ),
        )
    return (
        env._("The mail server does not open this mailbox for the account signed in."),
        (
            env._("Sign in with the account to which the mailbox belongs."),
            env._(
                "If it is that account, ask your mail administrator whether IMAP is "
                "allowed for it."
            ),
        ),
    )


def checklist(env, protocol):
    """What may be behind an answer that names several causes: the switch, the code,
    the server, and the wait that helps if it was none of them."""
    return (
        env._(
            "Check that %(protocol)s is switched on in the web mail's settings.",
            protocol=PROTOCOLS.get(protocol, "IMAP"),
        ),
        env._(
            "Check that the authorization code was entered, not the password of the "
            "web mail; issue a new one if in doubt."
        ),
        env._("Check that the server belongs to this kind of address."),
        env._("Wait a quarter of an hour; do not try again before."),
    )


def _login(env):
    return {
        "auth_bad": (
            env._("The mailbox did not accept this code."),
            (
                env._(
                    "Check address and login, and enter the authorization code that "
                    "your provider issues for mail programs, not the password of the "
                    "web mail."
                ),
            ),
        ),
        "auth_needs_code": (
            env._("The server wants an authorization code instead of the password."),
            (
                env._(
                    "Open the web mail's settings, switch on IMAP, let it issue an "
                    "authorization code, and enter that code here."
                ),
            ),
        ),
        "imap_disabled": (
            env._("IMAP is switched off for this mailbox."),
            (env._("Switch IMAP on in the web mail's settings, then connect again."),),
        ),
        "client_id_required": (
            env._("The server refuses mail programs it does not know."),
            (
                env._(
                    "Allow third-party mail programs in the web mail's settings, then "
                    "connect again."
                ),
            ),
        ),
        "oauth_required": (
            env._("This provider no longer accepts passwords or codes."),
            (
                env._(
                    "Sign in with the provider instead, if your administrator has set "
                    "it up, or use another mailbox."
                ),
            ),
        ),
        "consent_needed": (
            env._("The sign-in at the provider is no longer valid."),
            (
                env._(
                    "Choose Reconnect and sign in again with the same account. A "
                    "changed password, a long pause or a withdrawn consent end a "
                    "sign-in."
                ),
            ),
        ),
        "consent_missing": (
            env._("Your organization's administrator has not allowed this sign-in."),
            (
                env._(
                    "Ask the administrator to allow it once for everybody: Odoo's "
                    "settings have the link for it. Then sign in again."
                ),
            ),
        ),
        "app_broken": (
            env._("The provider refuses the app with which Odoo signs in."),
            (
                env._(
                    "Nothing is wrong with your mailbox. Your Odoo administrator was "
                    "told and has to mend the app in Odoo's settings; the mailbox then "
                    "goes on by itself."
                ),
            ),
        ),
        "blocked_by_admin": (
            env._("Your mail administrator has blocked mail programs."),
            (env._("Ask the administrator to allow IMAP for your account."),),
        ),
        "ip_blocked": (
            env._("The provider blocks the network address of this Odoo server."),
            (
                env._(
                    "Add the address to the provider's allowed list, or wait until the "
                    "block is lifted."
                ),
            ),
        ),
        "login_frequency": (
            env._("The provider saw too many logins."),
            (env._("Wait a quarter of an hour; do not try again before."),),
        ),
        "ambiguous": (
            env._("The provider refused without saying which of several causes it is."),
            (),
        ),
        "wrong_host": (
            env._("This server does not know the address."),
            (env._("Check the incoming server's name; ask your provider for it."),),
        ),
        "key_missing": (
            env._("The key that protects the authorization code is missing."),
            (
                env._(
                    "The administrator has to restore the key that this database was "
                    "used with. The code then need not be entered again."
                ),
            ),
        ),
    }


def _network(env):
    return {
        "dns": (
            env._("The server's name was not found."),
            (env._("Check the incoming server for typing errors."),),
        ),
        "refused": (
            env._("The server does not accept connections on this port."),
            (
                env._(
                    "Check the port (IMAP with SSL/TLS: 993). If it is right, a "
                    "firewall may be in between."
                ),
            ),
        ),
        "timeout": (
            env._("The server did not answer in time."),
            (
                env._(
                    "Check server, port and encryption: SSL/TLS goes with port 993, "
                    "STARTTLS with 143. If they are right, the server is overloaded or "
                    "a firewall swallows the connection. A mailbox that is connected "
                    "tries again by itself."
                ),
            ),
        ),
        "reset": (
            env._("The connection was cut off."),
            (
                env._(
                    "Try again. A mailbox that is connected does so by itself. If it "
                    "keeps failing, look for a firewall."
                ),
            ),
        ),
        "protocol": (
            env._("What answers there does not speak IMAP as it should."),
            (env._("Check server, port and encryption: SSL/TLS goes with port 993."),),
        ),
        "tls_missing": (
            env._("The server does not offer encryption on this port."),
            (
                env._(
                    "Use SSL/TLS with port 993. The code is never sent without "
                    "encryption unless you choose it."
                ),
            ),
        ),
        "tls_untrusted": (
            env._("The server's certificate is not trusted."),
            (
                env._(
                    "If this is your company's own server, the administrator has to "
                    "install its certificate authority on the Odoo server. Otherwise "
                    "somebody may be listening: do not go on."
                ),
            ),
        ),
        "tls_name": (
            env._("The certificate belongs to a server of another name."),
            (env._("Enter the server's name as its provider states it."),),
        ),
        "private_host": (
            env._("The server's address lies in a private network."),
            (
                env._(
                    "If that is right, the administrator can allow private addresses "
                    "in the settings of Business Mailboxes."
                ),
            ),
        ),
    }


def _limits(env):
    return {
        "too_many_connections": (
            env._("The provider allows no further connection to this mailbox."),
            (
                env._(
                    "Close other mail programs, then try again. A mailbox that is "
                    "connected does so by itself."
                ),
            ),
        ),
        "throttled": (
            env._("The provider asked to slow down."),
            (env._("Nothing to do: the import goes on by itself after a pause."),),
        ),
        "quota": (
            env._("The provider's quota for today is used up."),
            (env._("Nothing to do: the import goes on by itself later."),),
        ),
        "storage": (
            env._("Odoo's own server has no room left, or cannot write."),
            (
                env._(
                    "The administrator of the Odoo server has to make room, or to give "
                    "Odoo the right to write, where its filestore and its database "
                    "lie. No mail is lost: what was not stored waits at the provider, "
                    "and fetching goes on by itself."
                ),
            ),
        ),
        "folder_gone": (
            env._("A folder is no longer on the server."),
            (env._("The folders are read again by themselves; other folders go on."),),
        ),
    }


def _sending(env):
    return {
        "mail_refused": (
            env._("Sending was refused: the provider does not take this mail."),
            (
                env._(
                    "Check that the mailbox's address is the one that the login belongs"
                    " to. If it is, the provider took the mail for spam: change its "
                    "text and try again later."
                ),
            ),
        ),
        "recipient_refused": (
            env._("Sending was refused: a recipient is not accepted."),
            (env._("Check the recipients' addresses for typing errors."),),
        ),
        "too_large": (
            env._("Sending was refused: the mail is larger than the provider takes."),
            (env._("Send fewer or smaller attachments, or links to the files."),),
        ),
    }


def _of_protocol(env, protocol):
    """Where the sentences above speak of IMAP."""
    name = PROTOCOLS[protocol]
    ssl_port, starttls_port = PORTS[protocol]
    return {
        "auth_needs_code": (
            env._("The server wants an authorization code instead of the password."),
            (
                env._(
                    "Open the web mail's settings, switch on %(protocol)s, let it issue"
                    " an authorization code, and enter that code here.",
                    protocol=name,
                ),
            ),
        ),
        "imap_disabled": (
            env._("%(protocol)s is switched off for this mailbox.", protocol=name),
            (
                env._(
                    "Switch %(protocol)s on in the web mail's settings, then try "
                    "again.",
                    protocol=name,
                ),
            ),
        ),
        "blocked_by_admin": (
            env._("Your mail administrator has blocked mail programs."),
            (
                env._(
                    "Ask the administrator to allow %(protocol)s for your account.",
                    protocol=name,
                ),
            ),
        ),
        "refused": (
            env._("The server does not accept connections on this port."),
            (
                env._(
                    "Check the port (%(protocol)s with SSL/TLS: %(port)s). If it is "
                    "right, a firewall may be in between.",
                    protocol=name,
                    port=ssl_port,
                ),
            ),
        ),
        "timeout": (
            env._("The server did not answer in time."),
            (
                env._(
                    "Check server, port and encryption: SSL/TLS goes with port "
                    "%(ssl_port)s, STARTTLS with %(starttls_port)s.",
                    ssl_port=ssl_port,
                    starttls_port=starttls_port,
                ),
                env._(
                    "If they are right, the server is overloaded or a firewall swallows"
                    " the connection: try again later."
                ),
            ),
        ),
        "protocol": (
            env._(
                "What answers there does not speak %(protocol)s as it should.",
                protocol=name,
            ),
            (
                env._(
                    "Check server, port and encryption: SSL/TLS goes with port "
                    "%(ssl_port)s, STARTTLS with %(starttls_port)s.",
                    ssl_port=ssl_port,
                    starttls_port=starttls_port,
                ),
            ),
        ),
        "tls_missing": (
            env._("The server does not offer encryption on this port."),
            (
                env._(
                    "Use SSL/TLS with port %(port)s. The code is never sent without "
                    "encryption unless you choose it.",
                    port=ssl_port,
                ),
            ),
        ),
    }


def _sending_refused(env):
    """The same code has just opened the mailbox for reading."""
    return (
        env._(
            "The mailbox can be read with this code, but the outgoing server does not "
            "accept it."
        ),
        (
            env._(
                "Allow sending (SMTP) for mail programs in the web mail's settings: "
                "some providers have a switch of its own for it. Then test again."
            ),
            env._(
                "Check that the outgoing server belongs to this mailbox. Where it "
                "wants another login or code than for reading, the mailbox can only "
                "receive for now."
            ),
        ),
    )


def _outgoing(env):
    """Where sending differs from receiving."""
    return {
        **dict.fromkeys(("auth_bad", "auth_needs_code"), _sending_refused(env)),
        "dns": (
            env._("The server's name was not found."),
            (env._("Check the outgoing server for typing errors."),),
        ),
        "wrong_host": (
            env._("This server does not know the address."),
            (env._("Check the outgoing server's name; ask your provider for it."),),
        ),
        "throttled": (
            env._("The provider asked to slow down."),
            (env._("Try again later: the provider wants a pause."),),
        ),
        "quota": (
            env._("The provider lets this mailbox send no more mails for now."),
            (env._("Try again tomorrow, or ask the provider for a higher limit."),),
        ),
    }
