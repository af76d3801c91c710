"""What globs match, by hand and against a matcher that tries everything."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.glob import expression, is_glob, matcher, matches


@pytest.mark.parametrize(
    ("glob", "those", "not_those"),
    [
        ("hr/*.md", ["hr/a.md", "hr/.md"], ["hr/a/b.md", "hr/a.md.txt", "xhr/a.md"]),
        ("hr/**", ["hr/a", "hr/a/b.md"], ["hr", "hrx/a"]),
        ("hr/**/*.md", ["hr/a.md", "hr/x/y/a.md"], ["hr/x/a.txt", "a.md"]),
        ("**/hr/*", ["hr/a", "x/hr/a", "x/y/hr/a"], ["xhr/a", "hr/a/b"]),
        ("**/a/**/b", ["a/b", "x/a/b", "a/x/y/b", "x/a/y/a/b"], ["ab", "a/xb", "xa/b"]),
        ("**.md", ["a.md", "x/y/a.md"], ["a.mdx"]),
        ("a**z", ["az", "a/z", "a/b/cz"], ["az/", "ba/z"]),
        ("a**/z", ["a/z", "ab/z", "a/b/z"], ["az", "z"]),
        ("?/?", ["a/b"], ["ab", "//", "a/bc"]),
        ("a[b].(c)", ["a[b].(c)"], ["ab.c", "a[b]x(c)"]),
        ("a*", ["a", "ab", "a\nb"], ["a/b"]),
        ("**b", ["a\nb", "\nb"], ["b\n"]),
        ("*a*b", ["ab", "xaxb", "aab", "abab"], ["aba", "ba"]),
    ],
)
def test_signs_stand_for(glob: str, those: Sequence[str], not_those: Sequence[str]) -> None:
    assert [uri for uri in (*those, *not_those) if matches(glob, uri)] == [*those]
    pattern = re.compile(expression(glob), re.DOTALL)
    assert [uri for uri in (*those, *not_those) if pattern.fullmatch(uri)] == [*those]


def test_what_is_a_glob() -> None:
    assert [text for text in ("a*", "a?", "**", "a", "[a]", "") if is_glob(text)] == [
        "a*",
        "a?",
        "**",
    ]


@settings(max_examples=2000, deadline=None)
@given(
    st.lists(st.sampled_from(["**", "*", "?", "/", "a", "b", "**/", "."]), max_size=9).map("".join),
    st.lists(st.sampled_from("ab/.\n"), max_size=10).map("".join),
)
def test_the_nearest_place_is_as_good_as_any(glob: str, uri: str) -> None:
    assert matches(glob, uri) == bool(re.fullmatch(expression(glob), uri, re.DOTALL))


@pytest.mark.parametrize("glob", ["*a" * 200 + "x", "**a" * 200 + "x", "**/*a" * 50 + "x"])
def test_a_hostile_glob_ends(glob: str) -> None:
    """With every way tried, none of these would end before the sun does."""
    assert not matcher(glob)("a" * 1000 + "/" + "a/" * 500)
    assert matcher(glob)("a/" * 500 + "a" * 400 + "x") == (not glob.startswith("*a"))
