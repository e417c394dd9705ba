# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Delivery reports as servers write them, with made-up names: (name, bytes, kind,
[(recipient, status, cause, hard)], id, subject of the returned mail).

The wordings follow RFC 3464, the servers' sources and the providers' help pages.
"""

from bounce_forms import BUYER, ID, RETURNED, SUBJECT, block, one, plain, report
from bounce_providers import PROVIDERS

SAMPLES = [
    *PROVIDERS,
    (
        "postfix",
        report(
            "This is the mail system at host mx.lanyue.example.\n\nI'm sorry to have "
            "to "
            "inform you that your message could not\nbe delivered to one or more "
            f"recipients.\n\n<{BUYER}>: host mx.buyer.example[192.0.2.1] said: 550 "
            f"5.1.1\n"
            f"    <{BUYER}>: Recipient address rejected: User unknown in relay "
            f"recipient\n"
            "    table (in reply to RCPT TO command)",
            block("5.1.1", "550 5.1.1 Recipient address rejected: User unknown in relay"
                  "\n    recipient table", more=f"Original-Recipient: "
                      f"rfc822;{BUYER}\n"),
        ),
        "failed", one("5.1.1", "unknown", True), ID, SUBJECT,
    ),
    (
        "postfix_host_not_found",
        report(
            f"<{BUYER}>: Host or domain name not found. Name service error for\n"
            "    name=buyer.example type=AAAA: Host not found",
            block("5.4.4", "").replace("Status", "Diagnostic-Code: X-Postfix; Host or "
                  "domain name not found. Name service\n error for name=buyer.example "
                  "type=AAAA: Host not found\nStatus"),
        ),
        "failed", one("5.4.4", "network", True), ID, SUBJECT,
    ),
    (
        "postfix_delayed",
        report(
            "# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n\n"
            "Your "
            "message could not be delivered for more than 4 hour(s).\nIt will be "
            "retried "
            f"until it is 5 day(s) old.\n\n<{BUYER}>: connect to mx.buyer.example"
            "[192.0.2.1]:25: Connection timed out",
            block("4.4.1", "", "delayed"),
            subject="Delayed Mail (still being retried)",
        ),
        "delayed", one("4.4.1", "network", False), ID, SUBJECT,
    ),
    (
        "several_of_which_one_arrived",
        report(
            "Delivery report",
            block("5.2.2", "552 5.2.2 Mailbox full") + "\n"
            + block("2.0.0", "250 ok", "relayed", "carl@buyer.example") + "\n"
            + block("5.7.1", "550 5.7.1 message size exceeds limit", "failed",
                    "dora@buyer.example"),
        ),
        "failed",
        [(BUYER, "5.2.2", "full", False), ("carl@buyer.example", "2.0.0", "", False),
         ("dora@buyer.example", "5.7.1", "policy", True)],
        ID, SUBJECT,
    ),
    (
        "delivered_is_no_bounce",
        report("Your message was delivered.", block("2.1.5", "", "delivered"),
               subject="Delivery Status Notification (Success)"),
        "delivered", one("2.1.5", "", False), ID, SUBJECT,
    ),
    (
        "expanded_is_no_bounce",
        report("The list was expanded.", block("2.1.5", "", "expanded"),
               subject="Delivery Status Notification"),
        "delivered", one("2.1.5", "", False), ID, SUBJECT,
    ),
    (
        "no_report_type_and_no_blank_line",
        report(
            "Your mail failed.",
            block("5.1.1", "550 no such user") + block("4.2.2", "452 over quota",
                                                       email="carl@buyer.example"),
            kind="",
        ),
        "failed",
        [(BUYER, "5.1.1", "unknown", True),
         ("carl@buyer.example", "4.2.2", "full", False)],
        ID, SUBJECT,
    ),
    (
        "status_as_plain_text",
        report("It failed.", block("5.1.1", "550 5.1.1 unknown user"),
               status_type="text/plain; name=status.txt"),
        "failed", one("5.1.1", "unknown", True), ID, SUBJECT,
    ),
    (
        "status_in_base64",
        report("It failed.", "", returned=None).replace(
            b"--=b--", b"--=b\nContent-Type: message/delivery-status\n"
            b"Content-Transfer-Encoding: base64\n\n"
            b"UmVwb3J0aW5nLU1UQTogZG5zOyBteC5sYW55dWUuZXhhbXBsZQ0KDQpGaW5hbC1SZWNpcGll\n"
            b"bnQ6IHJmYzgyMjsgYm9iQGJ1eWVyLmV4YW1wbGUNCkFjdGlvbjogZmFpbGVkDQpTdGF0dXM6\n"
            b"IDUuMS4xDQo=\n--=b--"),
        "failed", one("5.1.1", "unknown", True), "", "",
    ),
    (
        "sendmail",
        report(
            "The original message was received at Tue, 1 Dec 2026 02:00:00 GMT\n"
            "from mail.lanyue.example [192.0.2.9]\n\n"
            "   ----- The following addresses had permanent fatal errors -----\n"
            f"<{BUYER}>\n    (reason: 550 5.7.1 <{BUYER}>... Relaying denied)\n\n"
            "   ----- Transcript of session follows -----\n... while talking to "
            f"mx.buyer.example.:\n>>> RCPT To:<{BUYER}>\n<<< 550 5.7.1 <{BUYER}>... "
            "Relaying denied",
            block("5.7.1", f"550 5.7.1 <{BUYER}>... Relaying denied"),
            subject="Returned mail: see transcript for details",
            headers="Auto-Submitted: auto-generated (failure)\n",
        ),
        "failed", one("5.7.1", "policy", True), ID, SUBJECT,
    ),
    (
        "exim",
        plain(
            "Mail Delivery System <Mailer-Daemon@mx.lanyue.example>",
            "Mail delivery failed: returning message to sender",
            "This message was created automatically by mail delivery software.\n\nA "
            "message "
            "that you sent could not be delivered to one or more of its\nrecipients. "
            "This "
            f"is a permanent error. The following address(es) failed:\n\n  {BUYER}\n"
            "    host mx.buyer.example [192.0.2.1]\n    SMTP error from remote mail "
            "server "
            "after RCPT TO:\n    550 No such user here\n\n------ This is a copy of the "
            f"message, including all the headers. ------\n\n{RETURNED}\nDear Bob,\n",
            f"X-Failed-Recipients: {BUYER}\nAuto-Submitted: auto-replied\n",
        ),
        "failed", one("", "unknown", True), ID, SUBJECT,
    ),
    (
        "exim_delayed",
        plain(
            "Mail Delivery System <Mailer-Daemon@mx.lanyue.example>",
            "Warning: message 1kXyz-0001 delayed 24 hours",
            "This message was created automatically by mail delivery software.\nA "
            "message "
            "that you sent has not yet been delivered to one or more of its\n"
            "recipients "
            "after more than 24 hours on the queue on mx.lanyue.example.\n\nThe "
            "message "
            f"identifier is:     1kXyz-0001\nThe subject of the message is: {SUBJECT}\n"
            f"\n"
            f"The address to which the message has not yet been delivered is:\n\n  "
            f"{BUYER}\n"
            "    Delay reason: Connection timed out\n\nNo action is required on your "
            "part. "
            "Delivery attempts will continue for\nsome time.\n",
            "Auto-Submitted: auto-replied\n",
        ),
        "delayed", one("", "network", False), "", "",
    ),
    (
        "qmail",
        plain(
            "MAILER-DAEMON@mail.lanyue.example",
            "failure notice",
            "Hi. This is the qmail-send program at mail.lanyue.example.\nI'm afraid I "
            "wasn't able to deliver your message to the following addresses.\nThis is "
            "a "
            f"permanent error; I've given up. Sorry it didn't work out.\n\n<{BUYER}>:\n"
            "192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown "
            "user\n"
            "Giving up on 192.0.2.1.\n\n--- Below this line is a copy of the message.\n"
            "\n"
            f"{RETURNED}\nDear Bob,\n",
        ),
        "failed", one("5.1.1", "unknown", True), ID, SUBJECT,
    ),
    (
        "antispam_in_a_host_name",
        report(
            "Failed.",
            block("5.1.1", "host mx1.antispam.buyer.example[192.0.2.1] said: 550 5.1.1 "
                  "User unknown"),
        ),
        "failed", one("5.1.1", "unknown", True), ID, SUBJECT,
    ),
    (
        "domino",
        plain(
            "postmaster@lanyue.example",
            f"DELIVERY FAILURE: User bob ({BUYER}) not listed in Domino Directory",
            f"Your message\n\n  Subject: {SUBJECT}\n\nwas not delivered to:\n\n  "
            f"{BUYER}\n\n"
            f"because:\n\n  User bob ({BUYER}) not listed in Domino Directory\n",
        ),
        "failed", one("", "unknown", True), "", SUBJECT,
    ),
    (
        "german_exchange",
        report(
            "Fehler bei der Nachrichtenzustellung an folgende Empfänger.",
            block("5.1.1", "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found"),
            sender="postmaster@kunde.example", subject="Unzustellbar: " + SUBJECT,
        ),
        "failed", one("5.1.1", "unknown", True), ID, SUBJECT,
    ),
    (
        "forwarded_recipient",
        report(
            "Failed.",
            block("5.1.1", "550 no such user", email="bob@new.example",
                  more=f"Original-Recipient: rfc822;{BUYER}\n"),
        ),
        "failed", one("5.1.1", "unknown", True), ID, SUBJECT,
    ),
]  # fmt: skip
