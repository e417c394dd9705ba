# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What stands below an answer, what it is called and whom it goes to."""

from datetime import datetime, timezone

import pytest
from mime.build import OutgoingMail, build
from mime.outparts import text_of
from mime.parse import parse_mail
from mime.quoting import (
    html_of_text,
    outgoing_html,
    person,
    quoted_forward,
    quoted_reply,
)
from mime.replying import (
    Answered,
    forward_subject,
    reply_recipients,
    reply_subject,
)
from mime.sanitize import sanitize

WROTE = [
    "On 3 Nov 2026, 10:15, Li Wei <a@b.example> wrote:",
    "在 2026年11月3日 10:15，Li Wei <a@b.example> 写道：",
]


def read_back(html):
    mail = OutgoingMail(
        "Ann",
        "ann@x.example",
        to=[("", "b@y.example")],
        html=html,
        date=datetime(2026, 11, 3, tzinfo=timezone.utc),
        message_id="1@x.example",
    )
    return parse_mail(build(mail), now=datetime(2026, 11, 4))


# -- quotes -------------------------------------------------------------------------


@pytest.mark.parametrize("attribution", WROTE)
def test_a_reply_is_folded_by_our_own_reader(attribution):
    html = "<p>Yes.</p>" + quoted_reply("<p>Will you?</p>", attribution)
    mail = read_back(html)
    own, mark, quote = mail.html.partition("<div data-o-mail-quote-container")
    if not mark:
        own, mark, quote = mail.html.partition('<div class="gmail_quote"')
    assert "Yes." in own and "wrote" not in own and "写道" not in own
    assert 'data-o-mail-quote="1"' in quote and "Will you?" in quote
    assert attribution.partition("<")[0] in quote
    assert "<blockquote" in quote and 'data-o-mail-quote-node="1"' in quote


def test_the_plain_alternative_has_quote_marks():
    html = "<p>Yes.</p>" + quoted_reply("<p>Will you?</p><p>Now?</p>", WROTE[0])
    lines = ["Yes.", "", WROTE[0], "> Will you?", ">", "> Now?"]
    assert text_of(html).split("\n") == lines
    twice = "<p>Ok</p>" + quoted_reply(html, WROTE[1])
    assert ">> Will you?" in text_of(twice).split("\n")


def test_a_forward_names_the_original():
    rows = [
        ("发件人", person("Li Wei", "a@b.example")),
        ("抄送", ""),
        ("主题", "报价 <b>"),
    ]
    html = quoted_forward("<p>text</p>", "转发的邮件", rows)
    assert "<b>发件人:</b> Li Wei &lt;a@b.example&gt;" in html
    assert "抄送" not in html and "报价 &lt;b&gt;" in html
    assert 'data-o-mail-quote="1"' in read_back("<p>see</p>" + html).html


@pytest.mark.parametrize(
    "original",
    [
        "</blockquote></div></div><p>out</p>",
        "<div><div><table><tr><td>unclosed",
        "<!-- <p>comment",
        "<script>alert(1)</script><style>*{}</style>x",
        "<b><i>crossed</b></i>",
        "<div>" * 300 + "deep",
        "plain < text & more",
        "lone \ud800 surrogate",
        "",
    ],
)
def test_i14_nothing_ends_the_quote(original):
    html = quoted_reply(original, "x</div></blockquote>")
    assert html.endswith("</blockquote></div>")
    inside = html[html.index("<blockquote") :]
    assert inside.count("<div") == inside.count("</div") - 1
    assert inside.count("<blockquote") == inside.count("</blockquote") == 1
    assert "<script" not in html and "<style" not in html and "<!--" not in html
    assert sanitize(html).count("<div") == html.count("<div")


def test_nothing_of_odoo_leaves():
    body = (
        '<p class="o_mail x" data-oe-id="7" data-oe-model="crm.lead">hi</p>'
        '<a href="/odoo/crm/7">record</a><img src="/web/image/41?access_token=ab">'
        '<blockquote data-o-mail-quote="1" data-o-mail-quote-node="1">q</blockquote>'
    )
    html = outgoing_html(body)
    for word in ("o_mail", "data-", "/odoo", "/web", "access_token", "<img"):
        assert word not in html
    assert "hi" in html and "record" in html and "<blockquote>q</blockquote>" in html


def test_images_become_content_ids():
    asked = []

    def image(address):
        asked.append(address)
        return "logo@x" if "41" in address else None

    html = outgoing_html(
        '<img alt="l" src="/web/image/41?a=1&amp;b=2"><img src="/web/image/42">'
        '<img src="cid:waimaolang-0"><img src="cid:0">'
        '<img data-waimaolang-src="https://x.example/a.png">',
        image,
    )
    assert asked[:2] == ["/web/image/41?a=1&b=2", "/web/image/42"]
    assert html.count("<img") == 2
    assert 'src="cid:logo@x"' in html and 'src="https://x.example/a.png"' in html


def test_a_plain_original():
    assert html_of_text("a < b\n> old") == (
        "<div>a &lt; b<br>\n<blockquote>old</blockquote></div>"
    )


@pytest.mark.parametrize(
    ("name", "address", "shown"),
    [
        ("Li", "a@b", "Li <a@b>"),
        ("", "a@b", "a@b"),
        ("A@b", "a@b", "a@b"),
        ("Li", "", "Li"),
    ],
)
def test_person(name, address, shown):
    assert person(name, address) == shown


# -- subjects -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "reply", "forward"),
    [
        ("Offer", "Re: Offer", "Fwd: Offer"),
        ("Re: Offer", "Re: Offer", "Fwd: Re: Offer"),
        ("RE: re : Offer", "Re: Offer", "Fwd: RE: re : Offer"),
        ("回复：报价", "Re: 报价", "Fwd: 回复：报价"),
        ("答复: 回复: 报价", "Re: 报价", "Fwd: 答复: 回复: 报价"),
        ("转发：报价", "Re: 转发：报价", "Fwd: 报价"),
        ("AW: WG: Angebot", "Re: WG: Angebot", "Fwd: AW: WG: Angebot"),
        ("RV: oferta", "Re: RV: oferta", "Fwd: oferta"),
        ("Re[2]: x", "Re: x", "Fwd: Re[2]: x"),
        ("Re(3): x", "Re: x", "Fwd: Re(3): x"),
        ("Re^2: x", "Re: x", "Fwd: Re^2: x"),
        ("Re2: x", "Re: x", "Fwd: Re2: x"),
        ("FW: Fwd: x", "Re: FW: Fwd: x", "Fwd: x"),
        ("\u200eRe: x", "Re: x", "Fwd: \u200eRe: x"),
        ("Ref: 4711", "Re: Ref: 4711", "Fwd: Ref: 4711"),
        ("Reminder: x", "Re: Reminder: x", "Fwd: Reminder: x"),
        ("Result 2: x", "Re: Result 2: x", "Fwd: Result 2: x"),
        ("Re:", "Re:", "Fwd: Re:"),
        ("", "Re:", "Fwd:"),
    ],
)
def test_subjects(subject, reply, forward):
    assert reply_subject(subject) == reply
    assert forward_subject(subject) == forward


def test_a_prefix_of_ones_own_language():
    assert reply_subject("Re: 报价", "回复：") == "回复： 报价"


# -- recipients ---------------------------------------------------------------------

OWN = ["Ann@x.example", "sales@x.example"]
BOB, EVE = ("Bob", "bob@y.example"), ("Eve", "eve@y.example")
ANN = ("Ann", "ann@X.example")
SALES, LEE = ("", "SALES@x.example"), ("Lee", "lee@x.example")


@pytest.mark.parametrize(
    ("mail", "reply", "reply_all"),
    [
        (Answered([BOB], (), [ANN]), ([BOB], []), ([BOB], [])),
        (
            Answered([BOB], (), [ANN, EVE], [SALES, LEE]),
            ([BOB], []),
            ([BOB, EVE], [LEE]),
        ),
        # Reply-To counts; one that names only us does not
        (Answered([BOB], [EVE], [ANN]), ([EVE], []), ([EVE], [])),
        (Answered([BOB], [ANN, SALES], [ANN]), ([BOB], []), ([BOB], [])),
        # twice the same, names kept
        (
            Answered([("", "BOB@y.example")], (), [BOB, ANN, EVE], [EVE, BOB, LEE]),
            ([("", "BOB@y.example")], []),
            ([("Bob", "BOB@y.example"), EVE], [LEE]),
        ),
        # what one sent oneself
        (
            Answered([ANN], (), [BOB, SALES], [EVE, ANN], "out"),
            ([BOB], []),
            ([BOB], [EVE]),
        ),
        (Answered([ANN], [SALES], [BOB], (), "out"), ([BOB], []), ([BOB], [])),
        # only to oneself
        (Answered([ANN], (), [ANN]), ([ANN], []), ([ANN], [])),
        (Answered([ANN], (), [SALES], [BOB], "out"), ([ANN], []), ([BOB], [])),
        (Answered([("x", "")], (), [BOB, ANN]), ([("x", "")], []), ([BOB], [])),
    ],
)
def test_recipients(mail, reply, reply_all):
    assert reply_recipients(mail, OWN) == reply
    assert reply_recipients(mail, OWN, everyone=True) == reply_all
