# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Servers' real sentences and the network's failures, as codes."""

import pickle
import poplib
import smtplib
import socket
import ssl

import pytest
from transport import errors
from transport.errors import CODES, MailServerError, Refused, classify
from transport.errorwords import RULES

AMBIGUOUS = (
    "Login fail. Account is abnormal, service is not open, password is incorrect,"
    " login frequency limited, or system is busy. More information at"
    " https://help.mail.qq.com/detail/108/1023"
)

# sentence, code, [hint, [phase]]
SENTENCES = [
    (AMBIGUOUS, "ambiguous"),
    ("Login Fail. Please enter your authorization code to login.", "auth_needs_code"),
    (
        "Please using authorized code to login. More information at"
        " http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
        "auth_needs_code",
    ),
    ("请使用授权码登录。详情请看: http://service.mail.qq.com", "auth_needs_code"),
    ("EXAMINE Unsafe Login. Please contact kefu@188.com for help",
     "client_id_required", "imap.163.com", "examine"),
    ("SELECT Unsafe Login. Please contact kefu@188.com for help",
     "client_id_required", "imap.163.com", "examine"),
    ("LOGIN Login error password error", "auth_bad", "imap.163.com"),
    ("Unable to log on", "ambiguous", "pop.163.com"),
    ("Unable to log on", "auth_bad", "pop.example.com"),
    ("ERR.LOGIN.IPDENY", "ip_blocked", "imap.qiye.163.com"),
    ("ERR.LOGIN.DOMAINNOTEXIST", "wrong_host", "imap.qiye.163.com"),
    ("ERR.LOGIN.PASSERR", "auth_bad", "imap.qiye.163.com"),
    ("ERR.LOGIN.REQCODE", "auth_needs_code", "imap.qiye.163.com"),
    ("[AUTHENTICATIONFAILED] LOGIN Invalid credentials or IMAP is disabled",
     "ambiguous", "imap.yandex.com"),
    ("[AUTHENTICATIONFAILED] Invalid credentials (Failure)",
     "auth_needs_code", "imap.gmail.com"),
    ("[AUTHENTICATIONFAILED] Invalid credentials (Failure)", "auth_bad"),
    ("[ALERT] Application-specific password required: https://support.google.com",
     "auth_needs_code", "imap.gmail.com"),
    ("[ALERT] Please log in via your web browser: https://support.google.com",
     "ambiguous", "imap.gmail.com"),
    ("[ALERT] Your account is not enabled for IMAP use.", "imap_disabled"),
    ("[ALERT] You are yet to enable IMAP for your account. Please contact your"
     " administrator (Failure)", "imap_disabled", "imap.zoho.com"),
    ("AUTHENTICATE failed.", "oauth_required", "outlook.office365.com"),
    ("LOGIN failed.", "oauth_required", "outlook.office365.com"),
    ("LOGIN failed.", "auth_bad", "mail.example.com"),
    ("LOGIN failed. BasicAuthBlocked", "oauth_required", "exchange.example.com"),
    ("User is authenticated but not connected.", "ambiguous", "", "list"),
    ("Request is throttled. Suggested Backoff Time: 299910 milliseconds",
     "throttled", "", "fetch"),
    ("[ALERT] Too many simultaneous connections. (Failure)", "too_many_connections"),
    ("Maximum number of connections from user+IP exceeded"
     " (mail_max_userip_connections=10)", "too_many_connections"),
    ("[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)",
     "quota", "imap.gmail.com", "fetch"),
    ("Success [THROTTLED]", "throttled", "imap.gmail.com", "fetch"),
    ("[UNAVAILABLE] Temporary authentication failure. [mail:2026-01-05 10:00:00]",
     "throttled"),
    ("[SERVERBUG] LOGIN Server error - Please try again later", "throttled"),
    ("System busy!", "throttled"),
    ("[LIMIT] LOGIN Rate limit hit", "login_frequency"),
    ("[AUTHENTICATIONFAILED] Authentication failed.", "auth_bad"),
    ("[PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure"
     " (SSL/TLS) connections.", "tls_missing"),
    ("[NONEXISTENT] Mailbox doesn't exist: x", "folder_gone", "", "examine"),
    ("something nobody has heard of", "folder_gone", "", "examine"),
    ("something nobody has heard of", "protocol", "", "list"),
    ("something nobody has heard of", "auth_bad", "", "login"),
    ("something nobody has heard of", "protocol", "", "fetch"),
    ("LOGIN Login error user suspended", "blocked_by_admin", "imap.163.com"),
    ("密码错误", "auth_bad"),
    ("Login fail. A secure connection is requiered(such as ssl). More information at"
     " http://service.mail.qq.com/cgi-bin/help?id=28", "tls_missing", "pop.qq.com"),
    ("Unable to log on", "ambiguous", "pop.163.com"),
    ("Unable to log on", "auth_bad", "pop.example.com"),
    ("Logon failure: unknown user name or bad password.", "auth_bad"),
    ("[AUTH] Application-specific password required", "auth_needs_code",
     "pop.gmail.com"),
    ("LOGIN UC_LOGIN_SOURCE_NOT_ALLOWED", "blocked_by_admin", "imap.qiye.aliyun.com"),
]  # fmt: skip

# what SMTP servers say: code, words, our code, [hint, [phase]]
SMTP_SENTENCES = [
    (535, "Login Fail. Please enter your authorization code to login. More information"
     " in http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
     "auth_needs_code", "smtp.exmail.qq.com"),
    (535, AMBIGUOUS, "ambiguous"),
    (534, "5.7.9 Application-specific password required. For more information, go to\n"
     "5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor x - gsmtp",
     "auth_needs_code", "smtp.gmail.com"),
    (534, "5.7.9 Please log in with your web browser and then try again.\n5.7.9"
     "  https://support.google.com/mail/?p=WebLoginRequired", "ambiguous",
     "smtp.gmail.com"),
    (535, "5.7.8 Username and Password not accepted. For more information, go to",
     "auth_needs_code", "smtp.gmail.com"),
    (535, "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled"
     " for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.",
     "blocked_by_admin", "smtp.office365.com"),
    (535, "5.7.139 Authentication unsuccessful, the request did not meet the criteria"
     " to be authenticated successfully. Contact your administrator.",
     "blocked_by_admin", "smtp.office365.com"),
    (535, "5.7.139 Authentication unsuccessful, basic authentication is disabled.",
     "oauth_required", "smtp.office365.com"),
    (535, "5.7.3 Authentication unsuccessful [DB6P18901CA0015.PROD.OUTLOOK.COM]",
     "oauth_required", "smtp.office365.com"),
    (535, "5.7.3 Authentication unsuccessful", "auth_bad", "mail.example.com"),
    (550, "User has no permission", "imap_disabled", "smtp.163.com"),
    (535, "Error: authentication failed", "auth_bad", "smtp.163.com"),
    (554, "IP is rejected, smtp auth error limit exceed,163 smtp3", "login_frequency"),
    (526, "Authentication failure[0]", "auth_bad", "smtp.qiye.aliyun.com"),
    (526, "Authentication failure[1]", "login_frequency", "smtp.qiye.aliyun.com"),
    (535, "5.7.8 Error: authentication failed: This user does not have access rights to"
     " this service", "imap_disabled", "smtp.yandex.com"),
    (535, "5.7.8 Error: authentication failed: (reason unavailable)", "auth_bad"),
    (454, "4.7.0 Temporary authentication failure", "throttled"),
    (435, "Unable to authenticate at present", "throttled"),
    (421, "4.7.0 whatever it means", "throttled"),
    (530, "5.7.0 Must issue a STARTTLS command first.", "tls_missing", "", "mail"),
    (530, "5.7.57 Client not authenticated to send mail.", "auth_bad", "", "mail"),
    (553, "authentication is required", "auth_bad", "smtp.163.com", "mail"),
    (501, "Mail from address must be same as authorization user.", "mail_refused", "",
     "mail"),
    (541, "This account isn't allowed to send email", "blocked_by_admin", "", "mail"),
    (550, "5.1.1 no such user here", "recipient_refused", "", "rcpt"),
    (550, "5.4.5 Daily user sending limit exceeded.", "quota", "", "data"),
    (552, "Message size exceeds maximum permitted", "too_large", "", "mail"),
    (552, "Requested mail action aborted: exceeded mailsize limit", "too_large", "",
     "answer"),
    (554, "DT:SPM 163 smtp14,EsCowAC3XkffVJ1ZcxWrFQ--.5037S2 1503483104,please see"
     " http://mail.163.com/help/help_spam_16.htm", "mail_refused", "smtp.163.com",
     "answer"),
    (554, "HL:IPB 163 smtp1", "ip_blocked", "smtp.163.com", "mail"),
    (554, "MI:STC 163 smtp1", "quota", "smtp.163.com", "answer"),
    (550, "something nobody has heard of", "mail_refused", "", "answer"),
]  # fmt: skip


@pytest.mark.parametrize("case", SMTP_SENTENCES, ids=lambda case: case[1][:40])
def test_smtp_sentence(case):
    number, text, code, hint, phase = (*case, *("", "login")[len(case) - 3 :])
    exc = smtplib.SMTPResponseException(number, text.encode())
    error = classify(exc, phase, hint)
    assert (error.code, error.phase) == (code, phase)
    assert error.detail == f"{number} {' '.join(text.split())}"


@pytest.mark.parametrize(
    ("exc", "code"),
    [
        # FeeiCN/GSIL#70
        (
            smtplib.SMTPAuthenticationError(
                535, "Error: 请使用授权码登录".encode("gbk")
            ),
            "auth_needs_code",
        ),
        # qsy118614's notes on smtp.126.com
        (
            smtplib.SMTPAuthenticationError(550, "用户无权登陆".encode("gbk")),
            "imap_disabled",
        ),
        (poplib.error_proto("-ERR 请使用授权码登录".encode("gbk")), "auth_needs_code"),
    ],
    ids=repr,
)
def test_gbk_of_any_protocol(exc, code):
    assert classify(exc, "login").code == code


def test_the_providers_code_is_a_hint_where_the_host_tells_nothing():
    refused = Refused("NO", b"[AUTHENTICATIONFAILED] Invalid credentials (Failure)")
    assert classify(refused, "login", "localhost").code == "auth_bad"
    assert classify(refused, "login", "localhost gmail").code == "auth_needs_code"


def test_a_refusal_of_one_mail_is_no_failed_login():
    for code in errors.SENDING_CODES:
        assert not CODES[code].auth and not CODES[code].transient


@pytest.mark.parametrize("case", SENTENCES, ids=lambda case: case[0][:40])
def test_sentence(case):
    text, code, hint, phase = (*case, "", "login")[:4] if len(case) == 2 else (
        *case, "login")[:4]  # fmt: skip
    error = classify(Refused("NO", text.encode()), phase, hint)
    assert error.code == code
    assert error.detail == " ".join(text.split())
    assert error.phase == phase


# What is said to a token: Google's and Microsoft's pages on XOAUTH2; MailKit#1494 and
# nodemailer#1484; Dovecot 2.3 as run. A password is never to blame.
TOKEN_SENTENCES = [
    ("[AUTHENTICATIONFAILED] Invalid credentials (Failure)", "auth_bad",
     "imap.gmail.com"),
    ("535 5.7.8 Username and Password not accepted. For more information, go to"
     " https://support.google.com/mail/?p=BadCredentials", "auth_bad",
     "smtp.gmail.com"),
    ("AUTHENTICATE failed.", "auth_bad", "outlook.office365.com"),
    ("535 5.7.3 Authentication unsuccessful [BN9PR03CA0003.namprd03.prod.outlook.com]",
     "auth_bad", "smtp.office365.com"),
    ("[AUTHENTICATIONFAILED] Authentication failed.", "auth_bad", "localhost"),
    ("535 5.7.8 Authentication failed.", "auth_bad", "localhost"),
    ("User is authenticated but not connected.", "ambiguous",
     "outlook.office365.com"),
    ("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled"
     " for the Mailbox. Visit https://aka.ms/smtp_auth_disabled", "blocked_by_admin",
     "smtp.office365.com"),
    ("[ALERT] Your account is not enabled for IMAP use.", "imap_disabled",
     "imap.gmail.com"),
    # the authority does not answer the mail server: no reason to ask the person
    ("[UNAVAILABLE] Temporary authentication failure. [host:2026-11-26 22:24:01]",
     "throttled", "localhost"),
]  # fmt: skip


@pytest.mark.parametrize("text, code, hint", TOKEN_SENTENCES)
def test_what_is_said_to_a_token(text, code, hint):
    refused = Refused("NO", text.encode())
    assert classify(refused, "login", hint, method="oauth").code == code


def test_each_rule_has_a_code_and_a_source():
    assert all(rule.code in CODES and rule.source for rule in RULES)


def _verify_error(verify_code):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = verify_code
    return error


NETWORK = [
    (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "dns", False),
    (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "dns", True),
    (ConnectionRefusedError(111, "refused"), "refused", True),
    (TimeoutError("timed out"), "timeout", True),
    (ConnectionResetError(104, "reset"), "reset", True),
    (BrokenPipeError(32, "pipe"), "reset", True),
    (EOFError("closed"), "reset", True),
    (OSError(113, "No route to host"), "refused", True),
    (_verify_error(62), "tls_name", False),
    (_verify_error(64), "tls_name", False),
    (_verify_error(18), "tls_untrusted", False),
    (_verify_error(10), "tls_untrusted", False),
    (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version"), "protocol", True),
    (ssl.SSLError(1, "[SSL: UNSUPPORTED_PROTOCOL] x"), "tls_missing", False),
    (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), "reset", True),
    (errors.Absurd("line"), "protocol", True),
    (Refused("BYE", b"see you"), "reset", True),
    (Refused("BAD", b"what?"), "protocol", True),
]


@pytest.mark.parametrize("exc, code, transient", NETWORK, ids=repr)
def test_network(exc, code, transient):
    error = classify(exc, "connect")
    assert (error.code, error.transient) == (code, transient)


@pytest.mark.parametrize(
    "exc",
    [
        poplib.error_proto(AMBIGUOUS.encode()),
        smtplib.SMTPAuthenticationError(535, AMBIGUOUS.encode()),
    ],
    ids=repr,
)
def test_other_libraries_say_the_same(exc):
    assert classify(exc, "login").code == "ambiguous"


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("Request is throttled. Suggested Backoff Time: 299910 milliseconds", 299.91),
        ("too many login attempts, try again in 5 minutes", 300),
        ("rate limit, retry after 30 seconds", 30),
        (AMBIGUOUS, 900),
        ("[AUTHENTICATIONFAILED] no", None),
    ],
)
def test_retry_after(text, seconds):
    error = classify(Refused("NO", text.encode()), "login")
    assert error.retry_after == seconds


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_old_exmail_answers_in_gbk(encoding):
    error = classify(Refused("BAD", "登录失败，密码错误".encode(encoding)), "login")
    assert (error.code, error.detail) == ("auth_bad", "登录失败，密码错误")


def test_detail_is_one_bounded_line_without_secrets():
    text = b"bad hunter2\r\nsecond\x00 line " + b"x" * 9000
    error = classify(Refused("NO", text), "login", secrets=["hunter2"])
    assert error.detail.startswith("bad *** second line xxx")
    assert len(error.detail) <= 500
    assert "hunter2" not in repr(error) + str(error)


def test_i9_no_log_has_the_transcript():
    error = MailServerError("auth_bad", "no", "login")
    error.transcript = ("greeting: * OK ready",)
    assert "greeting" not in str(error) + repr(error) + repr(error.args)


def test_survives_pickling():
    error = MailServerError("throttled", "slow", "fetch", retry_after=3)
    error.keys = ("1", "2")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.code, copy.detail, copy.phase) == ("throttled", "slow", "fetch")
    assert (copy.transient, copy.retry_after, copy.keys) == (True, 3, ("1", "2"))


def test_unknown_codes_are_refused():
    with pytest.raises(ValueError):
        MailServerError("whatever")


@pytest.mark.parametrize(
    "told",
    [
        "refused ABCD-EFGH-1234",
        "refused abcd-efgh-12",
        "refused 616263642d656667682d31323334",
        "refused d-efgh",
    ],
)
def test_i9_a_secret_that_a_server_repeats_in_pieces_is_not_told(told):
    secret = "abcd-efgh-1234"
    forms = [secret, secret.encode().hex()]
    masked = errors.mask(told, forms)
    assert "efgh" not in masked.lower() and "65666768" not in masked


def test_other_words_are_told():
    assert (
        errors.mask("try again later", ["abcd-efgh-1234", "abc"]) == "try again later"
    )
