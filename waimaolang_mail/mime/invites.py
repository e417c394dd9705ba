# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An invitation (RFC 5545) as text, for mails that say nothing else.

A reader of lines, since a mail needs a dozen fields of the first event: all of RFC
5545, with its time zones and recurrences, would be a dependency for that.
"""

import re
from datetime import datetime, timedelta

# Of the first event; a whole calendar may be attached.
MAX_CHARACTERS = 200_000
MAX_LINE = 10_000
MAX_ATTENDEES = 50

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(
    r"([A-Za-z-]{1,40})((?:;[^:;\"]*(?:\"[^\"]*\"[^:;\"]*)*)*):(.*)", re.S
)
_PARAM = re.compile(r";([A-Za-z-]{1,40})=(?:\"([^\"]*)\"|([^;:\"]*))")
_ESCAPE = re.compile(r"\\([nN,;\\])")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?\Z")
_DURATION = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:\d{1,6}S)?)?\Z"
)
_KINDS = {"REQUEST": "Invitation", "CANCEL": "Cancelled", "REPLY": "Reply"}
_KEPT = frozenset(
    """SUMMARY LOCATION DESCRIPTION DTSTART DTEND DURATION RRULE ORGANIZER
    STATUS""".split()
)

Field = tuple[dict[str, str], str]


def summarize(source: str) -> str:
    """Title, when, where, who and the description, one a line; "" without event."""
    method, event, attendees = _read(source[:MAX_CHARACTERS])
    if not event:
        return ""

    def text(name: str) -> str:
        return _unescape(event[name][1]).strip() if name in event else ""

    kind = _KINDS.get(method, "Event")
    if text("STATUS").upper() == "CANCELLED":
        kind = _KINDS["CANCEL"]
    lines = [f"{kind}: {text('SUMMARY')}".rstrip(), f"When: {_when(event)}"]
    lines.append(f"Repeats: {text('RRULE')}")
    lines.append(f"Where: {text('LOCATION')}")
    if "ORGANIZER" in event:
        lines.append(f"Organiser: {_person(event['ORGANIZER'])}")
    people = ", ".join(map(_person, attendees[:MAX_ATTENDEES]))
    more = len(attendees) - MAX_ATTENDEES
    lines.append(f"Attendees: {people}" + (f" and {more} more" if more > 0 else ""))
    lines = [" ".join(line.split()) for line in lines if not line.endswith(": ")]
    return "\n".join(lines) + f"\n\n{text('DESCRIPTION')}".rstrip()


def _read(source: str) -> tuple[str, dict[str, Field], list[Field]]:
    """The method, the first event's fields and its attendees."""
    method = ""
    event: dict[str, Field] = {}
    attendees: list[Field] = []
    blocks: list[str] = []
    for line in _FOLD.sub("", source).split("\n"):
        match = _LINE.match(line.strip()[:MAX_LINE])
        if not match:
            continue
        name, value = match[1].upper(), match[3]
        if name == "BEGIN":
            blocks.append(value.strip().upper())
        elif name == "END":
            if blocks and blocks.pop() == "VEVENT" and event:
                break
        elif name == "METHOD":
            method = value.strip().upper()
        elif blocks[-1:] == ["VEVENT"]:  # and not an alarm within it
            field = (_params(match[2]), value)
            if name == "ATTENDEE":
                attendees.append(field)
            elif name in _KEPT:
                event.setdefault(name, field)
    return method, event, attendees


def _params(text: str) -> dict[str, str]:
    return {
        m[1].upper(): m[2] if m[2] is not None else m[3] for m in _PARAM.finditer(text)
    }


def _unescape(value: str) -> str:
    return _ESCAPE.sub(lambda m: "\n" if m[1] in "nN" else m[1], value)


def _person(field: Field) -> str:
    params, value = field
    email = value.strip()
    email = email[7:] if email[:7].lower() == "mailto:" else email
    name = params.get("CN", "").strip()
    answer = params.get("PARTSTAT", "").lower().replace("-", " ")
    shown = f"{name} <{email}>" if name and name != email else email
    return (
        f"{shown} ({answer})"
        if answer in ("accepted", "declined", "tentative")
        else shown
    )


def _when(event: dict[str, Field]) -> str:
    start, is_day, zone = _time(event.get("DTSTART"))
    if start is None:
        return ""
    end, _is_day, end_zone = _time(event.get("DTEND"))
    if end is None and (length := _duration(event.get("DURATION"))):
        end, end_zone = start + length, zone
    if is_day:
        # the end is the day after the last one
        last = end - timedelta(days=1) if end else start
        return f"{start:%Y-%m-%d}" + (f" – {last:%Y-%m-%d}" if last > start else "")
    said = f"{start:%Y-%m-%d %H:%M}"
    if end and end != start:
        same_day = end.date() == start.date() and zone == end_zone
        said += f" – {end:%H:%M}" if same_day else f" – {end:%Y-%m-%d %H:%M}"
    return f"{said} ({zone})" if zone else said


def _time(field: Field | None) -> tuple[datetime | None, bool, str]:
    """The moment as written, whether it is a day only, and its zone's name."""
    match = _TIME.match(field[1].strip()) if field else None
    if not match:
        return None, False, ""
    year, month, day, hour, minute = (int(one or 0) for one in match.groups()[:5])
    try:
        moment = datetime(year, month, day, hour, minute)
    except ValueError:
        return None, False, ""
    zone = "UTC" if match[6] else field[0].get("TZID", "")
    return moment, match[4] is None, zone


def _duration(field: Field | None) -> timedelta | None:
    match = _DURATION.match(field[1].strip()) if field else None
    if not match:
        return None
    weeks, days, hours, minutes = (int(one or 0) for one in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
