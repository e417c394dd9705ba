# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Text to message bytes as mail clients write them, with their habits.

The standard library's generator is too tidy for that: clients label GBK as
GB2312, quote encoded words, leave headers in 8 bits.
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import quote

# what a label really holds
CODECS = {"gb2312": "gbk", "us-ascii": "ascii"}


def encode(text, label):
    """Bytes of ``text`` in the charset that clients mean by ``label``."""
    return text.encode(CODECS.get(label.lower(), label))


def choose(text, labels):
    """The first of ``labels`` that can hold ``text``, else utf-8."""
    for label in labels:
        try:
            encode(text, label)
        except UnicodeEncodeError:
            continue
        return label
    return "utf-8"


def words(text, label, how="B", room=75):
    """RFC 2047 encoded words, each of 75 characters at most, joined by folding.

    Raises UnicodeEncodeError when ``label`` cannot hold the text.
    """

    def word(piece):
        data = encode(piece, label)
        if how == "B":
            return f"=?{label}?B?{base64.b64encode(data).decode()}?="
        safe = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-!*+/"
        body = "".join(
            chr(c) if c in safe else "_" if c == 32 else f"={c:02X}" for c in data
        )
        return f"=?{label}?Q?{body}?="

    found, piece = [], ""
    for char in text:
        # counted for each piece alone: multi-byte characters are never split
        if piece and len(word(piece + char)) > room:
            found.append(word(piece))
            piece, room = "", 75
        piece += char
    found.append(word(piece))
    return "\r\n ".join(found)


def fold(name, value):
    """A header line of plain text, folded at spaces before column 76."""
    line, out = f"{name}:", []
    for part in value.split(" "):
        if len(line) + 1 + len(part) > 76 and line.strip() and line != f"{name}:":
            out.append(line)
            line = ""
        line += f" {part}"
    return "\r\n".join([*out, line])


def text_header(name, text, labels, how):
    """Bytes of a header with free text; ``how`` is B, Q or raw."""
    if text.isascii():
        return fold(name, text).encode()
    label = choose(text, labels)
    if how == "raw":
        return f"{name}: ".encode() + encode(text, label)
    return f"{name}: {words(text, label, how, 73 - len(name))}".encode()


def address_header(name, people, labels, how, quoted=False):
    """Bytes of a header with addresses; ``people`` are (name, email)."""
    found = []
    for display, email in people:
        if not display:
            found.append(email.encode())
        elif display.isascii():
            special = any(char in display for char in '.,()<>@:;"[]&')
            plain = f'"{display}"' if special or quoted else display
            found.append(f"{plain} <{email}>".encode())
        else:
            label = choose(display, labels)
            if how == "raw":
                shown = b'"' + encode(display, label) + b'"'
            else:
                mark = '"' if quoted else ""
                shown = f"{mark}{words(display, label, how, 60)}{mark}".encode()
            found.append(shown + f" <{email}>".encode())
    return f"{name}: ".encode() + b",\r\n\t".join(found)


def transfer(data, cte):
    """``data`` in the named transfer encoding, lines ending in CRLF."""
    if cte == "base64":
        return base64.encodebytes(data).replace(b"\n", b"\r\n")
    if cte == "quoted-printable":
        data = binascii.b2a_qp(data.replace(b"\r\n", b"\n"), istext=True)
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def text_part(subtype, text, label, cte, more=""):
    """A text part with its headers. ``more`` follows the charset."""
    data = encode(text, label)
    if cte == "7bit" and not (text.isascii() and _short(data)):
        cte = "quoted-printable"
    elif cte == "quoted-printable" and text.isascii() and _short(data):
        cte = "7bit"
    head = f'Content-Type: text/{subtype};\r\n\tcharset="{label}"{more}\r\n'
    head += f"Content-Transfer-Encoding: {cte}\r\n\r\n"
    return head.encode() + transfer(data, cte)


def _short(data):
    return all(len(line) < 900 for line in data.split(b"\n"))


def attachment(name, kind, data, labels, style, cid=""):
    """A file as a part; ``style`` of its name: word, 2231 or raw."""
    label = choose(name, labels)
    if name.isascii():
        typed, shown = f'name="{name}"'.encode(), f'filename="{name}"'.encode()
    elif style == "raw":
        eight = encode(name, label)
        typed, shown = b'name="' + eight + b'"', b'filename="' + eight + b'"'
    else:
        word = words(name, label, "B", 64)
        typed, shown = f'name="{word}"'.encode(), f'filename="{word}"'.encode()
        if style == "2231":
            shown = rfc2231("filename", name, label).encode()
    where = "inline" if cid else "attachment"
    head = f"Content-Type: {kind};\r\n\t".encode() + typed
    head += b"\r\nContent-Transfer-Encoding: base64\r\n"
    if cid:
        head += f"Content-ID: <{cid}>\r\n".encode()
    head += f"Content-Disposition: {where};\r\n\t".encode() + shown + b"\r\n\r\n"
    return head + transfer(data, "base64")


def rfc2231(name, value, label):
    """``name*=`` or, when it is long, ``name*0*=`` and so on."""
    data = quote(encode(value, label), safe="")
    if len(data) < 56:
        return f"{name}*={label}''{data}"
    pieces, lead = [], f"{label}''"
    while data:
        # never inside of a %XX
        end = 48 - (2 if data[46:47] == "%" else 1 if data[47:48] == "%" else 0)
        pieces.append(lead + data[:end])
        data, lead = data[end:], ""
    return ";\r\n\t".join(f"{name}*{i}*={piece}" for i, piece in enumerate(pieces))


def multipart(subtype, parts, boundary, more=""):
    """A multipart with its header."""
    head = f'Content-Type: multipart/{subtype};{more}\r\n\tboundary="{boundary}"\r\n'
    out = [head.encode(), b"\r\n"]
    for part in parts:
        out.append(f"--{boundary}\r\n".encode() + part.rstrip(b"\r\n") + b"\r\n\r\n")
    out.append(f"--{boundary}--\r\n".encode())
    return b"".join(out)


def flowed(lines, width=72):
    """format=flowed (RFC 3676): soft breaks end in a space."""
    out = []
    for line in lines:
        if line.startswith((">", "From ", " ")) and not line.startswith(">"):
            line = f" {line}"
        while len(line) > width and " " in line[1:width] and line[0] != ">":
            cut = line.rindex(" ", 1, width) + 1
            out.append(line[:cut])
            line = line[cut:]
        out.append(line)
    return "\r\n".join(out)
