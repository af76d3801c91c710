"""What is about another thing of the kind than the one a question names: PPX-9078 for PPX-9087, the
row of Japan for that of Germany. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.read.cells import cells
from rag.read.identifiers import held, identifiers, is_code

_ITEM = re.compile(r"\s*(?:[-*•‣▪–]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_LEAST_LETTERS = 3  # of a cell that names a row
_FEW = 3  # sentences that a code may stand in and still be looked up by it
_YEAR = re.compile(r"(?:19|20)\d\d")


def named_row(question: str, texts: Sequence[str]) -> int:
    """The place of the first of `texts`, or, where that is a row of a table, of the row of the same
    columns whose cells `question` names most of, letter by letter; of several the first."""
    if not texts or not (heads := list(cells(texts[0]))):
        return 0
    weights = [
        sum(map(len, _named_cells(question, text).values())) if list(cells(text)) == heads else 0
        for text in texts
    ]
    return max(range(len(texts)), key=lambda place: weights[place])


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
        for each in more:
            if not any(map(str.isdigit, each)):
                return True
            if _form(each) in forms and (parallel or any(map(str.isalpha, each))):
                return True
    own, other = _named_cells(question, best), cells(text)
    if not own or list(cells(best)) != list(other):
        return False
    theirs = _named_cells(question, text)
    return any(head not in theirs for head in own) and not theirs.keys() - own.keys()


def is_looked_up(question: str, best: str, texts: Sequence[str]) -> bool:
    """Whether `question` names a code, no year and no version, that stands in `best`, and in few of
    all `texts`."""
    for each in identifiers(question):
        if not is_code(each) or "." in each or _YEAR.fullmatch(each) or each not in held(best):
            continue
        if sum(each in text.lower() for text in texts) <= _FEW:
            return True
    return False


def _named_cells(question: str, row: str) -> dict[str, str]:
    """The cells of a row that stand in `question` as they are."""
    low = f" {' '.join(re.findall(_WORDS, question.casefold()))} "
    return {
        head: cell
        for head, cell in cells(row).items()
        if sum(map(str.isalpha, cell)) >= _LEAST_LETTERS
        and f" {' '.join(re.findall(_WORDS, cell.casefold()))} " in low
    }


_WORDS = r"\w+"


def _listed(text: str) -> bool:
    return bool(cells(text)) or _ITEM.match(text) is not None


def _form(identifier: str) -> str:
    """Its letters and signs, with one figure for each run of figures."""
    return re.sub(r"\d+", "0", identifier)
