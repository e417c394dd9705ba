# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where the providers are, and what an operator's file may change of it."""

from dataclasses import fields

import flow
import pytest
from flow import endpoints
from flow.base import Server

CLOUDS = [("google", "global"), ("microsoft", "global"), ("microsoft", "china")]


@pytest.mark.parametrize(("provider", "cloud"), CLOUDS)
def test_everything_is_https_and_verified_mail(provider, cloud):
    found = endpoints.of(provider, cloud)
    for field in fields(found):
        value = getattr(found, field.name)
        if isinstance(value, str) and "/" in value:
            assert value.startswith("https://"), field.name
    assert found.imap.port == 993 and found.imap.security == "ssl"
    assert (found.smtp.port, found.smtp.security) in ((465, "ssl"), (587, "starttls"))
    assert flow.of(provider).begin


@pytest.mark.parametrize(
    ("provider", "cloud", "hosts", "scopes"),
    [
        (
            "google",
            "global",
            ("imap.gmail.com", "smtp.gmail.com"),
            ("openid", "email", "https://mail.google.com/"),
        ),
        (
            "microsoft",
            "global",
            ("outlook.office365.com", "smtp.office365.com"),
            (
                "https://outlook.office.com/IMAP.AccessAsUser.All",
                "https://outlook.office.com/SMTP.Send",
            ),
        ),
        (
            "microsoft",
            "china",
            ("partner.outlook.cn", "smtp.partner.outlook.cn"),
            (
                "https://partner.outlook.cn/IMAP.AccessAsUser.All",
                "https://partner.outlook.cn/SMTP.Send",
            ),
        ),
    ],
)
def test_hosts_and_the_least_scopes(provider, cloud, hosts, scopes):
    found = endpoints.of(provider, cloud)
    assert (found.imap.host, found.smtp.host) == hosts
    assert found.scopes == scopes


def test_the_cloud_of_21vianet_shares_nothing_with_the_global_one():
    for value in vars(endpoints.of("microsoft", "china")).values():
        assert "microsoftonline.com" not in str(value)
        assert "office" not in str(value)


def test_single_values_are_replaced():
    given = {
        "google": {
            "token": "http://127.0.0.1:14000/oauth2/token",
            "certs": "http://[::1]:14000/certs",
            "issuer": "http://localhost:14000",
            "revoke": "",
            "imap": {"host": "127.0.0.1", "port": 11993},
            "scopes": ["openid"],
        }
    }
    found = endpoints.of("google", overrides=given)
    assert found.token == given["google"]["token"]
    assert found.revoke == ""
    assert found.imap == Server("127.0.0.1", 11993, "ssl")
    assert found.smtp == endpoints.of("google").smtp
    assert found.authorize == endpoints.of("google").authorize
    assert found.scopes == ("openid",)
    # of the other provider nothing is said
    assert endpoints.of("microsoft", overrides=given) == endpoints.of("microsoft")


@pytest.mark.parametrize(
    "given",
    [
        {"token": "http://oauth2.googleapis.com/token"},
        {"token": "http://127.0.0.1.evil.example/token"},
        {"token": "http://10.0.0.1/token"},
        {"token": "http://localhost@evil.example/"},
        {"token": "https://user:pw@idp.example/"},
        {"token": "ftp://127.0.0.1/"},
        {"token": "token"},
        {"token": "https://"},
        {"token": "https://x:99999999/"},
        {"token": "https://[::1"},
        {"token": None},
        {"certs": 7},
        {"imap": "imap.gmail.com"},
        {"imap": {"host": 7}},
        {"imap": {"port": "993"}},
        {"imap": {"security": "none"}},
        {"imap": {"verify": False}},
        {"scopes": "openid"},
        {"scopes": [7]},
        {"provider": "microsoft"},
        {"certificate_checks": False},
        "https://idp.example",
    ],
    ids=repr,
)
def test_what_is_no_override(given):
    with pytest.raises(ValueError):
        endpoints.of("google", overrides={"google": given})


@pytest.mark.parametrize(
    ("provider", "cloud"), [("yahoo", "global"), ("microsoft", "us")]
)
def test_what_is_not_known(provider, cloud):
    with pytest.raises(ValueError):
        endpoints.of(provider, cloud)
