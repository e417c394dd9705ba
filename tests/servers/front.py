"""A front before a real mail server that speaks as a provider does: its greeting, its
capabilities, its refusals, word by word; everything else is passed to the real server.

    client --TLS--> Front --TLS--> Dovecot or exim

What a front says is a ``Script``; ``SCRIPTS`` holds those of providers, each with the
place where the words were seen. "unverified": put together from the provider's own
list of answers, nobody has shown the line itself.
"""

import contextlib
import re
import select
import socket
import ssl
import threading
from dataclasses import dataclass, field

HANG = "HANG"
_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r?\n$")


@dataclass(frozen=True)
class Answer:
    """To a command line that matches ``command`` (a regular expression): ``text``,
    where ``{tag}`` stands for the command's tag, or HANG. ``unless`` : not once a line
    that matches this one was received."""

    command: str
    text: str | bytes
    unless: str = ""


@dataclass(frozen=True)
class Script:
    """``greeting`` replaces the real one (HANG: nothing is ever said);
    ``capabilities`` what an IMAP server announces; ``answers`` are looked through in
    order."""

    source: str
    greeting: str | bytes = ""
    capabilities: str = ""
    answers: tuple[Answer, ...] = ()


AMBIGUOUS = (
    "Login fail. Account is abnormal, service is not open, password is incorrect,"
    " login frequency limited, or system is busy. More information at"
    " https://help.mail.qq.com/detail/108/1023"
)
AMBIGUOUS_CHINESE = "登录失败。账号异常、服务未开启、密码错误、登录频率受限或系统繁忙。"
NEEDS_CODE = (
    "Login Fail. Please enter your authorization code to login. More information in"
    " http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256"
)
IMAP_LOGIN = r"^\S+ (LOGIN|AUTHENTICATE)\b"
SMTP_LOGIN = r"^AUTH\b"
POP3_LOGIN = r"^(PASS|AUTH|APOP)\b"
_QQ_GREETING = (
    "* OK [CAPABILITY IMAP4 IMAP4rev1 ID AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2"
    " NAMESPACE] QQMail XMIMAP4Server ready"
)
_COREMAIL_GREETING = (
    "* OK Coremail System IMap Server Ready(163com[10774b260cc7a37d26d71b52404dcf5c])"
)
_GMAIL_GREETING = "* OK Gimap ready for requests from 203.0.113.9 y17mb198681361pak"
_EXCHANGE_GREETING = (
    "* OK The Microsoft Exchange IMAP4 service is ready. [UwBIADIAUAA=]"
)


def _imap(source, greeting, *answers, capabilities=""):
    return Script(source, greeting, capabilities, answers)


def _refused(text):
    return Answer(IMAP_LOGIN, "{tag} NO " + text)


SCRIPTS = {
    "exmail_code": _imap("YMFE/yapi#2219", _QQ_GREETING, _refused(NEEDS_CODE)),
    "exmail_code_gbk": _imap(
        "FeeiCN/GSIL#70, the same bytes by SMTP",
        _QQ_GREETING,
        Answer(IMAP_LOGIN, "{tag} NO 请使用授权码登录。".encode("gbk")),
    ),
    "exmail_ambiguous": _imap(
        "cursor-auto-free#294", _QQ_GREETING, _refused(AMBIGUOUS)
    ),
    "exmail_ambiguous_gbk": _imap(
        "nicm/fdm#30 for GBK; the sentence is unverified",
        _QQ_GREETING,
        Answer(IMAP_LOGIN, b"{tag} NO " + AMBIGUOUS_CHINESE.encode("gbk")),
    ),
    "netease_unsafe": _imap(
        "smiley22/S22.Imap#167: whoever sends no ID",
        _COREMAIL_GREETING,
        Answer(
            r"^\S+ (SELECT|EXAMINE|LIST)\b",
            "{tag} NO SELECT Unsafe Login. Please contact kefu@188.com for help",
            unless=r"^\S+ ID \(",
        ),
    ),
    "netease_unsafe_for_good": _imap(
        "smiley22/S22.Imap#167: third-party clients not allowed",
        _COREMAIL_GREETING,
        Answer(
            r"^\S+ (SELECT|EXAMINE|LIST)\b",
            "{tag} NO SELECT Unsafe Login. Please contact kefu@188.com for help",
        ),
    ),
    "netease_wrong_code": _imap(
        "modern-email/defects#25",
        _COREMAIL_GREETING,
        _refused("LOGIN Login error or password error"),
    ),
    "netease_qiye_ip": _imap(
        "Laifaxin's guide", _COREMAIL_GREETING, _refused("ERR.LOGIN.IPDENY")
    ),
    "aliyun_blocked": _imap(
        "Aliyun's list of answers of its account service; unverified",
        "* OK AliYun IMAP Server Ready(imap.qiye.aliyun.com)",
        _refused("LOGIN failure. UC_LOGIN_SOURCE_NOT_ALLOWED"),
    ),
    "gmail_app_password": _imap(
        "openmail#1, imapsync#175",
        _GMAIL_GREETING,
        _refused(
            "[ALERT] Application-specific password required:"
            " https://support.google.com/accounts/answer/185833 (Failure)"
        ),
    ),
    "gmail_wrong": _imap(
        "gmail_extractor#4",
        _GMAIL_GREETING,
        _refused("[AUTHENTICATIONFAILED] Invalid credentials (Failure)"),
    ),
    "microsoft_basic": _imap(
        "MailKit#711", _EXCHANGE_GREETING, Answer(IMAP_LOGIN, "{tag} NO LOGIN failed.")
    ),
    "yandex_off": _imap(
        "Mailspring#904",
        "* OK Yandex IMAP4rev1 at imap53p.mail.yandex.net:993 ready to talk with"
        " ::ffff:203.0.113.9:39078, 2026-Nov-25 10:37:40, ebI8JB0ug4Y1",
        _refused(
            "[AUTHENTICATIONFAILED] LOGIN Invalid credentials or IMAP is disabled"
            " sc=ebI8JB0ug4Y1_290737_53p"
        ),
    ),
    "frequency": _imap(
        "Yahoo, RFC 5530",
        "* OK IMAP4rev1 ready",
        _refused("[LIMIT] LOGIN Rate limit hit"),
    ),
    "plain": Script("nothing of its own: for certificates"),
    "hangs": Script("accepts and says nothing", greeting=HANG),
    "stripped": _imap(
        "RFC 3501 without STARTTLS: somebody in between took it out",
        "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready",
        capabilities="IMAP4rev1 AUTH=PLAIN",
    ),
    "smtp_exmail_code": Script(
        "YMFE/yapi#2219",
        "220 newxmesmtplogicsvrsza9.qq.com XMail Esmtp QQ Mail Server.",
        answers=(Answer(SMTP_LOGIN, "535 " + NEEDS_CODE),),
    ),
    "smtp_exmail_code_gbk": Script(
        "FeeiCN/GSIL#70",
        answers=(
            Answer(SMTP_LOGIN, "535 Error: 请使用授权码登录。详情请看".encode("gbk")),
        ),
    ),
    "smtp_gmail_app_password": Script(
        "openmail#1",
        "220 smtp.gmail.com ESMTP 6a1803df08f44-8ffd82ea9casm7101606d6.42 - gsmtp",
        answers=(
            Answer(
                SMTP_LOGIN,
                "534-5.7.9 Application-specific password required. For more\r\n"
                "534-5.7.9 information, go to\r\n"
                "534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor"
                " 6a1803df08f44-8ffd82ea9casm7101606d6.42 - gsmtp",
            ),
        ),
    ),
    "smtp_microsoft_disabled": Script(
        "nodemailer#1484",
        "220 TY1PR01CA0183.outlook.office365.com Microsoft ESMTP MAIL Service ready",
        answers=(
            Answer(
                SMTP_LOGIN,
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is"
                " disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for"
                " more information. [TY1PR01CA0183.jpnprd01.prod.outlook.com]",
            ),
        ),
    ),
    "smtp_netease_spam": Script(
        "jumpserver#644",
        answers=(
            Answer(
                r"^\.$",
                "554 DT:SPM 163 smtp14,EsCowAC3XkffVJ1ZcxWrFQ--.5037S2 1503483104,"
                "please see http://mail.163.com/help/help_spam_16.htm",
            ),
        ),
    ),
    "smtp_lost_answer": Script(
        "the answer to the mail never comes", answers=(Answer(r"^\.$", HANG),)
    ),
    "pop3_qq_code": Script(
        "pandolia/qqbot#139",
        "+OK XMail POP3 Server v1.0 Service Ready(XMail v1.0)",
        answers=(
            Answer(
                POP3_LOGIN,
                "-ERR Please using authorized code to login. More information at"
                " http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
            ),
        ),
    ),
    "pop3_qq_ambiguous": Script(
        "cursor-auto-free#294",
        "+OK XMail POP3 Server v1.0 Service Ready(XMail v1.0)",
        answers=(Answer(POP3_LOGIN, "-ERR " + AMBIGUOUS),),
    ),
}


@dataclass
class Front:
    """Listens on ``port`` of localhost. ``upstream`` is the (host, port) of the real
    server's implicit TLS; ``certificate`` a (cert, key) pair, None: no encryption.

    ``connections`` counts clients, ``received`` holds their lines."""

    ca: object
    script: Script
    upstream: tuple[str, int]
    certificate: tuple | None
    connections: int = 0
    received: list[str] = field(default_factory=list)

    def __post_init__(self):
        self._sockets = []
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        self._stopped.set()
        for sock in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(OSError):
                sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.stop()

    def _serve(self):
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._sockets.append(client)
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client):
        try:
            if self.script.greeting == HANG:
                self.wait()
                return
            if self.certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*self.certificate)
                client = context.wrap_socket(client, server_side=True)
                self._sockets.append(client)
            _Dialogue(self, client).run()
        except (OSError, EOFError, ValueError):
            pass  # the client left, or refused the certificate as it should
        finally:
            with contextlib.suppress(OSError):
                client.close()

    def wait(self):
        """For the end."""
        self._stopped.wait()

    def connect(self):
        plain = socket.create_connection(self.upstream, timeout=30)
        tls = self.ca.client_context().wrap_socket(
            plain, server_hostname=self.upstream[0]
        )
        tls.settimeout(None)
        self._sockets.append(tls)
        return tls


class _Dialogue:
    """One client and its connection to the real server, in one thread: an SSL object
    must not be read and written at once."""

    def __init__(self, front, client):
        self.front = front
        self.script = front.script
        self.client = client
        self.server = front.connect()
        self.buffer = b""
        self.literal = 0  # bytes of an IMAP literal that are still to come
        self.goes_on = False  # what follows a literal belongs to its command
        self.seen = []

    def run(self):
        greeting = self._greeting()
        self.say(self.script.greeting or greeting)
        while True:
            for ready in self._wait():
                data = ready.recv(65536)
                if not data:
                    raise EOFError
                if ready is self.server:
                    self.client.sendall(data)
                else:
                    self.buffer += data
                    self._consume()

    def _greeting(self):
        greeting = b""
        while not greeting.endswith(b"\n"):
            greeting += self.server.recv(65536)
        return greeting

    def _wait(self):
        both = (self.client, self.server)
        pending = [s for s in both if isinstance(s, ssl.SSLSocket) and s.pending()]
        return pending or select.select(both, (), ())[0]

    def _consume(self):
        while self.buffer:
            if self.literal:
                part, self.buffer = (
                    self.buffer[: self.literal],
                    self.buffer[self.literal :],
                )
                self.literal -= len(part)
                self.server.sendall(part)
                continue
            line, end, rest = self.buffer.partition(b"\n")
            if not end:
                return
            self.buffer = rest
            self._line(line + end)

    def _line(self, line):
        if self.goes_on or not self._is_answered(line):
            literal = _LITERAL.search(line)
            self.literal = int(literal[1]) if literal else 0
            self.goes_on = bool(literal)
            self.server.sendall(line)

    def _is_answered(self, line):
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        self.front.received.append(text)
        seen, self.seen = self.seen, [*self.seen, text]
        for answer in self.script.answers:
            unless = answer.unless and any(
                re.search(answer.unless, one, re.I) for one in seen
            )
            if re.search(answer.command, text, re.I) and not unless:
                self._answer(answer, text.split(" ")[0])
                return True
        if self.script.capabilities and re.search(r"^\S+ CAPABILITY$", text):
            self.say(f"* CAPABILITY {self.script.capabilities}")
            self.say(f"{text.split()[0]} OK done")
            return True
        return False

    def _answer(self, answer, tag):
        if answer.text == HANG:
            self.front.wait()
            raise EOFError
        words = answer.text
        words = words.encode() if isinstance(words, str) else words
        self.say(words.replace(b"{tag}", tag.encode()))

    def say(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        self.client.sendall(data if data.endswith(b"\n") else data + b"\r\n")
