"""Question sets in every form, read from files that the tests write."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from index.document import document_id
from index.errors import InvalidDataset
from rag.answer import Turn
from rag.evaluate import datasets

TOWER = "The Eiffel Tower was built in 1889."
LOUVRE = "The Louvre is a museum."


def question(name: str, *golds: str) -> dict[str, Any]:
    return {
        "id": name,
        "question": f"Question {name}?",
        "answers": [{"text": gold, "answer_start": 0} for gold in golds],
        "is_impossible": not golds,
    }


def article(title: str, *paragraphs: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        "title": title,
        "paragraphs": [{"context": text, "qas": rows} for text, rows in paragraphs],
    }


def squad_file(path: Path, *articles: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"version": "v2.0", "data": articles}), encoding="utf-8")
    return path


def lines_file(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def beir_folder(folder: Path) -> Path:
    folder.mkdir()
    lines_file(
        folder / "corpus.jsonl",
        {"_id": "d1", "title": "Tower", "text": TOWER},
        {"_id": "d2", "title": "", "text": LOUVRE},
    )
    lines_file(
        folder / "queries.jsonl",
        {"_id": "q1", "text": "when was it built"},
        {"_id": "q2", "text": "nobody judged this"},
    )
    (folder / "qrels.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n", encoding="utf-8"
    )
    return folder


def test_squad_paragraphs_become_documents(tmp_path: Path) -> None:
    path = squad_file(
        tmp_path / "dev.json",
        article("Paris_sights", (TOWER, [question("a", "1889", "in 1889", "1889")])),
        article("Art", (LOUVRE, [question("b")])),
        article("Paris_sights", ("More.", [])),
    )
    found = datasets.read(path)
    assert (found.name, found.form) == ("dev.json", "squad")
    assert [(each.uri, each.title, each.text) for each in found.documents] == [
        ("squad/Paris_sights/0", "Paris sights", TOWER),
        ("squad/Art/0", "Art", LOUVRE),
        ("squad/Paris_sights/1", "Paris sights", "More."),
    ]
    assert found.documents[0].id == document_id("squad/Paris_sights/0")
    first, second = found.questions
    assert first.answers == ("1889", "in 1889")
    assert first.relevant == {"squad/Paris_sights/0": 1}
    assert (second.answerable, second.answers, second.relevant) == (False, (), {})


def test_squad_1_has_no_mark_for_unanswerable_questions(tmp_path: Path) -> None:
    row = question("a", "1889")
    del row["is_impossible"]
    found = datasets.read(squad_file(tmp_path / "v1.json", article("T", (TOWER, [row]))))
    assert found.questions[0].answerable


def test_gzipped_files_are_read_whatever_their_name(tmp_path: Path) -> None:
    plain = squad_file(tmp_path / "plain", article("T", (TOWER, [question("a", "1889")])))
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert datasets.read(packed).questions == datasets.read(plain).questions


def test_a_twin_of_the_relevant_paragraph_is_relevant_too(tmp_path: Path) -> None:
    path = squad_file(tmp_path / "dev.json", article("A", (TOWER, [question("a", "1889")])))
    other = squad_file(tmp_path / "more.json", article("B", (LOUVRE, []), (TOWER, [])))
    found = datasets.read(path, corpora=[other])
    assert found.questions[0].relevant == {"squad/A/0": 1, "squad/B/1": 1}


def test_a_corpus_brings_documents_but_no_questions(tmp_path: Path) -> None:
    path = squad_file(tmp_path / "dev.json", article("A", (TOWER, [question("a", "1889")])))
    other = squad_file(tmp_path / "more.json", article("B", (LOUVRE, [question("b", "museum")])))
    found = datasets.read(path, corpora=[other, beir_folder(tmp_path / "beir")])
    assert [each.id for each in found.questions] == ["a"]
    assert [each.uri for each in found.documents] == [
        "squad/A/0",
        "squad/B/0",
        "beir/d1",
        "beir/d2",
    ]


def test_one_uri_with_two_texts_is_refused(tmp_path: Path) -> None:
    path = squad_file(tmp_path / "dev.json", article("A", (TOWER, [question("a", "1889")])))
    other = squad_file(tmp_path / "more.json", article("A", (LOUVRE, [])))
    with pytest.raises(InvalidDataset, match=r"more\.json: squad/A/0 occurs twice"):
        datasets.read(path, corpora=[other])
    assert len(datasets.read(path, corpora=[path]).documents) == 1


def test_beir_asks_the_judged_queries(tmp_path: Path) -> None:
    found = datasets.read(beir_folder(tmp_path / "mini"))
    assert (found.name, found.form) == ("mini", "beir")
    assert [(each.uri, each.title) for each in found.documents] == [
        ("mini/d1", "Tower"),
        ("mini/d2", ""),
    ]
    assert found.questions == (
        datasets.Question("q1", "when was it built", relevant={"mini/d1": 2}),
    )


def test_beir_with_qrels_in_a_folder_and_gzipped(tmp_path: Path) -> None:
    folder = beir_folder(tmp_path / "mini")
    plain = datasets.read(folder)
    (folder / "qrels").mkdir()
    (folder / "qrels.tsv").rename(folder / "qrels" / "test.tsv")
    corpus = folder / "corpus.jsonl"
    (folder / "corpus.jsonl.gz").write_bytes(gzip.compress(corpus.read_bytes()))
    corpus.unlink()
    assert datasets.read(folder) == plain


def test_json_lines_are_asked_of_the_store(tmp_path: Path) -> None:
    path = lines_file(
        tmp_path / "own.jsonl",
        {
            "id": 7,
            "question": "And when?",
            "answers": ["1889"],
            "relevant": ["guide.txt"],
            "history": [{"role": "user", "content": "What is the Eiffel Tower?"}],
        },
        {"question": "Who?", "answers": []},
        {"question": "Where?", "relevant": ["a", "b"]},
        {"question": "Why?", "answers": ["lost"], "answerable": False, "relevant": ["a"]},
    )
    found = datasets.read(path)
    assert (found.form, found.documents) == ("lines", ())
    assert found.questions == (
        datasets.Question(
            "7",
            "And when?",
            ("1889",),
            relevant={"guide.txt": 1},
            history=(Turn("user", "What is the Eiffel Tower?"),),
        ),
        datasets.Question("2", "Who?", answerable=False),
        datasets.Question("3", "Where?", relevant={"a": 1, "b": 1}),
        datasets.Question("4", "Why?", answerable=False),
    )


def test_json_lines_of_one_line_are_no_squad_file(tmp_path: Path) -> None:
    found = datasets.read(lines_file(tmp_path / "own.jsonl", {"question": "Who?"}))
    assert found.questions == (datasets.Question("1", "Who?"),)


def test_json_lines_take_no_corpus(tmp_path: Path) -> None:
    path = lines_file(tmp_path / "own.jsonl", {"question": "Who?"})
    with pytest.raises(InvalidDataset, match="asked of the store"):
        datasets.read(path, corpora=[path])


def test_limits_and_questions_that_nothing_answers(tmp_path: Path) -> None:
    path = squad_file(
        tmp_path / "dev.json",
        article("A", (TOWER, [question("a", "1889"), question("b"), question("c", "tower")])),
    )
    outside = lines_file(
        tmp_path / "nq.jsonl",
        *({"question": f"Outside {n}?", "answer": ["gold"]} for n in range(3)),
    )
    found = datasets.read(path, unanswerable=outside, limit=2, limit_unanswerable=1)
    assert [(each.id, each.answerable) for each in found.questions] == [
        ("a", True),
        ("b", False),
        ("nq.jsonl:1", False),
    ]
    assert found.questions[2].answers == ()
    assert len(datasets.read(path, unanswerable=outside).questions) == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no question"),
        ("{oops", r"line 1: not JSON"),
        ('{"question": "Who?"}\n\n[1]', r"line 3: '\[1\]' is no JSON object"),
        ('{"question": 5}', "line 1: question is 5; make it a string"),
        ('{"question": "Who?", "answers": "me"}', "answers is 'me'; make it a list"),
        ('{"question": "Who?", "answers": [1]}', "answers holds 1; make it a list of strings"),
        ('{"question": "Who?", "history": ["hi"]}', "role is None; make it a string"),
        ('{"id": 1, "question": "A"}\n{"id": "1", "question": "B"}', "'1' occurs twice"),
        ('{"data": [{"title": "T"}]}', r"data\[0\]: paragraphs is None; make it a list"),
        (
            '{"data": [{"title": "T", "paragraphs": [{"context": "C", "qas": '
            '[{"id": "1", "question": "Q", "answers": []}]}]}]}',
            r"data\[0\]\.paragraphs\[0\]\.qas\[0\]: no answer",
        ),
    ],
)
def test_a_broken_file_is_named_with_the_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidDataset, match=message) as caught:
        datasets.read(path)
    assert str(path) in str(caught.value)


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidDataset, match=r"missing\.json: cannot be read"):
        datasets.read(tmp_path / "missing.json")
    torn = tmp_path / "torn.gz"
    torn.write_bytes(gzip.compress(b'{"question": "Who?"}' * 50)[:-12])
    with pytest.raises(InvalidDataset, match=r"torn\.gz: cannot be read"):
        datasets.read(torn)
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes('{"question": "Où?"}'.encode("latin-1"))
    with pytest.raises(InvalidDataset, match=r"latin\.jsonl: cannot be read"):
        datasets.read(latin)


def test_a_folder_that_is_no_beir_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidDataset, match=r"has no corpus\.jsonl"):
        datasets.read(tmp_path)
    folder = beir_folder(tmp_path / "mini")
    (folder / "qrels.tsv").write_text("q1\td1\t1\nq1 d2 1\n", encoding="utf-8")
    with pytest.raises(InvalidDataset, match=r"qrels\.tsv, line 2"):
        datasets.read(folder)
    (folder / "qrels.tsv").write_text("q9\td1\t1\n", encoding="utf-8")
    with pytest.raises(InvalidDataset, match="no query has a line"):
        datasets.read(folder)


def field_folder(path: Path, **changes: Any) -> Path:
    (path / "documents").mkdir(parents=True)
    (path / "documents" / "tower.md").write_text(f"# Towers\n\n{TOWER}\n", encoding="utf-8")
    row = {
        "id": "f-1",
        "domain": "tower",
        "question": "When was it built?",
        "answerable": True,
        "answers": ["1889"],
        "evidence": [TOWER],
        "relevant": ["documents/tower.md"],
        "kind": "date",
        "history": [{"role": "user", "content": "What is the Eiffel Tower?"}],
    }
    (path / "questions.jsonl").write_text(json.dumps({**row, **changes}) + "\n", encoding="utf-8")
    return path


def test_a_field_folder_brings_its_documents(tmp_path: Path) -> None:
    dataset = datasets.read(field_folder(tmp_path / "b"))
    (document,) = dataset.documents
    (asked,) = dataset.questions
    assert (dataset.name, dataset.form) == ("b", "field")
    assert (document.uri, document.title) == ("documents/tower.md", "Towers")
    assert document.id == document_id("documents/tower.md")
    assert TOWER in document.text
    assert (asked.evidence, asked.kind, asked.domain) == ((TOWER,), "date", "tower")
    assert asked.relevant == {"documents/tower.md": 1}
    assert asked.history == (Turn("user", "What is the Eiffel Tower?"),)


def test_a_file_of_a_field_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = field_folder(tmp_path / "b")
    (folder / "documents" / "empty.pdf").write_bytes(b"%PDF-1.4 nothing")
    with pytest.raises(InvalidDataset, match=r"empty\.pdf: .*mend or remove"):
        datasets.read(folder)


@pytest.mark.parametrize(
    ("name", "meant"), [("anwsers", "is it 'answers'?"), ("colour", "the fields are answerable,")]
)
def test_a_field_that_is_not_known_is_refused(tmp_path: Path, name: str, meant: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps({"question": "Who?", name: []}), encoding="utf-8")
    with pytest.raises(InvalidDataset, match=re.escape(f"field '{name}' is not known; {meant}")):
        datasets.read(path)
