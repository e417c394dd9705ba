# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Every way in which clients get charsets wrong ends in readable text."""

import pytest
from mime.charsets import codec_name, decode
from mime.words import decode_value

ZH = "您好,请问这款产品的最小起订量是多少?我们需要报价单。"
TRAD = "您好,請問這款產品的最小起訂量是多少?我們需要報價單。"
RARE = "喆镕㙍𠀀"  # in GB18030, not in GB2312; the last one outside the BMP
RU = "Добрый день, пришлите пожалуйста прайс на оборудование и условия поставки."
FR = "Où est la facture à payer ? Déjà reçu, ça va très bien, naïve."


@pytest.mark.parametrize(
    "text, codec, declared",
    [
        # declared as what it is
        (ZH, "gb18030", "gb18030"),
        (ZH, "gbk", "GBK"),
        (TRAD, "big5", "Big5"),
        (ZH, "utf-8", "UTF-8"),
        (ZH, "utf-8", "utf8mb4"),
        (ZH, "utf-8", '"utf-8"'),
        (ZH, "hz", "hz-gb-2312"),
        (ZH, "utf-7", "unicode-1-1-utf-7"),
        (ZH, "utf-16", "utf-16"),
        ("こんにちは、見積をお願いします", "iso2022_jp", "ISO-2022-JP"),
        ("こんにちは", "cp932", "shift_jis"),
        ("견적서를 부탁드립니다", "cp949", "ks_c_5601-1987"),
        (RU, "koi8-r", "koi8-r"),
        (RU, "cp1251", "windows-1251"),
        (FR, "latin-1", "iso-8859-1"),
        ("“5 € ™”", "cp1252", "iso-8859-1"),
        ("שלום", "iso8859-8", "iso-8859-8-i"),
        ("สวัสดี", "cp874", "windows-874"),
        # declared as an older, smaller or other Chinese charset
        (RARE + ZH, "gb18030", "gb2312"),
        (RARE + ZH, "gb18030", "gbk"),
        (TRAD, "gbk", "gb2312"),
        (ZH, "gbk", "x-gbk"),
        (ZH, "gbk", "cp936"),
        (ZH, "gbk", "gb_2312-80"),
        (TRAD, "big5hkscs", "cp950"),
        # declared as something that it is not
        (ZH, "gbk", "utf-8"),
        (ZH, "gbk", "iso-8859-1"),
        (ZH, "gbk", "us-ascii"),
        (ZH, "gbk", "windows-1252"),
        (ZH, "gbk", "big5x"),
        (ZH, "utf-8", "gb2312"),
        (ZH, "utf-8", "gb18030"),
        (TRAD, "utf-8", "big5"),
        (ZH, "utf-8", "iso-8859-1"),
        (ZH, "utf-8", "us-ascii"),
        (FR, "utf-8", "iso-8859-1"),
        (FR, "latin-1", "utf-8"),
        (FR, "latin-1", "us-ascii"),
        # nothing or nonsense declared
        (ZH, "utf-8", ""),
        (ZH, "gbk", ""),
        (TRAD, "big5", ""),
        (ZH, "utf-8-sig", ""),
        (ZH, "utf-16", ""),
        ("こんにちは、見積をお願いします", "iso2022_jp", ""),
        (RU, "utf-8", ""),
        (ZH, "gbk", "x-unknown"),
        (ZH, "gbk", "unknown-8bit"),
        (ZH, "utf-8", "default"),
        (ZH, "gbk", "ANSI_X3.110-1983"),
        (ZH, "utf-8", "x-mac-nonsense"),
        (FR, "cp1252", ""),
        ("王总", "gbk", ""),
        ("张鑫", "gbk", ""),
        # not for text at all, and names that are code
        (ZH, "utf-8", "unicode_escape"),
        (ZH, "utf-8", "rot13"),
        (ZH, "utf-8", "base64"),
        (ZH, "utf-8", "idna"),
        (ZH, "utf-8", "undefined"),
        (ZH, "utf-8", "\x00/../etc"),
    ],
)
def test_text_survives_its_declaration(text, codec, declared):
    assert decode(text.encode(codec), declared) == text


@pytest.mark.parametrize(
    "text, codec",
    [
        # as long as a subject or a name is
        ("Добрый день", "cp1251"),
        ("Добрый день", "koi8-r"),
        ("Иванов Пётр", "cp1251"),
        ("Запрос цены на насосы", "cp1251"),
        ("Запрос цены на насосы", "koi8-r"),
        ("Запрос цены на насосы", "iso8859-5"),
        ("Запрос цены на насосы", "cp866"),
        ("Καλημέρα σας, θα ήθελα προσφορά", "cp1253"),
        ("שלום, אנא שלחו הצעת מחיר", "cp1255"),
        ("بوقت مناسب، نريد عرض سعر", "cp1256"),
        ("teşekkürler, Sayın Yılmaz", "cp1254"),
        ("안녕하세요 견적서를 부탁드립니다", "cp949"),
        ("こんにちは、見積をお願いします", "euc_jp"),
        ("こんにちは、見積をお願いします", "cp932"),
        ("お見積り", "cp932"),
        # and not for these: what may be Chinese is, accents are Western
        ("有效期至", "gbk"),
        ("关于不锈钢保温杯的报价", "gbk"),
        ("人力资源团队", "gbk"),
        ("我们公司专注于咨询", "gbk"),
        ("您好，請問價格", "big5"),
        ("Où est la facture ? Déjà reçu", "cp1252"),
        ("señor Muñoz, ¿cuál es el precio?", "cp1252"),
        ("Größe für Köln", "cp1252"),
        # stateful ones that nobody declares
        ("报价", "hz"),
        ("견적", "iso2022_kr"),
        ("見積", "iso2022_jp"),
    ],
)
def test_what_nobody_declares_is_recognised(text, codec):
    assert decode(text.encode(codec)) == text


@pytest.mark.parametrize("cut", [1, 2])
def test_a_cut_character_does_not_spoil_the_text(cut):
    assert decode(ZH.encode("utf-8")[:-cut], "utf-8") == ZH[:-1]


def test_a_few_damaged_bytes_do_not_spoil_utf8():
    damaged = bytearray((ZH * 20).encode("utf-8"))
    damaged[100] = 0xFF
    text = decode(bytes(damaged), "utf-8")
    assert text.count("您好") == 20 and text.count("\ufffd") <= 3


def test_nothing_that_postgresql_refuses_remains():
    for declared in ("", "utf-8", "gbk", "utf-16", "utf-7", "iso-2022-jp"):
        for data in (
            b"a\x00b\x1b\x07",
            b"\xed\xa0\x80x\x00",
            b"+2AA-\x00",
            b"\xff\xfe\x00\xd8",
        ):
            text = decode(data, declared)
            assert "\x00" not in text
            text.encode("utf-8")


@pytest.mark.parametrize(
    "name, codec",
    [
        ("GB2312", "gb18030"),
        ("utf-8*en", "utf-8"),
        ("utf8;", "utf-8"),
        ("us-ascii", ""),
        ("", ""),
        ("zlib", ""),
        ("iso-8859-15", "iso8859-15"),
    ],
)
def test_codec_names(name, codec):
    assert codec_name(name) == codec


def word(charset, data, kind="B"):
    import base64

    if kind == "B":
        return b"=?%s?B?%s?=" % (charset.encode(), base64.b64encode(data))
    return b"=?%s?Q?%s?=" % (
        charset.encode(),
        b"".join(b"=%02X" % byte for byte in data),
    )


GBK = ZH.encode("gbk")
UTF8 = ZH.encode()


@pytest.mark.parametrize(
    "raw, text",
    [
        (word("gb2312", GBK), ZH),
        (word("GBK", GBK, "Q"), ZH),
        (word("utf-8", UTF8), ZH),
        # cut inside a character: half of it in either word
        (word("gbk", GBK[:7]) + b"\r\n " + word("gbk", GBK[7:]), ZH),
        (word("utf-8", UTF8[:7]) + b" " + word("UTF-8", UTF8[7:]), ZH),
        (word("utf-8", UTF8[:8]) + b"\r\n\t" + word("utf-8", UTF8[8:], "Q"), ZH),
        # base64 cut anywhere
        (b"=?utf-8?B?5oqA5pyv5?=\r\n =?utf-8?B?pSv5o+0?=", "技术支援"),
        # no padding
        (b"=?utf-8?B?5oql5Lu3?=", "报价"),
        (b"=?gbk?B?sai82w?=", "报价"),
        # other text around, and no space between
        (b"Re: =?gbk?B?sai82w==?= for you", "Re: 报价 for you"),
        (b"=?gbk?B?sai82w==?==?gbk?B?tas=?=", "报价但"),
        # spaces inside, folded inside, empty, language tag, unknown charset
        (b"=?utf-8?Q?caf=C3=A9 au lait?=", "café au lait"),
        (b"=?utf-8?Q?a_b=5Fc?=", "a b_c"),
        (b"=?utf-8?B?5oql\r\n 5Lu3?=", "报价"),
        (b"=?utf-8?B??= x", "x"),
        (b"=?utf-8*zh?B?5oql5Lu3?=", "报价"),
        (b"=?x-unknown?B?5oql5Lu3?=", "报价"),
        (b"=??B?5oql5Lu3?=", "报价"),
        (b"=?utf-8?Q?Really??=", "Really?"),
        # wrong charset in the word
        (word("us-ascii", GBK), ZH),
        (word("utf-8", GBK), ZH),
        (word("gb2312", UTF8), ZH),
        # raw 8-bit
        (GBK, ZH),
        (UTF8, ZH),
        ("Angebot für Köln".encode("latin-1"), "Angebot für Köln"),
        # not words
        (b"=?broken", "=?broken"),
        (b"1 =? 2 ?= 3", "1 =? 2 ?= 3"),
        (b"plain\r\n  folded\x00 text ", "plain folded text"),
        (b"", ""),
    ],
)
def test_header_values(raw, text):
    assert decode_value(raw) == text
