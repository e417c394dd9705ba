# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Programs that answer each other, a rule that always raises, a whole archive: rules do
what their limits say, and the import knows nothing of it."""

from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from .conftest import DEEP
from .truth import assert_truth

ANSWERS = 5000 if DEEP else 300
ARCHIVE = 30_000 if DEEP else 400
RULES = """
rules = env["waimaolang.task.rule"]
rules.search([]).active = False
todo = env.ref("mail.mail_activity_data_todo").id
common = {"trigger": "received", "activity_type_id": todo}
quiet = rules.create({"name": "Answer", **common})
back = rules.create({"name": "Back", **common, "trigger": "out_of_office_ended"})
broken = rules.create({"name": "Broken", **common, "server_action_ids": [(0, 0, {
    "name": "raise", "model_id": env.ref("crm.model_crm_lead").id, "state": "code",
    "code": "raise UserError('no')"})]})
env.cr.commit()
result = [quiet.id, back.id, broken.id]
"""
PROCESS = """
env.cr.rollback()
env["waimaolang.task.rule"]._process_events()
fresh()
rules = env["waimaolang.task.rule"].browse(values["rules"])
tasks = env["mail.activity"].with_context(active_test=False)
result = [
    [tasks.search_count([("waimaolang_rule_id", "=", rule.id)]) for rule in rules],
    [rule.paused for rule in rules],
    env["waimaolang.task.log"].search_count([]),
]
"""


def answers(office, count, labelled):
    """Of one conversation, within an hour, from either side in turn."""
    first = f"<storm.{labelled}@customer.example>"
    begun = datetime.now(timezone.utc) - timedelta(minutes=50)
    for number in range(count):
        message = EmailMessage()
        message["From"] = office.buyer
        message["To"] = office.box.email
        message["Subject"] = "Re: Your mail"
        message["Date"] = format_datetime(begun + timedelta(milliseconds=500 * number))
        message["Message-ID"] = f"<{number}{first[1:]}" if number else first
        if number:
            message["In-Reply-To"] = first
        if labelled:
            message["Auto-Submitted"] = "auto-replied"
        message.set_content(f"Thank you for your mail number {number}.")
        yield message.as_bytes(), (), None


def receive(office, messages):
    office.box.dovecot.append_many(office.box.email, "INBOX", list(messages))
    office.lanes.finish(office.id, 900)


@pytest.mark.timeout(3000 if DEEP else 240)
def test_i4_a_storm_makes_no_more_tasks_than_the_limits_say(office, lanes):
    rules = lanes.run(RULES)
    office.fill(ARCHIVE, tiny=True)
    office.bind()
    lanes.finish(office.id, 1800)
    assert_truth(office)
    assert lanes.run(PROCESS, rules=rules) == [[0, 0, 0], [False] * 3, 0]

    receive(office, answers(office, ANSWERS, labelled=True))
    assert lanes.run(PROCESS, rules=rules) == [[0, 0, 0], [False] * 3, 0]

    # programs that do not say that they are programs
    receive(office, answers(office, 15, labelled=False))
    counts, paused, _logged = lanes.run(PROCESS, rules=rules)
    assert counts == [1, 0, 0], "one task, which later mails raise"
    assert paused == [False, False, True]

    receive(office, answers(office, ANSWERS, labelled=False))
    counts, _paused, logged = lanes.run(PROCESS, rules=rules)
    assert counts == [1, 0, 0]
    assert logged <= ANSWERS + 50
