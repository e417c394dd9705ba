# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Marks quoted history in sanitized HTML, so that Odoo's client folds it.

The attributes are those of ``tag_quote`` in ``odoo/tools/mail.py``. Containers that
say what they are (blockquote, Gmail's and Yahoo's classes) are marked as they
stand. Outlook, QQ and others only write a line or header block and let the quote
follow as its siblings: these are wrapped, up to the end of their parent.
"""

import re
from collections.abc import Mapping

MARK = ' data-o-mail-quote="1"'
_CONTAINER = ' data-o-mail-quote-container="1"' + MARK
_NODE = ' data-o-mail-quote-node="1"' + MARK
# Classes and ids by which mail programs mark quotes and signatures.
CLASSES = frozenset(
    """gmail_quote gmail_extra gmail_signature yahoo_quoted protonmail_quote
    zmail_extra odoo_signature_wrapper history-quote-wrapper lark-mail-quote""".split()
)
CONTAINER_IDS = frozenset(("Signature", "isReplyContent", "isForwardContent"))
FOLLOWED_IDS = frozenset(("divRplyFwdMsg", "stopSpelling"))
IDS = CONTAINER_IDS | FOLLOWED_IDS

# What stands between an answer and the old mail, in plain text or HTML.
# A run is taken from its start only: a line of 100 KB of dashes is one step.
_DASHES = r"(?<![-–—_=])[-–—_=]{3,}(?:\s|&nbsp;)*"
_SEPARATOR = (
    _DASHES
    + r"(?:original message|original|forwarded message|原始邮件|原始郵件|邮件原件"
    r"|转发邮件信息|转发的邮件|回复的原邮件|回复的邮件|原邮件|messaggio originale"
    r"|mensaje original|message d'origine|ursprüngliche nachricht|исходное сообщение)"
    r"(?:\s|&nbsp;)*[-–—_=]{3,}"
)
SEPARATOR_LINE = re.compile(rf"\s*{_SEPARATOR}", re.I)
_SEPARATOR_START = frozenset("-_=–— ")
# Outlook's and Foxmail's header block in plain text has no line above it.
_HEADER_FROM = re.compile(
    r"\*?(?:from|发件人|寄件者|寄件人|von|de|da|от|差出人|보낸 사람) ?[:：]", re.I
)
_HEADER_SENT = re.compile(
    r"\*?(?:sent|date|发送时间|发送日期|日期|寄件日期|傳送時間|gesendet|datum|envoyé|enviado"
    r"|inviato|отправлено|дата|送信日時|보낸 날짜) ?[:：]",
    re.I,
)
_HEADER_START = frozenset("*fF发寄vVdDОо差보")
# What follows a bare "--" is a signature if it is no longer than this; after "-- "
# (RFC 3676 4.3) it always is.
SIGNATURE_LINES = 12
_SEPARATOR_HTML = re.compile(_SEPARATOR, re.I)
_OUTLOOK_HTML = re.compile(
    r"<div style=\"border:none;\s?border-top:solid #(?:E1E1E1|B5C4DF) 1\.0pt|"
    r"<(?:div|hr)[^<>]* id=\"(?:divRplyFwdMsg|stopSpelling)\"",
    re.I,
)
_VOID = ("<br", "<hr", "<img", "<col>", "<col ")
_TAG = re.compile(r"<[^<>]*>")
# Everything before the first text. Possessive by its shape: tags do not nest.
_FIRST_TEXT = re.compile(r"(?:\s|<[^<>]*>)*")
_OPENED = re.compile(r"<div[^<>]*>\s*$")
# How far before its text the block with the separator may begin.
_NEAR = 600


def folds_from(lines: list[str], index: int) -> bool:
    """Whether what follows this line of plain text is old mail or a signature."""
    line = lines[index]
    first = line[:1]
    if first == "-" and line.rstrip() == "--":
        return line == "-- " or len(lines) - index <= SIGNATURE_LINES
    if first in _HEADER_START and _HEADER_FROM.match(line):
        return any(map(_HEADER_SENT.match, lines[index + 1 : index + 3]))
    return first in _SEPARATOR_START and bool(SEPARATOR_LINE.match(line))


def marks(tag: str, attributes: Mapping[str, str]) -> str:
    """What to add to a container of quoted text; "" to any other tag."""
    if tag == "blockquote":
        return _NODE
    if not CLASSES.isdisjoint(attributes.get("class", "").split()):
        return _CONTAINER
    return _CONTAINER if attributes.get("id") in CONTAINER_IDS else ""


def wrap_quote(html: str) -> str:
    """Wraps what follows the first separator. ``html`` is well formed."""
    start = _find_start(html)
    if start < 0:
        return html
    start = _climb(html, start)
    end = _end_of_parent(html, start)
    return f"{html[:start]}<div{MARK}>{html[start:end]}</div>{html[end:]}"


def _find_start(html: str) -> int:
    """Where the block with the separator begins; -1 where there is none."""
    starts = []
    if "border-top:solid" in html or 'id="' in html:
        match = _OUTLOOK_HTML.search(html)
        if match:
            starts.append(match.start())
    if "---" in html or "___" in html:
        match = _SEPARATOR_HTML.search(html)
        if match:
            near = max(0, match.start() - _NEAR)
            start = max(html.rfind(tag, near, match.start()) for tag in ("<div", "<p"))
            if start >= 0 and "</" not in html[start : match.start()]:
                starts.append(start)
    return min(starts, default=-1)


def _climb(html: str, start: int) -> int:
    """Out of containers that hold nothing before the separator: Outlook puts it into
    a <div> of its own, and the quote follows behind that."""
    first = _FIRST_TEXT.match(html).end()
    while True:
        match = _OPENED.search(html, max(0, start - _NEAR), start)
        if not match or match.start() <= first:
            return start
        start = match.start()


def _end_of_parent(html: str, start: int) -> int:
    level = 0
    for match in _TAG.finditer(html, start):
        tag = match.group()
        if tag[1] == "/":
            level -= 1
            if level < 0:
                return match.start()
        elif not tag.startswith(_VOID):
            level += 1
    return len(html)
