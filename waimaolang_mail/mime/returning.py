# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The day on which somebody who is away says to be back, out of the text.

Every date is found first; then counts what stands beside it: "back on", "until" and
their likes in other languages, before it or (in East Asia) behind it. A date that can
be read in two ways, with the day or the month first, counts only where the language,
the country or another date of the text tells which; a wrong day is worse than none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MAX_TEXT = 20_000
MAX_DATES = 40
# A date without a year is the next one, if it is within:
AHEAD = timedelta(days=180)
# With a year: who is away for longer does not write this way.
FARTHEST = timedelta(days=730)
# Time zones, and answers that were queued.
BEFORE = timedelta(days=1)

_MONTH_NAMES = """
    january jan januar janvier janv enero ene janeiro gennaio gen januari января янв
    stycznia ocak tammikuuta leden ledna
    | february feb februar février fevrier févr fév febrero fevereiro febbraio februari
    февраля фев lutego şubat
    | march mar märz maerz mrz mars marzo março maart марта мар marca mart
    | april apr avril avr abril abr aprile апреля апр kwietnia nisan
    | may mai mayo maio maggio mag mei мая maja mayıs maj
    | june jun juni juin junio junho giugno giu июня июн czerwca haziran
    | july jul juli juillet juil julio julho luglio lug июля июл lipca temmuz
    | august aug août aout agosto ago augustus августа авг sierpnia ağustos augusti
    | september sep sept septembre septiembre setembro settembre set сентября сен сент
    września eylül
    | october oct oktober okt octobre octubre outubro ottobre ott октября окт
    października ekim out
    | november nov novembre noviembre novembro ноября ноя listopada kasım
    | december dec dezember dez décembre decembre déc diciembre dic dezembro dicembre
    декабря дек grudnia aralık desember
"""
_MONTHS = {
    name: number
    for number, names in enumerate(_MONTH_NAMES.split("|"), 1)
    for name in names.split()
}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")(?![^\W\d_])\.?"
_YEAR = r"(?:,?\s{0,2}(?:de\s|del\s|of\s)?\s?(20\d\d)(?!\d))?"
_ORDINAL = r"(?:st|nd|rd|th|er|º|°|ª|\.|-?го|-?е)?"
_TO = r"\s{0,2}(?:[-–—~～至到]|to\b|bis\b|and\b)\s{0,2}"

_FORMATS = (
    # 2026-12-05, 2026/12/5, 2026.12.05
    ("iso", r"(?<!\d)(20\d\d)([-/.])(\d{1,2})\2(\d{1,2})(?!\d)"),
    # 2026年12月5日, 12月5日, 12月1日至5日, 2026년 12월 5일
    (
        "cjk",
        r"(?:(?<!\d)(20\d\d)\s?[年년]\s?)?(?<!\d)(\d{1,2})\s?[月월]\s?(?:份\s?)?"
        r"(\d{1,2})(?!\d)\s?[日号號일]?(?:[^\S\n]?[-–—~～至到][^\S\n]?(\d{1,2})\s?[日号"
        r"號](?!\d))?",
    ),
    # ngày 5 tháng 12 (năm 2026)
    ("day", r"(?<!\d)(\d{1,2})\s(?:tháng\s(?P<vi>\d{1,2}))(?:\snăm\s(20\d\d))?"),
    # 5 December 2026, 5. Dezember, 1er décembre, 5 de diciembre de 2026, 5 декабря
    (
        "day_month",
        rf"(?<![\d.,:/-])(\d{{1,2}}){_ORDINAL}\s{{0,2}}(?:of\s|de\s|d['’])?"
        rf"({_MONTH}){_YEAR}",
    ),
    # December 5, 2026; Dec 1st - 5th
    (
        "month_day",
        rf"(?<![^\W\d_])({_MONTH})\s{{0,2}}(?:the\s)?(\d{{1,2}})(?![\d:])(?:st|nd|rd"
        rf"|th)?"
        rf"(?:{_TO}(\d{{1,2}})(?![\d:])(?:st|nd|rd|th)?)?{_YEAR}",
    ),
    # 5.12.2026, 5.12., 05/12/2026, 12-05-2026, 5/12
    (
        "numbers",
        r"(?<![\d.,:/-])(\d{1,2})([./-])(\d{1,2})(?:\2(20\d\d|\d\d))?(?![\d/:-]"
        r"|[.,]\d)",
    ),
)
_RULES = [(name, re.compile(pattern, re.I)) for name, pattern in _FORMATS]

# In front of the date, in the same sentence.
_BACK = re.compile(
    r"\b(?:back|return\w*|resume|available(?: again)?|reachable|reopen\w*|in the office"
    r"|at work|zurück\w*|wieder|erreichbar|de retour|retour|reviendrai|reprise"
    r"|rentrerai"
    r"|regres\w+|vuelv\w+|volver\w+|incorpor\w+|reincorpor\w+|retorn\w+|volto|voltarei"
    r"|rientr\w+|torn\w+|di nuovo|вернусь|верн\w+|выйду|выхожу|буду (?:на|в|снова)"
    r"|доступ\w*"
    r"|terug|weer|wracam|wrócę|powrót|döneceğ\w+|dönüş|tillbaka|tilbake|tilbage"
    r"|takaisin"
    r"|zpět|vissza|revin|trở lại|kembali)\b|返回|回来|回來|回到|回國|回国|恢复|恢復"
    r"|上班|复工|復工|開工|开工"
    r"|복귀|再開",
    re.I,
)
_UNTIL = re.compile(
    r"\b(?:until|till|til|through|thru|up to|ends?|ending|bis|einschließlich|jusqu\w*"
    r"|hasta|até|fino|sino|fin|до|tot|t/m|đến|sampai|hingga)\b|至|直到",
    re.I,
)
# The same where nothing but a day of the week stands between.
_TO_HERE = re.compile(
    r"(?:\b(?:to|a|al|au|ao|do|по)|[到~～–—])\s{0,3}(?:(?:the|el|le|il|dia)\s)?"
    r"(?:[^\W\d_]{2,12},?\s{1,2})?\Z",
    re.I,
)
# Where an absence begins.
_FROM = re.compile(
    r"\b(?:from|since|starting|beginning|as of|leave on|leaving on|departing|between"
    r"|von"
    r"|vom|seit|du|depuis|desde|del?|dal|с|со|van|vanaf|od|ab|från|fra|từ|mulai|dari)\b"
    r"|从|從|自|于",
    re.I,
)
# Directly behind the date.
_BACK_AFTER = re.compile(
    r"\.?,?\s?(?:[（(][^)）\n]{1,12}[)）])?\s?(?:(?:周|週|星期|礼拜|禮拜)"
    r"[一二三四五六日天])?\s?(?:上午|下午|早上|起"
    r"|后|後|以后|之后|に|より|から|에|부터)?\s?(?:正式|再|通常)?"
    r"(?:(?:bin|sind|stehe|stehen) (?:ich|wir) )?(?:返回|回来|回來|回到|回公司|回国"
    r"|回办公室|恢复|恢復|上班|复工|開工|开工|出社|戻り|復帰|営業|再開|帰|복귀|출근"
    r"|zurück|wieder|terug|tarihinde d|geri|back)",
    re.I,
)
_UNTIL_AFTER = re.compile(
    r"\s?(?:\([^)\n]{1,12}\))?\s?(?:（[^）\n]{1,12}）)?\s?(?:まで|迄|까지|为止|為止|止"
    r"|(?:tarihine )?"
    r"kadar|asti|saakka|之前|前)",
    re.I,
)
_BEFORE_CHARS = 60
_SENTENCE = re.compile(r"[.!?。！？;；]\s|\n\s*\n|[。！？；]")

# Who writes the day first in numbers with a slash.
_DAY_FIRST = frozenset("de fr es pt it nl pl ru tr vi id el he ar th uk cs ro".split())
_MONTH_FIRST = frozenset("zh ja ko".split())
# Where the language could not be guessed: no English word, and all write the day first.
_DAY_FIRST_WORDS = re.compile(
    r"\b(?:bis zum|bis|zurück|wieder|jusqu\w*|de retour|hasta|regres\w+|vuelv\w+|até"
    r"|volto"
    r"|retorno|fino al?|rientr\w+|до|вернусь|tot|t/m|terug|wracam|wrócę|döneceğim)\b",
    re.I,
)
_DAY_FIRST_TLDS = frozenset(
    """uk au nz ie in za my sg hk pk bd lk ng ke gh ae sa qa eg de at ch fr es it pt br
    mx ar cl co pe nl be pl ru ua tr il gr cz ro hu bg se no dk fi vn id th""".split()
)
_MONTH_FIRST_TLDS = frozenset("us cn jp kr tw gov mil".split())


@dataclass
class _Found:
    start: int
    end: int
    year: int
    month: int
    day: int
    # two readings: the other way round is a date as well
    open: bool = False
    # "25/11": what it tells of the others' order
    day_first: bool | None = None
    # a range of which this is the end
    closes: bool = False
    # numbers alone, of which a price or a version looks the same
    bare: bool = False


def read_return(
    text: str, sent: date | None, language: str = "", domain: str = ""
) -> date | None:
    """``sent``: the day of the mail, without which only dates with a year count;
    ``domain``: the sender's, whose country tells the order of day and month."""
    text = text[:MAX_TEXT]
    found = _find(text)
    if language not in _DAY_FIRST | _MONTH_FIRST and _DAY_FIRST_WORDS.search(text):
        language = "de"
    _settle_order(found, language, domain)
    best: tuple[int, int] = (0, 0)
    chosen: date | None = None
    for index, one in enumerate(found):
        if one.open:
            continue
        score = _score(text, found, index)
        day = _resolve(one, sent)
        if not score or day is None:
            continue
        # of several returns the first, of several ends the last
        rank = (score, -index if score == 2 else index)
        if chosen is None or rank > best:
            best, chosen = rank, day
    return chosen


def _find(text: str) -> list[_Found]:
    out: list[_Found] = []
    for name, rule in _RULES:
        for match in rule.finditer(text):
            one = _read(name, match)
            if one and not any(
                other.start < one.end and one.start < other.end for other in out
            ):
                out.append(one)
            if len(out) >= MAX_DATES:
                break
    return sorted(out, key=lambda one: one.start)


def _read(name: str, match: re.Match[str]) -> _Found | None:
    groups = match.groups()
    closes = False
    bare = is_open = False
    day_first: bool | None = None
    if name == "iso":
        year, month, day = groups[0], groups[2], groups[3]
    elif name == "cjk":
        year, month, day = groups[0], groups[1], groups[3] or groups[2]
        closes = bool(groups[3])
    elif name == "day":
        day, month, year = groups
    elif name == "day_month":
        day, month, year = groups[0], _month(groups[1]), groups[2]
    elif name == "month_day":
        month, year = _month(groups[0]), groups[3]
        day, closes = groups[2] or groups[1], bool(groups[2])
    else:
        first, separator, second, year = groups
        day, month = first, second
        bare = not year
        if bare and separator == "-":
            return None  # "5-12 pieces"
        if separator != ".":
            if int(second) > 12:
                day, month, day_first = second, first, False
            elif int(first) > 12:
                day_first = True
            else:
                is_open = first.zfill(2) != second.zfill(2)
        if year and len(year) == 2:
            year = "20" + year
    one = _Found(
        match.start(), match.end(), int(year or 0), int(month), int(day), is_open
    )
    one.closes, one.bare, one.day_first = closes, bare, day_first
    return one if 1 <= one.month <= 12 and 1 <= one.day <= 31 else None


def _month(name: str) -> int:
    return _MONTHS.get(name.lower().rstrip("."), 0)


def _settle_order(found: Sequence[_Found], language: str, domain: str) -> None:
    """Open dates get their order from the others, the country or the language."""
    tld = domain.rpartition(".")[2].lower()
    day_first: bool | None = None
    if tld in _DAY_FIRST_TLDS or tld in _MONTH_FIRST_TLDS:
        day_first = tld in _DAY_FIRST_TLDS
    if language in _DAY_FIRST or language in _MONTH_FIRST:
        day_first = language in _DAY_FIRST
    shown = {one.day_first for one in found} - {None}
    if len(shown) == 1:
        day_first = shown.pop()
    for one in found:
        if one.open and day_first is not None:
            if not day_first:
                one.day, one.month = one.month, one.day
            one.open = False


def _score(text: str, found: Sequence[_Found], index: int) -> int:
    """2: they are back on it, 1: they are away until it, 0: neither."""
    one = found[index]
    after = text[one.end : one.end + 40]
    if _BACK_AFTER.match(after):
        return 2
    if _UNTIL_AFTER.match(after):
        return 1
    begin = max(found[index - 1].end if index else 0, one.start - _BEFORE_CHARS)
    before = text[begin : one.start]
    if cut := list(_SENTENCE.finditer(before)):
        before = before[cut[-1].end() :]
    joined = index and not before.strip(" \t\n.-–—~～,()（）") and _is_dash(before)
    words = [
        (match.end(), score)
        for rule, score in ((_BACK, 2), (_UNTIL, 1), (_FROM, 0))
        for match in rule.finditer(before)
    ]
    if _TO_HERE.search(before):
        words.append((len(before), 1))
    if not words:
        return 1 if joined or one.closes else 0
    score = max(words)[1]
    # "back on", "back from 5 December", "de retour le", "return to the office on"
    if any(kind == 2 for _end, kind in words) and not _leaves(before):
        score = 2
    if one.bare and not score and not joined:
        return 0
    return max(score, 1) if one.closes or joined else score


def _is_dash(between: str) -> bool:
    return any(mark in between for mark in "-–—~～")


def _leaves(before: str) -> bool:
    """ "not back until", "will not be available from": away till then or since."""
    return bool(
        re.search(
            r"\b(?:not|no|nicht|pas|non|не|niet|nie)\b.{0,40}\b(?:from|starting|between"
            r"|vom|von|ab|du|desde|del|dal|с|van|od)\b",
            before,
            re.I | re.S,
        )
    )


def _resolve(one: _Found, sent: date | None) -> date | None:
    if one.year:
        day = _date(one.year, one.month, one.day)
        if day is None or sent is None:
            return day
        return day if sent - BEFORE <= day <= sent + FARTHEST else None
    if sent is None:
        return None
    for year in (sent.year, sent.year + 1):
        day = _date(year, one.month, one.day)
        if day and sent - BEFORE <= day <= sent + AHEAD:
            return day
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
