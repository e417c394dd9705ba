# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Rules that are killed while mail comes: each mail has its task once."""

import pytest

from .conftest import DEEP
from .test_kills import later
from .truth import assert_truth

KILLS = 50 if DEEP else 8
MAILS = 600 if DEEP else 100
RULES = """
env["waimaolang.task.rule"].search([]).active = False
env["ir.config_parameter"].set_param("waimaolang_tasks.per_record_and_day", 0)
env["ir.config_parameter"].set_param("waimaolang_tasks.loop_mails_per_hour", 0)
rule = env["waimaolang.task.rule"].create({
    "name": "Answer", "trigger": "received", "deadline_counting": "elapsed",
    "activity_type_id": env.ref("mail.mail_activity_data_todo").id,
    "summary": "{{ object.subject }}"})
env.cr.commit()
result = rule.id
"""
# Small batches, so that a kill falls between them as well as within.
PROCESS = """
from odoo.addons.waimaolang_tasks.engine import processing
env.cr.rollback()
processing.BATCH = 7
result = env["waimaolang.task.rule"]._process_events()
"""
FIRED = """
    SELECT m.rfc_message_id, count(DISTINCT a.id), count(DISTINCT l.id)
      FROM waimaolang_mail m
      LEFT JOIN mail_activity a ON a.waimaolang_mail_id = m.id
      LEFT JOIN waimaolang_task_log l ON l.mail_id = m.id
     WHERE m.direction = 'in' AND NOT m.is_history
     GROUP BY m.id
"""


@pytest.mark.timeout(3000 if DEEP else 240)
def test_i1_i2_rules_killed_at_random_moments_fire_once(office, lanes):
    lanes.run(RULES)
    mailbox = office.bind()
    lanes.finish(mailbox)
    kills = 0
    office.fill(MAILS)
    while kills < KILLS:
        children = [lanes.lane(mailbox), lanes.fork(PROCESS)]
        later(office, 1.5, children[1])
        kills += sum(child.kill() for child in children)
        lanes.free()
        if kills < KILLS and all(child.over for child in children):
            office.fill(20)
    lanes.finish(mailbox, 600)
    assert lanes.fork(PROCESS).wait(600) is not None
    assert_truth(office)
    fired = {row[0]: row[1:] for row in lanes.sql(FIRED)}
    theirs = [
        made.message_id.strip("<>")
        for made in office.made.values()
        if made.stored and office.buyer.encode() in made.raw.partition(b"\n")[0]
    ]
    assert len(theirs) > MAILS / 2
    assert fired == {message_id: ["1", "1"] for message_id in theirs}
