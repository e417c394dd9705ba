# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which parts are the body, which are attachments, and the body in both forms.

A message reads as mail programs show it: of alternatives the richest one, of the
rest each inline text in its order, everything else attached. Containers that only
some programs open are opened here: winmail.dat (see ``tnef``) and mail that is
signed as a whole (see ``smime``). An invitation, or a rich body of Outlook's, is
shown where the mail says nothing else. Signatures and nested messages stay attached.
"""

import re
from dataclasses import dataclass, field
from html import escape
from mimetypes import guess_type

from . import invites, rtf, smime, tnef
from .attachments import Collector, declared_name
from .charsets import decode
from .headers import read_ids
from .quotes import wrap_quote
from .sanitize import TooDeep, sanitize
from .textual import html_to_text, raw_html_to_text, text_to_html, unflow
from .tree import Budget, Part, read_headers, split, uudecode
from .words import decode_value

_META_CHARSET = re.compile(
    rb"<meta[^>]{0,300}charset\s*=\s*[\"']?([\w.:-]{2,40})", re.I
)
_UUENCODED = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n"
    rb"((?:[\x20-\x60][^\r\n]{0,90}\r?\n){1,}?)end\r?$",
    re.M,
)
# Parts that are text by name and not for reading.
_NOT_BODY = frozenset(
    """text/calendar text/csv text/vcard text/x-vcard text/directory text/css text/xml
    text/javascript text/rfc822-headers text/x-vcalendar text/x-moz-deleted
    text/rtf""".split()
)
_CALENDARS = frozenset(("text/calendar", "application/ics", "text/x-vcalendar"))
_SMIME = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
_TNEF = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
# Types that say nothing: the name decides.
_UNNAMED = frozenset(("application/octet-stream", "application/x-unknown"))
# Signed within signed within compressed: RFC 2634 knows three layers.
MAX_WRAPS = 4
# Shown in place of what cannot be read. Not a sentence: it is stored as the mail's
# text, in the same form for readers of every language.
ENCRYPTED = "[encrypted: %s]"
# Alternatives that no reader here understands.
_SKIPPED_ALTERNATIVES = frozenset(("text/x-amp-html", "text/watch-html"))
_NAMES = {
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "message/feedback-report": "feedback-report.txt",
    "text/rfc822-headers": "headers.txt",
    "text/calendar": "invitation.ics",
    "application/ms-tnef": "winmail.dat",
    "application/vnd.ms-tnef": "winmail.dat",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pgp-signature": "signature.asc",
}


@dataclass
class Segment:
    """A piece of the body. ``html`` is None in plain text."""

    text: str
    html: str | None


@dataclass
class Body:
    html: str = ""
    text: str = ""


@dataclass
class Reader:
    """Walks the tree once. ``budget`` is what is left for containers."""

    collector: Collector
    max_html: int
    max_text: int
    charset: str = ""
    budget: Budget = field(default_factory=lambda: Budget(0, 0, 65536))
    exceeded: set[str] = field(default_factory=set)
    # what to show where no part has anything to show, best first
    spare: list["Segment"] = field(default_factory=list)
    wraps: int = 0

    # -- which part is what ------------------------------------------------

    def walk(self, part: Part, root: bool = True) -> list[Part]:
        """The parts to show, in order; all others are given to the collector."""
        kind = part.mimetype
        if part.opaque:
            self.collector.add_part(part, "message-part.bin")
        elif kind == "multipart/encrypted":
            self.spare.append(Segment(ENCRYPTED % "PGP", None))
            return self._sequence(part.children)
        elif kind == "multipart/alternative":
            return self._alternative(part)
        elif kind == "multipart/related":
            return self._related(part)
        elif kind.startswith("multipart/"):
            return self._sequence(part.children)
        elif self._is_body(part, root):
            return [part]
        elif kind in _SKIPPED_ALTERNATIVES:
            return []
        elif kind == "message/rfc822" or kind == "message/global":
            self._add_message(part)
        elif _is_container(part, _SMIME, (".p7m",)):
            return self._open_signed(part)
        elif _is_container(part, _TNEF, ("winmail.dat",)):
            self._open_tnef(part)
        elif part.end > part.start or declared_name(part):
            self.collector.add_part(part, _NAMES.get(kind, ""))
            if kind in _CALENDARS:
                self._read_invitation(part)
        return []

    def _sequence(self, children: list[Part]) -> list[Part]:
        shown: list[Part] = []
        for child in children:
            shown.extend(self.walk(child, root=False))
        return shown

    def _alternative(self, part: Part) -> list[Part]:
        """The last one that can be shown, HTML before text; what the others
        carry besides text is attached."""
        chosen: list[Part] = []
        best = 0
        for child in part.children:
            shown = self.walk(child, root=True)
            rank = max((_rank(one) for one in shown), default=0)
            if rank and rank >= best:
                chosen, best = shown, rank
        return chosen

    def _related(self, part: Part) -> list[Part]:
        if not part.children:
            return []
        start = read_ids(part.params.get("start", "").encode())
        index = 0
        if start:
            wanted = start[0]
            index = next(
                (
                    i
                    for i, child in enumerate(part.children)
                    if wanted in read_ids(child.first("content-id"))
                ),
                0,
            )
        shown = self.walk(part.children[index], root=True)
        others = part.children[:index] + part.children[index + 1 :]
        return shown + self._sequence(others)

    def _is_body(self, part: Part, root: bool) -> bool:
        """Text to show. ``root``: the part stands alone or is an alternative,
        where a name does not make it a file."""
        if not part.mimetype.startswith("text/") or part.mimetype in _NOT_BODY:
            return False
        if part.mimetype in _SKIPPED_ALTERNATIVES:
            return False
        if part.disposition == "attachment":
            return False
        return root or not declared_name(part)

    def _add_message(self, part: Part) -> None:
        name = declared_name(part)
        if not name:
            # base64 is forbidden here (RFC 2046 5.2.1) and used by Exchange
            data, start, end = part.raw, part.start, part.end
            if not part.is_plain():
                data = part.data()
                start, end = 0, len(data)
            inner, _start = read_headers(data, start, end, Budget(0, 0, 65536))
            subject = next((v for k, v in inner if k == "subject"), b"")
            name = decode_value(subject[:2000], self.charset)[:60].strip()
            name = re.sub(r"[\\/]", "_", name) or "message"
        if not name.lower().endswith((".eml", ".msg", ".mht")):
            name += ".eml"
        self.collector.add_part(part, name)

    # -- containers --------------------------------------------------------

    def _open_signed(self, part: Part) -> list[Part]:
        """What is signed is shown; the file stays, for who wants to check it."""
        self.collector.add_part(part, _NAMES["application/pkcs7-mime"])
        data = part.data()
        content = smime.signed_content(data)
        if content is None or self.wraps >= MAX_WRAPS:
            if smime.is_encrypted(data):
                self.spare.append(Segment(ENCRYPTED % "S/MIME", None))
            return []
        self.wraps += 1
        return self.walk(split(content, self.budget))

    def _open_tnef(self, part: Part) -> None:
        """In its place stands what was in it; it stays where that is nothing."""
        found = tnef.read_tnef(part.data())
        if found is None or found.damaged or not found.attachments:
            self.collector.add_part(part, _NAMES["application/ms-tnef"])
        if found is None:
            return
        for item in found.attachments:
            kind = item.mimetype or guess_type(item.name)[0] or ""
            self.collector.add(item.name, kind, item.data, item.content_id)
        self._keep_tnef_body(found)

    def _keep_tnef_body(self, found: tnef.Tnef) -> None:
        if found.html:
            html = decode(found.html, found.charset or self.charset)
            self.spare.append(Segment("", html))
        elif found.rtf and (text := rtf.unpack(found.rtf)):
            shown, is_html = rtf.read(text)
            if is_html:
                self.spare.append(Segment("", shown))
            else:
                self.spare.append(Segment(found.text or shown.strip(), None))
        elif found.text:
            self.spare.append(Segment(found.text, None))

    def _read_invitation(self, part: Part) -> None:
        source = decode(part.data()[: 4 * invites.MAX_CHARACTERS], _charset(part))
        if summary := invites.summarize(source):
            self.spare.append(Segment(summary, None))

    # -- what the body says ------------------------------------------------

    def read(self, parts: list[Part]) -> Body:
        segments = [self._segment(part) for part in parts]
        segments = [one for one in segments if one.text.strip() or one.html]
        if self.spare and not any(map(_says_something, segments)):
            spare = self.spare[0]
            segments = [spare if spare.html is None else self._html_segment(spare.html)]
        if not segments:
            return Body()
        text = "\n\n".join(one.text for one in segments if one.text).strip()
        if len(text) > self.max_text:
            self.exceeded.add("text")
            text = text[: self.max_text]
            return Body(text_to_html(text), text)
        html = "\n".join(
            one.html if one.html is not None else text_to_html(one.text)
            for one in segments
        )
        return Body(html, text)

    def _segment(self, part: Part) -> Segment:
        data = part.data()
        declared = _charset(part)
        if part.mimetype in (
            "text/html",
            "text/xhtml",
            "text/enriched",
            "text/richtext",
        ):
            if not declared and (meta := _META_CHARSET.search(data[:4096])):
                declared = meta[1].decode("ascii", "ignore")
            return self._html_segment(decode(data, declared))
        if b"\nbegin " in data or data.startswith(b"begin "):
            data = _UUENCODED.sub(self._take_uuencoded, data)
        # beyond is cut below; no charset takes more bytes for a character
        text = _lines(decode(data[: 8 * self.max_text], declared))
        if part.params.get("format", "").lower() == "flowed":
            delsp = part.params.get("delsp", "").lower() == "yes"
            text = unflow(text[: 2 * self.max_text], delsp)
        return Segment(text.strip("\n"), None)

    def _html_segment(self, html: str) -> Segment:
        html = self.collector.take_data_images(html)
        if len(html) > self.max_html:
            self.exceeded.add("html")
            return Segment(raw_html_to_text(html), None)
        try:
            clean = sanitize(html, self.collector.show)
        except TooDeep:
            self.exceeded.add("nesting")
            return Segment(raw_html_to_text(html), None)
        return Segment(html_to_text(clean), wrap_quote(clean))

    def _take_uuencoded(self, match: re.Match) -> bytes:
        name = decode(match[1].strip(), self.charset)
        data = uudecode(match[2].split(b"\n"))
        if not data:
            return match[0]
        self.collector.add(name, "application/octet-stream", data)
        return b""


def _charset(part: Part) -> str:
    return part.params.get("charset", "")


def _lines(text: str) -> str:
    text = text.replace("\r\n", "\n")
    return text.replace("\r", "\n") if "\r" in text else text  # old Macs, SAP


def _is_container(part: Part, types: frozenset[str], names: tuple[str, ...]) -> bool:
    if part.mimetype in types:
        return True
    return part.mimetype in _UNNAMED and declared_name(part).lower().endswith(names)


def _says_something(segment: Segment) -> bool:
    """Exchange sends invitations with an empty text beside them."""
    return bool(segment.text.strip()) or "<img" in (segment.html or "")


def _rank(part: Part) -> int:
    return 2 if part.mimetype == "text/html" else 1


def plain_only(part: Part, limit: int) -> Body:
    """The reduced form: the first text there is, cut, as plain text."""
    todo = [part]
    found: Part | None = None
    while todo:
        one = todo.pop(0)
        if one.mimetype == "text/plain" and one.disposition != "attachment":
            found = one
            break
        if one.mimetype == "text/html" and found is None:
            found = one
        todo = one.children + todo
    if found is None:
        return Body()
    found.end = min(found.end, found.start + limit)
    text = decode(found.data(), found.params.get("charset", ""))
    if found.mimetype == "text/html":
        text = raw_html_to_text(text)
    text = _lines(text).strip()
    return Body(f"<pre>{escape(text)}</pre>" if text else "", text)
