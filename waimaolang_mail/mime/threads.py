# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What else tells which conversation a mail belongs to, besides References.

Some clients and most ERP systems write no References, gateways rewrite Message-IDs,
bounces and read receipts name the mail they are about in an attachment. The engine
decides; here it is only read.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from .headers import read_ids
from .tree import Budget, Part, read_headers

MAX_ORIGINAL_IDS = 20
# Headers are read of that much of a returned mail.
_HEADER_BYTES = 65536
# A bounce in plain text repeats the mail below its explanation.
_TEXT = 100_000

# Former ids of the same mail, and ids of the mail that this one is about. Besides
# them every header that ends in original-message-id: X-Google-, X-Microsoft-,
# X-MS-Exchange-, Original- and others.
_ID_HEADERS = frozenset(
    """resent-message-id x-forwarded-message-id x-ms-tnef-correlator
    x-ms-exchange-parent-message-id""".split()
)
_ORIGINAL = "original-message-id"
_RETURNED = frozenset(("message/rfc822", "message/global", "text/rfc822-headers"))
_REPORTS = frozenset(("message/disposition-notification", "message/delivery-status"))
_ID_LINE = re.compile(r"^[> \t]{0,20}Message-ID:\s{0,5}<([^<>\s]{1,998})>", re.M | re.I)

# By language, as the clients write them; a colon follows. Reply, then forward.
_REPLY = """re r aw antw antwort sv vs odp odg rif res ynt bls atb vá ref réf
    回复 回覆 答复 答覆 回信 返信 답장 회신 ответ отв απ σχετ תשובה השב رد
    ตอบกลับ ตอบ trả\\ lời
    自动回复 自動回覆 自動回復 自动答复 automatic\\ reply auto\\ reply
    autoreply out\\ of\\ office automatische\\ antwort réponse\\ automatique
    respuesta\\ automática resposta\\ automática risposta\\ automatica автоответ
    undeliverable undelivered 退信 系统退信 无法投递 read 已读 gelesen lu
    accepted declined tentative 已接受 已拒绝 暂定"""
_FORWARD = """fw fwd wg i enc rv tr vb vl fs pd ilt trs doorst továbbítás
    转发 轉寄 转寄 轉發 転送 전달 пересл πρθ הועבר chuyển\\ tiếp"""


def _any_of(words: str) -> str:
    # longest first, so that "re" does not hide "ref"; "\ " is a space within one
    found = re.findall(r"(?:[^\s\\]|\\.)+", words)
    return "|".join(sorted(found, key=len, reverse=True))


_PREFIX = re.compile(
    rf"(?:(?P<reply>{_any_of(_REPLY)})|{_any_of(_FORWARD)})"
    # RE[2]: (The Bat), Re(3):, Re^2:, Re*2:, Re2:; "RE :" in French
    r"\s?(?:[\[(]\d{1,3}[\])]|[\^*]?\d{1,3})?\s?:\s*"
)
# What gateways put in front. Brackets with anything else are the writer's own:
# [PO 4711] and [PO 4712] are two conversations.
_WARNING = (
    r"external|extern|externe|ext|external (?:e-?mail|sender)|caution|warning|spam"
    r"|suspected spam|bulk|junk|secure|encrypted|外部|外部邮件|外部郵件|外来邮件"
    r"|站外邮件|垃圾邮件|疑似垃圾邮件|внешнее|внешняя почта"
)
_TAG = re.compile(
    rf"(?:[\[({{【<*]{{1,5}}\s?(?:{_WARNING})[?!]?\s?[\])}}】>*]{{1,5}}"
    rf"|(?:external|extern|spam)\s?:"
    # a mailing list's name, which has no digits
    r"|\[[a-z][a-z._-]{1,39}\])\s*"
)
# Marks of direction and no width that clients put around prefixes.
_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\xad]")
_SPACES = re.compile(r"\s+")
# Nobody answers so often; bounds the loop.
_MAX_PREFIXES = 50


def thread_subject(subject: str) -> tuple[str, bool]:
    """What stays the same through a conversation, "" where nothing is left; and
    whether an answer's prefix was taken off (a forward's alone is none)."""
    text = subject
    if not text.isascii():
        # full-width colons, brackets and letters become their narrow forms
        text = unicodedata.normalize("NFKC", _HIDDEN.sub("", text))
    text = _SPACES.sub(" ", text).strip().casefold()
    is_reply = False
    position = 0
    for _step in range(_MAX_PREFIXES):
        if match := _PREFIX.match(text, position):
            is_reply = is_reply or match["reply"] is not None
        else:
            match = _TAG.match(text, position)
            if not match or match.end() == len(text):
                break  # a tag that is all there is is the subject
        position = match.end()
    return text[position:], is_reply


def original_ids(
    headers: Mapping[str, Sequence[bytes]], tree: Part, text: str, returned: bool
) -> tuple[str, ...]:
    """Ids, without <>, of the mail that this one is or is about. ``returned``: it is
    a bounce or a receipt, so an attached mail is the one it is about."""
    found: dict[str, None] = {}
    for name, values in headers.items():
        if name.endswith(_ORIGINAL) or name in _ID_HEADERS:
            for value in values[:3]:
                found.update(dict.fromkeys(read_ids(value[:4000])))
    if returned or tree.mimetype == "multipart/report":
        for raw in _returned_ids(tree):
            found.update(dict.fromkeys(read_ids(raw[:4000])[:1]))
        if not found:
            found.update(dict.fromkeys(_ID_LINE.findall(text[:_TEXT])[:1]))
    return tuple(found)[:MAX_ORIGINAL_IDS]


def _returned_ids(tree: Part) -> Iterator[bytes]:
    todo = [tree]
    while todo:
        part = todo.pop()
        todo.extend(reversed(part.children))
        wanted = ""
        if part.mimetype in _REPORTS:
            wanted = _ORIGINAL
        elif part.mimetype in _RETURNED:
            wanted = "message-id"
        if wanted:
            end = min(part.end, part.start + _HEADER_BYTES)
            plain = part.is_plain()
            data = part.raw[part.start : end] if plain else part.data()
            data = data[:_HEADER_BYTES]
            # the blocks of a delivery-status (RFC 3464) are apart by blank lines
            data = data.replace(b"\r\n", b"\n").lstrip()
            blocks = data.split(b"\n\n", 5) if wanted == _ORIGINAL else [data]
            for block in blocks:
                fields, _start = read_headers(
                    block, 0, len(block), Budget(0, 0, _HEADER_BYTES)
                )
                yield from (v for k, v in fields if k.endswith(wanted))
