# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Delivery reports in prose: qmail, Exim, Exchange, the Chinese providers.

What the report says stands above the returned mail; who did not get it stands on a
line of its own, in <>, or behind "to" and its likes; why, below. Only text of mails
that are reports by their headers comes here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .causes import OTHER, clean_diagnostic, find_cause

# Reports are short; what is longer is the returned mail.
MAX_TEXT = 20_000
MAX_RECIPIENTS = 100
# A reason stands close to its recipient.
_REASON = 1500

# Where the returned mail begins: by a title, alone on its line, or by its headers.
_RETURNED = re.compile(
    r"^[ \t>*#]{0,10}(?:[-=_*]{2,80}[ \t]*)?(?:"
    r"(?:(?:the )?(?:un)?(?:sent|original|returned|undelivered) (?:message|mail"
    r"|e-?mail)"
    r"(?: (?:headers?|follows|text|body|is (?:attached|included|below)))*"
    r"|(?:the )?body of (?:the|your) (?:original )?(?:message|mail)"
    r"|unsent message follows"
    r"|(?:original )?message headers?(?: follows?)?|message text follows"
    r"|原始邮件(?:内容)?|原始郵件|退回的邮件|原邮件(?:如下|内容|正文)"
    r"|ursprüngliche (?:nachricht|kopfzeilen)|message d'origine"
    r"|en-têtes de message d'origine|mensaje original"
    r"|encabezados de mensajes? original\w*|исходное сообщение|текст письма)"
    r"[ \t]{0,8}[-=_*:：.]{0,80}[ \t]{0,8}$"
    r"|below this line is a copy of the message[^\n]*$"
    r"|(?:this is|here is|included is) a copy of (?:the|your)[^\n]*$"
    r"|the headers? of the original message[^\n]*$"
    r"|content-type:[ \t]*(?:message/rfc822|text/rfc822-headers)[^\n]*$"
    r"|(?:received: (?:from|by|\(qmail)|return-path:|dkim-signature:)[^\n]*$)",
    re.I | re.M,
)
_ADDRESS = re.compile(
    r"(?<![\w.+%=~/-])([\w.+%=~/'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)"
)
# No recipients: the report's own people, and whose help is offered.
_SERVICE = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|postmaster|abuse|helpdesk|support|noreply|no-reply"
    r"|webmaster|admin|administrator|root|hostmaster|service|kefu|help)(?:[+.-]|@)",
    re.I,
)
# On the line before an address that failed.
_BEFORE = re.compile(
    r"(?:recipients?|addresse?s?|rcpt to|deliver\w* (?:\w{1,12} ){0,4}to|to|for|user"
    r"|account|mailbox|收件人(?:地址|邮箱|邮件地址)?|发往|发送(?:到|至|给)|投递(?:到|至"
    r"|给)|收信人"
    r"|寄往|无法送达|无法到达|empfänger|destinataires?|destinatarios?|получател\w{1,4}"
    r"|адресат\w{0,4}|宛先|받는 ?사람)[\s:：]{0,4}[(\[（【<'\"“*]{0,3}\Z",
    re.I,
)
_SENDER = re.compile(
    r"(?:from|sender|reply-to|return-path|mail from|发件人|發件人|寄件人|发信人|von"
    r"|отправитель|expéditeur|remitente|contact|write to|forward\w* to"
    r"|please (?:\w{1,12} ){1,5}to)[\s:：]{0,4}[(\[（<'\"“*]{0,3}\Z",
    re.I,
)
_DELAYED = re.compile(
    r"warning (?:message )?only|delayed mail|has been delayed|is delayed|delivery delay"
    r"|will (?:keep|continue)\w* (?:to )?try|will (?:be )?retr|still being retried"
    r"|not yet (?:been )?delivered|(?:do not|don['’]t) need to resend"
    r"|delivery (?:is )?incomplete|temporar\w+ problem|no action is required"
    r"|延迟|延遲|继续(?:尝试)?投递|将(?:自动|继续)?重试|稍后(?:再|重)试|暂时(?:无法"
    r"|未能)"
    r"|verzögert|retardée|retraso|задерж",
    re.I,
)
_PERMANENT = re.compile(
    r"(?<!fails )permanent|given up|fatal|failed permanently|returned to sender"
    r"|no longer|giving up|has failed|could ?n[o'’]t be delivered|undeliverable"
    r"|被退回|退回来|已放弃|投递失败",
    re.I,
)
_SMTP = re.compile(
    r"(?<![\d.#:/-])[45]\d\d(?:[ -]#?[45]\.\d{1,3}\.\d{1,3}\b|[ -](?=\D))"
    r"|(?<![\d.])#?[45]\.\d{1,3}\.\d{1,3}(?![.\d])"
)
_LABEL = re.compile(
    r"^[ \t]*(?:reason|cause|error|diagnostic(?:-code)?|原因|退信原因|失败原因|错误信息"
    r"|错误原因"
    r"|причина|grund|raison|motivo)[^\n:：]{0,20}[:：][ \t]*",
    re.I | re.M,
)
# Where the reason ends.
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_NEXT_FIELD = re.compile(
    r"\n[ \t]*(?:-{2,}|giving up on |[A-Za-z][A-Za-z-]{1,20}: "
    r"|[\u4e00-\u9fff]{2,8}[:：])",
    re.I,
)
_TITLE = re.compile(r"[^\n]{1,80}[:：][ \t]*\n(?=[^\n]*\w)")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_FIELDS = {
    "message_id": r"(?:original )?message-?id",
    "subject": r"(?:original |message )?subject|主\s?题|邮件主题|标\s?题|件名|betreff"
    r"|objet|asunto"
    r"|тема|제목",
    "date": r"(?:original )?(?:date|sent)|时\s?间|发送时间|日\s?期",
    "ref": r"x-waimaolang-ref",
    "to": r"to|cc|收件人",
}
_FIELD = re.compile(
    r"^[> \t]{0,20}(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _FIELDS.items())
    + r")[ \t]{0,4}(?:(?:subject|date|time|to)[ \t]{0,4})?(?:[(/][^)\n]{0,20}\)?)?[:：]"
    r"[ \t]{0,8}([^\n]{1,1000}(?:\n[ \t]+\S[^\n]"
    r"{0,900}){0,5})$",
    re.I | re.M,
)


@dataclass
class Prose:
    """``reasons`` by address, in order; ``general`` where none is named for one."""

    delayed: bool = False
    reasons: dict[str, str] = field(default_factory=dict)
    general: str = ""
    head: str = ""
    returned: str = ""


def read_prose(text: str, ours: Iterable[str], known: Iterable[str] = ()) -> Prose:
    """``ours``: addresses that did not fail, those of the report's own sender and
    receivers. ``known``: those that headers name as failed."""
    text = text.replace("\r\n", "\n")[: 4 * MAX_TEXT]
    head, returned = text, ""
    # a report may open with words that elsewhere begin the returned mail
    if match := _RETURNED.search(text, _first_line(text)):
        head, returned = text[: match.start()], text[match.end() :]
    head = head[:MAX_TEXT]
    prose = Prose(head=head, returned=returned)
    prose.delayed = bool(_DELAYED.search(head)) and not _PERMANENT.search(head)
    found = _find_addresses(head, set(ours), [one.lower() for one in known])
    positions = sorted(found.items(), key=lambda item: item[1])
    for index, (email, position) in enumerate(positions[:MAX_RECIPIENTS]):
        following = positions[index + 1][1] if index + 1 < len(positions) else len(head)
        after = head[position : min(following, position + _REASON)]
        prose.reasons[email] = _reason(after)
    prose.general = _reason(head)
    return prose


def _first_line(text: str) -> int:
    opening = len(text) - len(text.lstrip())
    return text.find("\n", opening) + 1


def _find_addresses(head: str, ours: set[str], known: list[str]) -> dict[str, int]:
    """Address -> where its reason begins."""
    strong: dict[str, int] = {}
    weak: dict[str, int] = {}
    lower = head.lower()
    for email in known:
        position = lower.find(email)
        if position >= 0:
            strong.setdefault(email, position + len(email))
    if strong:
        return strong
    for match in _ADDRESS.finditer(head):
        email = match[1].strip("'.").lower()
        if email in ours or _SERVICE.match(email) or email in strong:
            continue
        line_start = head.rfind("\n", 0, match.start()) + 1
        before = head[max(line_start, match.start() - 80) : match.start()]
        if _SENDER.search(before):
            continue
        if not before.strip(" \t<*-•·>(\"'") or _BEFORE.search(before):
            strong[email] = match.end()
        else:
            weak.setdefault(email, match.end())
        if len(strong) > MAX_RECIPIENTS:
            break
    return strong or dict(list(weak.items())[:1])


def _reason(text: str) -> str:
    """The server's words: its reply, else what is labelled, else the first paragraph
    that tells a cause, else the first line."""
    if match := _SMTP.search(text):
        said = _paragraph(text, match.start())
        if not _WORDS.search(said):  # "<mail.example #5.1.1>" below the words
            begin = text.rfind("\n\n", 0, match.start()) + 1
            said = text[max(begin, match.start() - 500) : match.end()]
        return clean_diagnostic(said)
    if match := _LABEL.search(text):
        return clean_diagnostic(_paragraph(text, match.end()))
    paragraphs = [one.strip(" \t\n>:)*-.,") for one in _PARAGRAPH.split(text)[:12]]
    paragraphs = [one for one in paragraphs if one]
    for one in paragraphs:
        if find_cause("", _ADDRESS.sub(" ", one)) != OTHER:
            return clean_diagnostic(_TITLE.sub("", one, count=1))
    return clean_diagnostic(paragraphs[0].split("\n")[0]) if paragraphs else ""


def _paragraph(text: str, start: int) -> str:
    text = text[start : start + 1000]
    ends = [rule.search(text) for rule in (_PARAGRAPH, _NEXT_FIELD)]
    return text[: min((end.start() for end in ends if end), default=len(text))]


def read_fields(text: str) -> dict[str, list[str]]:
    """What a report's text repeats of the mail's headers, by name in ``_FIELDS``."""
    out: dict[str, list[str]] = {}
    for match in _FIELD.finditer(text[:MAX_TEXT]):
        name = next(key for key in _FIELDS if match[key] is not None)
        values = out.setdefault(name, [])
        if len(values) < 5:
            values.append(match[match.lastindex or 0].strip())
    return out
