# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Puts drafts into conversations, and makes one of two where a mail shows that they
are: the database's side of ``conversations.py``."""

from collections.abc import Collection, Sequence

from . import conversations, directory
from .conversations import ID, Conversation
from .draft import Draft


def assign(env, company_id: int, drafts: Sequence[Draft]) -> None:
    """Oldest first. Conversations are created; their figures are refreshed later."""
    if not drafts:
        return
    keys = {key for draft in drafts for key in conversations.id_keys(draft.mail)}
    keys |= {
        conversations.subject_key(draft.mail, draft.people)
        for draft in drafts
        # history comes from the newest on: its answers may be here already
        if draft.mail.is_reply_subject or not draft.arrival.copy.live
    }
    known = directory.load_conversations(env, company_id, keys - {""})
    found: dict[Conversation, None] = {}
    for draft in drafts:
        people = draft.people
        conversation, _reason = conversations.choose(
            draft.mail, people, draft.date, known
        )
        if conversation is None:
            conversation = Conversation()
        claimed = conversations.claim(
            conversation, draft.mail, people, draft.date, known
        )
        found.update(dict.fromkeys(claimed))
        conversations.join(conversation, draft.mail, people, draft.date, known)
        draft.conversation = conversation
        found[conversation] = None
    _save(env, company_id, list(found))


def _save(env, company_id: int, found: list[Conversation]) -> None:
    new = [conversation for conversation in found if not conversation.id]
    records = env["waimaolang.conversation"].create(
        [
            {
                "company_id": company_id,
                "last_date": conversation.last_date,
            }
            for conversation in new
        ]
    )
    for conversation, record in zip(new, records, strict=True):
        conversation.id = record.id
    env.flush_all()
    rows = [(key, one.id) for one in found for key in one.new_keys]
    env.cr.execute(
        """
        INSERT INTO waimaolang_conversation_key (company_id, key, conversation_id)
        SELECT %s, row.* FROM unnest(%s::text[], %s::int4[]) AS row
            ON CONFLICT DO NOTHING
        """,
        (company_id, [key for key, _id in rows], [id_ for _key, id_ in rows]),
    )


def merge_doubles(env, ids: Collection[int]) -> set[int]:
    """Conversations that name the same mail and share people are one: an answer to
    both was stored first, or two lanes stored the halves at the same time. Returns
    the ids that are left, of those given and of those that took them over."""
    env.cr.execute(
        """
        SELECT DISTINCT mine.conversation_id, other.conversation_id
          FROM waimaolang_conversation_key mine
          JOIN waimaolang_conversation_key other
               ON other.company_id = mine.company_id AND other.key = mine.key
                  AND other.conversation_id != mine.conversation_id
         WHERE mine.conversation_id = ANY(%s) AND mine.key LIKE %s
         ORDER BY 1, 2
        """,
        (list(ids), ID + "%"),
    )
    pairs = env.cr.fetchall()
    left = set(ids)
    if not pairs:
        return left
    people = directory.read_people(env, {id_ for pair in pairs for id_ in pair})
    into: dict[int, int] = {}
    for one, other in pairs:
        one, other = into.get(one, one), into.get(other, other)
        if one == other or not conversations.shares_people(
            people.get(one, ()), people.get(other, ())
        ):
            continue
        kept, gone = min(one, other), max(one, other)
        _merge(env, kept, gone)
        people[kept] = {*people.get(kept, ()), *people.get(gone, ())}
        into.update({key: kept for key, value in into.items() if value == gone})
        into[gone] = kept
        left.discard(gone)
        left.add(kept)
    return left


def _merge(env, kept: int, gone: int) -> None:
    talks = env["waimaolang.conversation"]
    talks.browse(kept)._absorb(talks.browse(gone))
    values = {"kept": kept, "gone": gone}
    for query in (
        "UPDATE waimaolang_mail SET conversation_id = %(kept)s"
        " WHERE conversation_id = %(gone)s",
        "INSERT INTO waimaolang_conversation_private_rel (conversation_id, mailbox_id)"
        " SELECT %(kept)s, mailbox_id FROM waimaolang_conversation_private_rel"
        " WHERE conversation_id = %(gone)s ON CONFLICT DO NOTHING",
        "INSERT INTO waimaolang_conversation_key (company_id, key, conversation_id)"
        " SELECT company_id, key, %(kept)s FROM waimaolang_conversation_key"
        " WHERE conversation_id = %(gone)s ON CONFLICT DO NOTHING",
        "DELETE FROM waimaolang_conversation WHERE id = %(gone)s",
    ):
        env.cr.execute(query, values)
