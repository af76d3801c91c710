"""What is about another thing of the kind than the one a question names: PPX-9078 for PPX-9087, the
row of Japan for that of Germany, "Its head" after the laboratory in Oslo. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.read.cells import cells, labelled_cells
from rag.read.identifiers import held, identifiers, is_code

_WORDS = r"\w+"
_ANAPHOR = re.compile(r"(?:Its|His|Her|Their|It|He|She|They|This|That|These|Those)\b")
_STOP = re.compile(r"(?<=[.!?])\s+")
_NAMED = re.compile(  # "office in Paris", "ferry Aurora": a word, how it is joined, and a name
    r"\b([a-z]\w{2,})((?: (?:in|of|at|for|from) (?:the )?| (?:line |no )?))"
    r"([A-Z][\w-]+(?: [A-Z][\w-]+)*)"
)
_NO_KIND = frozenset(
    "what which who when where why how does did the and for are was were has have had can may must "
    "should will would with from into about not does".split()
)
_ITEM = re.compile(r"\s*(?:[-*•‣▪–]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_LEAST_LETTERS = 3  # of a cell that names a row
_FEW = 3  # sentences that a code may stand in and still be looked up by it
_YEAR = re.compile(r"(?:19|20)\d\d")


def named_row(question: str, texts: Sequence[str]) -> int:
    """The place of the first of `texts`, or, where that is a row of a table that names its columns,
    of the row of the same columns whose cells `question` names most of, letter by letter; of
    several the first. Rows that don't are not told apart from the heads of their table, whose words
    a question names more often."""
    if not texts or len(heads := list(labelled_cells(texts[0]))) < 2:
        return 0
    weights = [
        sum(map(len, _named_cells(question, text).values()))
        if list(labelled_cells(text)) == heads
        else 0
        for text in texts
    ]
    return max(range(len(texts)), key=lambda place: weights[place])


def with_the_code(question: str, lacking: Sequence[frozenset[str]]) -> int:
    """The place of the first of several that lacks no code of `question`, of letters and figures,
    where the very first lacks one; else 0. `lacking` are the identifiers that each lacks."""
    codes = {each for each in identifiers(question) if _is_lettered(each)}
    if not lacking or not codes & lacking[0]:
        return 0
    return next((place for place, lacks in enumerate(lacking) if not codes & lacks), 0)


def with_antecedent(text: str, start: int, end: int) -> str:
    """The sentence `text[start:end]`, after those of its paragraph that its first word, a pronoun,
    points back to."""
    said = text[start:end]
    before = _STOP.split(text[text.rfind("\n\n", 0, start) + 1 : start].strip())
    while before and before[-1] and _ANAPHOR.match(said):
        said = f"{before.pop()} {said}"
    return said


def names_another(question: str, text: str) -> bool:
    """Whether `text` has another name in the place of one of `question`: "ferry Borea" for "ferry
    Aurora"."""
    asked = [named for named in _NAMED.findall(question) if named[0] not in _NO_KIND]
    there = {(kind, joint) for kind, joint, _ in _NAMED.findall(text)} if asked else set()
    return any(
        (kind, joint) in there and not re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE)
        for kind, joint, name in asked
    )


def of_the_named(question: str, texts: Sequence[str]) -> int:
    """The place of the first of `texts`, or, where that has another name in the place of one of
    `question`, of the first that has the same there."""
    if not texts or not names_another(question, texts[0]):
        return 0
    kinds = _NAMED.findall(question)
    for place, text in enumerate(texts):
        if any(named in kinds for named in _NAMED.findall(text)):
            return place
    return 0


def is_of_another(
    question: str, best: str, lacking: frozenset[str], text: str, text_lacking: frozenset[str]
) -> bool:
    """Whether `text` is about another thing than `best`, which is about one that `question` names:
    it lacks an identifier that `best` holds, of those of which `lacking` and `text_lacking` tell,
    and has another of its form, or is a row of the same columns with another cell in its place."""
    more = text_lacking - lacking
    if more and lacking <= text_lacking:
        parallel = _listed(best) and _listed(text)
        forms = {_form(each) for each in identifiers(text)}
        for each in (_whole(part, best) for part in more):
            if not any(map(str.isdigit, each)):
                return True
            if _form(each) in forms and (parallel or any(map(str.isalpha, each))):
                return True
    own, other = _named_cells(question, best), cells(text)
    if not own or list(cells(best)) != list(other):
        return False
    theirs = _named_cells(question, text)
    return any(head not in theirs for head in own) and not theirs.keys() - own.keys()


def is_looked_up(question: str, best: str, heading: str, texts: Sequence[str]) -> bool:
    """Whether `question` names a code or a version that stands in the `heading` of `best`, or a
    code, no year and no version, that stands in `best`, and in few of all `texts`."""
    under = held(heading.rpartition(" › ")[2])
    for each in identifiers(question):
        if each in under and is_code(each) and not _YEAR.fullmatch(each):
            return True
        if not is_code(each) or "." in each or _YEAR.fullmatch(each) or each not in held(best):
            continue
        if sum(each in text.lower() for text in texts) <= _FEW:
            return True
    return False


def _named_cells(question: str, row: str) -> dict[str, str]:
    """The cells of a row that stand in `question` as they are; of one that doesn't name its
    columns only the first, for the others may be the heads of columns."""
    low = f" {' '.join(re.findall(_WORDS, question.casefold()))} "
    return {
        head: cell
        for head, cell in cells(row).items()
        if (head == "0" or not head.isdecimal())
        and sum(map(str.isalpha, cell)) >= _LEAST_LETTERS
        and f" {' '.join(re.findall(_WORDS, cell.casefold()))} " in low
    }


def _is_lettered(identifier: str) -> bool:
    return is_code(identifier) and any(map(str.isalpha, identifier))


def _whole(part: str, text: str) -> str:
    """The identifier of `text` of which `part` is one: ppx-9087 of 9087; else `part`."""
    return next((i for i in identifiers(text) if part in re.split(r"[./:-]", i)), part)


def _listed(text: str) -> bool:
    return bool(cells(text)) or _ITEM.match(text) is not None


def _form(identifier: str) -> str:
    """Its letters and signs, with one figure for each run of figures."""
    return re.sub(r"\d+", "0", identifier)
