# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from mime import outbody, signing

CORES = '<div data-o-mail-quote="1"><br>-- <br>Of Odoo</div>'
OURS = str(signing.sign("<p>Lin</p>"))


def test_a_signature_is_exchanged_and_what_was_written_stays():
    for old in (CORES, OURS):
        changed = signing.replace_signature(
            f"<p>Hi</p>{old}<p>more</p>", str(signing.sign("Wei"))
        )
        assert changed.startswith("<p>Hi</p>") and changed.endswith("<p>more</p>")
        assert "Wei" in changed and "Lin" not in changed and "Of Odoo" not in changed


def test_a_deleted_signature_stays_away_unless_asked_for():
    assert signing.replace_signature("<p>Hi</p>", OURS) == "<p>Hi</p>"
    assert signing.replace_signature("<p>Hi</p>", OURS, adds=True) == f"<p>Hi</p>{OURS}"
    assert signing.replace_signature(f"<p>Hi</p>{OURS}", "") == "<p>Hi</p>"
    assert signing.replace_signature("", "") == ""


def test_a_quoted_mail_is_no_signature():
    quoted = '<div data-o-mail-quote="1">On Monday, Hans wrote:</div>'
    assert signing.replace_signature(quoted, OURS) == quoted


def test_pictures_of_a_body():
    html = '<p><img src="/web/image/7?x=1">a<img src="https://x.example/y"><img></p>'
    addresses = outbody.image_addresses(html)
    assert [outbody.image_id(one) for one in addresses] == [7, 0, 0]
    assert outbody.image_addresses("") == []
