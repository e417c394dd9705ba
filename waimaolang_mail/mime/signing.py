# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The signature below a mail that is being written: put there, found, exchanged."""

from __future__ import annotations

from lxml import html as lxml_html
from markupsafe import Markup

CLASS = "o_waimaolang_signature"
# ours, and the one that Odoo's small composer hands to the large one
_FOUND = (
    f"//div[contains(concat(' ', @class, ' '), ' {CLASS} ')]"
    " | //div[@data-o-mail-quote='1'][starts-with(normalize-space(.), '--')]"
)


def sign(signature: str) -> Markup:
    """``signature`` is HTML; the line before it is RFC 3676, 4.3."""
    return Markup('<div class="%s"><br>-- <br>%s</div>') % (CLASS, Markup(signature))


def replace_signature(body: str, signed: str, adds: bool = False) -> Markup:
    """The body with another signature in place of the one that it has; one that was
    deleted stays away unless ``adds``. ``signed`` is of ``sign``, or empty."""
    root = lxml_html.fragment_fromstring(body, create_parent="div")
    found = root.xpath(_FOUND)
    new = lxml_html.fragment_fromstring(signed) if signed else None
    if found:
        old = found[-1]
        parent = old.getparent()
        if new is not None:
            new.tail = old.tail
            parent.replace(old, new)
        else:
            old.drop_tree()
    elif adds and new is not None:
        root.append(new)
    parts = [root.text or ""]
    parts += [lxml_html.tostring(child, encoding="unicode") for child in root]
    return Markup("".join(parts))
