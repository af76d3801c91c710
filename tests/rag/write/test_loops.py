"""A model that says the same thing over and over is stopped."""

from __future__ import annotations

import pytest

from rag.answer import Written
from rag.chat.chat_model import Kept, Writing
from rag.write.loops import repeats_itself, without_loops

RUN = "The passage that says so is the one that says so. "  # eleven words


def looped(text: str, closed: list[bool]) -> Writing:
    """A word at a time, until it is closed."""
    try:
        for word in text.split(" "):
            yield f"{word} "
        return Written(1, 2, False)
    finally:
        closed.append(True)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (RUN * 9, RUN * 3),
        (f"It opens at nine. {RUN * 9}", f"It opens at nine. {RUN * 3}"),
        ("no " * 99, "no " * 24),
        ("E1 E2 E3 E4 E5 E6 E7 E8 E9 F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 G1 G2 G3 G4 G5", ...),
        (
            "\n".join(f"{n}. The tenant may inspect all vouchers at will. " for n in range(9)),
            None,
        ),
        ("".join(f"In {n} the firm paid a dividend of {n} cents a share. " for n in range(9)), ...),
        (RUN * 2 + "But not this. " + RUN * 2, ...),  # twice is no loop
        ("It is so. " * 2, ...),
    ],
)
def test_the_third_time_is_the_last(text: str, left: object) -> None:
    text, closed = text.rstrip(), []
    kept = Kept(without_loops(looped(text, closed)))
    written = "".join(kept)
    assert closed == [True]
    if left is ...:
        assert written == f"{text} "
        assert kept.written == Written(1, 2, False)
    elif left is None:  # the numbers of items don't count
        assert written == text[: text.index("\n3.")]
    else:
        assert written == left


def test_a_text_that_goes_in_circles_repeats_itself() -> None:
    said = "The tenant may share with a company in the group"
    assert repeats_itself(f"The one that says {said} is the one that says {said}.")
    assert not repeats_itself("The 220 is to be greased every 300 hours, the 320 every 200 hours.")
    assert not repeats_itself(
        "The 220 must be greased every 300 h. The 320 must be greased every 200 h."
    )
    assert not repeats_itself("")
    name = "of the Royal Society for the Protection of Birds"
    twice = f"Members {name} pay nothing. Guests {name} pay five pounds."
    assert not repeats_itself(twice)
    assert repeats_itself(f"{twice} Friends {name} pay two.")
