# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What mail servers say when they refuse, as data: each sentence with the code it
means (``errors.CODES``) and where it was seen. The first match wins. "unverified":
nobody has shown it from a live server yet.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    pattern: re.Pattern
    code: str
    source: str
    phases: tuple[str, ...] = ()
    hint: re.Pattern | None = None
    methods: tuple[str, ...] = ()
    retry_after: float | None = None

    def matches(self, text, phase, hint, method) -> bool:
        return bool(
            (not self.phases or phase in self.phases)
            and (not self.methods or method in self.methods)
            and (self.hint is None or self.hint.search(hint))
            and self.pattern.search(text)
        )


def _rule(pattern, code, source, *, hint=None, **options) -> Rule:
    compiled_hint = re.compile(hint, re.I) if hint else None
    return Rule(re.compile(pattern, re.I), code, source, hint=compiled_hint, **options)


_LOGIN = ("login", "greeting")
_MICROSOFT = r"office365|outlook|hotmail|microsoft|partner\.outlook\.cn"
# Known from their pages to take nothing but app passwords from clients.
_APP_PASSWORD = r"gmail|google|mail\.me\.com|icloud|yahoo|aol\."
_NETEASE = r"163|126|188|yeah|netease"
_ALIYUN = r"aliyun|mxhichina|alimail"
_SENDING = ("mail", "rcpt", "data", "answer")
_APPEND = ("append",)

# The server is unwell, or cannot read one mail: says nothing about the account.
UNWELL = re.compile(
    r"\[UNAVAILABLE\]|\[SERVERBUG\]|\[SYS/TEMP\]|temporar(y|ily)|internal error"
    r"|system (is )?busy|try (again )?later|server (is )?busy|server unavailable"
    r"|系统(繁)?忙",
    re.I,
)

# First match wins: the specific before the general.
RULES = (
    # --- throttling and quotas: never a failure of the user
    _rule(r"request is throttled|\[throttled\]", "throttled", "Exchange, Gmail"),
    _rule(r"command or bandwidth limits", "quota", "Gmail; chatwoot#6082"),
    _rule(
        r"\[OVERQUOTA\]|quota (is )?exceed|over ?quota|exceed\w* .{0,30}quota"
        r"|(mailbox|storage|space) (is |was )?(full|exceed)|(空间|容量).{0,6}(满|不足)",
        "mailbox_full",
        "RFC 5530; Dovecot, Courier; the Chinese unverified",
        phases=_APPEND,
    ),
    _rule(r"\[OVERQUOTA\]", "quota", "RFC 5530; Gmail"),
    _rule(
        r"\[(TOOBIG|LIMIT)\]|too (large|big|long)|size.{0,30}(limit|exceed|maximum)",
        "too_large",
        "RFC 4469, RFC 7889; Gmail's APPEND",
        phases=_APPEND,
    ),
    _rule(
        r"(daily|hourly).{0,30}(sending|email|user).{0,20}(limit|quota)"
        r"|\b5\.4\.5\b|\b(MI:STC|RP:(TRC|CEL|QRC|RCL))\b"
        r"|recipients? .{0,30}(limit|quota|maximum) .{0,20}(exceed|reach|day)",
        "quota",
        "Gmail 5.4.5; NetEase's list of answers, help.163.com/09/1224/17",
        phases=_SENDING,
    ),
    _rule(
        r"too many (simultaneous )?(connections|sessions)|simultaneous connections"
        r"|maximum number of connections|mail_max_userip_connections"
        r"|connection limit|\[INUSE\]",
        "too_many_connections",
        "Gmail, Dovecot; RFC 5530",
    ),
    # --- POP3: another program has the mailbox open
    _rule(
        r"\[IN-USE\]|(mailbox|maildrop|account).{0,40}(\bin use\b|already locked"
        r"|is locked by)|unable to lock (the )?(mailbox|maildrop)",
        "too_many_connections",
        "RFC 2449; Cyrus, mailutils, Dovecot, QQ",
        retry_after=60.0,
    ),
    _rule(
        r"\[LOGIN-DELAY\]",
        "login_frequency",
        "RFC 2449; Cyrus",
        phases=_LOGIN,
        retry_after=300.0,
    ),
    # --- several causes in one sentence
    _rule(
        r"unable to log on",
        "ambiguous",
        "Coremail's POP3: wrong code, or POP3 is not switched on",
        phases=_LOGIN,
        hint=r"\b(163|126|188)\.com|yeah\.net|netease|coremail",
    ),
    _rule(
        r"account is abnormal.{0,80}service is not open",
        "ambiguous",
        "Tencent QQ/Exmail; cursor-auto-free#294",
        retry_after=900.0,
    ),
    _rule(
        r"password is incorrect or service is not open",
        "ambiguous",
        "Tencent QQ, older text",
        retry_after=900.0,
    ),
    _rule(
        r"invalid credentials or IMAP is disabled",
        "ambiguous",
        "Yandex; Mailspring#904",
    ),
    _rule(
        r"authenticated but not connected",
        "ambiguous",
        "Exchange Online: scope, identity, licence or sessions; MailKit#1494",
    ),
    _rule(
        r"账号异常.{0,40}(服务|密码).{0,80}(频率|繁忙)",
        "ambiguous",
        "Tencent, the same in Chinese; unverified",
        retry_after=900.0,
    ),
    _rule(
        r"unable to log ?on",
        "ambiguous",
        "NetEase POP3: the same for a wrong code and for POP3 switched off",
        phases=_LOGIN,
        hint=_NETEASE,
    ),
    # --- the client must say who it is
    _rule(r"unsafe login", "client_id_required", "NetEase; S22.Imap#167"),
    # --- NetEase enterprise mail
    _rule(r"ERR\.LOGIN\.IPDENY", "ip_blocked", "NetEase qiye; Laifaxin guide"),
    _rule(r"ERR\.LOGIN\.DOMAINNOTEXIST", "wrong_host", "NetEase qiye; Laifaxin guide"),
    _rule(r"ERR\.LOGIN\.REQCODE", "auth_needs_code", "NetEase qiye, unverified"),
    _rule(r"ERR\.LOGIN\.PASSERR", "auth_bad", "NetEase qiye, unverified"),
    # --- Aliyun: codes of its account service and of its SMTP
    _rule(
        r"UC_(LOGIN_SOURCE_NOT_ALLOWED|OPER_NO_PERMISSION)",
        "blocked_by_admin",
        "Aliyun's list of answers: protocol or client closed",
    ),
    _rule(r"UC_CLIENT_NON_SSL", "tls_missing", "Aliyun's list of answers"),
    _rule(
        r"526 Authentication failure\s*\[1\]",
        "login_frequency",
        "Aliyun's list of answers: failed too often",
        retry_after=900.0,
    ),
    _rule(r"526 Authentication failure", "auth_bad", "Aliyun; canal#554"),
    _rule(
        r"isn't allowed to send email",
        "blocked_by_admin",
        "Aliyun's list of answers, 541",
    ),
    # --- Microsoft 365: two switches of the administrator's, and one of Microsoft's
    _rule(
        r"SmtpClientAuthentication is disabled",
        "blocked_by_admin",
        "Exchange Online; nodemailer#1484",
    ),
    _rule(
        r"did not meet the criteria to be authenticated",
        "blocked_by_admin",
        "Exchange Online 5.7.139: security defaults or conditional access",
    ),
    # --- a code instead of the password
    _rule(
        r"authori[sz](ation|ed) code|授权码|授權碼|weixin token",
        "auth_needs_code",
        "Tencent QQ/Exmail; yapi#2219, nylas sync-engine",
    ),
    _rule(
        r"app(lication)?[- ]?(specific)?[- ]password",
        "auth_needs_code",
        "Gmail, Mail.ru, Yandex, Zoho",
    ),
    _rule(
        r"InvalidSecondFactor",
        "auth_needs_code",
        "Gmail's link in 534-5.7.9; openmail#1",
    ),
    _rule(
        r"(独立|专用|专属|客户端|安全)密码",
        "auth_needs_code",
        "Chinese providers, unverified",
    ),
    # --- switched off
    _rule(r"yet to enable (IMAP|POP)", "imap_disabled", "Zoho; nylas sync-engine"),
    _rule(
        r"not enabled for (IMAP|POP)|(IMAP|POP3?)( access| service)? is (disabled"
        r"|not (enabled|open|allowed))|enable IMAP",
        "imap_disabled",
        "Gmail, Workspace, Yandex",
    ),
    _rule(r"服务.{0,6}(未开启|未开通|未启用|已关闭)", "imap_disabled", "unverified"),
    _rule(
        r"user has no permission|用户无权登[陆录]",
        "imap_disabled",
        "NetEase SMTP 550; testerSunshine/12306#62, GBK bytes as well",
        phases=_LOGIN,
    ),
    _rule(
        r"user does not have access rights to this service",
        "imap_disabled",
        "Yandex SMTP 535: mail programs are not switched on",
        phases=_LOGIN,
    ),
    # --- passwords are gone
    _rule(
        r"BasicAuthBlocked|basic authentication is disabled",
        "oauth_required",
        "Exchange Online",
    ),
    _rule(
        r"(LOGIN|AUTHENTICATE) failed|AUTHENTICATIONFAILED|invalid credentials",
        "oauth_required",
        "Exchange Online and Outlook.com take no passwords",
        phases=_LOGIN,
        hint=_MICROSOFT,
        methods=("password",),
    ),
    _rule(
        r"535 5\.7\.3 Authentication unsuccessful",
        "oauth_required",
        "Exchange Online; MailKit#700",
        phases=_LOGIN,
        hint=_MICROSOFT,
        methods=("password",),
    ),
    # --- frequency and blocks
    _rule(
        r"too many (invalid |failed |bad )?(login|auth\w*)|login frequency|rate limit"
        r"|频率|频繁|too frequent|auth error limit exceed",
        "login_frequency",
        "QQ, Yahoo, Gmail; NetEase SMTP 554",
        retry_after=900.0,
    ),
    _rule(
        r"\bIP\b.{0,40}(blocked|denied|not allowed|blacklist|banned)"
        r"|(blocked|denied|banned).{0,40}\bIP\b",
        "ip_blocked",
        "general wording",
    ),
    _rule(
        r"\bIP in blacklist|\bHL:(IPB|IHU|IFC|MEP|IHC)\b",
        "ip_blocked",
        "NetEase's list of answers",
    ),
    _rule(
        r"\bMI:SPB\b|user in blacklist",
        "blocked_by_admin",
        "NetEase's list of answers",
        phases=_SENDING,
    ),
    _rule(
        r"user (is )?(suspended|disabled|locked)|account (is )?(suspended|disabled"
        r"|locked|blocked|frozen)|\[CONTACTADMIN\]|\[AUTHORIZATIONFAILED\]"
        r"|third[- ]party client|第三方客户端",
        "blocked_by_admin",
        "NetEase, Aliyun; RFC 5530",
        phases=_LOGIN,
    ),
    _rule(
        r"log in (via|with) your web\s+browser|WEBALERT|WebLoginRequired",
        "ambiguous",
        "Gmail: suspicious sign-in",
    ),
    # --- encryption
    _rule(
        r"\[PRIVACYREQUIRED\]|plaintext authentication (not allowed|disallowed)"
        r"|a secure connection is requi?e?red|issue a STARTTLS command",
        "tls_missing",
        "Dovecot; RFC 5530; QQ POP3; Gmail SMTP 530 5.7.0",
    ),
    # --- one mail that is sent
    _rule(
        r"\b(552|510|5\.3\.4|5\.2\.3)\b.{0,60}(size|large|big|maximum)"
        r"|message (file )?(is )?too (large|big)|mailsize limit"
        r"|(message|mail).{0,20}size.{0,20}exceed",
        "too_large",
        "RFC 1870; Exim, NetEase 552, Aliyun 510",
        phases=_SENDING,
    ),
    _rule(
        r"\b530\b|authentication (is )?required|client (was )?not authenticated",
        "auth_bad",
        "RFC 4954; NetEase 553, Exchange 5.7.57",
        phases=_SENDING,
    ),
    _rule(
        r"\bDT:(SPM|SUM)\b|content spam|behaviou?r spam|same as authori[sz]ation user"
        r"|conform with authentication|Local user only",
        "mail_refused",
        "NetEase 554, 553; Aliyun 554, 440; QQ 501",
        phases=_SENDING,
    ),
    # --- the server is unwell: must not count against the password
    _rule(
        UNWELL.pattern,
        "throttled",
        "RFC 5530; Dovecot, QQ, Yahoo; Mailpile#1888",
    ),
    _rule(
        r"connection (is )?closed|disconnected|shutting down|session (invalidated"
        r"|expired)|AccessTokenExpired|auto-?logout|inactivity",
        "reset",
        "Exchange Online, Dovecot",
    ),
    # --- the plain wrong password, last of the login rules
    _rule(
        r"AUTHENTICATIONFAILED|invalid (credentials|login)|authentication failed"
        r"|password not accepted",
        "auth_needs_code",
        "Gmail, iCloud, Yahoo take app passwords only",
        phases=_LOGIN,
        hint=_APP_PASSWORD,
        methods=("password",),
    ),
    _rule(
        r"\[AUTHENTICATIONFAILED\]|\[EXPIRED\]|password|credential|密码|密碼"
        r"|login (error|fail)|auth\w* (error|fail|unsuccess)|invalid login"
        r"|log ?on failure|unable to log ?on",
        "auth_bad",
        "RFC 5530; NetEase, Sina, Dovecot, Exchange",
        phases=_LOGIN,
    ),
    _rule(r"\[AUTH\]|unable to log on", "auth_bad", "RFC 3206", phases=_LOGIN),
    _rule(r"\[SYS/PERM\]", "blocked_by_admin", "RFC 3206", phases=_LOGIN),
    # --- folders
    _rule(
        r"\[(NONEXISTENT|TRYCREATE|NOPERM|ACL)\]|(mailbox|folder).{0,80}(not exist"
        r"|n't exist|not found|unknown|is not exist)",
        "folder_gone",
        "RFC 5530; Dovecot, QQ",
        phases=("folders", "examine", "list", "fetch", "append"),
    ),
)
