# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Was it written by a person to a person? And in which language?

Headers decide, never words of the text: an out-of-office reply that is not
recognised is a small harm, a customer's inquiry taken for one is a great one.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from .autowords import ANSWERED, AUTO_PREFIX, AUTO_SUBJECT, BOUNCE_SUBJECT

# Presence alone says that a program answered, whatever stands around "autoreply".
_AUTO_HEADER = re.compile(
    r"(?:x-)?(?:(?:mail|qq|coremail|amavis)-)?"
    r"(?:auto-?re(?:ply|spon[ds]\w{0,5})|vacation)(?:-(?:from|to|id))?\Z"
)
_BULK_HEADERS = (
    "list-id",
    "list-unsubscribe",
    "list-post",
    "list-help",
    "feedback-id",
    "x-campaign-id",
    "x-campaignid",
    "x-mailchimp-campaign-id",
    "x-mc-user",
)
_BULK_PRECEDENCE = frozenset({b"bulk", b"list", b"junk"})
_BOUNCE_LOCAL = re.compile(
    r"(?:mailer-?daemon|mail-?daemon|mdaemon|mail-?delivery(?:-?(?:sub)?system)?"
    r"|microsoftexchange[0-9a-f]{16,40})\b",
    re.I,
)

Headers = Mapping[str, Sequence[bytes]]


def looks_returned(
    headers: Headers,
    mimetype: str,
    report: str,
    sender: str,
    subject: str,
    status: bool = False,
) -> bool:
    """Is it a delivery report, be it of a failure, a delay or a success?

    ``report`` is the report-type of multipart/report, lower-case; ``status`` whether
    there is a message/delivery-status part."""
    if mimetype == "multipart/report" and report:
        return report == "delivery-status"
    if mimetype == "multipart/report":
        return status or not _is_answered(subject)
    if "x-failed-recipients" in headers or _BOUNCE_LOCAL.match(sender):
        return True
    if _is_answered(subject):
        return False
    submitted = _value(headers, "auto-submitted").startswith(b"auto-")
    system = sender.startswith("postmaster@") or _has_empty_path(headers) or submitted
    if status and (system or not sender):
        return True
    return system and bool(BOUNCE_SUBJECT.search(subject))


def _is_answered(subject: str) -> bool:
    """A person's answer to a report, or a program's to a person."""
    return bool(ANSWERED.match(subject) or AUTO_PREFIX.match(subject.strip()))


def is_auto(headers: Headers, mimetype: str, report: str, subject: str) -> bool:
    submitted = _value(headers, "auto-submitted").split(b";")[0].strip()
    if submitted and submitted != b"no":
        return True
    if is_answer(headers, subject):
        return True
    return mimetype == "multipart/report" and report == "disposition-notification"


def is_answer(headers: Headers, subject: str) -> bool:
    """Did a program answer for a person or a mailbox (RFC 3834 2)?"""
    submitted = _value(headers, "auto-submitted")
    if submitted.startswith(b"auto-replied"):
        return True
    if any(_AUTO_HEADER.match(name) for name in headers):
        return True
    if _value(headers, "x-fc-machinegenerated") == b"true":
        return True
    if _value(headers, "precedence") in (b"auto_reply", b"auto-reply"):
        return True
    # Exchange asks others not to answer what its rules send; so do its people's
    # mails with "All" rarely, hence together with the subject only
    told = (
        submitted.startswith(b"auto-generated")
        or _value(headers, "x-auto-response-suppress")
        or _has_empty_path(headers)
        or _value(headers, "precedence") == b"bulk"
    )
    return bool(told and AUTO_SUBJECT.match(subject.strip()))


def is_bulk(headers: Headers) -> bool:
    return _value(headers, "precedence") in _BULK_PRECEDENCE or is_list(headers)


def is_list(headers: Headers) -> bool:
    """Sent to many, as a list or a campaign."""
    return any(name in headers for name in _BULK_HEADERS)


def _has_empty_path(headers: Headers) -> bool:
    """RFC 5321 4.5.5; some gateways keep it under their own name."""
    names = ("return-path", "x-envelope-from", "x-return-path")
    return any(_value(headers, name) == b"<>" for name in names)


def _value(headers: Headers, name: str) -> bytes:
    values = headers.get(name)
    return values[0].strip().lower() if values else b""


# Enough to tell; a quote below may be in another language.
_SAMPLE = 2000
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
_LATIN = re.compile(r"[^\W\d_]{1,15}")
_WORDS = {
    "en": "the and you for with this that have are our your please we will from is of",
    "es": "el los las que por para con una del su sus usted gracias es en y nos como",
    "fr": "le les des et vous nous pour une est dans votre avec que merci je pas du",
    "de": "der die das und ist nicht sie wir mit für von bitte ich ein eine auf zu",
    "pt": "os um uma não você para com por que obrigado em do da nos seu sua são",
    "it": "il gli che per con una di non sono grazie della del vi ci buongiorno è si",
    "tr": "ve bir bu için ile olarak teşekkürler sayın çok daha olan gibi size biz",
    "pl": "nie się jest na do proszę oraz dziękuję że od dla pan pani w z i",
    "nl": "het een van en niet voor met wij dat ik naar graag bedankt zijn op te",
    "vi": "và của cho không được các này với xin chúng tôi anh chị là có",
    "id": "dan yang untuk dengan kami anda ini dari terima kasih di akan bisa",
}
_LANGUAGES_OF: dict[str, list[str]] = {}
for _language, _words in _WORDS.items():
    for _word in _words.split():
        _LANGUAGES_OF.setdefault(_word, []).append(_language)


def guess_language(text: str) -> str:
    """ISO 639-1, "" if unsure. By script, else by the commonest words."""
    sample = text[:_SAMPLE]
    if not sample.isascii():
        letters = sum(map(str.isalpha, sample)) or 1
        for lang, script in _SCRIPTS:
            found = len(script.findall(sample))
            if found >= 4 and found >= 0.2 * letters:
                return lang
    scores = Counter(
        language
        for word in _LATIN.findall(sample.lower())
        for language in _LANGUAGES_OF.get(word, ())
    ).most_common(2)
    if not scores:
        return ""
    lang, best = scores[0]
    second = scores[1][1] if len(scores) > 1 else 0
    return lang if best >= 3 and best >= 1.5 * second else ""
