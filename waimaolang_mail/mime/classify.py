# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Was it written by a person to a person? And in which language?

Headers decide, never words of the text: an out-of-office reply that is not
recognised is a small harm, a customer's inquiry taken for one is a great one.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

# Presence alone says that a program answered.
_AUTO_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-response",
    "auto-reply",
    "x-mail-autoreply",
    "x-vacation",
    "x-amavis-vacation",
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
_AUTO_SUBJECT = re.compile(
    r"(?:auto(?:matic(?:ally generated)?|mated)?[ :-]*(?:reply|response|respons)|"
    r"autoreply|out of (?:the )?office|自动回复|自動回覆|自動回復|abwesenheit|"
    r"réponse automatique|respuesta automática|risposta automatica|автоответ)",
    re.I,
)
_BOUNCE_LOCAL = re.compile(r"(?:mailer-?daemon|mail-?daemon)\b", re.I)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|has failed|failure|incomplete)|returned mail|"
    r"failure notice|mail delivery (?:failed|system)|退信|系统退信|投递失败|"
    r"недоставлен|unzustellbar|non remis",
    re.I,
)

Headers = Mapping[str, Sequence[bytes]]


def is_bounce(
    headers: Headers, mimetype: str, report: str, sender: str, subject: str
) -> bool:
    """``report`` is the report-type parameter of multipart/report."""
    if mimetype == "multipart/report":
        return report.lower() in ("delivery-status", "")
    if "x-failed-recipients" in headers:
        return True
    if _BOUNCE_LOCAL.match(sender):
        return True
    empty_path = _value(headers, "return-path") == b"<>"
    postmaster = sender.startswith("postmaster@")
    return (empty_path or postmaster) and bool(_BOUNCE_SUBJECT.search(subject))


def is_auto(headers: Headers, mimetype: str, report: str, subject: str) -> bool:
    submitted = _value(headers, "auto-submitted").split(b";")[0].strip()
    if submitted and submitted != b"no":
        return True
    if any(name in headers for name in _AUTO_HEADERS):
        return True
    if _value(headers, "precedence") in (b"auto_reply", b"auto-reply"):
        return True
    if mimetype == "multipart/report" and report.lower() == "disposition-notification":
        return True
    # Exchange asks others not to answer what its rules send; so do its people's
    # mails with "All" rarely, hence together with the subject only
    suppress = _value(headers, "x-auto-response-suppress")
    empty_path = _value(headers, "return-path") == b"<>"
    return bool(
        (suppress or empty_path or _value(headers, "precedence") == b"bulk")
        and _AUTO_SUBJECT.match(subject.strip())
    )


def is_bulk(headers: Headers) -> bool:
    if _value(headers, "precedence") in _BULK_PRECEDENCE:
        return True
    return any(name in headers for name in _BULK_HEADERS)


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
