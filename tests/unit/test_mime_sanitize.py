# Copyright 2026 waimaolang contributors
# ruff: noqa: E501 (attacks are quoted as they are)
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""I14: no script-capable construct survives, and real mail still looks right."""

import re
from html.parser import HTMLParser

import pytest
from mime import sanitize as module
from mime.quotes import wrap_quote
from mime.sanitize import TooDeep, sanitize

VECTORS = r'''
<script>alert(1)</script>
<SCRIPT SRC=http://x.example/a.js></SCRIPT>
<scr<script>ipt>alert(1)</scr</script>ipt>
<script/x>alert(1)</script>
<script\x20type="text/javascript">alert(1);</script>
<<SCRIPT>alert("XSS");//<</SCRIPT>
<img src=x onerror=alert(1)>
<img src="javascript:alert(1)">
<IMG SRC=JaVaScRiPt:alert(1)>
<IMG SRC=`javascript:alert("RSnake says, 'XSS'")`>
<IMG """><SCRIPT>alert("XSS")</SCRIPT>">
<IMG SRC=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)>
<IMG SRC="jav&#x09;ascript:alert(1);">
<IMG SRC="jav&#x0A;ascript:alert(1);">
<IMG SRC=" &#14;  javascript:alert(1);">
<IMG SRC="javascript:alert(1)"
<img src="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">
<img src="data:image/svg+xml;base64,PHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+">
<img/src/onerror=alert(1)>
<img src=x:x onerror="alert(1)">
<img src="x` `<script>alert(1)</script>"` `>
<img srcset="javascript:alert(1) 1x, http://x.example/a.png 2x">
<img longdesc="javascript:alert(1)" lowsrc="javascript:alert(1)" dynsrc="javascript:alert(1)">
<image src=x onerror=alert(1)>
<svg onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><a xlink:href="javascript:alert(1)"><text x=20 y=20>x</text></a></svg>
<svg><animate attributeName=href values=javascript:alert(1) /></svg>
<svg><style><img src=x onerror=alert(1)></style></svg>
<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">
<math href="javascript:alert(1)">x</math>
<math><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>
<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>
<a href="javascript:alert(1)">x</a>
<a href="java&#13;script:alert(1)">x</a>
<a href="&#1;javascript:alert(1)">x</a>
<a href="  javascript:alert(1)">x</a>
<a href="vbscript:msgbox(1)">x</a>
<a href="data:text/html,<script>alert(1)</script>">x</a>
<a href="feed:javascript:alert(1)">x</a>
<a href="view-source:javascript:alert(1)">x</a>
<a href="blob:http://x/1">x</a>
<a href="file:///etc/passwd">x</a>
<a href="cid:waimaolang-1">x</a>
<a href="/web/session/logout">x</a>
<a href="//x.example/">x</a>
<a href="#x" onclick="alert(1)">x</a>
<a ping="http://x.example" href="http://x.example" onmouseover=alert(1)>x</a>
<a href="http://x.example" target="_self" rel="opener">x</a>
<body onload=alert(1)>
<body background="javascript:alert(1)">
<iframe src="javascript:alert(1)"></iframe>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<frameset><frame src="javascript:alert(1)"></frameset>
<object data="javascript:alert(1)"></object>
<embed src="javascript:alert(1)">
<applet code=x></applet>
<base href="javascript:alert(1)//">
<link rel="stylesheet" href="http://x.example/a.css">
<meta http-equiv="refresh" content="0;url=javascript:alert(1)">
<style>@import 'http://x.example/a.css'; body{background:url(javascript:alert(1))}</style>
<style><img src="</style><img src=x onerror=alert(1)//">
<title><img title="</title><img src=x onerror=alert(1)>"></title>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<textarea><p title="</textarea><img src=x onerror=alert(1)>">
<xmp><p title="</xmp><img src=x onerror=alert(1)>">
<plaintext><script>alert(1)</script>
<template><script>alert(1)</script></template>
<select><style></select><img src=x onerror=alert(1)></style>
<form action="javascript:alert(1)"><input type=submit name=x><button formaction="javascript:alert(1)">x</button></form>
<input autofocus onfocus=alert(1)>
<video><source onerror="alert(1)"></video>
<audio src=x onerror=alert(1)>
<details open ontoggle=alert(1)>
<marquee onstart=alert(1)>x</marquee>
<isindex type=image src=1 onerror=alert(1)>
<table background="javascript:alert(1)"><td background="javascript:alert(1)">x</table>
<div style="background-image:url(javascript:alert(1))">x</div>
<div style="width:expression(alert(1))">x</div>
<div style="width:e\78pression(alert(1))">x</div>
<div style="behavior:url(x.htc);-moz-binding:url(http://x.example/x.xml#x)">x</div>
<div style="background:url(http://x.example/t.gif) #fff">x</div>
<div style="background:u\72l(http://x.example/t.gif)">x</div>
<div style="list-style:url(http://x.example/t.gif)">x</div>
<div style="position:fixed;top:0;left:0;z-index:9999;width:100%">x</div>
<div style="margin-top:-500px;margin:0 -5em">x</div>
<div style="font-family:'a;}*{background:url(http://x.example)}'">x</div>
<div style="color:red;/*" title="*/position:fixed">x</div>
<div style="color:var(--x);width:attr(x);height:env(y)">x</div>
<div style='font-family:"</div><script>alert(1)</script>"'>x</div>
<!--[if gte IE 4]><script>alert(1)</script><![endif]-->
<!--><img src=x onerror=alert(1)>-->
<!-- --!><img src=x onerror=alert(1)>
<!--<img src="--><img src=x onerror=alert(1)//">
<![CDATA[<script>alert(1)</script>]]>
<?xml version="1.0"?><script>alert(1)</script>
<?php echo '<script>alert(1)</script>' ?>
<xml id=i><![CDATA[<img src="javas]]><![CDATA[cript:alert(1)">]]></xml>
<div id="x" class="o_form_view btn" name="forms" data-oe-model="x" data-waimaolang-src="javascript:x">x</div>
<img name=getElementById id=body src=x>
<div title="&quot; onmouseover=alert(1) x=&quot;">x</div>
<p title='"><script>alert(1)</script>'>x</p>
<div x="&lt;script&gt;">&lt;script&gt;alert(1)&lt;/script&gt;</div>
<a title='" style="position:fixed" x="' href="http://x.example">x</a>
<img alt='"><img src=x onerror=alert(1)>' src="http://x.example/a.png">
<img alt='x" src="cid:waimaolang-9' src="http://x.example/a.png">
<portal src="javascript:alert(1)"></portal>
<dialog open onclose=alert(1)>x</dialog>
<o:p onclick=alert(1)>x</o:p><v:imagedata src="javascript:alert(1)"/>
<div/onclick =alert(1)>x</div>
'''.strip().split("\n")


class Reader(HTMLParser):
    """What a browser would be given."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_comment(self, data):
        raise AssertionError(f"comment {data!r}")

    def handle_decl(self, decl):
        raise AssertionError(f"declaration {decl!r}")

    def handle_pi(self, data):
        raise AssertionError(f"instruction {data!r}")


OURS = {"class", "id", "rel", "target", "data-waimaolang-src"} | {
    "data-o-mail-quote",
    "data-o-mail-quote-node",
    "data-o-mail-quote-container",
}
PLAIN = (set().union(*module.ATTRIBUTES.values()) - set(module.REWRITTEN)) | OURS
UNSAFE_STYLE = re.compile(
    r"url|expression|script|behavi|binding|position|z-index|\\|/\*|@|var\(|attr\(|env\("
    r"|margin[^;]*-",
    re.I,
)


def assert_harmless(out):
    reader = Reader()
    reader.feed(out)
    reader.close()
    for tag, attrs in reader.tags:
        assert tag in module.TAGS, tag
        assert set(attrs) <= PLAIN, attrs
        assert not any(name.startswith("on") for name in attrs)
        assert not UNSAFE_STYLE.search(attrs.get("style", "")), attrs
        if "src" in attrs:
            assert tag == "img"
            assert re.fullmatch(r"cid:waimaolang-\d+", attrs["src"])
        if "href" in attrs:
            assert tag == "a"
            assert re.match(r"(https?|mailto|tel):", attrs["href"], re.I)
        if tag == "a":
            assert attrs["rel"] == "noopener noreferrer"
            assert attrs["target"] == "_blank"
        if "data-waimaolang-src" in attrs:
            assert re.match(r"https?://", attrs["data-waimaolang-src"], re.I)


def test_there_are_enough_vectors():
    assert len(VECTORS) > 100


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_that_runs_or_loads_survives(vector):
    for html in (
        vector,
        f"<div>{vector}",
        f"<table><tr><td>{vector}</td></tr></table>",
        f'<a href="http://x.example"><b>{vector}',
        vector.replace(" ", "\x0c"),
        vector.replace("<", "<\x00"),
    ):
        out = sanitize(html)
        assert_harmless(out)
        assert_harmless(wrap_quote(out))
        assert_harmless(sanitize(out))


def test_all_vectors_together_and_in_pairs():
    assert_harmless(sanitize("\n".join(VECTORS)))
    for first, second in zip(VECTORS, reversed(VECTORS), strict=True):
        assert_harmless(sanitize(first + second))


def test_markup_within_attributes_stays_there():
    out = sanitize("""<a title='" style="position:fixed" x="'>x</a>""")
    reader = Reader()
    reader.feed(out)
    assert reader.tags[0][1]["title"] == '" style="position:fixed" x="'
    assert "style" not in reader.tags[0][1]


@pytest.mark.parametrize(
    "html, out",
    [
        ("", ""),
        ("plain &amp; <b>bold</b>", "plain &amp; <b>bold</b>"),
        (
            '<a href="https://x.example/?a=1&b=2">x</a>',
            '<a href="https://x.example/?a=1&amp;b=2" target="_blank" '
            'rel="noopener noreferrer">x</a>',
        ),
        (
            '<img src="https://x.example/a.png" width=1>',
            '<img data-waimaolang-src="https://x.example/a.png" width="1">',
        ),
        ('<img src="cid:waimaolang-12">', '<img src="cid:waimaolang-12">'),
        ('<img src="cid:logo@x">', "<img>"),
        (
            '<p style="COLOR: #fff; FONT-SIZE: 10pt">x</p>',
            '<p style="COLOR:#fff;FONT-SIZE:10pt">x</p>',
        ),
        (
            '<p style="background:#eee;mso-x:1;display:none">x</p>',
            '<p style="background-color:#eee;display:none">x</p>',
        ),
        ('<p style="display:flex;float:left">x</p>', '<p style="float:left">x</p>'),
        (
            '<font face="Arial, 微软雅黑" color="red">x</font>',
            '<font color="red" style="font-family:Arial, 微软雅黑">x</font>',
        ),
        (
            '<table bgcolor="#fff" style="width:1px"></table>',
            '<table style="background-color:#fff;width:1px"></table>',
        ),
        ('<table bgcolor="url(x)"></table>', "<table></table>"),
        (
            '<td width="5" bgcolor="#fff" background="x">a</td>',
            "a",  # without a table a cell is no cell
        ),
        (
            '<table cellpadding="0" border="1"><tr valign="top"><td colspan="2">a</table>',
            '<table cellpadding="0" border="1"><tbody><tr valign="top">'
            '<td colspan="2">a</td></tr></tbody></table>',
        ),
        ('<div class="gmail_x o_btn" id="app">a</div>', "<div>a</div>"),
        (
            '<div class="gmail_quote other">a</div>',
            '<div class="gmail_quote" data-o-mail-quote-container="1" '
            'data-o-mail-quote="1">a</div>',
        ),
        (
            "<blockquote>a</blockquote>",
            '<blockquote data-o-mail-quote-node="1" data-o-mail-quote="1">a</blockquote>',
        ),
        ("<html><head><title>t</title><style>p{}</style></head><body>a</body>", "a"),
        ("<!--[if mso]><b>x</b><![endif]-->y<o:p>z</o:p>", "yz"),
        ('text with style="x" and (parens)', 'text with style="x" and (parens)'),
    ],
)
def test_ordinary_mail(html, out):
    assert sanitize(html) == out


def test_inline_images_are_resolved_by_the_caller():
    html = '<img src="CID:logo@x"><img src="cid:waimaolang-3"><img src="cid:none">'
    known = {"logo@x": "cid:waimaolang-0"}
    assert sanitize(html, known.get) == '<img src="cid:waimaolang-0"><img><img>'
    assert sanitize('<img src="cid:a">', lambda _cid: "javascript:x") == "<img>"


@pytest.mark.parametrize(
    "html", ["<div>" * 300 + "x", "<b>" * 100_000, "<p><b>" * 50_000]
)
def test_too_deep_html_is_refused(html):
    with pytest.raises(TooDeep):
        sanitize(html)


@pytest.mark.parametrize(
    "html, marked",
    [
        (
            "<p>hi</p><div>-----Original Message-----</div><div>old</div>",
            '<p>hi</p><div data-o-mail-quote="1"><div>-----Original Message-----</div>'
            "<div>old</div></div>",
        ),
        (
            "<div><p>hi</p><div>------------------&nbsp;原始邮件&nbsp;---------------</div>"
            "<p>old</p></div><p>after</p>",
            '<div><p>hi</p><div data-o-mail-quote="1"><div>------------------&nbsp;原始邮件'
            "&nbsp;---------------</div><p>old</p></div></div><p>after</p>",
        ),
        (
            '<p>hi</p><hr><div id="divRplyFwdMsg">From: x</div><div>old</div>',
            '<p>hi</p><hr><div data-o-mail-quote="1"><div id="divRplyFwdMsg">From: x</div>'
            "<div>old</div></div>",
        ),
        ("<p>hi</p>", "<p>hi</p>"),
        ("<p>a</p>-----Original Message-----", "<p>a</p>-----Original Message-----"),
    ],
)
def test_history_that_follows_a_separator_is_wrapped(html, marked):
    assert wrap_quote(html) == marked


def test_the_allow_list_is_within_odoos():
    """Against lxml's lists, on which Odoo's are built, where lxml is here."""
    lxml_defs = pytest.importorskip("lxml.html.defs")
    semantic = set("article bdi section header footer nav aside figure main".split())
    assert module.TAGS - semantic <= lxml_defs.tags
    kept = set().union(*module.ATTRIBUTES.values()) - {"style", *module.REWRITTEN}
    assert kept <= lxml_defs.safe_attrs
    assert not module.TAGS & module.DROPPED


def test_styles_are_within_odoos():
    mail = pytest.importorskip("odoo.tools.mail", exc_type=ImportError)
    assert module.STYLES <= set(mail._Cleaner._style_whitelist)


def test_words_paragraphs_stand_as_close_as_in_outlook():
    html = (
        '<p class="MsoNormal" style="color:#333">a</p><p class=MsoNormal>b</p><p>c</p>'
    )
    assert sanitize(html) == (
        '<p style="margin:0;color:#333">a</p><p style="margin:0">b</p><p>c</p>'
    )


def test_outlooks_quote_is_folded_whole_though_its_header_has_a_div_of_its_own():
    html = (
        "<div><p>Answer</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt'>"
        "<p>From: a</p></div></div><p>Old text</p></div><p>after</p>"
    )
    wrapped = wrap_quote(sanitize(html))
    quote = wrapped[wrapped.index("data-o-mail-quote") :]
    assert wrapped.index("Answer") < wrapped.index("data-o-mail-quote")
    assert quote.index("Old text") < quote.index("after")
    assert wrapped.count("<div") == wrapped.count("</div")
    assert "Old text</p></div></div><p>after" in wrapped
