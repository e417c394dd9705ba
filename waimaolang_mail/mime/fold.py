# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Values -> header lines in seven bits, for mail that is sent.

Own code rather than ``email.policy``: that one folds long ids into encoded words,
encodes local parts, and drops spaces between words. Whatever the value holds, a
function here returns one header and never the start of another.
"""

import binascii
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

# RFC 5322 2.1.1 wants lines below 78, RFC 2047 2 encoded words below 75.
LINE = 76
WORD = 74
LONGEST_LINE = 998
MAX_NAME = 255
MAX_FILE_NAME = 180
# "References: <" and ">" must fit into a line with it.
MAX_ID = 980
# Exchange and old relays refuse or cut long headers; RFC 5537 3.4.4 asks to keep the
# first id and the last ones.
MAX_REFERENCES = 24
MAX_REFERENCES_BYTES = 2400

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
# What an encoded word may hold as it is even within a name (RFC 2047 5.3).
_Q_SAFE = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/"
)
_WORD_HEAD = {"b": "=?UTF-8?B?", "q": "=?UTF-8?Q?"}
_ATOMS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
)
_TOKENS = re.compile(r" *[^ ]+")
_ID = re.compile(r"[!-;=?-~]+")
_LOCAL = re.compile(r"[!#-'*+./-9=?A-Z^-~-]{1,64}|\"(?:[!#-\[\]-~]|\\[!-~]){1,62}\"")
_DOMAIN = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f.:IPv]+\]"
)
_TOKEN = re.compile(r"[!#$&+.^_A-Za-z0-9-]{1,80}")


class AddressError(ValueError):
    """An address that no header and no envelope can carry; ``address`` is it."""

    def __init__(self, address: str):
        super().__init__("not an address")
        self.address = address


def one_line(text: str) -> str:
    """Without line ends and other controls, which become a space each; without lone
    surrogates, which nothing can encode."""
    return no_surrogates(_CONTROL.sub(" ", text)).strip()


def no_surrogates(text: str) -> str:
    return _SURROGATE.sub("\ufffd", text)


def ascii_address(address: str) -> str:
    """The address as envelope and headers spell it: the domain in punycode.
    AddressError for what is none, and for local parts beyond ASCII: those need
    SMTPUTF8 from every server on the way."""
    local, at, domain = address.strip().rpartition("@")
    try:
        domain = _ascii_domain(domain)
    except UnicodeError:
        raise AddressError(address) from None
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise AddressError(address)
    return f"{local}@{domain}"


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        import idna  # IDNA 2008, by which registries go; Odoo has it
    except ImportError:
        return domain.encode("idna").decode("ascii")
    return idna.encode(domain, uts46=True).decode("ascii")


# -- headers ------------------------------------------------------------------------


def text_header(name: str, value: str) -> bytes:
    value = one_line(value)
    if _needs_words(value):
        tokens = _words(value, LINE - len(name) - 2)
        return _fold(name, [tokens[0], *(f" {token}" for token in tokens[1:])])
    return _fold(name, _TOKENS.findall(value))


def plain_header(name: str, value: str) -> bytes:
    """Of a value that encoded words would spoil, as a list's addresses. ValueError for
    what does not fit into lines."""
    value = one_line(value)
    if not value.isascii():
        return text_header(name, value)
    tokens = _TOKENS.findall(value)
    if any(len(name) + 2 + len(token) > LONGEST_LINE for token in tokens):
        raise ValueError(f"too long for a header: {name}")
    return _fold(name, tokens)


def address_header(name: str, people: Iterable[tuple[str, str]]) -> bytes:
    """``people``: (name, address). An empty list makes an empty group."""
    tokens: list[str] = []
    room = LINE - len(name) - 2
    for display, address in people:
        if tokens:
            tokens[-1] += ","
            room = LINE - 1
        tokens += _mailbox(display, address, room)
    if not tokens:
        tokens = ["undisclosed-recipients:;"]
    return _fold(name, [tokens[0], *(f" {token}" for token in tokens[1:])])


def _mailbox(display: str, address: str, room: int) -> list[str]:
    address = ascii_address(address)
    display = one_line(display)[:MAX_NAME].strip()
    if not display:
        return [address]
    if _needs_words(display):
        phrase = _words(display, room)
    elif _ATOMS.fullmatch(display):
        phrase = display.split(" ")
    else:
        phrase = ['"' + display.replace("\\", "\\\\").replace('"', '\\"') + '"']
    return [*phrase, f"<{address}>"]


def ids_header(name: str, ids: Sequence[str]) -> bytes:
    """``ids`` without <>. A single one stays on the header's own line: some servers
    do not find it on the next."""
    return _fold(name, [f"<{ids[0]}>", *(f" <{one}>" for one in ids[1:])])


def clean_id(id_: str) -> str:
    """Without <>; "" for what no header can carry as it is."""
    id_ = id_.strip().removeprefix("<").removesuffix(">")
    return id_ if len(id_) <= MAX_ID and _ID.fullmatch(id_) else ""


def cut_references(ids: Iterable[str]) -> list[str]:
    """Each once; of a long list the first one and the last ones."""
    whole = [*dict.fromkeys(one for one in map(clean_id, ids) if one)]
    if len(whole) < 2:
        return whole
    first, kept = whole[0], []
    left = MAX_REFERENCES_BYTES - len(first)
    for one in reversed(whole[1:]):
        left -= len(one) + 3
        # the last one is the mail that is answered
        if kept and (left < 0 or len(kept) + 1 >= MAX_REFERENCES):
            break
        kept.append(one)
    return [first, *reversed(kept)]


def value_header(name: str, value: str, params: Sequence[str] = ()) -> bytes:
    """``params`` as ``file_name_2047``, ``file_name_2231`` or ``plain_param`` make
    them."""
    tokens = [value]
    for param in params:
        tokens[-1] += ";"
        tokens += [f" {piece}" for piece in param.split("\r\n ")]
    return _fold(name, tokens)


def plain_param(key: str, value: str) -> str:
    """``value`` is ours: a charset, a boundary."""
    return f"{key}={value}" if _TOKEN.fullmatch(value) else f'{key}="{value}"'


def clean_file_name(name: str) -> str:
    """Without a path, in one line, bounded; "" where nothing is left."""
    name = re.sub(r"[\\/]", "_", one_line(name))
    if len(name) > MAX_FILE_NAME:
        stem, dot, extension = name.rpartition(".")
        if not dot or len(extension) > 16:
            stem, dot, extension = name, "", ""
        name = stem[: MAX_FILE_NAME - len(extension) - 1].rstrip() + dot + extension
    return name


def file_name_2047(key: str, name: str) -> str:
    """Encoded words within quotes: against RFC 2047 and read by Outlook, Foxmail and
    QQ, which know nothing else in older versions."""
    if _is_plain_name(name):
        return _quoted(key, name)
    return f'{key}="' + "\r\n ".join(_words(name, WORD - len(key) - 4)) + '"'


def file_name_2231(key: str, name: str) -> str:
    if _is_plain_name(name):
        return _quoted(key, name)
    encoded = "UTF-8''" + quote(name, safe="")
    if len(key) + 2 + len(encoded) < LINE - 1:
        return f"{key}*={encoded}"
    pieces, rest = [], encoded
    while rest:
        room = LINE - len(key) - 8
        end = min(room, len(rest))
        if "%" in rest[end - 2 : end] and end < len(rest):
            end = rest.rindex("%", 0, end)  # not within %E4
        pieces.append(rest[:end])
        rest = rest[end:]
    return ";\r\n ".join(f"{key}*{n}*={piece}" for n, piece in enumerate(pieces))


def _is_plain_name(name: str) -> bool:
    # some readers take %20 for a space, and =? for an encoded word
    return name.isascii() and "=?" not in name and "%" not in name and len(name) <= 60


def _quoted(key: str, value: str) -> str:
    return f'{key}="' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


# -- folding and encoded words --------------------------------------------------------


def _needs_words(text: str) -> bool:
    if not text.isascii() or "=?" in text:
        return True
    return any(len(token) > 400 for token in text.split(" "))


def _words(text: str, room: int) -> list[str]:
    """Encoded words, none of which cuts a character. ``room`` is what the first may
    take."""
    raw = text.encode()
    special = sum(byte not in _Q_SAFE and byte != 0x20 for byte in raw)
    kind = "q" if 2 * special <= len(raw) // 3 else "b"
    out, piece = [], ""
    room = max(min(room, WORD), 30)
    for char in text:
        if piece and _length(kind, piece + char) > room:
            out.append(_word(kind, piece))
            piece, room = "", WORD
        piece += char
    return [*out, _word(kind, piece)]


def _length(kind: str, text: str) -> int:
    raw = text.encode()
    if kind == "b":
        return 12 + 4 * -(-len(raw) // 3)
    return 12 + sum(1 if byte in _Q_SAFE or byte == 0x20 else 3 for byte in raw)


def _word(kind: str, text: str) -> str:
    raw = text.encode()
    if kind == "b":
        payload = binascii.b2a_base64(raw, newline=False).decode()
    else:
        payload = "".join(_q_byte(byte) for byte in raw)
    return f"{_WORD_HEAD[kind]}{payload}?="


def _q_byte(byte: int) -> str:
    if byte == 0x20:
        return "_"
    return chr(byte) if byte in _Q_SAFE else f"={byte:02X}"


def _fold(name: str, tokens: Iterable[str]) -> bytes:
    """Tokens but the first begin with their white space: where a line may end."""
    lines, line = [], f"{name}: "
    for position, token in enumerate(tokens):
        if position and len(line) + len(token) > LINE:
            lines.append(line)
            line = ""
        line += token
    lines.append(line)
    return ("\r\n".join(lines) + "\r\n").encode("ascii")
