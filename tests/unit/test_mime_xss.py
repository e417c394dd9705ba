# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""I14: of every known shape of attack only what is on the allow-list is left.

The whole way is taken, mail in, ParsedMail out, and the result is read by two
parsers that are not the sanitizer's. tests/e2e/test_xss_chromium.py asks a browser.
"""

import base64
import re
from html.parser import HTMLParser

import pytest
from mime import sanitize as module
from mime.parse import parse_mail
from mime.textual import text_to_html
from xss_vectors import VECTORS

OWN = {"class", "id", "rel", "target", module.ADDRESS_ATTRIBUTE} | {
    f"data-o-mail-quote{end}" for end in ("", "-node", "-container")
}
KEPT = (set().union(*module.ATTRIBUTES.values()) - set(module.REWRITTEN)) | OWN
CLASSES = module.CLASSES
# Whatever stands in a style: nothing loads, runs or leaves the message.
STYLE = re.compile(
    r"url|image|expression|script|behavi|binding|position|z-index|transform|inset"
    r"|translate|animation|calc|min\(|max\(|\\|/\*|@|var\(|attr\(|env\(|[{}<>]"
    r"|margin[^;]*-\s*[.\d]",
    re.I,
)
HREF = re.compile(r"(https?|mailto|tel):", re.I)
PLACEHOLDER = re.compile(r"cid:waimaolang-\d{1,6}")


class Tree(HTMLParser):
    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_comment(self, data):
        raise AssertionError(f"comment {data!r}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def tags_by_lxml(html):
    """By libxml2, which closes and nests as older browsers did."""
    lxml_html = pytest.importorskip("lxml.html")
    if not html.strip():
        return []
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    # comments and instructions are nodes whose tag is a function
    return [(str(node.tag), dict(node.attrib)) for node in root.iterdescendants()]


def assert_allowed(html):
    for tag, attributes in (*Tree(html).tags, *tags_by_lxml(html)):
        assert tag in module.TAGS, tag
        assert set(attributes) <= KEPT, attributes
        assert not STYLE.search(attributes.get("style", "")), attributes
        assert set(attributes.get("class", "").split()) <= CLASSES
        assert attributes.get("id", "Signature") in module.IDS
        if "src" in attributes:
            assert tag == "img" and PLACEHOLDER.fullmatch(attributes["src"])
        if module.ADDRESS_ATTRIBUTE in attributes:
            assert re.match("https?://", attributes[module.ADDRESS_ATTRIBUTE], re.I)
        if "href" in attributes:
            assert tag == "a" and HREF.match(attributes["href"])
        if tag == "a":
            assert attributes["rel"] == "noopener noreferrer"
            assert attributes["target"] == "_blank"


def shown(html):
    """As a mail of it is shown."""
    body = base64.encodebytes(html.encode())
    mail = parse_mail(
        b"Content-Type: text/html; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + body
    )
    assert not mail.defects and not mail.reduced
    return mail.html


def test_there_are_enough_vectors_and_all_differ():
    assert len(set(VECTORS)) == len(VECTORS) >= 150


@pytest.mark.parametrize("vector", VECTORS)
def test_only_the_allow_list_is_left(vector):
    for html in (
        vector,
        f"<div>{vector}</div>",
        f"<p>a<b>{vector}",
        f"<table><tr><td>{vector}",
        f'<a href="http://x.example">{vector}</a>',
        f"<blockquote><pre>{vector}",
        f"<svg>{vector}</svg>",
        f"<math><mtext>{vector}",
        f"<select>{vector}",
        f"<noscript>{vector}</noscript>{vector}",
        f"<!--{vector}-->{vector}",
        f'<p title="{vector}">x</p>',
        f"<style>{vector}</style>",
        vector.upper(),
    ):
        out = shown(html)
        assert_allowed(out)
        # what is left is stable: sanitized again, it stays what it is
        assert_allowed(module.sanitize(out))


def test_all_of_them_in_one_mail():
    assert_allowed(shown("\n".join(VECTORS)))
    for first, second in zip(VECTORS, VECTORS[7:] + VECTORS[:7], strict=True):
        assert_allowed(shown(first + second))


@pytest.mark.parametrize("vector", VECTORS)
def test_in_plain_text_they_are_text(vector):
    out = text_to_html(f"{vector}\n> {vector}\n-----Original Message-----\n{vector}")
    assert_allowed(out)
    assert not {tag for tag, _attributes in Tree(out).tags} - {
        "div",
        "br",
        "blockquote",
        "a",
    }


def test_in_names_subjects_and_files_they_are_text():
    for vector in VECTORS:
        word = base64.b64encode(vector.encode()).decode()
        raw = (
            f"Subject: =?utf-8?B?{word}?=\r\nFrom: =?utf-8?B?{word}?= <a@b.co>\r\n"
            f"Content-Type: application/pdf; name==?utf-8?B?{word}?=\r\n\r\nx"
        ).encode()
        mail = parse_mail(raw)
        assert not mail.html and mail.from_[0].email == "a@b.co"
        assert not set('<>:"/\\|?*\0\n') & set(mail.attachments[0].name)
