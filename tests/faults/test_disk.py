# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The disk of the filestore is full in mid-import: no mail is lost, none is blamed."""

from .truth import assert_truth

# As a full disk does, the system writes a file up to here, then refuses.
ROOM = 8192


def test_i1_i5_a_full_disk_loses_nothing_and_blames_no_mail(office, lanes):
    office.fill(120)
    mailbox = office.bind()
    full = lanes.lane(mailbox, passes=4, file_bytes=ROOM).wait()
    assert full["errors"], "the disk was not full"
    assert "failed" not in lanes.states(), lanes.states()
    lanes.finish(mailbox)
    assert_truth(office)
