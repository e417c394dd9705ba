# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Mail clients: which headers, charsets, structure and markup each one writes."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from email.utils import format_datetime
from html import escape

from . import mime, quotes

DEPTH = 4  # quoted mails under a reply; people cut the rest


@dataclass
class Client:
    """``charsets`` by language, tried in order, utf-8 at last."""

    mailer: tuple[str, str] = ()
    charsets: dict = field(default_factory=dict)
    html: bool = True
    how: str = "B"
    cte: str = "quoted-printable"
    names: str = "word"
    quoted: bool = False
    prefix: dict = field(default_factory=dict)


LATIN = ["us-ascii", "iso-8859-1", "utf-8"]
HAN = {"zh": "回复: ", "zt": "回覆: "}
CLIENTS = {
    "outlook": Client(
        ("X-Mailer", "Microsoft Outlook 16.0"),
        {"en": LATIN, "es": LATIN, "zh": ["gb2312"], "zt": ["big5"], "ru": ["koi8-r"]},
        prefix={"de": "AW: ", "zh": "答复: ", "*": "RE: "},
    ),
    "exchange": Client(
        ("X-MS-Exchange-CrossTenant-OriginalArrivalTime", "date"),
        {"en": LATIN, "es": LATIN, "zh": ["gb2312"], "zt": ["big5"]},
        names="2231",
        prefix={"zt": "回覆: ", "*": "Re: "},
    ),
    "foxmail": Client(
        ("X-Mailer", "Foxmail 7.2.25.213[cn]"),
        {"en": ["us-ascii", "GB2312"], "zh": ["GB2312"], "zt": ["GB2312"]},
        cte="base64",
        quoted=True,
        prefix={**HAN, "zt": "回复: ", "*": "Re: "},
    ),
    "netease": Client(
        ("X-Mailer", "Coremail Webmail Server Version XT6.0.5"),
        {"*": ["GBK"]},
        cte="base64",
        prefix={"zh": "回复:", "zt": "回复:", "*": "Re:"},
    ),
    "qqweb": Client(
        ("X-Mailer", "QQMail 2.x"),
        {"*": ["gb18030"]},
        cte="base64",
        quoted=True,
        prefix={"zh": "回复：", "zt": "回复：", "*": "Re: "},
    ),
    "gmail": Client(how="Q", prefix={"*": "Re: "}),
    "thunderbird": Client(
        ("User-Agent", "Mozilla Thunderbird"),
        {"en": LATIN, "es": ["iso-8859-1"], "ru": ["windows-1251"], "zt": ["big5"]},
        html=False,
        cte="8bit",
        names="2231",
        prefix={"*": "Re: "},
    ),
    "iphone": Client(
        ("X-Mailer", "iPhone Mail (21F90)"),
        html=False,
        prefix={"zh": "回复：", "zt": "回覆：", "*": "Re: "},
    ),
    "bat": Client(
        ("X-Mailer", "The Bat! (v9.3.4) Professional"),
        {"ru": ["windows-1251"], "en": ["windows-1251"]},
        html=False,
        cte="8bit",
        names="raw",
        prefix={"*": "Re: "},
    ),
    "raw": Client(
        ("X-Mailer", "Foxmail 5.0 [cn]"),
        {"*": ["GBK"]},
        html=False,
        how="raw",
        cte="8bit",
        names="raw",
        prefix={"*": "Re: "},
    ),
}
_PREFIX = re.compile(r"^(re|aw|rv|回复|回覆|答复|fw|fwd)\s*[:：]\s*", re.I)
WORD_HEAD = """<html xmlns:v="urn:schemas-microsoft-com:vml" \
xmlns:o="urn:schemas-microsoft-com:office:office" \
xmlns:w="urn:schemas-microsoft-com:office:word"><head>\
<meta http-equiv=Content-Type content="text/html; charset={label}">\
<meta name=Generator content="Microsoft Word 15 (filtered medium)">
<!--[if !mso]><style>v\\:* {{behavior:url(#default#VML);}}
o\\:* {{behavior:url(#default#VML);}}</style><![endif]--><style><!--
/* Font Definitions */
@font-face {{font-family:{font}; panose-1:2 15 5 2 2 2 4 3 2 4;}}
/* Style Definitions */
p.MsoNormal, li.MsoNormal, div.MsoNormal {{margin:0in; font-size:11.0pt; \
font-family:"{font}",sans-serif; mso-fareast-language:EN-US;}}
a:link, span.MsoHyperlink {{mso-style-priority:99; color:#0563C1; \
text-decoration:underline;}}
.MsoChpDefault {{mso-style-type:export-only; font-size:10.0pt;}}
@page WordSection1 {{size:8.5in 11.0in; margin:1.0in 1.0in 1.0in 1.0in;}}
div.WordSection1 {{page:WordSection1;}}
--></style><!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" />
</xml><![endif]--></head><body lang={lang} link="#0563C1" vlink="#954F72" \
style='word-wrap:break-word'><div class=WordSection1>
"""
FOX_HEAD = """<html><head><meta http-equiv="content-type" \
content="text/html; charset={label}"><style>body {{ line-height: 1.5; }}\
blockquote {{ margin-top: 0px; margin-bottom: 0px; margin-left: 0.5em; }}\
div.FoxDiv{stamp} {{ font-size: 14px; }}\
body {{ font-size: 14px; font-family: "Microsoft YaHei UI"; \
color: rgb(0, 0, 0); line-height: 1.5; }}</style></head><body>
<div><span></span>"""


def reply_subject(subject, client, ui):
    """``Re:`` as the client writes it; Chinese ones pile up to two."""
    table = CLIENTS[client].prefix
    prefix = table.get(ui) or table["*"]
    old = _PREFIX.match(subject)
    if not old:
        return prefix + subject
    rest = subject[old.end() :]
    if prefix[0] in "回答" and not _PREFIX.match(rest) and old[1] != prefix[:2]:
        return prefix + subject
    while _PREFIX.match(rest):
        rest = rest[_PREFIX.match(rest).end() :]
    return prefix + rest


def message_id(client, party, when, rng):
    """A Message-ID as the client builds them."""
    hexa = f"{rng.getrandbits(160):040X}"
    user, domain = party.email.split("@")
    stamp = f"{when:%Y%m%d%H%M%S}"
    if client == "outlook":
        low = hexa.lower()
        return f"<{low[:12]}${low[12:20]}${low[20:28]}$@{domain}>"
    if client == "exchange":
        host = f"PR3MB{int(hexa[:4], 16)}"
        return f"<{host}{hexa[4:36]}@{host}.{domain}>"
    if client in ("foxmail", "raw"):
        return f"<{stamp}{rng.randrange(10**8, 10**9)}@{domain}>"
    if client == "netease":
        low = hexa.lower()
        return f"<{low[:8]}.{low[8:12]}.{low[12:23]}.Coremail.{user}@{domain}>"
    if client == "qqweb":
        return f"<tencent_{hexa}@{domain}>"
    if client == "gmail":
        token = base64.urlsafe_b64encode(bytes.fromhex(hexa)).decode().rstrip("=")
        return f"<CA+{token.replace('-', 'x')}@mail.{domain}>"
    if client == "bat":
        return f"<{int(hexa[:8], 16)}.{stamp}@{domain}>"
    dashed = "-".join((hexa[:8], hexa[8:12], hexa[12:16], hexa[16:20], hexa[20:32]))
    if client == "thunderbird":
        dashed = dashed.lower()
    return f"<{dashed}@{domain}>"


def own_html(mail, cids=()):
    """The own text as the client marks it up, without quotes."""
    pictures = "".join(
        f'<img src="cid:{cid}" width="420" height="315" alt="{name}">'
        for cid, name in cids
    )
    out = []
    for line in [*mail.lines, *([None] if cids else [])]:
        text = pictures if line is None else escape(line, quote=False)
        if mail.client == "outlook":
            shown = text or "<o:p>&nbsp;</o:p>"
            out.append(f"<p class=MsoNormal>{shown}<o:p></o:p></p>")
        else:
            out.append(f"<div>{text or '<br>'}</div>")
    return "\r\n".join(out)


def _history(mail, depth):
    """(lines, html) of what is quoted under a mail."""
    parent = mail.parent
    if not parent or not depth:
        return [], ""
    lines, html = _history(parent, depth - 1)
    client = "outlook" if mail.client == "raw" else mail.client
    ui = _ui(mail)
    inner = [*parent.lines, "", *lines] if lines else parent.lines
    plain = quotes.plain(parent, mail.sender, mail.client, ui, inner)
    inside = own_html(parent) + html
    return plain, quotes.markup(parent, mail.sender, client, ui, inside)


def _ui(mail):
    """Chinese reps set the labels of their client to the language of the mail."""
    return mail.lang if mail.sender.ui == "zh" else mail.sender.ui


def _html(mail, label, cids, html):
    own = own_html(mail, cids)
    if mail.client == "outlook":
        font = {"zh": "等线", "zt": "新細明體"}.get(mail.lang, "Calibri")
        lang = {"zh": "ZH-CN", "zt": "ZH-TW", "es": "ES", "ru": "RU"}.get(mail.lang)
        head = WORD_HEAD.format(label=label, font=font, lang=lang or "EN-US")
        return f"{head}{own}{html}</div></body></html>"
    if mail.client == "foxmail":
        head = FOX_HEAD.format(label=label, stamp=f"{mail.date:%Y%m%d%H%M%S}")
        return f"{head}{own}</div>\r\n{html}</body></html>"
    if mail.client == "netease":
        style = "line-height:1.7;color:#000000;font-size:14px;font-family:Arial"
        return f'<div style="{style}">{own}{html}</div>'
    if mail.client == "gmail":
        return f'<div dir="ltr">{own}</div>{html}'
    if mail.client == "exchange":
        style = "font-family: Calibri, Arial, sans-serif; font-size: 11pt;"
        meta = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">'
        body = f'<div style="{style}" class="elementToProof">{own}</div>{html}'
        return f'<html><head>{meta}</head><body dir="ltr">{body}</body></html>'
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">'
    return f"{meta}<div>{own}</div>{html}"


def _charsets(mail):
    """The labels that the client tries for the mail's language."""
    table = CLIENTS[mail.client].charsets
    return table.get(mail.lang) or table.get("*") or ["utf-8"]


def _transfer(client, label):
    """The transfer encoding that goes with a charset."""
    if label == "us-ascii" and client.cte != "base64":
        return "7bit"
    if label == "utf-8" and client.cte == "8bit":
        return "quoted-printable"
    wide = label.lower() in ("gb2312", "big5", "koi8-r", "utf-8")
    return "base64" if wide and client.cte == "quoted-printable" else client.cte


def _content_ids(mail, mark):
    """(Content-ID, name) of the pictures, as the client makes them up."""
    found = []
    for number, (name, _data) in enumerate(mail.images, 1):
        cid = f"_{number}_{mark}@{mail.sender.domain}"
        if mail.client == "outlook":
            cid = f"image{number:03}.{name[-3:]}@01D{mark[:5]}.0{mark[5:11]}0"
        elif mail.client == "gmail":
            cid = f"ii_{mark.lower()}{number}"
        found.append((cid, name))
    return found


def body(mail, rng):
    """Content headers and content of a message, as bytes."""
    client, labels = CLIENTS[mail.client], _charsets(mail)
    lines, html = _history(mail, DEPTH)
    text = [*mail.lines, "", *lines] if lines else list(mail.lines)
    cids = _content_ids(mail, f"{rng.getrandbits(64):016X}")
    page = _html(mail, "{label}", cids, html) if client.html else ""
    label = mime.choose("\n".join([page, *text]), labels)
    cte = _transfer(client, label)
    more, plain = "", "\r\n".join(text)
    if mail.client == "thunderbird":
        more, plain = "; format=flowed", mime.flowed(text)
    part = mime.text_part("plain", plain + "\r\n", label, cte, more)
    if client.html:
        page = page.replace("{label}", label) + "\r\n"
        both = [part, mime.text_part("html", page, label, cte)]
        part = mime.multipart("alternative", both, _boundary(mail.client, rng))
    files = [(name, _image(name), data, "") for name, data in mail.images]
    rest = [(*row, "") for row in mail.files]
    if files and client.html:
        inline = [
            mime.attachment(*row[:3], labels, client.names, cid)
            for (cid, _name), row in zip(cids, files, strict=True)
        ]
        more = '\r\n\ttype="multipart/alternative";'
        mark = _boundary(mail.client, rng)
        part = mime.multipart("related", [part, *inline], mark, more)
    else:
        rest = files + rest
    if rest:
        parts = [mime.attachment(*row[:3], labels, client.names) for row in rest]
        part = mime.multipart("mixed", [part, *parts], _boundary(mail.client, rng))
    return part


def _image(name):
    return "image/png" if name.endswith("png") else "image/jpeg"


def _boundary(client, rng):
    hexa = f"{rng.getrandbits(96):024X}"
    if client in ("foxmail", "raw", "qqweb"):
        return f"----=_001_NextPart{int(hexa[:10], 16):012d}_=----"
    if client in ("outlook", "netease"):
        return f"----=_NextPart_000_{hexa[:4]}_01D{hexa[4:9]}.{hexa[9:17]}"
    if client == "gmail":
        return f"000000000000{hexa[:16].lower()}"
    return f"------------{hexa}"


def _extras(mail, rng):
    """Headers that only this client writes."""
    if mail.client == "outlook":
        index = base64.b64encode(rng.getrandbits(176).to_bytes(22, "big")).decode()
        lang = "zh-tw" if mail.sender.ui == "zt" else mail.sender.ui
        rows = [("Thread-Index", index), ("Content-Language", lang)]
    elif mail.client == "foxmail":
        guid = f"{rng.getrandbits(128):032X}"
        attached = "yes" if mail.files else "no"
        rows = [("X-Priority", "3"), ("X-GUID", guid), ("X-Has-Attach", attached)]
    elif mail.client == "qqweb":
        rows = [("X-QQ-MIME", "TCMime 1.0 by Tencent"), ("X-Priority", "3")]
    elif mail.client == "netease":
        rows = [("X-CM-SenderInfo", f"{rng.getrandbits(60):x}")]
    else:
        rows = []
    if CLIENTS[mail.client].mailer:
        name, value = CLIENTS[mail.client].mailer
        if value == "date":
            value = f"{mail.date:%d %b %Y %H:%M:%S}.0417 (UTC)"
        rows.append((name, value))
    return rows + mail.headers


def render(mail, rng):
    """A message without the traces of its way, as its sender keeps it."""
    client, labels = CLIENTS[mail.client], _charsets(mail)
    how = "Q" if labels == LATIN else client.how

    def people(name, parties):
        rows = [(party.name, party.email) for party in parties]
        return mime.address_header(name, rows, labels, how, client.quoted)

    head = {
        "Message-ID": f"Message-ID: {mail.message_id}".encode(),
        "Date": f"Date: {format_datetime(mail.date)}".encode(),
        "From": people("From", [mail.sender]),
        "To": people("To", mail.to),
        "Cc": people("Cc", mail.cc) if mail.cc else b"",
        "Subject": mime.text_header("Subject", mail.subject, labels, how),
    }
    if mail.parent:
        head["In-Reply-To"] = f"In-Reply-To: {mail.parent.message_id}".encode()
        chain = "\r\n\t".join(mail.references)
        head["References"] = f"References: {chain}".encode()
    for name, value in _extras(mail, rng):
        head[name] = f"{name}: {value}".encode()
    for name in mail.skip:
        head.pop(name, None)
    head["MIME-Version"] = b"MIME-Version: 1.0"
    return b"\r\n".join(filter(None, head.values())) + b"\r\n" + body(mail, rng)
