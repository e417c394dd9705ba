# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Odoo's editor writes that names records of Odoo: it does not leave."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from lxml import html as lxml_html

IMAGE = re.compile(r"/web/image/(\d+)(?:[-/?#]|$)")


def image_id(address: str) -> int:
    """Of an attachment that a body shows, 0 for any other address."""
    match = IMAGE.match(address)
    return int(match.group(1)) if match else 0


def image_addresses(html: str) -> list[str]:
    """What a body shows, in its order."""
    if not html.strip():
        return []
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    return [image.get("src", "") for image in root.iter("img")]


def without_records(html: str, base_url: str) -> str:
    """Mentions keep their words alone. Links within Odoo become absolute, pictures of
    its own relative, so that they can be told from others and carried along."""
    if not html.strip():
        return ""
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    for element in root.iter("a", "img"):
        if element.tag == "a":
            _settle_link(element, base_url)
        elif element.get("src", "").startswith(f"{base_url}/web/image/"):
            element.set("src", element.get("src")[len(base_url) :])
    parts = [root.text or ""]
    parts += [lxml_html.tostring(child, encoding="unicode") for child in root]
    return "".join(parts)


def _settle_link(element, base_url: str) -> None:
    href = element.get("href", "")
    if element.get("data-oe-model"):
        element.tag = "span"
        for name in list(element.attrib):
            del element.attrib[name]
    elif href.startswith("/") and not href.startswith("//"):
        element.set("href", urljoin(base_url, href))
