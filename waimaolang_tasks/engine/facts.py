# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What rules have to know of mails, each by one query for a whole batch."""

from __future__ import annotations

from dataclasses import dataclass, field

from .triggers import NO_REPLY_FROM_THEM, Happening

LEAD, PARTNER = "crm.lead", "res.partner"
# In the place of a record, for mail that stands on none.
MAILBOX = "waimaolang.mailbox"
# Whoever was written to before is no new contact; of people whom nobody knows, the
# conversation tells.
FIRST = """
    SELECT m.id FROM waimaolang_mail m
     WHERE m.id = ANY(%s) AND NOT EXISTS (
        SELECT 1 FROM waimaolang_mail earlier
         WHERE earlier.conversation_id = m.conversation_id
           AND (earlier.date, earlier.id) < (m.date, m.id))
       AND NOT EXISTS (
        SELECT 1 FROM waimaolang_mail_link here
          JOIN waimaolang_mail_link there ON there.res_model = here.res_model
               AND there.res_id = here.res_id AND there.mail_id != here.mail_id
               AND there.removed IS NOT TRUE
          JOIN waimaolang_mail earlier ON earlier.id = there.mail_id
         WHERE here.mail_id = m.id AND here.res_model = 'res.partner'
           AND here.removed IS NOT TRUE AND (earlier.date, earlier.id) < (m.date, m.id))
"""
# The other side wrote later, by a person's hand. After an automatic answer of theirs,
# they themselves did. What a mail itself refers to was before it, whatever the clocks
# said.
ANSWERED = """
    SELECT m.id FROM waimaolang_mail m
     WHERE m.id = ANY(%s) AND EXISTS (
        SELECT 1 FROM waimaolang_mail later
         WHERE later.conversation_id = m.conversation_id
           AND (later.direction != m.direction)
               != (m.is_auto IS TRUE AND m.direction = 'in')
           AND NOT (later.is_auto OR later.is_bulk OR later.is_bounce)
           AND (later.date, later.id) > (m.date, m.id)
           AND (m.rfc_references IS NULL OR later.rfc_message_id IS NULL
                OR strpos(m.rfc_references, later.rfc_message_id) = 0))
"""
# A mail ``m`` and a later one, with anybody of the same customer, by a person's hand.
_LATER = """
          FROM waimaolang_mail_link here
          JOIN res_partner one ON one.id = here.res_id
          JOIN res_partner other
               ON other.commercial_partner_id = one.commercial_partner_id
          JOIN waimaolang_mail_link there ON there.res_model = 'res.partner'
               AND there.res_id = other.id AND there.mail_id != here.mail_id
               AND there.removed IS NOT TRUE AND there.bcc_mailbox_id IS NULL
          JOIN waimaolang_mail later ON later.id = there.mail_id
         WHERE here.mail_id = m.id AND here.res_model = 'res.partner'
           AND here.removed IS NOT TRUE AND here.bcc_mailbox_id IS NULL
           AND NOT (later.is_auto OR later.is_bulk OR later.is_bounce)
           AND (later.date, later.id) > (m.date, m.id)
"""
# Mails after which there are others with anybody of the same customer.
FOLLOWED = f"""
    SELECT m.id FROM waimaolang_mail m
     WHERE m.id = ANY(%s) AND EXISTS (SELECT 1 {_LATER})
"""
# The first of these mails with the customer of each task about a silence of hers.
TALKING = f"""
    SELECT task.id, first.id
      FROM mail_activity task
      JOIN waimaolang_task_rule rule ON rule.id = task.waimaolang_rule_id
           AND rule.trigger = %(trigger)s AND rule.silence_of = 'customer'
      JOIN waimaolang_mail m
           ON m.id = COALESCE(task.waimaolang_last_mail_id, task.waimaolang_mail_id)
      JOIN LATERAL (SELECT later.id {_LATER} AND later.id = ANY(%(mails)s)
                     ORDER BY later.date, later.id LIMIT 1) first ON TRUE
     WHERE task.active
"""
# Rules that fired in a conversation, and they have not written since.
FIRED = """
    SELECT DISTINCT log.rule_id, about.conversation_id
      FROM waimaolang_mail about JOIN waimaolang_task_log log ON log.mail_id = about.id
     WHERE log.rule_id = ANY(%s) AND log.outcome IN ('done', 'raised')
       AND about.conversation_id = ANY(%s) AND NOT EXISTS (
        SELECT 1 FROM waimaolang_mail theirs
         WHERE theirs.conversation_id = about.conversation_id
           AND theirs.direction = 'in'
           AND NOT (theirs.is_auto OR theirs.is_bulk OR theirs.is_bounce)
           AND (theirs.date, theirs.id) > (about.date, about.id))
"""
# Records that a Bcc alone names are not told of by a task.
STANDS_ON = """
    SELECT l.mail_id, l.res_model, l.res_id,
           (message.model = l.res_model AND message.res_id = l.res_id) IS TRUE AS home
      FROM waimaolang_mail_link l
      LEFT JOIN mail_message message ON message.id = l.message_id
     WHERE l.mail_id = ANY(%s) AND l.removed IS NOT TRUE AND l.bcc_mailbox_id IS NULL
     ORDER BY home DESC, l.res_id DESC
"""
TALK = """
    SELECT conversation_id, count(*) FROM waimaolang_mail
     WHERE conversation_id = ANY(%s)
       AND date > now() AT TIME ZONE 'UTC' - INTERVAL '1 hour'
       AND NOT (is_auto OR is_bulk OR is_bounce)
     GROUP BY conversation_id
"""
DONE = """
    SELECT rule_id, res_model, res_id, count(*) FROM waimaolang_task_log
     WHERE outcome = 'done' AND date > now() AT TIME ZONE 'UTC' - INTERVAL '1 day'
       AND (res_model, res_id) IN (SELECT * FROM unnest(%s::text[], %s::int4[]))
     GROUP BY rule_id, res_model, res_id
"""

# Open tasks that stand for several conversations, one of which is answered here; all
# mails for which they stand.
SHARED = """
    SELECT stands.activity_id, array_agg(DISTINCT stands.mail_id)
      FROM waimaolang_task_log stands
     WHERE stands.outcome IN ('done', 'raised') AND stands.activity_id IN (
        SELECT log.activity_id
          FROM waimaolang_mail m JOIN waimaolang_task_log log ON log.mail_id = m.id
          JOIN mail_activity task ON task.id = log.activity_id
         WHERE m.conversation_id = ANY(%s) AND task.active
           AND task.waimaolang_rule_id = log.rule_id
           AND task.waimaolang_conversation_id IS NULL)
     GROUP BY stands.activity_id
"""


@dataclass
class Facts:
    """``stands_on``: {mail: {model: [ids, the home first]}}."""

    answered: set[int] = field(default_factory=set)
    stands_on: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    talk: dict[int, int] = field(default_factory=dict)
    followed: set[int] = field(default_factory=set)
    fired: set[tuple[int, int]] = field(default_factory=set)

    def record(self, mail_id: int, models) -> tuple[str, int] | None:
        """Of the first of these models of which there is one."""
        here = self.stands_on.get(mail_id, {})
        for name in models:
            if here.get(name):
                return name, here[name][0]
        return None


def load(cr, happenings: list[Happening]) -> Facts:
    mail_ids = [one.mail_id for one in happenings]
    conversations = list({one.conversation_id for one in happenings} - {0})
    facts = Facts(answered=find_answered(cr, mail_ids))
    cr.execute(STANDS_ON, (mail_ids,))
    for mail_id, model, res_id, _home in cr.fetchall():
        here = facts.stands_on.setdefault(mail_id, {})
        here.setdefault(model, []).append(res_id)
    cr.execute(TALK, (conversations,))
    facts.talk = dict(cr.fetchall())
    return facts


def find_first(cr, mail_ids: list[int]) -> set[int]:
    """Mails by which somebody wrote for the first time, or about whom is nothing."""
    cr.execute(FIRST, (mail_ids,))
    return {row[0] for row in cr.fetchall()}


def find_followed(cr, mail_ids: list[int]) -> set[int]:
    """Mails that are not the last one with their customer."""
    if not mail_ids:
        return set()
    cr.execute(FOLLOWED, (mail_ids,))
    return {row[0] for row in cr.fetchall()}


def find_talking(cr, mail_ids: list[int]) -> dict[int, int]:
    """{task: mail} of open tasks about the silence of a customer with whom one of these
    mails was exchanged, in whatever conversation."""
    cr.execute(TALKING, {"trigger": NO_REPLY_FROM_THEM, "mails": mail_ids})
    return dict(cr.fetchall())


def find_answered(cr, mail_ids: list[int]) -> set[int]:
    cr.execute(ANSWERED, (mail_ids,))
    return {row[0] for row in cr.fetchall()}


def find_shared(cr, conversation_ids: list[int]) -> dict[int, list[int]]:
    """{task: mails} of tasks that were raised for other conversations, too."""
    cr.execute(SHARED, (conversation_ids,))
    return dict(cr.fetchall())


def find_fired(cr, rule_ids: list[int], conversation_ids) -> set[tuple[int, int]]:
    """(rule, conversation) in which these rules have had their say."""
    if not rule_ids:
        return set()
    cr.execute(FIRED, (rule_ids, list(conversation_ids)))
    return set(cr.fetchall())


def count_done(cr, records) -> dict[tuple[int, tuple[str, int]], int]:
    """{(rule, record): its actions there in the last day}"""
    records = list(records)
    cr.execute(DONE, ([name for name, _id in records], [id_ for _name, id_ in records]))
    return {
        (rule_id, (model, res_id)): count
        for rule_id, model, res_id, count in cr.fetchall()
    }
