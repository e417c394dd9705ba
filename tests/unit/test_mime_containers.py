# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Bodies that only some programs open: winmail.dat, signed mail, invitations."""

import base64
import struct
import zlib
from datetime import datetime, timedelta, timezone

import pytest
from mime import rtf, smime, tnef
from mime.invites import summarize
from mime.parse import parse_mail


def part(kind, data, *more):
    data = data if isinstance(data, bytes) else data.encode()
    lines = [f"Content-Type: {kind}", *more, "Content-Transfer-Encoding: base64"]
    return "\r\n".join([*lines, "", base64.encodebytes(data).decode()])


def mixed(*parts, subtype="mixed"):
    lines = [f"Content-Type: multipart/{subtype}; boundary=b", ""]
    for one in parts:
        lines += ["--b", one]
    return "\r\n".join([*lines, "--b--", ""])


def parse(source):
    mail = parse_mail(source.encode())
    assert not mail.defects
    return mail


def names(mail):
    return [item.name for item in mail.attachments]


# -- winmail.dat -----------------------------------------------------------------


def attribute(level, name, data):
    checksum = struct.pack("<H", sum(data) & 0xFFFF)
    return struct.pack("<BII", level, name, len(data)) + data + checksum


def properties(*items):
    """(number, type, bytes); named ones as (number, type, bytes, name)."""
    out = struct.pack("<I", len(items))
    for number, kind, value, *name in items:
        out += struct.pack("<HH", kind, number)
        if name:
            text = (name[0] + "\0").encode("utf-16-le")
            out += b"g" * 16 + struct.pack("<II", 1, len(text)) + text
            out += b"\0" * (-len(text) % 4)
        if kind in (0x1E, 0x1F, 0x0D, 0x102):
            out += struct.pack("<II", 1, len(value))
        out += value + b"\0" * (-len(value) % 4)
    return out


def winmail(*attributes):
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


def tnef_file(name, data, *more):
    return (
        attribute(2, 0x00069002, b"\0" * 14)
        + attribute(2, 0x00018010, b"SHORT~1.PDF\0")
        + attribute(2, 0x0006800F, data)
        + attribute(
            2, 0x00069005, properties((0x3707, 0x1F, name.encode("utf-16-le")), *more)
        )
    )


GBK_PAGE = attribute(1, 0x00069007, struct.pack("<II", 936, 0))
HTML = "<p>报价 <b>ok</b></p>".encode("gbk")
HTML_BODY = attribute(1, 0x00069003, properties((0x1013, 0x102, HTML)))
QUOTE = tnef_file("报价单.pdf", b"%PDF")


def letter(data, text="hello"):
    return mixed(
        part("text/plain", text), part("application/ms-tnef; name=winmail.dat", data)
    )


@pytest.mark.parametrize(
    "data, files, text",
    [
        (winmail(QUOTE), [("报价单.pdf", b"%PDF")], "hello"),
        (
            winmail(QUOTE, tnef_file("b.doc", b"D")),
            [("报价单.pdf", b"%PDF"), ("b.doc", b"D")],
            "hello",
        ),
        # nothing in it: the file itself stays
        (winmail(), [("winmail.dat", winmail())], "hello"),
        # damaged: what is whole is taken, and the file stays
        (
            (damaged := winmail(QUOTE, QUOTE)[:-9]),
            [
                ("winmail.dat", damaged),
                ("报价单.pdf", b"%PDF"),
                ("SHORT~1.PDF", b"%PDF"),
            ],
            "hello",
        ),
        (b"not TNEF", [("winmail.dat", b"not TNEF")], "hello"),
    ],
)
def test_what_outlook_packed_is_unpacked(data, files, text):
    mail = parse(letter(data))
    assert [(item.name, item.data) for item in mail.attachments] == files
    assert mail.text == text


def test_tnef_bodies_are_shown_where_the_mail_has_none():
    mail = parse(letter(winmail(GBK_PAGE, HTML_BODY, QUOTE), text=" "))
    assert (mail.text, names(mail)) == ("报价 ok", ["报价单.pdf"])
    assert "<b>ok</b>" in mail.html
    plain = winmail(attribute(1, 0x0002800C, "纯文本\0".encode("gbk")))
    assert parse(letter(winmail(GBK_PAGE) + plain[6:], text="")).text == "纯文本"


def test_an_image_of_tnef_html_is_shown():
    body = attribute(
        1, 0x00069003, properties((0x1013, 0x102, b'<p>a<img src="cid:i@x">'))
    )
    image = tnef_file("a.png", b"\x89PNG", (0x3712, 0x1F, "i@x".encode("utf-16-le")))
    mail = parse(letter(winmail(body, image), text=""))
    assert 'src="cid:waimaolang-0"' in mail.html
    assert (mail.attachments[0].mimetype, mail.attachments[0].inline) == (
        "image/png",
        True,
    )


def test_a_mail_attached_in_tnef_gives_its_text_and_files():
    inner = winmail(attribute(1, 0x0002800C, b"inner text\0"), QUOTE)
    outer = attribute(2, 0x00069002, b"\0" * 14) + attribute(
        2,
        0x00069005,
        properties(
            (0x8001, 3, b"\1\0\0\0", "custom"),
            (0x3001, 0x1F, "询价".encode("utf-16-le")),
            (0x3701, 0x0D, b"i" * 16 + inner),
        ),
    )
    mail = parse(letter(winmail(outer)))
    assert names(mail) == ["询价.txt", "报价单.pdf"]
    assert mail.attachments[0].data == b"inner text"


def test_tnef_within_tnef_without_end():
    data = winmail(QUOTE)
    for _level in range(60):
        wrapped = properties((0x3701, 0x0D, b"i" * 16 + data))
        data = winmail(attribute(2, 0x00069002, b""), attribute(2, 0x00069005, wrapped))
    assert parse(letter(data)).attachments


def test_tnef_cut_anywhere_or_changed_anywhere_raises_nothing():
    data = winmail(GBK_PAGE, HTML_BODY, QUOTE)
    for index in range(len(data)):
        tnef.read_tnef(data[:index])
        for value in (0, 0x7F, 0xFF):
            tnef.read_tnef(data[:index] + bytes((value,)) + data[index + 1 :])


# -- rich text -------------------------------------------------------------------


def packed(text):
    """Compressed RTF of literals alone, as far as the format minds."""
    rows = [text[at : at + 8] for at in range(0, len(text), 8)]
    body = b"".join(b"\0" + row for row in rows)
    return struct.pack("<IIII", len(body) + 12, len(text), 0x75465A4C, 0) + body


@pytest.mark.parametrize(
    "source, text, is_html",
    [
        (rb"{\rtf1\ansi\ansicpg936 hi\par \'b1\'a8\'bc\'db}", "hi\n报价", False),
        (rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}a{\b b}\tab c\'e9}", "ab\tcé", False),
        (rb"{\rtf1\uc1 \u25253?\u20215?}", "报价", False),
        (rb"{\rtf1 \u-10179?\u-8704?}", "😀", False),
        (rb"{\rtf1{\*\generator x;}a\{b\}\\}", "a{b}\\", False),
        (
            rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 hi"
            rb"{\*\htmltag72 </p>}\htmlrtf\par}\htmlrtf0}",
            "<p>hi</p>",
            True,
        ),
        (rb"{" * 5000 + rb"a" + rb"}" * 5000, "a", False),
        (rb"no rtf", "no rtf", False),
    ],
)
def test_rich_text(source, text, is_html):
    assert rtf.read(source) == (text, is_html)
    assert rtf.unpack(packed(source)) == source


def test_the_example_of_the_format():
    """[MS-OXRTFCP] 3.1.1, with references into the dictionary, and 3.2.2, which
    repeats what it is only writing."""
    data = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af3"
        "2068656c090020627705b06c647d0a800fa0"
    )
    assert rtf.unpack(data) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    data = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert rtf.unpack(data) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_outlooks_html_in_rich_text_is_shown():
    source = rb"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <b>}bold{\*\htmltag72 </b>}}"
    body = attribute(1, 0x00069003, properties((0x1009, 0x102, packed(source))))
    assert "<b>bold</b>" in parse(letter(winmail(body), text="")).html


# -- signed and encrypted mail ---------------------------------------------------

INNER = (
    "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nsigned 报价\r\n--i\r\n"
    "Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF\r\n--i--\r\n"
).encode()


def der(tag, *content):
    data = b"".join(content)
    size = len(data)
    if size < 0x80:
        return bytes((tag, size)) + data
    length = size.to_bytes(4, "big")
    return bytes((tag, 0x84)) + length + data


def ber(tag, *content):
    """Indefinite length."""
    return bytes((tag, 0x80)) + b"".join(content) + b"\0\0"


OID = b"\x2a\x86\x48\x86\xf7\x0d\x01"
DATA, SIGNED, ENVELOPED = (
    der(6, OID + end) for end in (b"\x07\x01", b"\x07\x02", b"\x07\x03")
)
COMPRESSED = der(6, OID + b"\x09\x10\x01\x09")
VERSION, ALGORITHMS = der(2, b"\1"), der(0x31, der(0x30, der(6, b"\x60")))


def cms(kind, content, make=der, algorithms=ALGORITHMS):
    inside = make(0x30, DATA, make(0xA0, content))
    return make(0x30, kind, make(0xA0, make(0x30, VERSION, algorithms, inside)))


def pieces(data, size=7):
    return [der(4, data[at : at + size]) for at in range(0, len(data), size)]


@pytest.mark.parametrize(
    "data",
    [
        cms(SIGNED, der(4, INNER)),
        cms(SIGNED, ber(0x24, *pieces(INNER)), make=ber),
        cms(SIGNED, der(0x24, *pieces(INNER)), make=ber),
        cms(SIGNED, ber(0x24, ber(0x24, *pieces(INNER))), make=ber),
        cms(SIGNED, der(4, INNER), algorithms=ber(0x31, ber(0x30, der(6, b"x")))),
        cms(COMPRESSED, der(4, zlib.compress(INNER)), algorithms=der(0x30)),
    ],
)
def test_what_is_signed_as_a_whole_is_shown(data):
    kind = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m"
    mail = parse(part(kind, data))
    assert mail.text == "signed 报价"
    assert names(mail) == ["smime.p7m", "a.pdf"]
    # as an older Exchange labels it
    assert parse(part("application/octet-stream; name=x.p7m", data)).text == mail.text


def test_a_real_signature():
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    builder = pkcs7.PKCS7SignatureBuilder().set_data(INNER)
    data = builder.add_signer(certificate, key, hashes.SHA256()).sign(
        Encoding.DER, [pkcs7.PKCS7Options.Binary]
    )
    assert smime.signed_content(data) == INNER


@pytest.mark.parametrize(
    "source, text",
    [
        (
            part("application/pkcs7-mime", cms(ENVELOPED, der(4, b"x"))),
            "[encrypted: S/MIME]",
        ),
        (
            mixed(
                part("application/pgp-encrypted", "Version: 1"),
                part("application/octet-stream; name=encrypted.asc", "x"),
                subtype="encrypted",
            ),
            "[encrypted: PGP]",
        ),
        # certificates alone
        (
            part("application/pkcs7-mime", der(0x30, SIGNED, der(0xA0, der(0x30)))),
            "",
        ),
        (part("application/pkcs7-mime", b"0" * 20_000), ""),
    ],
)
def test_what_cannot_be_read_says_so_and_stays_attached(source, text):
    mail = parse(source)
    assert mail.text == text
    assert mail.attachments


def test_signed_within_signed_ends():
    data = INNER
    for _level in range(20):
        source = part("application/pkcs7-mime", cms(SIGNED, der(4, data)))
        data = source.encode()
    assert len(parse(source).attachments) <= 6


def test_hostile_cms_raises_nothing():
    data = cms(SIGNED, ber(0x24, *pieces(INNER, 40)), make=ber)
    for index in range(len(data)):
        smime.signed_content(data[:index])
        for value in (0, 0x30, 0x80, 0x84, 0xFF):
            smime.signed_content(data[:index] + bytes((value,)) + data[index + 1 :])
    for hostile in (b"\x30\x80" * 500_000, b"\x24\x80" * 500_000):
        assert smime.signed_content(hostile) is None
    bomb = cms(COMPRESSED, der(4, zlib.compress(b"\0" * 200_000_000, 9)))
    assert len(smime.signed_content(bomb)) <= smime.MAX_UNPACKED


# -- invitations -----------------------------------------------------------------


def calendar(*lines, method="REQUEST"):
    return "\r\n".join(
        ["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VTIMEZONE", "TZID:China"]
        + ["BEGIN:STANDARD", "DTSTART:16010101T000000", "END:STANDARD"]
        + ["END:VTIMEZONE", "BEGIN:VEVENT", *lines, "BEGIN:VALARM"]
        + ["DESCRIPTION:Reminder", "END:VALARM", "END:VEVENT", "END:VCALENDAR"]
    )


FULL = calendar(
    "SUMMARY;LANGUAGE=zh-CN:验货会议\\, 第二次",
    "DTSTART;TZID=China:20240305T100000",
    "DTEND;TZID=China:20240305T113000",
    "LOCATION:Ningbo\\; room 2",
    'ORGANIZER;CN="Wang, Fang":mailto:wang@x.example',
    "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED;RSVP=TRUE:MAILTO:bob@y.exam",
    " ple",
    "ATTENDEE:mailto:li@x.example",
    "DESCRIPTION:Please bring:\\n- samples",
)


@pytest.mark.parametrize(
    "source, text",
    [
        (
            FULL,
            "Invitation: 验货会议, 第二次\n"
            "When: 2024-03-05 10:00 – 11:30 (China)\n"
            "Where: Ningbo; room 2\n"
            "Organiser: Wang, Fang <wang@x.example>\n"
            "Attendees: Bob <bob@y.example> (accepted), li@x.example\n\n"
            "Please bring:\n- samples",
        ),
        (
            calendar("SUMMARY:x", "DTSTART:20240305T100000Z", method="CANCEL"),
            "Cancelled: x\nWhen: 2024-03-05 10:00 (UTC)",
        ),
        (
            calendar("SUMMARY:x", "DTSTART;VALUE=DATE:20240305", "DTEND:20240307"),
            "Invitation: x\nWhen: 2024-03-05 – 2024-03-06",
        ),
        (
            calendar("SUMMARY:x", "DTSTART:20240305T230000", "DURATION:PT2H"),
            "Invitation: x\nWhen: 2024-03-05 23:00 – 2024-03-06 01:00",
        ),
        (
            calendar("SUMMARY:x", "DTSTART:20240305", "RRULE:FREQ=WEEKLY;BYDAY=TU"),
            "Invitation: x\nWhen: 2024-03-05\nRepeats: FREQ=WEEKLY;BYDAY=TU",
        ),
        (calendar("SUMMARY:x", "DTSTART:99999999", method="PUBLISH"), "Event: x"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR", ""),
        ("BEGIN:", ""),
        ("", ""),
    ],
)
def test_an_invitation_as_text(source, text):
    assert summarize(source) == text


def test_an_invitation_without_other_text_is_shown_and_attached():
    mail = parse(part("text/calendar; method=REQUEST; charset=utf-8", FULL))
    assert mail.text.startswith("Invitation: 验货会议")
    assert "Wang, Fang &lt;" in mail.html
    assert names(mail) == ["invitation.ics"]
    both = mixed(part("text/html", "<p>&nbsp;</p>"), part("text/calendar", FULL))
    assert parse(both).text.startswith("Invitation:")
    told = mixed(part("text/plain", "see you"), part("text/calendar", FULL))
    assert parse(told).text == "see you"


@pytest.mark.parametrize(
    "hostile",
    [
        'X;A="' * 60_000,
        ";" * 100_000,
        "BEGIN:VEVENT\n" * 20_000,
        "ATTENDEE:" * 20_000,
        "BEGIN:VEVENT\nSUMMARY:x\n" + "ATTENDEE:a\n" * 15_000,
        "\n " * 100_000,
    ],
)
def test_hostile_calendars_are_read_in_time(hostile):
    assert isinstance(summarize(hostile), str)
