# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Our own server has no room, its database goes away, its clock steps back: nothing is
lost, nothing is a mail's fault, and all goes on by itself (I1, I5, I6)."""

import os

from servers.process import wait_until

from .test_fairness import BOUND, WAKE


def test_i1_a_full_filestore_fails_no_mail_and_the_import_goes_on_by_itself(
    driver, box
):
    """The disk is full after the third file; a file is cut short by it."""
    for number in range(1, 7):
        box.fill(1, first=number, attachment=os.urandom(4000))
    found = driver.run(
        """
import errno
from odoo.addons.waimaolang_mail.models.ir_attachment import IrAttachment
box = bind(**values)
box.action_connect()
write, count = IrAttachment._waimaolang_write_whole, [0]
def full(self, name, content):
    count[0] += 1
    if count[0] > 3:
        with open(self._full_path(name), "wb") as file:
            file.write(content[:1000])
        raise OSError(errno.ENOSPC, "No space left on device", "/srv/secret/path")
    return write(self, name, content)
IrAttachment._waimaolang_write_whole = full
done = box._sync()
fresh()
kind = env.ref("waimaolang_mail.mail_activity_no_room")
told = lambda: env["mail.activity"].search_count([("activity_type_id", "=", kind.id)])
state = [box.state, box.error_code, box.error_detail, box.health, told() > 0]
rows = env["waimaolang.mailbox.copy"].search([])
ledger = [sorted(set(rows.mapped("state"))), sum(rows.mapped("attempts"))]
IrAttachment._waimaolang_write_whole = write
again = drain(box)
files = env["ir.attachment"].search([("name", "=", "offer.pdf")])
result = [done["error"], done["failed"], state, ledger, again["stored"],
          again["failed"],
          [box.state, box.error_code, told()], [len(one.raw) for one in files]]
""",
        **box.values(),
    )
    error, failed, state, ledger, stored, failed_later, later, sizes = found
    assert (error, failed, failed_later) == ("storage", 0, 0)
    assert state == ["error", "storage", "No space left on device", "trouble", True]
    assert ledger == [["pending"], 0]
    assert stored == 6 and later == ["connected", False, 0]
    assert sizes == [4000] * 6


def test_i1_postgresql_drops_all_connections_in_mid_import_and_the_lane_goes_on(
    driver, odoo, box
):
    """As when it is restarted; the whole cluster belongs to other tests, too."""
    total = 700
    box.fill(total)
    driver.run(BOUND + "result = bound(**values).id", **box.values())
    logins = box.dovecot.logins(box.email)
    odoo.start(cron_threads=1)
    driver.run(WAKE)
    for wanted in (50, 200):
        wait_until(lambda least=wanted: driver.stored() > least, 60, "some mail")
        driver.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid != pg_backend_pid()"
        )
        driver.run(WAKE)
    wait_until(lambda: driver.stored() == total, 150, "all mail")
    assert driver.states() == {"stored": total}
    assert box.dovecot.logins(box.email) - logins <= 3
    counted = "SELECT count(*), count(DISTINCT rfc_message_id) FROM waimaolang_mail"
    assert driver.sql(counted) == [[str(total), str(total)]]


STEPPED = """
    UPDATE waimaolang_mailbox SET next_sync = next_sync + interval '1 hour',
           last_sync = last_sync + interval '1 hour',
           last_listed = last_listed + interval '1 hour',
           wait_until = wait_until + interval '1 hour',
           write_date = write_date + interval '1 hour';
    UPDATE waimaolang_mailbox_lease SET claimed_at = claimed_at + interval '1 hour',
           expires = (now() AT TIME ZONE 'UTC') + interval '1 hour',
           holder = 'a lane that was killed',
           kept_until = kept_until + interval '1 hour',
           kept_since = kept_since + interval '1 hour',
           not_before = (now() AT TIME ZONE 'UTC') + interval '62 minutes',
           login_at = login_at + interval '1 hour';
    UPDATE waimaolang_outbox SET due = due + interval '1 hour',
           send_at = send_at + interval '1 hour',
           write_date = write_date + interval '1 hour',
           create_date = create_date + interval '1 hour';
"""


def test_i6_a_clock_that_steps_back_an_hour_parks_no_mailbox(driver, box, outlet):
    """As if all that is stored had been written an hour from now."""
    box.fill(3)
    driver.run(
        BOUND
        + """
box = bound(**values)
drain(box)
env["waimaolang.outbox"].create([
    {"mailbox_id": box.id, "state": "queued", "recipients": ["a@outside.example"],
     "send_at": now, "due": now}
    for now in (env.cr.now(), env.cr.now().replace(year=2031))])
env.cr.commit()
result = True
""",
        **outlet,
    )
    box.fill(2, first=50)
    driver.sql(STEPPED)
    found = driver.run(
        """
from odoo.addons.waimaolang_mail.engine import clock, lanes
box = env["waimaolang.mailbox"].search([])
stepped = clock.has_stepped(env.cr)
env.cr.rollback()
clock.mind(env.registry)
fresh()
now = env.cr.now()
minutes = lambda time: round((time - now).total_seconds() / 60)
env.cr.execute("SELECT expires, not_before, kept_until > now() AT TIME ZONE 'UTC' + "
               "interval '20 seconds', claimed_at <= now() AT TIME ZONE 'UTC'"
               " FROM waimaolang_mailbox_lease")
lease = env.cr.fetchone()
rows = env["waimaolang.outbox"].search([], order="send_at")
result = [stepped, clock.has_stepped(env.cr), minutes(box.next_sync),
          minutes(box.last_sync), lease, minutes(rows[0].due) <= 0, rows[1].due.year]
""",
    )
    assert found == [True, False, 5, 0, [None, None, False, True], True, 2031]


def test_i6_after_the_step_the_lanes_run_though_odoos_schedule_is_an_hour_away(
    driver, box
):
    found = driver.run(
        BOUND
        + """
from datetime import timedelta
stepped = values.pop("stepped")
box = bound(**values)
drain(box)
lane = env.ref("waimaolang_mail.ir_cron_lane")
triggers = lambda: env["ir.cron.trigger"].search([("cron_id", "=", lane.id)])
triggers().unlink()
env.cr.commit()
box.get_needing_me()
told = [len(triggers())]
env.cr.execute(stepped)
box.invalidate_recordset()
box.get_needing_me()
told.append([one.call_at <= env.cr.now() + timedelta(seconds=5) for one in triggers()])
triggers().unlink()
lane.nextcall = env.cr.now() + timedelta(minutes=59)
env.cr.commit()
env["waimaolang.lane"].with_context(cron_id=lane.id)._run()
fresh()
told.append([one.call_at <= env.cr.now() + timedelta(minutes=2) for one in triggers()])
result = told
""",
        stepped=STEPPED,
        **box.values(),
    )
    assert found[0] == 0 and found[1] == [True] and any(found[2])
