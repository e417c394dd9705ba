# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a person reads when a binding or a sync fails: the cause and the remedy,
in the reader's own language. The codes are the transport's."""

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
]


def describe(env, code, detail=None):
    """Cause, what to do, and the words behind it; "" without an error."""
    if not code:
        return ""
    cause, remedy = _texts(env).get(code, _unknown(env))
    lines = [cause, remedy]
    if detail:
        lines.append(env._("Details: %(words)s", words=detail))
    return "\n".join(lines)


def _unknown(env):
    return (
        env._("The mailbox could not be read."),
        env._("Try again later; if it stays, show this message to your administrator."),
    )


def _texts(env):
    return {**_login_texts(env), **_network_texts(env), **_limit_texts(env)}


def _login_texts(env):
    return {
        "auth_bad": (
            env._("The server refused the login."),
            env._(
                "Check address and login, and enter the authorization code that your "
                "provider issues for mail programs, not the password of the web mail."
            ),
        ),
        "auth_needs_code": (
            env._("The server wants an authorization code instead of the password."),
            env._(
                "Open the web mail's settings, switch on IMAP, let it issue an "
                "authorization code, and enter that code here."
            ),
        ),
        "imap_disabled": (
            env._("IMAP is switched off for this mailbox."),
            env._("Switch IMAP on in the web mail's settings, then connect again."),
        ),
        "client_id_required": (
            env._("The server refuses mail programs it does not know."),
            env._(
                "Allow third-party mail programs in the web mail's settings, then "
                "connect again."
            ),
        ),
        "oauth_required": (
            env._("This provider no longer accepts passwords or codes."),
            env._(
                "Such accounts cannot be bound yet. Ask the provider for a password "
                "for mail programs, or use another mailbox."
            ),
        ),
        "blocked_by_admin": (
            env._("Your mail administrator has blocked mail programs."),
            env._("Ask the administrator to allow IMAP for your account."),
        ),
        "ip_blocked": (
            env._("The provider blocks the network address of this Odoo server."),
            env._(
                "Add the address to the provider's allowed list, or wait until the "
                "block is lifted."
            ),
        ),
        "login_frequency": (
            env._("The provider saw too many logins."),
            env._("Wait a quarter of an hour; do not try again before."),
        ),
        "ambiguous": (
            env._("The provider refused without saying which of several causes it is."),
            env._(
                "Check in this order: IMAP is switched on; the authorization code is "
                "right and not the password; the server belongs to this kind of "
                "address. Then wait a quarter of an hour before you try again."
            ),
        ),
        "wrong_host": (
            env._("This server does not know the address."),
            env._("Check the incoming server's name; ask your provider for it."),
        ),
        "key_missing": (
            env._("The key that protects the authorization code is missing."),
            env._(
                "The administrator has to restore the key that this database was "
                "used with. The code then need not be entered again."
            ),
        ),
    }


def _network_texts(env):
    return {
        "dns": (
            env._("The server's name was not found."),
            env._("Check the incoming server for typing errors."),
        ),
        "refused": (
            env._("The server does not accept connections on this port."),
            env._(
                "Check the port (IMAP with SSL/TLS: 993). If it is right, a firewall "
                "may be in between."
            ),
        ),
        "timeout": (
            env._("The server did not answer in time."),
            env._(
                "Check server, port and encryption: SSL/TLS goes with port 993, "
                "STARTTLS with 143. If they are right, the server is overloaded or a "
                "firewall swallows the connection. A mailbox that is connected tries "
                "again by itself."
            ),
        ),
        "reset": (
            env._("The connection was cut off."),
            env._(
                "Try again. A mailbox that is connected does so by itself. If it keeps "
                "failing, look for a firewall."
            ),
        ),
        "protocol": (
            env._("What answers there does not speak IMAP as it should."),
            env._("Check server, port and encryption: SSL/TLS goes with port 993."),
        ),
        "tls_missing": (
            env._("The server does not offer encryption on this port."),
            env._(
                "Use SSL/TLS with port 993. The code is never sent without encryption "
                "unless you choose it."
            ),
        ),
        "tls_untrusted": (
            env._("The server's certificate is not trusted."),
            env._(
                "If this is your company's own server, the administrator has to "
                "install its certificate authority on the Odoo server. Otherwise "
                "somebody may be listening: do not go on."
            ),
        ),
        "tls_name": (
            env._("The certificate belongs to a server of another name."),
            env._("Enter the server's name as its provider states it."),
        ),
        "private_host": (
            env._("The server's address lies in a private network."),
            env._(
                "If that is right, the administrator can allow private addresses in "
                "the settings of Business Mailboxes."
            ),
        ),
    }


def _limit_texts(env):
    return {
        "too_many_connections": (
            env._("The provider allows no further connection to this mailbox."),
            env._(
                "Close other mail programs, then try again. A mailbox that is "
                "connected does so by itself."
            ),
        ),
        "throttled": (
            env._("The provider asked to slow down."),
            env._("Nothing to do: the import goes on by itself after a pause."),
        ),
        "quota": (
            env._("The provider's quota for today is used up."),
            env._("Nothing to do: the import goes on by itself later."),
        ),
        "folder_gone": (
            env._("A folder is no longer on the server."),
            env._("The folders are read again by themselves; other folders go on."),
        ),
    }
