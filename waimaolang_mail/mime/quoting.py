# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""HTML that leaves: the old mail below an answer or a forward, in the shape that Gmail,
Outlook, phones and our own ``quotes`` fold; and any body without what only Odoo's pages
understand.

Texts come in already translated and are escaped here. What is quoted is cleaned anew
and well formed, so that nothing in it ends the quote.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from html import escape, unescape

from .fold import no_surrogates
from .parsed import INLINE_SRC
from .textual import raw_html_to_text, text_to_html

ATTRIBUTION = '<div dir="auto">{}<br></div>'
_BAR = "margin:0 0 0 0.8ex;border-left:1px solid #cccccc;padding-left:1ex"
_IMAGE = re.compile(r"<img\b[^<>]*>", re.I)
_SOURCE = re.compile(r"(\s)(data-waimaolang-src|src)\s*=\s*(\"[^\"]*\"|'[^']*')", re.I)
_MARKS = re.compile(r' data-o-mail-quote(?:-[a-z]+)?="1"')
_PLACEHOLDER = re.compile(r'"cid:waimaolang-(\d+)"')
_NO_SOURCE = re.compile(r"<img(?![^<>]*\ssrc=\"[^\"])[^<>]*>")

# What an image's address in the body becomes: a content id (without cid:), or None.
Image = Callable[[str], str | None]


def person(name: str, address: str) -> str:
    """As header blocks and attribution lines show it."""
    if not name or name.lower() == address.lower():
        return address
    return f"{name} <{address}>" if address else name


def quoted_reply(original: str, attribution: str, image: Image | None = None) -> str:
    """To stand below the answer. ``original``: HTML; ``attribution``: one line, as "On
    3 Nov 2026, 10:15, Li Wei <a@b> wrote:"."""
    return (
        '<br><div class="gmail_quote">'
        + ATTRIBUTION.format(escape(attribution))
        + f'<blockquote class="gmail_quote" style="{_BAR}">'
        + outgoing_html(original, image)
        + "</blockquote></div>"
    )


def quoted_forward(
    original: str,
    title: str,
    rows: Sequence[tuple[str, str]],
    image: Image | None = None,
) -> str:
    """To stand below one's own words. ``title`` as "Forwarded message"; ``rows``:
    (label without colon, value), those without a value are left out."""
    lines = [f"---------- {escape(title)} ---------"]
    lines += [f"<b>{escape(label)}:</b> {escape(v)}" for label, v in rows if v]
    return (
        '<br><div class="gmail_quote">'
        + ATTRIBUTION.format("<br>".join(lines))
        + f"<br>{outgoing_html(original, image)}</div>"
    )


def html_of_text(text: str) -> str:
    """A plain original, to be quoted."""
    return _MARKS.sub("", text_to_html(text))


def outgoing_html(html: str, image: Image | None = None) -> str:
    """Well formed and without scripts, classes, data and addresses of Odoo's own.
    ``image(address)`` is asked for every image but remote ones; one that has no
    content id is left out. Remote images load again: they were only held back here."""
    from .sanitize import TooDeep, sanitize  # nh3, only where it is needed

    html = no_surrogates(html)
    known: list[str] = []
    token = secrets.token_hex(8)  # that no image of the body has

    def name_images(match: re.Match) -> str:
        return _SOURCE.sub(name_source, match[0])

    def name_source(match: re.Match) -> str:
        space, _attribute, value = match.groups()
        address = unescape(value[1:-1]).strip()
        content_id = image(address) if image and not _is_remote(address) else None
        if content_id:
            known.append(content_id)
            return f'{space}src="cid:{token}.{len(known) - 1}"'
        return f"{space}src={value}"

    def placeholder(content_id: str) -> str | None:
        mark, _dot, number = content_id.partition(".")
        return INLINE_SRC % int(number) if mark == token else None

    try:
        clean = sanitize(_IMAGE.sub(name_images, html), placeholder)
    except TooDeep:
        clean = text_to_html(raw_html_to_text(html))
    clean = _MARKS.sub("", clean).replace(" data-waimaolang-src=", " src=")
    clean = _NO_SOURCE.sub("", clean)
    return _PLACEHOLDER.sub(lambda m: f'"cid:{escape(known[int(m[1])])}"', clean)


def _is_remote(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))
