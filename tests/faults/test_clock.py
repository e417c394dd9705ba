# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The clock steps back an hour in mid-import: what was written before lies an hour in
the future, which holds nobody up."""

from servers.process import wait_until

from .truth import assert_truth

# Times of the mails themselves, and of what happened, are no times to wait for.
NO_WAITS = ("internaldate", "date", "create_date", "write_date", "history_from")
TABLES = ("waimaolang_mailbox%", "waimaolang_login_wait", "waimaolang_lane%")
# A dead holder's lease, and what a takeover needs.
SECONDS = 20
SLICE = """
lane = env["waimaolang.lane"]
lane.with_context(cron_id=lane._get_lanes()[0].id)._run()
result = True
"""


def step_back(lanes, by="1 hour"):
    """All that waits waits so much longer by the clock; "-10 minutes": they pass."""
    columns = lanes.sql(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE data_type LIKE 'timestamp%' AND table_schema = 'public' AND ("
        + " OR ".join(f"table_name LIKE '{name}'" for name in TABLES)
        + ")"
    )
    tables = {}
    for table, column in columns:
        if column not in NO_WAITS:
            tables.setdefault(table, []).append(column)
    for table, names in tables.items():
        later = ", ".join(f"{name} = {name} + INTERVAL '{by}'" for name in names)
        lanes.sql(f"UPDATE {table} SET {later}")


def test_i13_a_dead_lanes_lease_ends_by_a_clock_that_stepped_back(office, lanes):
    office.fill(200)
    mailbox = office.bind()
    child = lanes.lane(mailbox)
    lanes.wait_for_more(child, 20)
    assert child.kill()
    step_back(lanes)
    had = lanes.stored()
    child = lanes.lane(mailbox)
    wait_until(lambda: lanes.stored() > had, SECONDS, "the import to go on")
    assert child.wait()["quiet"]
    assert_truth(office)


def test_i1_i2_the_clock_steps_back_under_a_working_lane(office, lanes):
    office.fill(250)
    mailbox = office.bind()
    child = lanes.lane(mailbox)
    for _number in range(3):
        lanes.wait_for_more(child, 20)
        step_back(lanes)
    assert child.wait()["quiet"]
    assert_truth(office)


def test_new_mail_does_not_wait_for_the_hour_to_come_again(office, lanes):
    office.fill(5)
    mailbox = office.bind()
    lanes.finish(mailbox)
    step_back(lanes)
    office.fill(5)
    lanes.run(SLICE)
    # intervals between looks and between logins still count, the hour does not
    step_back(lanes, "-10 minutes")
    lanes.run(SLICE)
    assert_truth(office)
