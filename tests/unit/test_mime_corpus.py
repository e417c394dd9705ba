# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""I5: real mails of six public collections, whole and damaged.

The collections lie beside the repository (../shared/corpus), not in it: their
licences allow reading here, and a third of their bytes is one mail. Where they are
absent these tests are skipped; CI has them.
"""

import dataclasses
import email
import email.policy
import random
import time
from datetime import datetime
from pathlib import Path

import pytest
from mime.parse import ParseError, parse_mail
from mime.pool import ParserPool

NOW = datetime(2026, 1, 1)
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
PATHS = sorted(CORPUS.glob("*/*.eml"))
CPU_SECONDS = 2.0
SEED = 20262
EACH = 20  # cuts, and as many flips, of each mail
# In the normal run: a quarter of them, of mails below this size.
SAMPLE = EACH // 4
SAMPLE_BYTES = 300_000
FLIPS = 30

pytestmark = pytest.mark.skipif(
    not PATHS, reason="no mails at ../shared/corpus beside the repository"
)


def timed(raw):
    """The mail and the CPU it took; None where only ParseError says so."""
    start = time.process_time()
    try:
        mail = parse_mail(raw, now=NOW)
    except ParseError:
        mail = None
    return mail, time.process_time() - start


@pytest.fixture(scope="module")
def parsed():
    return {path: timed(path.read_bytes()) for path in PATHS}


def strings(value):
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for one in dataclasses.fields(value):
            yield from strings(getattr(value, one.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from strings(one)


def unstorable(mail):
    """What PostgreSQL refuses: NUL, and lone surrogates."""
    return [
        text
        for text in strings(mail)
        if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text)
    ]


def bad_ids(mail):
    ids = (mail.message_id, *mail.in_reply_to, *mail.references, *mail.original_ids)
    return [one for one in ids if set("<> \t\r\n") & set(one)]


def test_i5_every_mail_parses_in_full(parsed):
    failed = [p.name for p, (mail, _cpu) in parsed.items() if not mail or mail.defects]
    assert not failed


def test_i5_every_mail_takes_less_than_two_seconds(parsed):
    assert not [path.name for path, (_mail, cpu) in parsed.items() if cpu > CPU_SECONDS]


def test_every_string_can_be_stored(parsed):
    assert not [p.name for p, (mail, _cpu) in parsed.items() if unstorable(mail)]


def test_ids_have_neither_brackets_nor_spaces(parsed):
    assert not [path.name for path, (mail, _cpu) in parsed.items() if bad_ids(mail)]


def test_subjects_senders_and_bodies_are_readable(parsed):
    unreadable = []
    for path, (mail, _cpu) in parsed.items():
        shown = (mail.subject, mail.text, *(one.name for one in mail.from_))
        if any("\ufffd" in text for text in shown):
            unreadable.append(path.name)
    assert len(unreadable) <= 0.02 * len(parsed), unreadable


def named_leaves(message):
    """Leaf parts with a name, as Python's own parser sees them. Text that stands
    alone or is an alternative is the body whatever its name is; below a nested
    mail all belongs to that mail."""
    if message.get_content_maintype() == "message":
        return 0
    if message.is_multipart():
        return sum(map(named_leaves, message.get_payload()))
    if message.get_content_maintype() == "text" and not message.is_attachment():
        return 0
    try:
        return bool(message.get_filename())
    except (LookupError, ValueError):
        return 1


def test_every_named_part_is_an_attachment(parsed):
    lost = []
    for path, (mail, _cpu) in parsed.items():
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.SMTP)
        try:
            wanted = named_leaves(message)
        except (LookupError, ValueError, AttributeError, IndexError, TypeError):
            continue  # Python's parser raises on it
        if len(mail.attachments) < wanted:
            lost.append((path.name, wanted, len(mail.attachments)))
    assert not lost


# -- damaged ---------------------------------------------------------------------


def damaged(raw, name):
    """20 cuts and 20 of changed bytes, the same in every run."""
    rng = random.Random(f"{SEED} {name}")
    for _number in range(EACH):
        yield raw[: rng.randrange(len(raw) + 1)]
    for _number in range(EACH):
        changed = bytearray(raw)
        for _flip in range(rng.randint(1, FLIPS)):
            changed[rng.randrange(len(raw))] = rng.randrange(256)
        yield bytes(changed)


def assert_survived(raw, path):
    mail, cpu = timed(raw)
    assert cpu < CPU_SECONDS, path.name
    if mail is not None:
        assert not unstorable(mail) and not bad_ids(mail), path.name
        assert not mail.defects, path.name


def test_i5_damaged_mails_parse_a_sample():
    for path in PATHS:
        raw = path.read_bytes()
        if not 0 < len(raw) < SAMPLE_BYTES:
            continue
        family = list(damaged(raw, path.name))
        for one in (*family[:SAMPLE], *family[EACH : EACH + SAMPLE]):
            assert_survived(one, path)


@pytest.mark.deep
@pytest.mark.timeout(1800)
def test_i5_damaged_mails_parse_in_worker_processes():
    """All of them, as the engine parses: with limits that kill."""
    failed, killed, unread, total = [], [], [], 0
    with ParserPool(2, cpu_seconds=CPU_SECONDS) as pool:
        for path in PATHS:
            raw = path.read_bytes()
            family = list(damaged(raw, path.name)) if raw else []
            for outcome in pool.parse_many(family, NOW):
                total += 1
                if outcome.mail is None:
                    failed.append((path.name, outcome.error))
                elif unstorable(outcome.mail) or bad_ids(outcome.mail):
                    unread.append(path.name)
                if outcome.killed:
                    killed.append((path.name, outcome.killed))
    print(f"{total} damaged mails, {len(killed)} killed, {len(failed)} failed")
    assert not (failed or killed or unread)
