# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Many mailboxes share lanes and servers (I6, I13): as lanes of several processes, on
real servers."""

from concurrent.futures import ThreadPoolExecutor

from bench import healthy_delay
from servers.process import wait_until

from .box import Box
from .scene import play

# Bound without a person's login, so that all connections are the lanes' own.
BOUND = """
def bound(**vals):
    box = bind(**vals)
    box.sudo()._move("bound", next_sync="2020-01-01", history_from=False)
    env.cr.commit()
    return box
"""
WAKE = "env['waimaolang.lane']._wake(); env.cr.commit(); result = True"
# One lane, as Odoo's scheduler runs it, until all is fetched.
LANE = """
import time
from odoo.addons.waimaolang_mail.engine import lanes
def done():
    fresh()
    env.cr.execute("SELECT count(*) FILTER (WHERE last_sync IS NULL) FROM "
                   "waimaolang_mailbox WHERE active")
    unread = env.cr.fetchone()[0]
    env.cr.execute("SELECT count(*) FROM waimaolang_mailbox_copy"
                   " WHERE state = 'pending'")
    return not unread and not env.cr.fetchone()[0]
end = time.monotonic() + values["seconds"]
slices = 0
while time.monotonic() < end and not done():
    lanes.run_slice(env.registry, values.get("slice", 5))
    slices += 1
result = [done(), slices]
"""


def lanes_at_once(driver, count, **values):
    with ThreadPoolExecutor(count) as pool:
        lanes = [pool.submit(driver.run, LANE, None, **values) for _n in range(count)]
        return [lane.result() for lane in lanes]


def test_i6_twelve_mailboxes_on_one_server_are_read_by_five_connections(
    driver, dovecot
):
    boxes = [Box(dovecot, f"many{number}@lanyue.example") for number in range(12)]
    for box in boxes:
        box.fill(15)
    emails = [box.email for box in boxes]
    driver.run(
        BOUND + "result = [bound(**one).id for one in values['boxes']]",
        boxes=[box.values() for box in boxes],
    )
    since = dovecot.log_size()
    before = sum(map(dovecot.logins, emails))
    ended = lanes_at_once(driver, 2, seconds=90)
    assert all(done for done, _slices in ended)
    assert driver.states() == {"stored": 12 * 15}
    assert 2 <= dovecot.most_connections(emails, since) <= 5
    assert sum(map(dovecot.logins, emails)) - before == 12
    assert driver.sql("SELECT DISTINCT state, error_code FROM waimaolang_mailbox") == [
        ["connected", ""]
    ]


def test_i6_an_import_over_many_slices_is_one_login_whoever_has_lanes(driver, box):
    box.fill(1200)
    driver.run(BOUND + "result = bound(**values).id", **box.values())
    before = box.dovecot.logins(box.email)
    ended = lanes_at_once(driver, 2, seconds=90, slice=0.5)
    assert all(done for done, _slices in ended)
    assert sum(slices for _done, slices in ended) > 3
    assert driver.states() == {"stored": 1200}
    assert box.dovecot.logins(box.email) - before == 1


def test_i6_a_slow_server_holds_no_lane_longer_than_a_slice(driver, scripted):
    """Connect, greeting and login end within what is left of the slice: a byte a second
    is no sign of life."""
    found = driver.run(
        BOUND
        + """
import time
from odoo.addons.waimaolang_mail.engine import lanes, lease, worker
from odoo.addons.waimaolang_mail.engine.transactions import transaction
took = {}
for kind, port in values["ports"].items():
    security = "none" if kind == "trickles" else "ssl"
    box = bound(name=kind, email=f"{kind}@lanyue.example", password="x",
                incoming_port=port, incoming_security=security)
    started = time.monotonic()
    lanes.run_slice(env.registry)
    took[kind] = [time.monotonic() - started]
    fresh()
    took[kind].append(box.error_code)
    # known as slow: the lane does not wait for it any more
    box.next_sync = "2020-01-01"
    env.cr.commit()
    started = time.monotonic()
    lanes.run_slice(env.registry)
    took[kind].append(time.monotonic() - started)
    box.action_pause()
    env.cr.commit()
result = took
""",
        ports={kind: scripted(kind) for kind in ("hangs", "trickles")},
    )
    for first, code, again in found.values():
        assert code == "timeout"
        assert first < 16 and again < 5


def test_i6_a_mail_that_leaves_slowly_holds_no_lane_and_is_not_broken_off(
    driver, box, outlet, scripted
):
    slow = {
        "outgoing_port": scripted("slow submission"),
        "outgoing_host": "127.0.0.1",
        "outgoing_security": "none",
    }
    other = Box(box.dovecot, "other@lanyue.example")
    other.fill(3)
    found = play(
        driver,
        outlet | slow,
        BOUND
        + """
import time
from odoo.addons.waimaolang_mail.engine import lanes
file = as_rep(env["ir.attachment"]).create(
    {"name": "catalogue.zip", "raw": b"x" * 4_000_000})
leaves = post(body="Our catalogue", attachment_ids=file.ids).sudo()
started = time.monotonic()
lanes.run_slice(env.registry)
took = time.monotonic() - started
fresh()
row = leaves.waimaolang_outbox_ids
meanwhile = row.state
healthy = bound(**values["other"])
lanes.run_slice(env.registry)
fresh()
stored = env["waimaolang.mailbox.copy"].search_count(
    [("mailbox_id", "=", healthy.id), ("state", "=", "stored")])
still = row.state
end = time.monotonic() + 120
while row.state == "sending" and time.monotonic() < end:
    lanes.run_slice(env.registry)
    fresh()
result = [took, meanwhile, stored, still, row.state, row.attempt, row.error_detail]
""",
        other=other.values(),
    )
    took, *told = found
    assert took < 17
    assert told == ["sending", 3, "sending", "sent", 1, False]


def test_i6_slow_mailboxes_are_taken_one_at_a_time_over_all_lanes(driver, box):
    found = driver.run(
        BOUND
        + """
from odoo.addons.waimaolang_mail.engine import lease
from odoo.addons.waimaolang_mail.engine.transactions import transaction
claim = lambda: transaction(env.registry, lambda e: lease.claim_due(e.cr))
give = lambda held: transaction(env.registry, lambda e: lease.release(e.cr, held))
more = lambda: transaction(env.registry, lambda e: lease.any_due(e.cr))
slow = [bound(name=str(n), email=f"slow{n}@lanyue.example", password="x")
        for n in range(3)]
for one in slow:
    one.error_code = "timeout"
healthy = bound(**values)
env.cr.commit()
first, second, third = claim(), claim(), claim()
told = [first.mailbox_id == healthy.id, second.slow, third is None, more()]
give(first)
give(second)
told.append(claim().mailbox_id == healthy.id)
result = told
""",
        **box.values(),
    )
    assert found == [True, True, True, False, True]


def test_lanes_starve_no_other_job_of_odoo(driver, odoo, box):
    """One cron thread, one lane, and a mailbox that is always due."""
    box.fill(3)
    driver.run(
        BOUND
        + """
box = bound(**values)
env["ir.cron"].create({
    "name": "another job", "model_id": env.ref("base.model_res_partner").id,
    "state": "code", "interval_number": 1, "interval_type": "hours", "priority": 9,
    "code": "env['res.partner'].create({'name': 'beat'})",
    "nextcall": "2020-01-01 00:00:00"})
env.cr.execute('''
    CREATE FUNCTION always_due() RETURNS trigger AS $$
    BEGIN NEW.next_sync := '2020-01-01'; RETURN NEW; END $$ LANGUAGE plpgsql;
    CREATE TRIGGER always_due BEFORE UPDATE ON waimaolang_mailbox
        FOR EACH ROW EXECUTE FUNCTION always_due();
''')
env.cr.commit()
result = True
""",
        **box.values(),
    )
    beats = "SELECT count(*) FROM res_partner WHERE name = 'beat'"
    odoo.start(cron_threads=1)
    driver.run(WAKE)
    wait_until(lambda: driver.stored() == 3, 40, "the mail")
    wait_until(lambda: driver.sql(beats) != [["0"]], 40, "another job's turn")
    driver.sql(
        "UPDATE ir_cron SET nextcall = '2020-01-01' WHERE cron_name = 'another job'"
    )
    wait_until(lambda: driver.sql(beats) == [["2"]], 40, "another job's next turn")
    held = driver.sql("SELECT max(token) FROM waimaolang_mailbox_lease")
    assert int(held[0][0]) > 5, "the mailbox was not always due"


def test_i6_a_healthy_mailbox_is_not_delayed_by_sick_ones(driver, odoo, dovecot):
    """One lane; a server that hangs, a code that is refused, and new mail each second.
    Alone it takes a fraction of a second (bench: healthy_delay)."""
    found = healthy_delay.delays(odoo, dovecot, beside=True)
    assert len(found) == healthy_delay.MAILS
    assert sorted(found)[len(found) // 2] < 5 and max(found) < 15
    states = "SELECT name, error_code FROM waimaolang_mailbox ORDER BY 1"
    assert driver.sql(states) == [
        ["hangs", "timeout"],
        ["healthy", ""],
        ["refused", "auth_bad"],
    ]
