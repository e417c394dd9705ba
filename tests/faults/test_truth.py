# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The check of all the others sees what it is for."""

import pytest

from .truth import assert_truth

HARM = {
    "is pending": "UPDATE waimaolang_mailbox_copy SET state = 'pending' WHERE id = {copy}",
    ": lost": "UPDATE waimaolang_mailbox_copy SET state = 'gone' WHERE id = {copy}",
    ": not there": "UPDATE waimaolang_mailbox_copy SET uid = 999 WHERE id = {copy}",
    "is excluded": "UPDATE waimaolang_mailbox_copy SET state = 'excluded'"
    " WHERE id = {copy}",
    "not in Odoo": "DELETE FROM waimaolang_mail WHERE id = {mail}",
    "twice in Odoo": "UPDATE waimaolang_mail SET rfc_message_id = (SELECT rfc_message_id"
    " FROM waimaolang_mail WHERE id != {mail} AND rfc_message_id LIKE '%{email}%'"
    " LIMIT 1) WHERE id = {mail}",
    "message twice": "INSERT INTO mail_message (message_id, message_type, subtype_id)"
    " SELECT message_id, message_type, subtype_id FROM mail_message"
    " WHERE waimaolang_mail_id = {mail}",
    "another body": "UPDATE mail_message SET body = 'x' WHERE waimaolang_mail_id = {mail}",
    "has links": "DELETE FROM waimaolang_mail_link WHERE mail_id = {mail}",
    "has files": "DELETE FROM ir_attachment WHERE res_model = 'mail.message' AND res_id"
    " IN (SELECT mail_message_id FROM waimaolang_mail"
    " WHERE rfc_message_id LIKE '%{email}%')",
    "figures": "UPDATE waimaolang_mailbox_folder SET remote_count = 99"
    " WHERE mailbox_id = {box}",
}


@pytest.mark.parametrize("sign", HARM)
def test_what_is_not_true_is_seen(office, lanes, sign):
    office.fill(4)
    mailbox = office.bind()
    lanes.finish(mailbox)
    assert_truth(office)
    copy, mail = lanes.sql(
        "SELECT id, mail_id FROM waimaolang_mailbox_copy"
        f" WHERE mailbox_id = {mailbox} AND state = 'stored' LIMIT 1"
    )[0]
    lanes.sql(
        HARM[sign].format(copy=copy, mail=mail, box=mailbox, email=office.box.email)
    )
    with pytest.raises(AssertionError, match=sign):
        assert_truth(office)
