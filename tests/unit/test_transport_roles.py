# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Folder names of real providers and the role each has."""

import pytest
from imapclient.imap_utf7 import encode
from transport import roles
from transport.base import ROLES
from transport.imapparse import key_of

# flags, delimiter, path, role
FOLDERS = [
    ("", "/", "INBOX", "inbox"),
    ("", "/", "Inbox", "inbox"),
    ("\\Sent", "/", "whatever", "sent"),
    ("\\HasNoChildren \\SENT", "/", "whatever", "sent"),
    ("\\AllMail", "/", "[Gmail]/All Mail", "all"),
    ("\\Spam", "/", "x", "junk"),
    ("\\Important", "/", "[Gmail]/Important", "other"),
    # Tencent QQ, Exmail
    ("", "/", "Sent Messages", "sent"),
    ("", "/", "Deleted Messages", "trash"),
    ("", "/", "其他文件夹", "other"),
    ("", "/", "其他文件夹/垃圾邮件", "other"),
    # NetEase
    ("", "/", "已发送", "sent"),
    ("", "/", "已删除", "trash"),
    ("", "/", "草稿箱", "drafts"),
    ("", "/", "垃圾邮件", "junk"),
    ("", "/", "病毒文件夹", "junk"),
    ("", "/", "广告邮件", "junk"),
    ("", "/", "订阅邮件", "other"),
    # Aliyun, 263, Sina
    ("", "/", "已发邮件", "sent"),
    ("", "/", "已删除邮件", "trash"),
    ("", "/", "草稿夹", "drafts"),
    # traditional Chinese
    ("", "/", "寄件備份", "sent"),
    ("", "/", "已刪除項目", "trash"),
    ("", "/", "垃圾郵件", "junk"),
    # the world
    ("", ".", "INBOX.Sent", "sent"),
    ("", ".", "INBOX.Drafts", "drafts"),
    ("", "/", "Sent Items", "sent"),
    ("", "/", "[Gmail]/Sent Mail", "sent"),
    ("", "/", "Gesendete Elemente", "sent"),
    ("", "/", "Éléments envoyés", "sent"),
    ("", "/", "Elementos enviados", "sent"),
    ("", "/", "Itens Enviados", "sent"),
    ("", "/", "Отправленные", "sent"),
    ("", "/", "Posta inviata", "sent"),
    ("", "/", "送信済みアイテム", "sent"),
    ("", "/", "보낸 편지함", "sent"),
    ("", "/", "Verzonden items", "sent"),
    ("", "/", "Wysłane", "sent"),
    ("", "/", "Gönderilmiş Öğeler", "sent"),
    ("", "/", "Papierkorb", "trash"),
    ("", "/", "Спам", "junk"),
    ("", "/", "Archive", "archive"),
    # decorated
    ("", "/", "[Sent]", "sent"),
    ("", "/", "📤 已发送 (2)", "sent"),
    ("", "/", "Sent - 2023", "sent"),
    # customers' own
    ("", "/", "Customers/Spam", "other"),
    ("", "/", "Sent to factory", "other"),
    ("", "/", "Junk cars Ltd", "other"),
    ("", "/", "INBOX/Inbox", "other"),
    ("", "/", "Contacts", "other"),
    ("", "", "Sent", "sent"),
]


@pytest.mark.parametrize("flags, delimiter, path, role", FOLDERS)
def test_role(flags, delimiter, path, role):
    found = roles.folder(flags.split(), delimiter, encode(path).decode())
    assert (found.path, found.role) == (path, role)
    assert found.selectable


def test_table_has_no_unknown_roles():
    assert set(roles.ROLE_OF_NAME.values()) <= set(ROLES)


@pytest.mark.parametrize(
    "key, path",
    [
        ("&XfJT0ZAB-", "已发送"),
        ("&UXZO1mWHTvZZOQ-/&V4NXPpCuTvY-", "其他文件夹/垃圾邮件"),
        ("A&-B", "A&B"),
        ("R&D", "R&D"),
        ("已发送", "已发送"),
        ("&AAA", "&AAA"),
        ("&!!-", "&!!-"),
        ("&2D0-", "&2D0-"),  # half a surrogate pair
        ("&AAAACg-x", "\ufffd\ufffdx"),  # NUL and a line feed
        (key_of("已发送".encode("gb18030")), "已发送"),
        (key_of(b"caf\xe9"), "caf\xe9"),
    ],
)
def test_decode_name(key, path):
    assert roles.decode_name(key) == path


@pytest.mark.parametrize("flag", ["\\Noselect", "\\NonExistent", "\\NOSELECT"])
def test_not_selectable(flag):
    assert not roles.folder([flag], "/", "x").selectable


@pytest.mark.parametrize(
    "path", ["Calendar", "Contacts/Suppliers", "Sync Issues/Conflicts", "日历", "任务"]
)
def test_exchange_stores_hold_no_mail(path):
    key = encode(path).decode()
    assert not roles.folder([], "/", key, exchange=True).selectable
    assert roles.folder([], "/", key).selectable


def _synced(*lines):
    folders = [roles.folder(flags.split(), "/", key) for flags, key in lines]
    return roles.default_synced(folders)


def test_default_is_all_but_drafts_junk_trash_and_containers():
    assert _synced(
        ("", "INBOX"),
        ("\\Sent", "Sent"),
        ("", "Sent Messages"),
        ("\\Drafts", "Drafts"),
        ("\\Junk", "Junk"),
        ("\\Trash", "Trash"),
        ("\\Noselect", "Customers"),
        ("", "Customers/ACME"),
        ("", "Archive"),
    ) == {"INBOX", "Sent", "Sent Messages", "Customers/ACME", "Archive"}


def test_gmail_is_all_mail_alone():
    assert _synced(
        ("", "INBOX"),
        ("\\Sent", "[Gmail]/Sent Mail"),
        ("\\All", "[Gmail]/All Mail"),
        ("", "Label"),
    ) == {"[Gmail]/All Mail"}


def test_gmail_without_all_mail_in_imap():
    assert _synced(
        ("", "INBOX"),
        ("\\Noselect", "[Gmail]"),
        ("\\Sent", "[Gmail]/Sent Mail"),
        ("\\Flagged", "[Gmail]/Starred"),
        ("\\Important", "[Gmail]/Important"),
        ("", "Kunden"),
    ) == {"INBOX", "[Gmail]/Sent Mail", "Kunden"}


def test_views_over_everything_are_left_out_elsewhere():
    assert _synced(("", "INBOX"), ("\\All", "Virtual/All")) == {"INBOX"}


def test_a_providers_names_are_lines_of_role_and_path():
    text = (
        "sent = 已发送\n\n  Junk=Werbung / x\nsent = Second\nwhat = ever\nsent\n= y\n"
    )
    assert roles.parse_names(text) == {
        "已发送": "sent",
        "werbung / x": "junk",
        "second": "sent",
    }
    assert roles.parse_names(None) == roles.parse_names("") == {}


def test_a_providers_names_count_where_the_server_tells_nothing():
    folders = [
        roles.folder(["\\Inbox"], "/", "INBOX"),
        roles.folder(["\\Sent"], "/", "Gesandtes"),
        roles.folder([], "/", "Werbung"),
        roles.folder([], "/", "Kunden/Werbung"),
        roles.folder([], "/", "Eingang"),
    ]
    names = roles.parse_names(
        "trash = Gesandtes\njunk = WERBUNG\ninbox = Eingang\ndrafts = nowhere"
    )
    found = [folder.role for folder in roles.with_names(folders, names)]
    # one inbox is enough
    assert found == ["inbox", "sent", "junk", "other", "other"]
