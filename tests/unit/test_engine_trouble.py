# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is our own server's trouble, and what the mail's."""

import errno

import pytest
from engine import trouble


class DatabaseError(Exception):
    """As psycopg2's, which all have a SQLSTATE or None."""

    def __init__(self, pgcode=None):
        self.pgcode = pgcode
        super().__init__("a value of somebody's mail")


class OperationalError(DatabaseError):
    pass


@pytest.mark.parametrize(
    ("exc", "kind"),
    [
        (OSError(errno.ENOSPC, "/srv/filestore/ab/abcd"), trouble.STORAGE),
        (OSError(errno.EDQUOT, "x"), trouble.STORAGE),
        (OSError(errno.EROFS, "x"), trouble.STORAGE),
        (PermissionError(errno.EACCES, "x"), trouble.STORAGE),
        (MemoryError(), trouble.STORAGE),
        (DatabaseError("53100"), trouble.STORAGE),
        (DatabaseError("53200"), trouble.STORAGE),
        (DatabaseError("58030"), trouble.STORAGE),
        (DatabaseError("25006"), trouble.STORAGE),
        (DatabaseError("53300"), trouble.AWAY),
        (DatabaseError("57P01"), trouble.AWAY),
        (DatabaseError("57P03"), trouble.AWAY),
        (DatabaseError("08006"), trouble.AWAY),
        (OperationalError(), trouble.AWAY),
        (DatabaseError("40001"), trouble.BUSY),
        (DatabaseError("55P03"), trouble.BUSY),
    ],
)
def test_i5_our_own_trouble_is_no_mails_fault(exc, kind):
    found = trouble.of(exc)
    assert found.kind == kind
    assert "filestore" not in found.detail and "somebody" not in found.detail


@pytest.mark.parametrize(
    "exc",
    [
        ValueError("odd header"),
        DatabaseError("22021"),  # a character that PostgreSQL does not take
        DatabaseError("54000"),  # an index row too large
        DatabaseError("57014"),  # a query that took too long
        DatabaseError(),
        UnicodeDecodeError("utf-8", b"", 0, 1, "odd"),
    ],
)
def test_i5_what_the_mail_did_is_told_of_the_mail(exc):
    assert trouble.of(exc) is None


def test_the_cause_behind_another_error_counts():
    try:
        try:
            raise OSError(errno.ENOSPC, "x")
        except OSError as exc:
            raise ValueError("cannot write") from exc
    except ValueError as exc:
        assert trouble.of(exc).kind == trouble.STORAGE
