"""What groups may do."""

from __future__ import annotations

import pytest

from api.access.grants import Grants
from api.access.role import Role
from index.errors import InvalidSetting

GRANTS = Grants(
    "admins=admin; staff = editor;hr=reader:contracts, pay; law=reader:cases; all=reader;"
    "cn=it,dc=example,dc=org=editor"
)


@pytest.mark.parametrize(
    ("groups", "role", "collections"),
    [
        (["admins"], Role.ADMIN, None),
        (["staff", "hr"], Role.EDITOR, None),
        (["hr"], Role.READER, ("contracts", "pay")),
        (["hr", "law"], Role.READER, ("cases", "contracts", "pay")),
        (["hr", "all"], Role.READER, None),
        (["cn=it,dc=example,dc=org"], Role.EDITOR, None),
        (["Admins", "admin", "", "*"], None, ()),
        ([], None, ()),
    ],
)
def test_the_highest_of_what_the_groups_may_do_counts(
    groups: list[str], role: Role | None, collections: tuple[str, ...] | None
) -> None:
    assert GRANTS.of(groups) == (role, collections)


def test_everyone_is_a_group_that_is_not_named_by_anybody() -> None:
    grants = Grants("*=reader:handbook; hr=reader:pay")
    assert grants.of([]) == (Role.READER, ("handbook",))
    assert grants.of(["hr"]) == (Role.READER, ("handbook", "pay"))
    assert grants.known(["other", "hr"]) == ("hr",)


@pytest.mark.parametrize(
    "written", ["admins", "=admin", "admins=owner", "staff=editor:hr", "hr=reader:", "hr=reader:a/"]
)
def test_what_grants_nothing_is_refused_with_its_form(written: str) -> None:
    with pytest.raises(InvalidSetting, match=r"group_roles has .*GROUP=ROLE"):
        Grants(f"a=reader; {written}")
