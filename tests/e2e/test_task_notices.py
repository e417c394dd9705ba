# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Notices of tasks over several processes, some of which are killed."""

from concurrent.futures import ThreadPoolExecutor

TASKS = 120
KILLS = (7, 23, 60)  # notices that a process gives before its end
PREPARE = """
leader = env["res.users"].create({"name": "Leader", "login": "notices_leader"})
rep = env["res.users"].create({"name": "Rep", "login": "notices_rep"})
team = env["crm.team"].create({"name": "Notices", "user_id": leader.id})
leads = env["crm.lead"].create(
    [{"name": f"Notice {n}", "team_id": team.id} for n in range(values["tasks"])]
)
rule = env["waimaolang.task.rule"].create(
    {
        "name": "Answer",
        "activity_type_id": env.ref("mail.mail_activity_data_todo").id,
        "deadline_counting": "elapsed",
        "escalate_hours": 1,
    }
)
late = env.cr.now().replace(microsecond=0)
late = late.replace(year=late.year - 1)
env["mail.activity"].with_context(mail_activity_quick_update=True).create(
    [
        {
            "res_model_id": env["ir.model"]._get_id("crm.lead"),
            "res_id": lead.id,
            "activity_type_id": rule.activity_type_id.id,
            "user_id": rep.id,
            "reply_due_at": late,
            "waimaolang_rule_id": rule.id,
        }
        for lead in leads
    ]
)
env.cr.commit()
result = rule.id
"""
WORK = """
from odoo.addons.waimaolang_tasks.engine import processing
processing.BATCH = 10
activities = type(env["mail.activity"])
tell, left = activities._tell, [values["kill"]]
def counted(task, step):
    if left[0] is not None and not left[0]:
        os._exit(9)
    tell(task, step)
    if left[0] is not None:
        left[0] -= 1
activities._tell = counted
while True:
    fresh()
    open_ones = [("waimaolang_rule_id", "=", values["rule"])]
    open_ones += [("waimaolang_next_at", "!=", False)]
    if not env["mail.activity"].search_count(open_ones):
        break
    env["waimaolang.task.rule"]._process_events()
result = True
"""
TOLD = """
    SELECT count(*), count(DISTINCT message::json->'payload'->>'message') FROM bus_bus
     WHERE message::json->>'type' = 'simple_notification'
       AND message LIKE '%Notice %'
"""
ESCALATED = """
    SELECT count(*), count(DISTINCT waimaolang_escalated_from_id) FROM mail_activity
     WHERE waimaolang_escalated_from_id IS NOT NULL
"""


def test_i13_each_notice_is_given_once_whoever_is_killed(driver):
    rule = driver.run(PREPARE, tasks=TASKS)

    def work(kill):
        try:
            return driver.run(WORK, rule=rule, kill=kill)
        except AssertionError:  # it left no result
            return False

    for kill in KILLS:
        assert not work(kill)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, (None, None))) == [True, True]
    everyone = [[str(TASKS), str(TASKS)]]
    assert driver.sql(TOLD) == everyone
    assert driver.sql(ESCALATED) == everyone
