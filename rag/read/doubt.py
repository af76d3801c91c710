"""What the best sentence is about instead of what a question names. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.text.captions import captions_in
from rag.answer import Passage
from rag.read.identifiers import bounds, held, is_code, nearest


def doubt(
    question: str,
    lacks: frozenset[str],
    span: tuple[int, int],
    passage: Passage,
    passages: Sequence[Passage],
    beside: Sequence[str] = (),
) -> str:
    """What the sentence at `span` of `passage` is about instead of what the question names: an
    identifier that it `lacks`, and so do the caption of its table and the sentences given `beside`
    it, if that stands elsewhere in `passages` or can be taken for nothing but one; "" where there
    is none. A date that bounds the time asked about need not be named, and a version is named by
    those that begin with it."""
    if not lacks:
        return ""
    start, end = span
    text = passage.text[start:end]
    captions = [
        caption.text
        for caption in captions_in(passage.text, 0, len(passage.text))
        if caption.start <= start < caption.end
    ]
    given = held("\n".join([*beside, *captions]))
    versions = held(f"{passage.title}\n{passage.heading}\n{text}")
    there = held("\n".join(each.text for each in passages))
    for lacking in sorted(lacks - given - bounds(question)):
        if any(each.startswith(f"{lacking}.") for each in versions if "." in lacking):
            continue
        if lacking in there or is_code(lacking):
            named = re.search(re.escape(lacking), question, re.IGNORECASE)
            asked = named.group() if named else lacking
            other = nearest(lacking, text)
            return f"This is about {other}, not {asked}" if other else f"This doesn't name {asked}"
    return ""
