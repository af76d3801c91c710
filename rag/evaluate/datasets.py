"""Question sets: a SQuAD file, a BEIR folder, a field folder or JSON lines, each turned into one
`Dataset`."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from index.document import Document, document_id
from index.errors import InvalidDataset
from index.extract.limits import PARSING, Parsing
from index.load.parse import Refused
from index.load.sources import load_all
from rag.answer import Turn
from rag.evaluate.json_rows import FORMS, objects, read_json, read_text, strings, take

FIELD_DOCUMENTS = "documents"
_FIELDS = frozenset(
    "id domain question answerable answers evidence relevant kind history checked rating".split()
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `answers` are the gold answers, `relevant` maps the uri of each document
    that should be found to its gain (at least 1). `evidence` are the sentences, rows and items that
    a careful person would quote; `kind` and `domain` sort questions in reports. One that is not
    `checked` was proposed by a program, and no person has looked at it."""

    id: str
    question: str
    answers: tuple[str, ...] = ()
    answerable: bool = True
    relevant: Mapping[str, int] = field(default_factory=dict)
    history: tuple[Turn, ...] = ()
    evidence: tuple[str, ...] = ()
    kind: str = ""
    domain: str = ""
    checked: bool = True


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions, and the documents they are asked of; JSON lines bring no documents, they are
    asked of a store."""

    name: str
    form: Literal["squad", "beir", "field", "lines"]
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]


def read(
    path: Path,
    *,
    corpora: Sequence[Path] = (),
    unanswerable: Path | None = None,
    limit: int | None = None,
    limit_unanswerable: int | None = None,
    parsing: Parsing = PARSING,
) -> Dataset:
    """The question set at `path`, its form told from its content.

    The paragraphs of `corpora` join the documents but not the questions. `unanswerable` is a file
    of JSON lines {"question"} that nothing in the corpus answers. `limit` and
    `limit_unanswerable` keep the first so many questions of each. The documents of a field folder
    may cost what `parsing` allows. Raises InvalidDataset.
    """
    dataset = _read(path, parsing)
    if corpora and dataset.form == "lines":
        raise InvalidDataset(
            f"{path}: its questions are asked of the store, so no corpus can be added; "
            "add the documents to the store"
        )
    documents: dict[str, Document] = {}
    sources = [(path, dataset.documents), *((corpus, _corpus(corpus)) for corpus in corpora)]
    for source, corpus_documents in sources:
        for document in corpus_documents:
            if documents.setdefault(document.uri, document).text != document.text:
                raise InvalidDataset(
                    f"{source}: {document.uri} occurs twice with different texts; give each "
                    "document an id or title of its own"
                )
    questions = list(dataset.questions[:limit])
    if dataset.form == "squad":
        questions = _with_twins(questions, documents.values())
    if unanswerable is not None:
        questions += _unanswerable(unanswerable)[:limit_unanswerable]
    repeated = [name for name, n in Counter(each.id for each in questions).items() if n > 1]
    if repeated:
        raise InvalidDataset(f"{path}: question id {repeated[0]!r} occurs twice; make ids unique")
    if not questions:
        raise InvalidDataset(f"{path}: holds no question; {FORMS}")
    return replace(dataset, documents=tuple(documents.values()), questions=tuple(questions))


def _read(path: Path, parsing: Parsing) -> Dataset:
    name = path.resolve().name.removesuffix(".gz")
    if (path / FIELD_DOCUMENTS).is_dir():
        file = _part(path, "questions.jsonl")
        asked = tuple(_lines_questions(file, read_text(file)))
        return Dataset(name, "field", _field_documents(path, parsing), asked)
    if path.is_dir():
        corpus, questions = _beir_corpus(path), _beir_questions(path)
        return Dataset(name, "beir", tuple(corpus), tuple(questions))
    text = read_text(path)
    squad = read_json(text, "data")
    if squad is not None:
        return Dataset(name, "squad", *_squad(path, squad))
    return Dataset(name, "lines", (), tuple(_lines_questions(path, text)))


def _corpus(path: Path) -> tuple[Document, ...]:
    if path.is_dir():
        return tuple(_beir_corpus(path))
    squad = read_json(read_text(path), "data")
    if squad is None:
        raise InvalidDataset(f"{path}: no corpus; give a SQuAD JSON file or a BEIR folder")
    return _squad(path, squad)[0]


def _field_documents(folder: Path, parsing: Parsing) -> tuple[Document, ...]:
    """The documents of a field folder, loaded as they are when they are added to a store."""
    documents = []
    for path in sorted((folder / FIELD_DOCUMENTS).iterdir()):
        for loaded in load_all(path, parsing):
            if isinstance(loaded, Refused):
                raise InvalidDataset(f"{path}: {loaded.error}; mend or remove the file")
            if isinstance(loaded, Document):
                uri = f"{FIELD_DOCUMENTS}/{path.name}"
                documents.append(replace(loaded, uri=uri, id=document_id(uri)))
    return tuple(documents)


def _squad(path: Path, articles: list[Any]) -> tuple[tuple[Document, ...], tuple[Question, ...]]:
    documents: list[Document] = []
    questions: list[Question] = []
    numbers: Counter[str] = Counter()
    for place, article in enumerate(articles):
        where = f"{path}, data[{place}]"
        title = take(article, "title", str, where)
        for index, paragraph in enumerate(take(article, "paragraphs", list, where)):
            inside = f"{where}.paragraphs[{index}]"
            text = take(paragraph, "context", str, inside)
            uri = f"squad/{title}/{numbers[title]}"
            numbers[title] += 1
            documents.append(_document(uri, title.replace("_", " "), text))
            for each, row in enumerate(take(paragraph, "qas", list, inside)):
                questions.append(_squad_question(row, uri, f"{inside}.qas[{each}]"))
    return tuple(documents), tuple(questions)


def _squad_question(row: Any, uri: str, where: str) -> Question:
    answerable = not (isinstance(row, dict) and row.get("is_impossible", False))
    golds = [take(gold, "text", str, where) for gold in take(row, "answers", list, where)]
    if answerable and not golds:
        raise InvalidDataset(f"{where}: no answer; add one or set is_impossible to true")
    return Question(
        id=str(take(row, "id", (str, int), where)),
        question=take(row, "question", str, where),
        answers=tuple(dict.fromkeys(golds)) if answerable else (),
        answerable=answerable,
        relevant={uri: 1} if answerable else {},
    )


def _with_twins(questions: list[Question], documents: Iterable[Document]) -> list[Question]:
    """A paragraph with the very text of a relevant one is relevant too."""
    uris: dict[str, list[str]] = defaultdict(list)
    texts: dict[str, str] = {}
    for document in documents:
        uris[document.text].append(document.uri)
        texts[document.uri] = document.text
    return [
        replace(each, relevant={twin: 1 for uri in each.relevant for twin in uris[texts[uri]]})
        for each in questions
    ]


def _beir_corpus(folder: Path) -> list[Document]:
    path = _part(folder, "corpus.jsonl")
    rows = objects(path, read_text(path))
    return [
        _document(
            _beir_uri(folder, take(row, "_id", str, where)),
            str(row.get("title") or ""),
            take(row, "text", str, where),
        )
        for where, row in rows
    ]


def _beir_questions(folder: Path) -> list[Question]:
    path = _part(folder, "queries.jsonl")
    relevant = _qrels(folder)
    found = [
        Question(id=name, question=take(row, "text", str, where), relevant=relevant[name])
        for where, row in objects(path, read_text(path))
        if (name := take(row, "_id", str, where)) in relevant
    ]
    if not found:
        raise InvalidDataset(f"{path}: no query has a line in qrels.tsv; give matching files")
    return found


def _qrels(folder: Path) -> dict[str, dict[str, int]]:
    path = _part(folder, "qrels.tsv", "qrels/test.tsv")
    relevant: dict[str, dict[str, int]] = defaultdict(dict)
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        cells = line.split("\t")
        if not line.strip() or (number == 1 and not cells[-1].strip().isdigit()):
            continue
        try:
            query, document, gain = cells[0], cells[1], int(cells[2])
        except (IndexError, ValueError) as error:
            raise InvalidDataset(
                f"{path}, line {number}: {line!r:.60} is not query id, document id and a whole "
                "number, parted by tabs; mend the line"
            ) from error
        if gain > 0:
            relevant[query][_beir_uri(folder, document)] = gain
    return dict(relevant)


def _beir_uri(folder: Path, name: str) -> str:
    return f"{folder.resolve().name}/{name}"


def _part(folder: Path, *names: str) -> Path:
    for name in names:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    raise InvalidDataset(f"{folder}: has no {names[0]} or {names[0]}.gz; {FORMS}")


def _lines_questions(path: Path, text: str) -> Iterator[Question]:
    for number, (where, row) in enumerate(objects(path, text), start=1):
        _require_known(row, where)
        answers = tuple(strings(row, "answers", where))
        relevant = dict.fromkeys(strings(row, "relevant", where), 1)
        turns = take({"history": [], **row}, "history", list, where)
        answerable = row.get("answerable", "answers" not in row or bool(answers))
        yield Question(
            id=str(row.get("id", number)),
            question=take(row, "question", str, where),
            answers=answers if answerable else (),
            answerable=bool(answerable),
            relevant=relevant if answerable else {},
            history=tuple(
                Turn(take(turn, "role", str, where), take(turn, "content", str, where))
                for turn in turns
            ),
            evidence=tuple(strings(row, "evidence", where)) if answerable else (),
            kind=take({"kind": "", **row}, "kind", str, where),
            domain=take({"domain": "", **row}, "domain", str, where),
            checked=take({"checked": True, **row}, "checked", bool, where),
        )


def _require_known(row: Mapping[str, Any], where: str) -> None:
    for name in row.keys() - _FIELDS:
        like = get_close_matches(name, _FIELDS, 1)
        meant = f"is it '{like[0]}'?" if like else f"the fields are {', '.join(sorted(_FIELDS))}"
        raise InvalidDataset(f"{where}: field '{name}' is not known; {meant}")


def _unanswerable(path: Path) -> list[Question]:
    return [
        Question(f"{path.name}:{number}", take(row, "question", str, where), answerable=False)
        for number, (where, row) in enumerate(objects(path, read_text(path)), start=1)
    ]


def _document(uri: str, title: str, text: str) -> Document:
    digest = hashlib.sha256(f"{title}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
    return Document(document_id(uri), uri, title, text, digest)
