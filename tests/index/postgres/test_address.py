"""An address never shows its credentials."""

from __future__ import annotations

import pytest

from index.postgres.address import Address, is_address


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://h/d", "postgresql://h/d"),
        ("postgres://ann:s3cret@h:5433/d", "postgres://***@h:5433/d"),
        ("postgresql://ann@h1,h2:5/d", "postgresql://***@h1,h2:5/d"),
        ("postgresql:///d?host=/run/pg&password=s3cret", "postgresql:///d?host=/run/pg"),
        (
            "postgresql://ann:s3cret@/d?host=/run/pg&sslpassword=x",
            "postgresql://***@/d?host=/run/pg",
        ),
        # A password whose signs are not written as %XX cannot be told from the rest.
        ("postgresql://ann:s3/cr@t@h/d", "postgresql://***"),
        ("postgresql://ann:s3#cr?t@h/d", "postgresql://***"),
        ("postgresql://h/d?password=s3@cret", "postgresql://***"),
        ("postgresql://ann:[s3cret@h/d", "postgresql://***"),
        ("mysql://ann:s3cret@h/d", "mysql://***@h/d"),
    ],
)
def test_it_is_shown_without_user_and_password(url: str, shown: str) -> None:
    assert (str(Address(url)), repr(Address(url)), f"{Address(url)}") == (shown,) * 3


def test_what_another_program_says_loses_the_password() -> None:
    address = Address("postgresql://ann:s%40p@h/d")
    assert address.without_secrets("no 's@p',\n nor s%40p") == "no '***', nor ***"
    assert Address("postgresql://h/d?password=s3").without_secrets("bad s3") == "bad ***"


def test_its_key_is_that_of_the_database_whoever_asks() -> None:
    keys = {Address(f"postgresql://{user}@h/d").key for user in ("ann:1", "ann:2", "bob")}
    assert len(keys) == 1
    assert Address("postgresql://ann@h/other").key not in keys


def test_what_is_an_address() -> None:
    assert [is_address(each) for each in ("postgresql://h/d", "postgres://h/d")] == [True, True]
    assert [is_address(each) for each in ("store", "mysql://h/d", "/a/postgresql:/d")] == [
        False
    ] * 3
