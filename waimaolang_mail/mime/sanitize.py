# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Foreign HTML -> HTML that may stand in the chatter as it is (invariant I14).

nh3 (html5ever, so it sees what a browser sees) does the cleaning by allow-lists
that are subsets of Odoo's own (``odoo/tools/mail.py``). Its output is well formed:
attributes are double-quoted and escape ``< > & "``; no raw text element is left.
That alone makes the second pass over tags, by expressions, sound. It may remove
and rename; what it adds are constants and already cleaned values.

Nothing remote loads by itself: an image's address is kept as data-waimaolang-src.
"""

import re
from collections.abc import Callable
from functools import lru_cache

import nh3

from .quotes import CLASSES, IDS, marks

ADDRESS_ATTRIBUTE = "data-waimaolang-src"

TAGS = frozenset(
    """a abbr acronym address article aside b bdi bdo big blockquote br caption
    center cite code col colgroup dd del dfn dir div dl dt em figcaption figure font
    footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main nav ol p pre q s samp
    section small span strike strong sub sup table tbody td tfoot th thead time tr
    tt u ul var""".split()
)
# Dropped with what is in them; other unknown tags only lose the tag.
DROPPED = frozenset(
    """script style title head iframe frame frameset noframes noscript noembed object
    embed applet svg math template textarea select option xmp plaintext audio video
    canvas""".split()
) - {"head"}
# "head" is implied by the parser and never a tag that nh3 sees.
_TABLE = {"align", "valign", "width", "height", "bgcolor"}
ATTRIBUTES = {
    "*": {"style", "dir", "lang", "title", "align"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "border", "hspace", "vspace"},
    "font": {"color", "face", "size"},
    "table": {*_TABLE, "border", "cellpadding", "cellspacing", "summary", "rules"},
    "tbody": {"valign"},
    "thead": {"valign"},
    "tfoot": {"valign"},
    "tr": set(_TABLE),
    "td": {*_TABLE, "colspan", "rowspan", "nowrap"},
    "th": {*_TABLE, "colspan", "rowspan", "nowrap"},
    "col": {"width", "span", "valign"},
    "colgroup": {"width", "span", "valign"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"type", "value"},
    "hr": {"color", "noshade", "size", "width"},
    "br": {"clear"},
}
# Not among Odoo's attributes: kept as the style that they mean.
REWRITTEN = {"bgcolor": "background-color", "face": "font-family"}
# Attributes that say something by being there.
EMPTY = frozenset(("alt", "nowrap", "noshade"))
# All of Odoo's own list, without images, opacity and what moves things about.
_SIDES = ("top", "bottom", "left", "right")
STYLES = frozenset(
    """font-size font-family font-weight font-style background-color color
    text-align line-height letter-spacing text-transform text-decoration
    vertical-align display float white-space padding margin border border-color
    border-radius border-style border-width border-collapse border-spacing
    caption-side empty-cells table-layout height width max-width min-width
    min-height""".split()
) | {
    *(f"padding-{side}" for side in _SIDES),
    *(f"margin-{side}" for side in _SIDES),
    "border-top",
    "border-bottom",
    *(
        f"border-{side}-{what}"
        for side in _SIDES
        for what in ("style", "color", "width")
    ),
}
# "background" is let through to become background-color below.
_NH3_STYLES = {
    name for base in (*STYLES, "background") for name in (base, base.upper())
}
SCHEMES = {"http", "https", "mailto", "tel"}
# Of one tag, in characters; Word's longest are a tenth of it.
MAX_STYLE = 4000
# Deeper HTML is hostile or broken; lxml, by which Odoo reads bodies, gives up at
# 256. Before it is cleaned, unclosed tags count as nested; html5ever takes n²
# steps over that, 0.05 s for this many.
MAX_DEPTH = 200
MAX_RAW_DEPTH = 4000
# Of a tag's attributes html5ever compares each with all.
_HUGE_TAG = re.compile(r"<[^<>]{50000,}>?")

# Word's stylesheet gives these no margin; it is dropped, and a browser would set
# every line apart.
TIGHT_CLASSES = frozenset(("MsoNormal", "MsoPlainText", "MsoListParagraph"))

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=set(DROPPED),
    attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
    strip_comments=True,
    link_rel="noopener noreferrer",
    tag_attribute_values={tag: {"id": set(IDS)} for tag in ("div", "hr", "blockquote")},
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes={*SCHEMES, "cid"},
    url_relative="deny",
    allowed_classes={
        tag: set(CLASSES | TIGHT_CLASSES)
        for tag in ("div", "blockquote", "span", "table", "p", "li")
    },
    filter_style_properties=_NH3_STYLES,
)

_ATTRIBUTE = re.compile(r" ([^\s=<>\"]+)=\"([^\"]*)\"")
_OWN_SRC = re.compile(r"cid:waimaolang-\d{1,6}\Z")
# Whether any style needs a look; nh3 has only let known properties through.
_SUSPECT_STYLE = re.compile(
    r"""background\s*:|\(|\\|&(?!quot;)|@|/\*|-\s*[\d.]|[{}']|&quot;[^;&]*;
    |display\s*:|float\s*:|javascript|expression|behavio|-moz-|important""",
    re.I | re.X,
)
_BAD_VALUE = re.compile(
    r"url|expression|javascript|vbscript|behavio|import|attr\(|var\(|env\(|image"
    r"|[\\@<>{}&;:]|/\*",
    re.I,
)
_DECLARATION = re.compile(r"(?:[^;']|'[^']*'?)+")
_COLOR = re.compile(r"#[0-9a-f]{3,8}|[a-z]{3,20}|rgba?\([\d\s,.%]{5,40}\)", re.I)
_PLAIN_VALUE = re.compile(r"#?[\w ,-]{1,100}")
_DISPLAY = re.compile(
    r"none|block|inline(-block|-table)?|list-item|table(-[a-z]+){0,3}", re.I
)
_FLOAT = re.compile(r"left|right|none", re.I)
_NEGATIVE = re.compile(r"(?<![\w.])-\s*[\d.]")
_OPENING = re.compile(r"<(/?)(?!(?:img|br|hr|meta|link|input|col|area)\b)[a-z]", re.I)
_VOID = ("img", "br>", "br ", "hr>", "hr ", "col>", "col ")


class TooDeep(ValueError):
    """Nested beyond MAX_DEPTH: to be shown as text."""


def sanitize(html: str, inline: Callable[[str], str | None] | None = None) -> str:
    """``inline(content_id)`` returns the placeholder of an image that came with
    the mail, or None; without it only finished placeholders stay.

    Raises TooDeep, and ValueError on lone surrogates."""
    if not html:
        return ""
    html = _HUGE_TAG.sub("", html)
    if html.count("<") > MAX_RAW_DEPTH and _raw_depth(html) > MAX_RAW_DEPTH:
        raise TooDeep
    return _second_pass(_CLEANER.clean(html), inline)


def _raw_depth(html: str) -> int:
    """How deep tags nest at most; unclosed <p> and <li> make it more."""
    deepest = level = 0
    for slash in _OPENING.findall(html):
        level += -1 if slash else 1
        deepest = max(deepest, level)
    return deepest


def _second_pass(html: str, inline: Callable[[str], str | None] | None) -> str:
    """Tag by tag: "<" and ">" stand in nh3's output for tags alone."""
    head, *pieces = html.split("<")
    out = [head]
    finished: dict[str, str] = {}  # tags repeat, Word's above all
    level = 0
    for piece in pieces:
        if piece[0] == "/":
            level -= 1
            out.append(piece)
            continue
        if not piece.startswith(_VOID):
            level += 1
            if level > MAX_DEPTH:
                raise TooDeep
        if "=" in piece or piece.startswith("blockquote"):
            tag, bracket, text = piece.partition(">")
            done = finished.get(tag)
            if done is None:
                done = finished[tag] = _finish_tag(tag, inline)
            piece = done + bracket + text
        out.append(piece)
    return "<".join(out)


def _finish_tag(tag: str, inline: Callable[[str], str | None] | None) -> str:
    """What nh3 cannot decide: values of styles, sources of images."""
    attributes = dict(_ATTRIBUTE.findall(tag))
    name_of_tag = tag.partition(" ")[0]
    kept = [name_of_tag]
    style = _clean_style(attributes.pop("style", ""))
    if not TIGHT_CLASSES.isdisjoint(attributes.get("class", "").split()):
        style = f"margin:0;{style}".rstrip(";")
        del attributes["class"]
    for name, prop in REWRITTEN.items():
        value = attributes.pop(name, "")
        if value and _PLAIN_VALUE.fullmatch(value):
            style = f"{prop}:{value};{style}".rstrip(";")
    if style:
        attributes["style"] = style
    for name, value in attributes.items():
        if name == "src":
            name, value = _image_source(value.strip(), inline)
        elif name == "href" and value.strip().lower().startswith("cid:"):
            value = ""
        if value or name in EMPTY:
            kept.append(f' {name}="{value}"')
    return "".join(kept) + marks(name_of_tag, attributes)


def _image_source(
    value: str, inline: Callable[[str], str | None] | None
) -> tuple[str, str]:
    scheme = value.partition(":")[0].lower()
    if scheme in ("http", "https"):
        return ADDRESS_ATTRIBUTE, value
    if scheme != "cid":
        return "src", ""
    if inline is not None:
        value = inline(value[4:]) or ""
    return "src", value if _OWN_SRC.match(value) else ""


@lru_cache(maxsize=2048)
def _clean_style(style: str) -> str:
    """The declarations with a harmless value. nh3 separates them by ";" and
    re-quotes strings, so an escaped quote (&quot;) is the only entity left."""
    if len(style) > MAX_STYLE:
        return ""
    style = " ".join(style.split())
    if not _SUSPECT_STYLE.search(style):
        return style
    kept = []
    for item in _DECLARATION.findall(style.replace("&quot;", "'")):
        name, colon, value = item.partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon or value.count("'") % 2 or _BAD_VALUE.search(value):
            continue
        bare = re.sub(r"\s*!\s*important\s*$", "", value, flags=re.I)
        if name == "background":
            name = "background-color"
            if not _COLOR.fullmatch(bare):
                continue
        if _is_allowed(name, bare):
            kept.append(f"{name}:{value}")
    return ";".join(kept)


def _is_allowed(name: str, value: str) -> bool:
    if name == "display":
        return bool(_DISPLAY.fullmatch(value))
    if name == "float":
        return bool(_FLOAT.fullmatch(value))
    if name.startswith(("margin", "padding")):
        return not _NEGATIVE.search(value)
    return name in STYLES
