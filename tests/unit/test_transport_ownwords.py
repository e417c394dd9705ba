# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What we say ourselves is told from what a server says."""

import ast
from pathlib import Path

import pytest
from transport import ownwords as words

ADDON = Path(words.__file__).parents[1]


@pytest.mark.parametrize(
    ("template", "figures"),
    [
        (words.NO_STARTTLS, {}),
        (words.INVALID_PORT, {"port": "99999"}),
        (words.TOO_MANY, {"most": "10,000"}),
        (words.NOT_THERE, {"seconds": "60", "folders": "INBOX, 垃圾邮件"}),
        (words.TOO_LARGE, {"size": "9", "limit": "5"}),
        (words.REPEATED, {}),
    ],
)
def test_our_words_are_known_again_with_their_figures(template, figures):
    assert words.find(words.say(template, **figures)) == (template, figures)


@pytest.mark.parametrize(
    "detail",
    [
        "",
        "LOGIN failed.",
        "登录失败",
        "Mailbox is full",
        "535 no login is offered here",
    ],
)
def test_a_servers_words_are_its_own(detail):
    assert words.find(detail) is None


def test_whatever_we_say_of_a_server_is_on_the_list():
    """No detail is written where it is raised: nobody would translate it."""
    written = []
    for path in [*ADDON.glob("transport/*.py"), *ADDON.glob("engine/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if getattr(getattr(node, "func", None), "id", "") != "MailServerError":
                continue
            detail = node.args[1] if len(node.args) > 1 else None
            if isinstance(detail, (ast.JoinedStr, ast.BinOp)) or (
                isinstance(detail, ast.Constant) and detail.value
            ):
                written.append(f"{path.name}:{node.lineno}")
    assert not written
