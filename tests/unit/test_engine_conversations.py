# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta

import pytest
from engine import conversations
from engine.conversations import Conversation, choose, id_keys, join
from mime.parsed import ParsedMail

NOW = datetime(2026, 5, 4, 8)
EMMA = "emma@nordwind.example"
BOB = "bob@nordwind.example"
GMAIL = "someone@gmail.com"
STRANGER = "x@stranger.example"


def mail(message_id="", refs=(), reply=(), subject="work lights", is_reply=False, **kw):
    return ParsedMail(
        message_id=message_id,
        references=tuple(refs),
        in_reply_to=tuple(reply),
        thread_subject=subject,
        is_reply_subject=is_reply,
        **kw,
    )


def known_of(*mails_and_people):
    """A conversation of these mails, known by all its keys."""
    known, conversation = {}, Conversation(1)
    for one, people in mails_and_people:
        join(conversation, one, people, NOW, known)
    return known


@pytest.mark.parametrize(
    ("one", "people", "joined"),
    [
        (mail("b", reply=["a"]), [EMMA], True),
        (mail("b", refs=["a"]), [EMMA], True),
        # a colleague of hers, at the company's own domain
        (mail("b", refs=["a"]), [BOB], True),
        # I2: who knows an id is not let in by it
        (mail("b", refs=["a"]), [STRANGER], False),
        (mail("a"), [STRANGER], False),
        # the mail itself, whose answer was stored first
        (mail("root"), [EMMA], True),
        (mail("b", original_ids=("a",)), [EMMA], True),
        # a client that names nothing: the same subject, the same people
        (mail("b", is_reply=True), [EMMA], True),
        (mail("b", is_reply=False), [EMMA], False),
        (mail("b", is_reply=True), [EMMA, BOB], False),
        (mail("b", subject="other", is_reply=True), [EMMA], False),
    ],
)
def test_who_joins(one, people, joined):
    known = known_of((mail("a", refs=["root"]), [EMMA]))
    conversation, reason = choose(one, people, NOW, known)
    assert bool(conversation) is joined and reason


def test_people_at_a_public_provider_are_not_colleagues():
    known = known_of((mail("a"), ["other@gmail.com"]))
    assert choose(mail("b", refs=["a"]), [GMAIL], NOW, known)[0] is None


def test_the_same_subject_a_year_later_is_another_conversation():
    known = known_of((mail("a"), [EMMA]))
    later = NOW + timedelta(days=365)
    again = mail("b", is_reply=True)
    assert choose(again, [EMMA], later, known)[0] is None


DAY = timedelta(days=1)


def converse(mails):
    """{conversation: ids of its mails}, as they become when taken in this order."""
    known, found = {}, {}
    for one, day in mails:
        date = NOW + day * DAY
        conversation, _reason = choose(one, [EMMA], date, known)
        conversation = conversation or Conversation()
        join(conversation, one, [EMMA], date, known)
        found.setdefault(id(conversation), set()).add(one.message_id)
    return sorted(map(sorted, found.values()))


@pytest.mark.parametrize(
    "mails",
    [
        # a client that names nothing it answers
        [(mail("a"), 0), (mail("b", is_reply=True), 1)],
        [(mail("a"), 0), (mail("b", is_reply=True), 1), (mail("c", is_reply=True), 2)],
        # the same inquiry twice: each with its answers
        [
            (mail("a1"), 0),
            (mail("b1", is_reply=True), 5),
            (mail("a2"), 20),
            (mail("b2", is_reply=True), 25),
            (mail("c2", is_reply=True), 26),
        ],
        [(mail("a1"), 0), (mail("a2"), 20), (mail("b2", is_reply=True), 25)],
        # ... and by ids
        [(mail("a"), 0), (mail("b", refs=["a"]), 1), (mail("c", refs=["a", "b"]), 2)],
        [(mail("a"), 0), (mail("b", refs=["a"]), 1), (mail("c", refs=["a"]), 2)],
        [(mail("a"), 0), (mail("b"), 1)],
        # a year apart
        [(mail("a"), 0), (mail("b", is_reply=True), 365)],
    ],
)
def test_history_from_the_newest_on_makes_the_same_conversations(mails):
    assert converse(reversed(mails)) == converse(mails)


def test_short_subjects_join_nobody():
    known = known_of((mail("a", subject="hi"), [EMMA]))
    again = mail("b", subject="hi", is_reply=True)
    assert choose(again, [EMMA], NOW, known)[0] is None


def test_a_forged_id_takes_no_place():
    """The forger's conversation names the id first; the real one goes by it too."""
    known = {}
    forged = Conversation(1)
    join(forged, mail("x", refs=["real"]), [STRANGER], NOW, known)
    real = mail("real")
    assert choose(real, [EMMA], NOW, known)[0] is None
    ours = Conversation(2)
    join(ours, real, [EMMA], NOW, known)
    assert choose(mail("b", reply=["real"]), [EMMA], NOW, known)[0] is ours
    assert choose(mail("y", reply=["real"]), [STRANGER], NOW, known)[0] is forged


def test_the_nearest_reference_counts():
    one = mail("c", refs=["a", "b"], reply=["b"])
    assert id_keys(one) == ["id:c", "id:b", "id:a"]


def test_of_endless_references_the_newest_are_kept():
    one = mail("c", refs=[str(n) for n in range(500)])
    keys = id_keys(one)
    assert keys[1] == "id:499" and len(keys) == conversations.MOST_REFERENCES + 1


def test_join_tells_what_is_new():
    known = {}
    conversation = Conversation(1)
    join(conversation, mail("a", subject=""), [EMMA], NOW, known)
    assert list(conversation.new_keys) == ["id:a"]
    assert conversation.people == {EMMA} and conversation.last_date == NOW
