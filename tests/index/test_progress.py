from __future__ import annotations

from index.progress import Expected, Passed, Step, Tally
from index.records import Added


def test_files_and_the_parts_of_the_present_ones() -> None:
    tally = Tally()
    assert (tally.done, tally.total, tally.share, tally.step) == (0, 0, 0, None)
    tally.tell(Expected(4))
    tally.tell(Step("a.pdf", "reading", 30, 120))  # a quarter of its first half
    assert (tally.done, tally.share) == (0.125, 0.03125)
    tally.tell(Step("a.pdf", "embedding", 1, 2))  # half of its second half
    tally.tell(Step("b.pdf", "reading", 1, 1))
    assert tally.done == 0.75 + 0.5
    tally.tell(Step("a.pdf", "reading", 1, 120))  # never back
    assert tally.done == 1.25
    tally.tell(Added("id", "a.pdf", "A", "0", 2, "added"))
    tally.tell(Passed("c.bin"))
    assert tally.done == 2.5
    tally.tell(Expected(2))  # members of an archive
    assert (tally.done, tally.total, round(tally.share, 4)) == (2.5, 6, 0.4167)


def test_a_step_in_words() -> None:
    assert Step("papers/a.pdf", "reading", 3, 1200).words == "a.pdf: page 3 of 1,200"
    assert Step("a.zip!/b.txt", "embedding", 8, 9).words == "b.txt: chunk 8 of 9"
