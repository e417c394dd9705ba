# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Delivery reports as servers write them, with made-up names: (name, bytes, kind,
[(recipient, status, cause, hard)], id, subject of the returned mail).

The wordings follow RFC 3464, the servers' sources and the providers' help pages.
"""

US = "anna@lanyue.example"
BUYER = "bob@buyer.example"
ID = "4711.abc@lanyue.example"
SUBJECT = "Offer for vacuum bottles"
RETURNED = (
    f"Return-Path: <{US}>\nReceived: by mx.lanyue.example; Tue, 1 Dec 2026 02:00:00 +0000"
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
        f"From: {sender}\nTo: {US}\nSubject: {subject}\n{DATE}{headers}MIME-Version: 1.0\n"
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


SAMPLES = [
    (
        "postfix",
        report(
            "This is the mail system at host mx.lanyue.example.\n\nI'm sorry to have to "
            "inform you that your message could not\nbe delivered to one or more "
            f"recipients.\n\n<{BUYER}>: host mx.buyer.example[192.0.2.1] said: 550 5.1.1\n"
            f"    <{BUYER}>: Recipient address rejected: User unknown in relay recipient\n"
            "    table (in reply to RCPT TO command)",
            block("5.1.1", "550 5.1.1 Recipient address rejected: User unknown in relay"
                  "\n    recipient table", more=f"Original-Recipient: rfc822;{BUYER}\n"),
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
            "# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n\nYour "
            "message could not be delivered for more than 4 hour(s).\nIt will be retried "
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
            "This message was created automatically by mail delivery software.\n\nA message "
            "that you sent could not be delivered to one or more of its\nrecipients. This "
            f"is a permanent error. The following address(es) failed:\n\n  {BUYER}\n"
            "    host mx.buyer.example [192.0.2.1]\n    SMTP error from remote mail server "
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
            "This message was created automatically by mail delivery software.\nA message "
            "that you sent has not yet been delivered to one or more of its\nrecipients "
            "after more than 24 hours on the queue on mx.lanyue.example.\n\nThe message "
            f"identifier is:     1kXyz-0001\nThe subject of the message is: {SUBJECT}\n\n"
            f"The address to which the message has not yet been delivered is:\n\n  {BUYER}\n"
            "    Delay reason: Connection timed out\n\nNo action is required on your part. "
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
            "wasn't able to deliver your message to the following addresses.\nThis is a "
            f"permanent error; I've given up. Sorry it didn't work out.\n\n<{BUYER}>:\n"
            "192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown user\n"
            "Giving up on 192.0.2.1.\n\n--- Below this line is a copy of the message.\n\n"
            f"{RETURNED}\nDear Bob,\n",
        ),
        "failed", one("5.1.1", "unknown", True), ID, SUBJECT,
    ),
    (
        "yahoo",
        plain(
            "MAILER-DAEMON@yahoo.example",
            "Failure Notice",
            "Sorry, we were unable to deliver your message to the following address.\n\n"
            f"<{BUYER}>:\n554: delivery error: dd This user doesn't have a buyer.example "
            f"account ({BUYER}) [0] - mta1.mail.buyer.example\n\n--- Below this line is a "
            f"copy of the message.\n\n{RETURNED}",
        ),
        "failed", one("", "unknown", True), ID, SUBJECT,
    ),
    (
        "gmail",
        report(
            "\n** Address not found **\n\nYour message wasn't delivered to "
            f"{BUYER} because the address couldn't be found, or is unable to receive mail."
            "\n\nThe response from the remote server was:\n550 5.1.1 The email account that "
            "you tried to reach does not exist.",
            block("5.1.1", "550-5.1.1 The email account that you tried to reach does not "
                  "exist. Please\n try 550-5.1.1 double-checking the recipient's address"),
            sender="Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject="Delivery Status Notification (Failure)",
            headers="Auto-Submitted: auto-replied\nX-Failed-Recipients: " + BUYER + "\n",
            returned=("message/rfc822", RETURNED + "\nDear Bob\n"),
        ),
        "failed", one("5.1.1", "unknown", True), ID, SUBJECT,
    ),
    (
        "gmail_quota",
        report(
            f"** Recipient inbox full **\n\nYour message couldn't be delivered to {BUYER}. "
            "Their inbox is full, or it's getting too much mail right now.",
            block("5.2.2", "552-5.2.2 The recipient's inbox is out of storage space."),
            sender="Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject="Delivery Status Notification (Failure)",
        ),
        "failed", one("5.2.2", "full", False), ID, SUBJECT,
    ),
    (
        "gmail_retrying",
        report(
            "** Delivery incomplete **\n\nThere was a temporary problem delivering your "
            f"message to {BUYER}. Gmail will retry for 46 more hours. You'll be notified if "
            "the delivery fails permanently.",
            block("4.4.1", "The recipient server did not accept our requests to connect.",
                  "delayed"),
            sender="Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject="Delivery Status Notification (Delay)",
        ),
        "delayed", one("4.4.1", "network", False), ID, SUBJECT,
    ),
    (
        "microsoft_spf",
        report(
            f"Your message to {BUYER} couldn't be delivered.",
            block("5.7.23", "550 5.7.23 The message was rejected because of Sender Policy "
                  "Framework\n violation -> 550 5.7.1 SPF check failed"),
            sender="postmaster@lanyue.example",
            subject="Undeliverable: " + SUBJECT,
            headers="Auto-Submitted: auto-replied\nIn-Reply-To: <" + ID + ">\n",
            returned=None,
        ),
        "failed", one("5.7.23", "blocked", True), ID, SUBJECT,
    ),
    (
        "microsoft_access_denied",
        report(
            f"Your message to {BUYER} couldn't be delivered.",
            block("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. "
                  "[AM6EUR05FT047.eop-eur05.prod.protection.outlook.com]"),
            sender="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e"
                   "@lanyue.example>",
            subject="Undeliverable: " + SUBJECT,
        ),
        "failed", one("5.4.1", "unknown", True), ID, SUBJECT,
    ),
    (
        "microsoft_group",
        report(
            "Your message wasn't delivered.",
            block("5.7.133", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; "
                  "authentication\n required; Delivery restriction check failed"),
            sender="postmaster@lanyue.example", subject="Undeliverable: " + SUBJECT,
        ),
        "failed", one("5.7.133", "policy", True), ID, SUBJECT,
    ),
    (
        "exchange_2003_in_html",
        plain(
            "System Administrator <postmaster@lanyue.example>",
            "Undeliverable: " + SUBJECT,
            "<html><body><p>Your message did not reach some or all of the intended "
            f"recipients.</p><p>Subject: {SUBJECT}<br>Sent: 12/1/2026 10:00 AM</p><p>The "
            f"following recipient(s) could not be reached:</p><p>{BUYER} on 12/1/2026 10:03 "
            "AM<br>The e-mail account does not exist at the organization this message was "
            "sent to. Check the e-mail address.<br>&lt;mail.lanyue.example #5.1.1&gt;</p>"
            "</body></html>",
            kind="text/html; charset=utf-8",
        ),
        "failed", one("5.1.1", "unknown", True), "", SUBJECT,
    ),
    (
        "exchange_expired",
        report(
            "Delivery has failed to these recipients.",
            block("4.4.7", "550 4.4.7 QUEUE.Expired; message expired"),
            sender="postmaster@lanyue.example", subject="Undeliverable: " + SUBJECT,
        ),
        "failed", one("4.4.7", "network", False), ID, SUBJECT,
    ),
    (
        "tencent_exmail",
        plain(
            "PostMaster <postmaster@exmail.example>",
            "系统退信",
            "<div><p>抱歉，您的邮件被退回来了……</p><table><tr><td>原邮件信息：</td></tr><tr><td>"
            f"时 间：2026-12-01 10:00:00</td></tr><tr><td>主 题：{SUBJECT}</td></tr><tr><td>"
            f"收件人：{BUYER}</td></tr></table><p>退信原因：</p><p>收件人邮件地址（{BUYER}）不存在，"
            "邮件无法送达。<br>host mx.buyer.example[192.0.2.1] said: 550 Mailbox not found "
            "(in reply to RCPT TO command)</p></div>",
            kind="text/html; charset=utf-8",
        ),
        "failed", one("", "unknown", True), "", SUBJECT,
    ),
    (
        "qq_space",
        plain(
            "PostMaster <PostMaster@qq.example>",
            "系统退信",
            f"您的邮件未能送达。\n\n收件人：{BUYER}\n主题：{SUBJECT}\n\n退信原因：收件人空间不足\n",
        ),
        "failed", one("", "full", False), "", SUBJECT,
    ),
    (
        "netease",
        report(
            "抱歉，您的邮件被退回来了……\n\n原邮件信息：\n时间 Date: 2026-12-01 10:00:00\n"
            f"主题 Subject: {SUBJECT}\n收件人 To: {BUYER}\n\n退信原因：\n对方服务器拒收了您的邮件\n"
            f"SMTP error, RCPT TO: 550 User not found: {BUYER}",
            block("5.0.0", f"550 User not found: {BUYER}"),
            sender="Postmaster@163.example", subject="系统退信/Systems bounce",
            returned=None,
        ),
        "failed", one("5.0.0", "unknown", True), "", SUBJECT,
    ),
    (
        "netease_spam",
        plain(
            "postmaster@qiye.example",
            "系统退信",
            f"很抱歉，您发往 {BUYER} 的邮件被退回。\n原因：\n554 DT:SPM qiye1,CkPOwAC3 please see "
            "http://mail.example/help/help_spam.htm\n",
        ),
        "failed", one("", "blocked", True), "", "",
    ),
    (
        "aliyun_retrying",
        plain(
            "MAILER-DAEMON@aliyun.example",
            "投递延迟通知",
            f"您发送给 <{BUYER}> 的邮件暂时无法投递，原因：连接对方服务器超时。\n系统将继续尝试投递，"
            "您不需要重新发送。\n",
        ),
        "delayed", one("", "network", False), "", "",
    ),
    (
        "aliyun",
        plain(
            "postmaster@aliyun.example",
            "退信通知",
            f"您的邮件（主题：{SUBJECT}）无法投递到以下收件人：\n\n{BUYER}\n\n"
            "错误信息：552 5.3.4 Message size exceeds fixed limit\n",
        ),
        "failed", one("5.3.4", "policy", True), "", "",
    ),
    (
        "feishu",
        plain(
            "Mail Delivery System <postmaster@feishu.example>",
            "邮件投递失败",
            f"你的邮件未能送达以下收件人\n{BUYER}\n失败原因：对方域名不存在，请检查地址\n"
            f"Subject: {SUBJECT}\n",
            "Auto-Submitted: auto-replied\n",
        ),
        "failed", one("", "unknown", True), "", SUBJECT,
    ),
    (
        "263",
        report(
            f"<{BUYER}>: host mx.buyer.example[192.0.2.1] said: 450 {BUYER}: mail size "
            "limit exceeded\n (in reply to end of DATA command)",
            block("4.0.0", "450 mail size limit exceeded"),
            subject="Undelivered Mail Returned to Sender(退信)",
        ),
        "failed", one("4.0.0", "policy", False), ID, SUBJECT,
    ),
    (
        "sina",
        plain(
            "MAILER-DAEMON@sina.example",
            "failure notice",
            f"尊敬的用户，您的邮件发送失败。\n\n<{BUYER}>:\n对方服务器返回：553 Spam denied\n\n"
            f"--- Below this line is a copy of the message.\n\n{RETURNED}",
        ),
        "failed", one("", "blocked", True), ID, SUBJECT,
    ),
    (
        "coremail",
        report(
            f"您的邮件发往 {BUYER} 失败。\n出错原因：rcpt handle timeout",
            block("4.4.1", "rcpt handle timeout"),
            sender="postmaster@coremail.example", subject="系统退信",
        ),
        "failed", one("4.4.1", "network", False), ID, SUBJECT,
    ),
    (
        "mail_ru",
        plain(
            "mailer-daemon@corp.mailru.example",
            "Mail failure.",
            "Это письмо создано автоматически сервером. Отвечать на него не нужно.\n\nК "
            "сожалению, Ваше письмо не может быть доставлено одному или нескольким "
            f"получателям:\n\n{BUYER}\nuser not found\n\n****************************\n\n"
            f"{RETURNED}",
            f"X-Failed-Recipients: {BUYER}\n",
        ),
        "failed", one("", "unknown", True), ID, SUBJECT,
    ),
    (
        "yandex",
        report(
            "This is the mail system at host forward1.yandex.example.\n\nПочтовый ящик "
            f"переполнен.\n\n<{BUYER}>: host mx.buyer.example said: 452 4.2.2 Почтовый "
            "ящик переполнен",
            block("4.2.2", "452 4.2.2 Почтовый ящик переполнен"),
            sender="mailer-daemon@yandex.example",
            subject="Недоставленное сообщение",
        ),
        "failed", one("4.2.2", "full", False), ID, SUBJECT,
    ),
    (
        "amazon_ses_block_list",
        report(
            f"An error occurred while trying to deliver the mail to:\n{BUYER}",
            block("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.5] blocked "
                  "using\n zen.spamhaus.org"),
            sender="MAILER-DAEMON@amazonses.example",
            subject="Delivery Status Notification (Failure)",
            headers="Feedback-ID: 1.us-east-1:AmazonSES\n",
        ),
        "failed", one("5.7.1", "blocked", True), ID, SUBJECT,
    ),
    (
        "zimbra_quota",
        report(
            f"<{BUYER}>: host mail.buyer.example[192.0.2.1] said: 452 4.2.2 Over quota (in "
            "reply to end of DATA command)",
            block("4.2.2", "452 4.2.2 Over quota"),
        ),
        "failed", one("4.2.2", "full", False), ID, SUBJECT,
    ),
    (
        "barracuda",
        report(
            "Your message was blocked by our Spam Firewall.",
            block("5.7.1", "550 5.7.1 Message content rejected, id=01956 - SPAM"),
            subject="**Message you sent blocked by our bulk email filter**",
        ),
        "failed", one("5.7.1", "blocked", True), ID, SUBJECT,
    ),
    (
        "proofpoint",
        report(
            f"<{BUYER}>: 554 5.7.1 The message from (<{US}>) with the subject of "
            f"({SUBJECT})\n matches a profile the Internet community may consider spam.",
            block("5.7.1", "554 5.7.1 The message matches a profile the Internet community "
                  "may\n consider spam. Please revise your message"),
            sender="Mail Delivery Subsystem <MAILER-DAEMON@mx0a.pphosted.example>",
        ),
        "failed", one("5.7.1", "blocked", True), ID, SUBJECT,
    ),
    (
        "mimecast",
        report(
            f"The following address rejected your message: {BUYER}",
            block("5.0.0", "550 csi.mimecast.org Poor Reputation Sender. "
                  "https://community.mimecast.example"),
            sender="postmaster@lanyue.example",
            subject="[Postmaster] Email Delivery Failure",
        ),
        "failed", one("5.0.0", "blocked", True), ID, SUBJECT,
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
            f"Your message\n\n  Subject: {SUBJECT}\n\nwas not delivered to:\n\n  {BUYER}\n\n"
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
