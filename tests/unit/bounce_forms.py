# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Forms of delivery reports, in which samples are filled."""

US = "anna@lanyue.example"
BUYER = "bob@buyer.example"
ID = "4711.abc@lanyue.example"
SUBJECT = "Offer for vacuum bottles"
RETURNED = (
    f"Return-Path: <{US}>\nReceived: by mx.lanyue.example; Tue, 1 Dec 2026 02:00:00 "
    f"+0000"
    f"\nDate: Tue, 1 Dec 2026 10:00:00 +0800\nFrom: Anna <{US}>\nTo: Bob <{BUYER}>\n"
    f"Subject: {SUBJECT}\nMessage-ID: <{ID}>\nX-Waimaolang-Ref: r3f\n"
)
DATE = "Date: Tue, 1 Dec 2026 02:03:00 +0000\n"


def report(
    said,
    blocks,
    *,
    sender="Mail Delivery System <MAILER-DAEMON@mx.lanyue.example>",
    subject="Undelivered Mail Returned to Sender",
    kind="; report-type=delivery-status",
    status_type="message/delivery-status",
    returned=("text/rfc822-headers", RETURNED),
    headers="",
):
    parts = [f"Content-Type: text/plain; charset=utf-8\n\n{said}\n"]
    if blocks:
        parts.append(
            f"Content-Type: {status_type}\n\nReporting-MTA: dns; mx.lanyue.example\n"
            f"Arrival-Date: Tue, 1 Dec 2026 02:00:00 +0000\n\n{blocks}\n"
        )
    if returned:
        parts.append(f"Content-Type: {returned[0]}\n\n{returned[1]}\n")
    body = "".join(f"--=b\n{part}\n" for part in parts) + "--=b--\n"
    head = (
        f"From: {sender}\nTo: {US}\nSubject: {subject}\n{DATE}{headers}MIME-Version: "
        f"1.0\n"
        f'Content-Type: multipart/report{kind}; boundary="=b"\n'
    )
    return (head + "\n" + body).encode()


def plain(sender, subject, text, headers="", kind="text/plain; charset=utf-8"):
    head = f"From: {sender}\nTo: {US}\nSubject: {subject}\n{DATE}{headers}"
    return f"{head}Content-Type: {kind}\n\n{text}".encode()


def block(code, said="", action="failed", email=BUYER, more=""):
    diagnostic = f"Diagnostic-Code: smtp; {said}\n" if said else ""
    return (
        f"Final-Recipient: rfc822; {email}\n{more}Action: {action}\nStatus: {code}\n"
        f"{diagnostic}"
    )


def one(code, cause, hard, email=BUYER):
    return [(email, code, cause, hard)]
