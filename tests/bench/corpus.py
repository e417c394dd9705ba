# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The mailbox that the measurements read: a fixed seed makes the same bytes.

Of 3,000 mails a third are short, over half are HTML of 5 to 60 KB, a tenth carry
an attachment of 100 KB; half are Chinese in the charsets of Chinese clients, a third
is sent by the mailbox's owner; threads refer to each other; 300 customers.
"""

import random
from base64 import encodebytes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.header import Header
from email.utils import format_datetime

OWNER = "bench@lanyue-trade.example"
CUSTOMERS = 300
START = datetime(2026, 1, 5, 8, tzinfo=timezone.utc)
ATTACHMENT_BYTES = 100_000
ENGLISH = (
    "quotation sample delivery carton inspection freight deposit balance drawing "
    "tolerance surface packing label pallet schedule invoice certificate price term "
    "order shipment container factory material thickness colour approval"
).split()
CHINESE = (
    "报价 样品 交货 外箱 验货 运费 定金 尾款 图纸 公差 表面 包装 标签 托盘 排期 发票 "
    "证书 价格 条款 订单 装船 货柜 工厂 材料 厚度 颜色 确认"
).split()
CHARSETS = ("utf-8", "gbk", "gb2312", "gb18030")


@dataclass(frozen=True)
class BenchMail:
    folder: str
    raw: bytes
    internaldate: datetime


def customer(number: int) -> str:
    return f"buyer{number:03d}@customer{number:03d}.example"


def build(count: int = 3000, seed: int = 20261) -> Iterator[BenchMail]:
    rng = random.Random(seed)
    threads: dict[int, list[str]] = {}
    for number in range(count):
        yield _build_mail(rng, number, threads)


def _build_mail(rng, number: int, threads) -> BenchMail:
    # a few customers write half of the mail
    many = rng.random() < 0.5
    who = rng.randrange(CUSTOMERS) if many else int(rng.triangular(0, 40, 0))
    outgoing = rng.random() < 1 / 3
    charset = rng.choice(CHARSETS) if number % 2 else "utf-8"
    words = CHINESE if number % 2 else ENGLISH
    when = START + timedelta(minutes=50 * number)
    message_id = f"{number}.{rng.getrandbits(48):x}@mail.example"
    headers = _headers(rng, who, outgoing, charset, words, when, message_id)
    known = threads.setdefault(who, [])
    if known and rng.random() < 0.6:
        refs = " ".join(f"<{ref}>" for ref in known[-3:])
        headers += f"In-Reply-To: <{known[-1]}>\nReferences: {refs}\n"
    known.append(message_id)
    body = _body(rng, number, charset, words)
    raw = (headers + body).replace("\n", "\r\n").encode("ascii")
    return BenchMail("Sent" if outgoing else "INBOX", raw, when)


def _headers(rng, who, outgoing, charset, words, when, message_id) -> str:
    buyer = f"Buyer {who} <{customer(who)}>"
    owner = f"Bench <{OWNER}>"
    subject = Header(_sentence(rng, words, 5), charset).encode()
    sender, recipient = (owner, buyer) if outgoing else (buyer, owner)
    return (
        f"Received: from mx.example by mail.example; {format_datetime(when)}\n"
        f"From: {sender}\nTo: {recipient}\nSubject: {subject}\n"
        f"Date: {format_datetime(when)}\nMessage-ID: <{message_id}>\n"
        "MIME-Version: 1.0\nX-Mailer: Foxmail 7.2.25\n"
    )


def _body(rng, number: int, charset: str, words) -> str:
    kind = number % 20
    if kind < 7:
        text = "\n".join(_sentence(rng, words, 9) for _ in range(6))
        return _part("text/plain", text, charset)
    html = _part("text/html", _html(rng, words, rng.randint(5_000, 60_000)), charset)
    if kind >= 18:
        data = rng.randbytes(ATTACHMENT_BYTES)
        return (
            'Content-Type: multipart/mixed; boundary="b1"\n\n--b1\n'
            + html
            + "\n--b1\nContent-Type: application/pdf\n"
            'Content-Disposition: attachment; filename="quotation.pdf"\n'
            "Content-Transfer-Encoding: base64\n\n"
            + encodebytes(data).decode()
            + "\n--b1--\n"
        )
    return html


def _part(mimetype: str, text: str, charset: str) -> str:
    encoded = encodebytes(text.encode(charset)).decode()
    return (
        f'Content-Type: {mimetype}; charset="{charset}"\n'
        f"Content-Transfer-Encoding: base64\n\n{encoded}"
    )


def _html(rng, words, size: int) -> str:
    parts = ["<html><head><style>p.x{margin:0}</style></head><body>"]
    length = 0
    while length < size:
        parts.append(
            '<p class="MsoNormal" style="margin:0cm;font-size:10.5pt;'
            f'font-family:等线"><span style="color:#1F497D">'
            f"{_sentence(rng, words, 12)}</span></p>"
            f'<table border="1"><tr><td width="80">{rng.randint(1, 999)}</td>'
            f"<td><b>{_sentence(rng, words, 3)}</b></td></tr></table>"
        )
        length += len(parts[-1])
    return "".join([*parts, "</body></html>"])


def _sentence(rng, words, count: int) -> str:
    return " ".join(rng.choices(words, k=count))
