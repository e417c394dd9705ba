# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Text <-> HTML.

``html_to_text`` reads only what ``sanitize`` wrote (well formed, escaped), so
expressions do; a parser would cost more than everything else.
"""

import re
from html import escape, unescape

from .quotes import MARK, folds_from

_BLOCKS = """p div tr h1 h2 h3 h4 h5 h6 table blockquote ul ol dl dt dd center pre
    address section article header footer main nav aside figure caption""".split()
# What a tag is in text; any other is nothing.
_MARKS = {
    **dict.fromkeys(("br", "hr"), "\n"),
    **dict.fromkeys(_BLOCKS, "\n"),
    **dict.fromkeys((f"/{name}" for name in _BLOCKS), "\n"),
    "li": "\n- ",
    "/li": "\n",
    "/td": "\t",
    "/th": "\t",
}
_BLANK_LINES = re.compile(r"\n{3,}")
# Pairs whose content is not text.
_RAW_PAIRS = (
    ("<!--", "-->"),
    ("<script", "</script>"),
    ("<style", "</style>"),
    ("<head>", "</head>"),
    ("<title", "</title>"),
)
_LINK = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"'\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]{3,2000}"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}",
    re.A,
)
# Bounds n² work on hostile lines; nobody clicks beyond.
_MAX_LINKED_LINE = 10_000
_QUOTED_LINE = re.compile(r"(?:>[ ]?)+")


def html_to_text(html: str) -> str:
    """The visible text of sanitized HTML, one line per block."""
    if "<pre" in html:
        html = _with_breaks(html)
    head, *pieces = " ".join(html.split()).split("<")
    out = [head]
    marks = _TagMarks()
    for piece in pieces:
        tag, _bracket, text = piece.partition(">")
        out += (marks[tag], text)
    return _tidy(unescape("".join(out)))


def _with_breaks(html: str) -> str:
    """Line ends within <pre> as tags. By ``find``, since raw HTML comes here too, and
    a lazy expression takes n² steps over <pre> that is never closed."""
    out = []
    position = 0
    while (start := html.find("<pre", position)) >= 0:
        end = html.find("</pre", start)
        end = len(html) if end < 0 else end
        inside = html.find(">", start, end) + 1 or end
        out.append(html[position:inside])
        out.append(html[inside:end].replace("\n", "<br>"))
        position = end
    return "".join([*out, html[position:]])


class _TagMarks(dict):
    """By tag with its attributes: most are repeated."""

    def __missing__(self, tag: str) -> str:
        mark = self[tag] = _MARKS.get(tag.partition(" ")[0].rstrip("/").lower(), "")
        return mark


def raw_html_to_text(html: str) -> str:
    """Of HTML that is too much for the sanitizer. Approximate; safe, as text."""
    for opening, closing in _RAW_PAIRS:
        html = _without(html, opening, closing)
    return html_to_text(html)


def _without(html: str, opening: str, closing: str) -> str:
    """By ``find``, since a lazy expression takes n² steps on unclosed tags."""
    lower = html.lower()
    if len(lower) != len(html):  # a few capitals grow when lowered
        lower = html
    kept = []
    position = 0
    while (start := lower.find(opening, position)) >= 0:
        end = lower.find(closing, start)
        if end < 0:
            break
        kept.append(html[position:start])
        position = end + len(closing)
    kept.append(html[position:])
    return " ".join(kept)


def _tidy(text: str) -> str:
    text = text.replace("\xa0", " ").replace("\u200b", "")
    text = "\n".join([line.strip() for line in text.split("\n")])
    return _BLANK_LINES.sub("\n\n", text).strip()


def unflow(text: str, delsp: bool) -> str:
    """format=flowed (RFC 3676): lines that end in a space go on in the next."""
    out: list[list[str]] = []
    flowing = False
    level = 0
    for line in text.split("\n"):
        line = line.rstrip("\r")
        quote = _QUOTED_LINE.match(line)
        depth = quote.group().count(">") if quote else 0
        body = line[quote.end() :] if quote else line
        if not quote and body.startswith(" "):
            body = body[1:]  # space-stuffed
        signature = body == "-- "
        goes_on = body.endswith(" ") and not signature
        piece = body[:-1] if goes_on and delsp else body
        if flowing and depth == level and not signature:
            out[-1].append(piece)
        else:
            out.append([">" * depth + " " * bool(depth), piece])
        flowing, level = goes_on, depth
    return "\n".join(map("".join, out))


def text_to_html(text: str) -> str:
    """Plain text as it looked: lines kept, links clickable, quotes marked."""
    if not text.strip():
        return ""
    out: list[str] = []
    quoted: list[str] = []
    end = ""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if not end and folds_from(lines, index):
            if quoted:
                out.append(_quote(quoted))
                quoted = []
            out.append(f"<div{MARK}>")
            end = "</div>"
        line = line.rstrip()
        if line.startswith(">"):
            quoted.append(_QUOTED_LINE.sub("", line, count=1))
            continue
        if quoted:
            out.append(_quote(quoted))
            quoted = []
        out.append(_line(line) + "<br>")
    if quoted:
        out.append(_quote(quoted))
    html = "\n".join(out)
    return f"<div>{html.removesuffix('<br>')}{end}</div>"


def _quote(lines: list[str]) -> str:
    body = "<br>\n".join(map(_line, lines))
    return (
        '<blockquote data-o-mail-quote-node="1" data-o-mail-quote="1">'
        f"{body}</blockquote>"
    )


def _line(line: str) -> str:
    if (
        len(line) > _MAX_LINKED_LINE
        or "@" not in line
        and "://" not in line
        and "www." not in line
    ):
        html = escape(line)
    else:
        html = _linkify(line)
    return html.replace("  ", "&nbsp; ") if "  " in html else html


def _linkify(line: str) -> str:
    out = []
    position = 0
    for match in _LINK.finditer(line):
        found = match.group().rstrip(".,;:!?)]}>'\"*")
        if "://" in found:
            href = found
        else:
            href = ("mailto:" if "@" in found else "http://") + found
        out.append(escape(line[position : match.start()]))
        out.append(
            f'<a href="{escape(href)}" target="_blank" '
            f'rel="noopener noreferrer">{escape(found)}</a>'
        )
        position = match.start() + len(found)
    out.append(escape(line[position:]))
    return "".join(out)
