# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reports in the wording of the big providers; see ``bounce_samples``."""

from bounce_forms import BUYER, ID, RETURNED, SUBJECT, US, block, one, plain, report

PROVIDERS = [
    (
        "yahoo",
        plain(
            "MAILER-DAEMON@yahoo.example",
            "Failure Notice",
            "Sorry, we were unable to deliver your message to the following address.\n"
            "\n"
            f"<{BUYER}>:\n554: delivery error: dd This user doesn't have a "
            f"buyer.example "
            f"account ({BUYER}) [0] - mta1.mail.buyer.example\n\n--- Below this line "
            f"is a "
            f"copy of the message.\n\n{RETURNED}",
        ),
        "failed", one("", "unknown", True), ID, SUBJECT,
    ),
    (
        "gmail",
        report(
            "\n** Address not found **\n\nYour message wasn't delivered to "
            f"{BUYER} because the address couldn't be found, or is unable to receive "
            f"mail."
            "\n\nThe response from the remote server was:\n550 5.1.1 The email account "
            "that "
            "you tried to reach does not exist.",
            block("5.1.1", "550-5.1.1 The email account that you tried to reach does "
                           "not "
                  "exist. Please\n try 550-5.1.1 double-checking the recipient's "
                  "address"),
            sender="Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject="Delivery Status Notification (Failure)",
            headers="Auto-Submitted: auto-replied\n"
            f"X-Failed-Recipients: {BUYER}\n",
            returned=("message/rfc822", RETURNED + "\nDear Bob\n"),
        ),
        "failed", one("5.1.1", "unknown", True), ID, SUBJECT,
    ),
    (
        "gmail_quota",
        report(
            f"** Recipient inbox full **\n\nYour message couldn't be delivered to "
            f"{BUYER}. "
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
            "** Delivery incomplete **\n\nThere was a temporary problem delivering "
            "your "
            f"message to {BUYER}. Gmail will retry for 46 more hours. You'll be "
            f"notified if "
            "the delivery fails permanently.",
            block("4.4.1", "The recipient server did not accept our requests to "
                           "connect.",
                  "delayed"),
            sender="Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            subject="Delivery Status Notification (Delay)",
        ),
        "delayed", one("4.4.1", "network", False), ID, SUBJECT,
    ),
    (
        "gmail_retrying_in_prose",
        plain(
            "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            "Delivery Status Notification (Delay)",
            "This is an automatically generated Delivery Status Notification\n\nTHIS "
            "IS A WARNING MESSAGE ONLY.\n\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\n"
            f"Delivery to the following recipient has been delayed:\n\n     {BUYER}\n\n"
            "Message will be retried for 2 more day(s). You'll be notified if the "
            "delivery fails permanently.\n\nTechnical details of temporary failure:\n"
            "The recipient server did not accept our requests to connect.\n\n"
            f"----- Original message -----\n\n{RETURNED}",
            f"X-Failed-Recipients: {BUYER}\n",
        ),
        "delayed", one("", "network", False), ID, SUBJECT,
    ),
    (
        "microsoft_in_chinese",
        plain(
            "postmaster@lanyue.example",
            "未送达: " + SUBJECT,
            f"未能向以下收件人或通讯组列表传递邮件：\n\n{BUYER}\n你输入的电子邮件地址不存在。"
            "\n\n供管理员使用的诊断信息：\n生成服务器: mx.lanyue.example\n"
            f"{BUYER}\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\n"
            f"原始邮件标题:\n{RETURNED}",
        ),
        "failed", one("5.1.1", "unknown", True), ID, SUBJECT,
    ),
    (
        "microsoft_spf",
        report(
            f"Your message to {BUYER} couldn't be delivered.",
            block("5.7.23", "550 5.7.23 The message was rejected because of Sender "
                            "Policy "
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
            sender="Microsoft Outlook "
                   "<MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e"
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
            f"recipients.</p><p>Subject: {SUBJECT}<br>Sent: 12/1/2026 10:00 "
            f"AM</p><p>The "
            f"following recipient(s) could not be reached:</p><p>{BUYER} on 12/1/2026 "
            f"10:03 "
            "AM<br>The e-mail account does not exist at the organization this message "
            "was "
            "sent to. Check the e-mail address.<br>&lt;mail.lanyue.example "
            "#5.1.1&gt;</p>"
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
            "<div><p>抱歉，您的邮件被退回来了……</p><table><tr><td>原邮件信息："
            "</td></tr><tr><td>"
            f"时 间：2026-12-01 10:00:00</td></tr><tr><td>主 "
            f"题：{SUBJECT}</td></tr><tr><td>"
            f"收件人：{BUYER}</td></tr></table><p>退信原因：</p><p>收件人邮件地址（"
            f"{BUYER}）不存在，"
            "邮件无法送达。<br>host mx.buyer.example[192.0.2.1] said: 550 Mailbox not "
            "found "
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
            f"您的邮件未能送达。\n\n收件人：{BUYER}\n主题：{SUBJECT}\n\n"
            f"退信原因：收件人空间不足\n",
        ),
        "failed", one("", "full", False), "", SUBJECT,
    ),
    (
        "netease",
        report(
            "抱歉，您的邮件被退回来了……\n\n原邮件信息：\n时间 Date: 2026-12-01 "
            "10:00:00\n"
            f"主题 Subject: {SUBJECT}\n收件人 To: {BUYER}\n\n退信原因：\n"
            f"对方服务器拒收了您的邮件\n"
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
            f"很抱歉，您发往 {BUYER} 的邮件被退回。\n原因：\n554 DT:SPM qiye1,CkPOwAC3 "
            f"please see "
            "http://mail.example/help/help_spam.htm\n",
        ),
        "failed", one("", "blocked", True), "", "",
    ),
    (
        "aliyun_retrying",
        plain(
            "MAILER-DAEMON@aliyun.example",
            "投递延迟通知",
            f"您发送给 <{BUYER}> 的邮件暂时无法投递，原因：连接对方服务器超时。\n"
            f"系统将继续尝试投递，"
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
            f"你的邮件未能送达以下收件人\n{BUYER}\n"
            f"失败原因：对方域名不存在，请检查地址\n"
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
            f"尊敬的用户，您的邮件发送失败。\n\n<{BUYER}>:\n对方服务器返回：553 Spam "
            f"denied\n\n"
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
            "Это письмо создано автоматически сервером. Отвечать на него не нужно.\n\n"
            "К "
            "сожалению, Ваше письмо не может быть доставлено одному или нескольким "
            f"получателям:\n\n{BUYER}\nuser not found\n\n****************************\n"
            f"\n"
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
            block("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.5] "
                           "blocked "
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
            f"<{BUYER}>: host mail.buyer.example[192.0.2.1] said: 452 4.2.2 Over quota "
            f"(in "
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
            f"({SUBJECT})\n matches a profile the Internet community may consider "
            f"spam.",
            block("5.7.1", "554 5.7.1 The message matches a profile the Internet "
                           "community "
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
]  # fmt: skip
