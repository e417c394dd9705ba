# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which part is shown, which is attached, and how text and HTML convert."""

import base64

import pytest
from mime.attachments import safe_name
from mime.parse import parse_mail
from mime.textual import html_to_text, text_to_html, unflow

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJ"
    "RU5ErkJggg=="
)
PNG64 = base64.b64encode(PNG).decode()


def leaf(kind, content, *more):
    return "\r\n".join([f"Content-Type: {kind}", *more, "", content])


def multi(subtype, *parts, boundary="b1", params=""):
    lines = [f'Content-Type: multipart/{subtype}; boundary="{boundary}"{params}', ""]
    for part in parts:
        lines += [f"--{boundary}", part]
    return "\r\n".join([*lines, f"--{boundary}--", ""])


def png(*more, name=""):
    return leaf(
        "image/png" + (f'; name="{name}"' if name else ""),
        PNG64,
        "Content-Transfer-Encoding: base64",
        *more,
    )


TEXT = leaf("text/plain", "the text")
HTML = leaf("text/html", "<p>the html</p>")
PDF = leaf('application/pdf; name="a.pdf"', "%PDF", "Content-Disposition: attachment")


def parse(source, charset="utf-8"):
    return parse_mail(source.encode(charset))


@pytest.mark.parametrize(
    "source, text, names",
    [
        (TEXT, "the text", []),
        (HTML, "the html", []),
        ("Subject: x\r\n\r\nno type", "no type", []),
        ("", "", []),
        (multi("alternative", TEXT, HTML), "the html", []),
        (multi("alternative", HTML, TEXT), "the html", []),
        (multi("alternative", TEXT), "the text", []),
        (multi("mixed", TEXT, PDF), "the text", ["a.pdf"]),
        (multi("mixed", TEXT, PDF, TEXT), "the text\n\nthe text", ["a.pdf"]),
        (multi("mixed", TEXT, HTML), "the text\n\nthe html", []),
        (
            multi("mixed", multi("alternative", TEXT, HTML, boundary="b2"), PDF),
            "the html",
            ["a.pdf"],
        ),
        # Apple Mail: the attachment lives in the richer alternative
        (
            multi("alternative", TEXT, multi("mixed", HTML, PDF, boundary="b2")),
            "the html",
            ["a.pdf"],
        ),
        # and in the poorer one
        (
            multi("alternative", multi("mixed", TEXT, PDF, boundary="b2"), HTML),
            "the html",
            ["a.pdf"],
        ),
        (
            multi("alternative", TEXT, leaf("text/calendar; method=REQUEST", "BEGIN:")),
            "the text",
            ["invitation.ics"],
        ),
        (
            multi("alternative", TEXT, leaf("text/x-amp-html", "<b>x</b>")),
            "the text",
            [],
        ),
        (
            multi("signed", TEXT, leaf("application/pgp-signature", "sig")),
            "the text",
            ["signature.asc"],
        ),
        (multi("x-unheard-of", TEXT, PDF), "the text", ["a.pdf"]),
        (leaf("application/pkcs7-mime", "x"), "", ["smime.p7m"]),
        (
            multi("mixed", TEXT, leaf("application/ms-tnef", "x")),
            "the text",
            ["winmail.dat"],
        ),
        (
            multi("mixed", TEXT, leaf("message/rfc822", "Subject: in/side\r\n\r\nx")),
            "the text",
            ["in_side.eml"],
        ),
        (
            multi("digest", "\r\nSubject: one\r\n\r\nx", "\r\nSubject: two\r\n\r\ny"),
            "",
            ["one.eml", "two.eml"],
        ),
        (
            multi(
                "report",
                TEXT,
                leaf("message/delivery-status", "Action: failed"),
                leaf("text/rfc822-headers", "Subject: x"),
                params="; report-type=delivery-status",
            ),
            "the text",
            ["delivery-status.txt", "headers.txt"],
        ),
        # text with a name is a file, except where it is all there is
        (
            multi("mixed", TEXT, leaf('text/plain; name="log.txt"', "log")),
            "the text",
            ["log.txt"],
        ),
        (leaf('text/plain; name="body.txt"', "the text"), "the text", []),
        (
            multi(
                "mixed", TEXT, leaf("text/html", "x", "Content-Disposition: attachment")
            ),
            "the text",
            ["attachment-1.html"],
        ),
        # broken structure
        ('Content-Type: multipart/mixed; boundary="b"\r\n\r\nno parts', "no parts", []),
        ("Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nhi\r\n--x--", "hi", []),
        (
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nno close',
            "no close",
            [],
        ),
        (
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\none\r\n'
            "--b-2\r\ntwo\r\n--b--",
            "one\n--b-2\ntwo",
            [],
        ),
        ("Content-Type: text\r\n\r\nx", "x", []),
        ("Content-Type: ;;;\r\n\r\nx", "x", []),
        ("From: a@b.co\r\nno colon here\r\nand text", "no colon here\nand text", []),
        ("junk line\r\nSubject: x\r\n\r\nbody", "body", []),
        ("\r\n\r\nSubject: late\r\n\r\nbody", "body", []),
        ("From x Mon Jan 1\nSubject: s\n\nbody", "body", []),
        ("Subject: mac\r\rold\rlines", "old\nlines", []),
    ],
)
def test_what_is_shown_and_what_is_attached(source, text, names):
    mail = parse(source)
    assert mail.text.replace("\r", "") == text
    assert [item.name for item in mail.attachments] == names
    assert not mail.defects


@pytest.mark.parametrize(
    "encoding, content",
    [
        ("base64", PNG64),
        ("BASE64", PNG64[:20] + "\r\n" + PNG64[20:]),
        ("base64", PNG64.rstrip("=")),
        ("base64", "!" + PNG64[:8] + " \x01 " + PNG64[8:]),
        ('"base64"', PNG64),
        ("x-uuencode", None),
        ("quoted-printable", "".join(f"={byte:02X}" for byte in PNG)),
    ],
)
def test_transfer_encodings(encoding, content):
    import binascii

    if content is None:
        rows = [binascii.b2a_uu(PNG[i : i + 45]) for i in range(0, len(PNG), 45)]
        content = "begin 644 a.png\n" + b"".join(rows).decode() + "`\nend"
    part = leaf(
        "image/png; name=a.png", content, f"Content-Transfer-Encoding: {encoding}"
    )
    mail = parse(multi("mixed", TEXT, part))
    assert mail.attachments[0].data == PNG
    assert mail.attachments[0].size == len(PNG)


def test_uuencoded_text_is_an_attachment():
    import binascii

    row = binascii.b2a_uu(b"hello world").decode().strip("\n")
    mail = parse(
        f"Subject: x\r\n\r\nsee\r\nbegin 644 报价.txt\r\n{row}\r\n`\r\nend\r\nbye"
    )
    assert mail.attachments[0].name == "报价.txt"
    assert mail.attachments[0].data == b"hello world"
    assert "begin" not in mail.text and "bye" in mail.text


@pytest.mark.parametrize(
    "name, safe",
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\报价.pdf", "报价.pdf"),
        ("a\x00b\r\n.pdf", "ab.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a:b?.pdf", "a_b_.pdf"),
        (" . ", "attachment-1.bin"),
        ("", "attachment-1.bin"),
        ("..", "attachment-1.bin"),
        ("x" * 300 + ".pdf", "x" * 76 + ".pdf"),
        ("y" * 300, "y" * 80),
        ("%E6%8A%A5.pdf", "报.pdf"),
        ("100%25.pdf", "100%25.pdf"),
        ("..%2F..%2Fetc", "%2F..%2Fetc"),
    ],
)
def test_file_names(name, safe):
    found = safe_name(name, "application/octet-stream", 1)
    assert found == safe
    assert len(found.encode()) <= 255


def test_an_inline_image_becomes_a_placeholder():
    html = '<p><img src="cid:logo@x"><img src="cid:none@x"><img src="http://x/y.png">'
    part = multi(
        "related",
        leaf("text/html", html),
        png("Content-ID: <other@x>"),
        png("Content-ID: <LOGO@x>"),
        boundary="b2",
    )
    mail = parse(multi("mixed", part, PDF))
    assert 'src="cid:waimaolang-1"' in mail.html
    assert mail.html.count("src=") == 2 and "data-waimaolang-src" in mail.html
    assert [item.inline for item in mail.attachments] == [False, True, False]
    assert mail.attachments[1].content_id == "LOGO@x"


def test_a_mail_cannot_refer_to_a_placeholder_by_itself():
    part = multi("related", leaf("text/html", '<img src="cid:waimaolang-0">'), png())
    assert "cid:" not in parse(part).html


def test_data_images_become_attachments_once():
    image = f'<img src="data:image/png;base64,{PNG64}">'
    html = f"{image}<b>x</b>{image.replace(chr(34), chr(39))}"
    mail = parse(leaf("text/html", html + '<img src="data:text/html,x">'))
    assert [(item.data, item.inline) for item in mail.attachments] == [(PNG, True)]
    assert mail.html.count('src="cid:waimaolang-0"') == 2
    assert "data:" not in mail.html


def test_html_in_gbk_without_a_declared_charset():
    raw = b"Content-Type: text/html\r\n\r\n<meta charset=gb2312><p>" + "喆报价".encode(
        "gb18030"
    )
    assert parse_mail(raw).text == "喆报价"


@pytest.mark.parametrize(
    "html, text",
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<div>a<div>b</div></div>c", "a\nb\n\nc"),
        ("a\n  b", "a b"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n\n- b"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\tb"),
        ("a &lt;b&gt; &amp;&nbsp;c", "a <b> & c"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ('<a href="http://x">link</a>', "link"),
        ("", ""),
    ],
)
def test_html_as_text(html, text):
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    "text, html",
    [
        ("", ""),
        ("a\nb", "<div>a<br>\nb</div>"),
        ('<b> & "x"', "<div>&lt;b&gt; &amp; &quot;x&quot;</div>"),
        (
            "see http://x.example/a?b=1&c=2.",
            '<div>see <a href="http://x.example/a?b=1&amp;c=2" target="_blank" '
            'rel="noopener noreferrer">http://x.example/a?b=1&amp;c=2</a>.</div>',
        ),
        (
            "网址http://x.example/价格",
            '<div>网址<a href="http://x.example/" target="_blank" '
            'rel="noopener noreferrer">http://x.example/</a>价格</div>',
        ),
        (
            "write a@b.co",
            '<div>write <a href="mailto:a@b.co" target="_blank" '
            'rel="noopener noreferrer">a@b.co</a></div>',
        ),
        (
            "hi\n> old\n> er",
            '<div>hi<br>\n<blockquote data-o-mail-quote-node="1" data-o-mail-quote="1">'
            "old<br>\ner</blockquote></div>",
        ),
        (
            "hi\n-----Original Message-----\nold",
            '<div>hi<br>\n<div data-o-mail-quote="1">\n-----Original Message-----<br>\n'
            "old</div></div>",
        ),
        (
            "hi\n-- \nBob",
            '<div>hi<br>\n<div data-o-mail-quote="1">\n--<br>\nBob</div></div>',
        ),
        ("a\n--\n" + "b\n" * 20, "<div>a<br>\n--<br>\n" + "b<br>\n" * 20 + "</div>"),
        (
            "好\n发件人：王芳\n发送时间：2024年3月5日\n旧",
            '<div>好<br>\n<div data-o-mail-quote="1">\n发件人：王芳<br>\n'
            "发送时间：2024年3月5日<br>\n旧</div></div>",
        ),
        ("From: us\nto you", "<div>From: us<br>\nto you</div>"),
        ('javascript:alert("x")', "<div>javascript:alert(&quot;x&quot;)</div>"),
        (
            'http://x.example/"onmouseover="x',
            '<div><a href="http://x.example/" target="_blank" '
            'rel="noopener noreferrer">http://x.example/</a>&quot;onmouseover=&quot;x</div>',
        ),
    ],
)
def test_text_as_html(text, html):
    assert text_to_html(text) == html


@pytest.mark.parametrize(
    "text, delsp, flat",
    [
        ("a \nb", False, "a b"),
        ("你 \n好", True, "你好"),
        ("a\nb", False, "a\nb"),
        ("> a \n> b\nc", False, "> a b\nc"),
        (" stuffed", False, "stuffed"),
        ("-- \nname", False, "-- \nname"),
    ],
)
def test_flowed_text(text, delsp, flat):
    assert unflow(text, delsp) == flat
