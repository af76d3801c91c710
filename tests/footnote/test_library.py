"""The public face: what `import footnote` offers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import footnote

TOWER = "The Eiffel Tower was built in 1889 for the World's Fair. It is 330 metres tall."
LOUVRE = "The Louvre in Paris is the most visited museum of the world."
BUILT = "When was the Eiffel Tower built?"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[footnote.Library]:
    with footnote.open(tmp_path_factory.mktemp("library") / "store", passages=5) as library:
        library.add_text("tower", TOWER, title="The tower", metadata={"author": "Ada"})
        yield library


def test_an_answer_is_proved_by_the_text_of_its_document(library: footnote.Library) -> None:
    answer = library.ask(BUILT)
    assert (answer.verdict, answer.short) == ("answered", "1889")
    (citation,) = answer.citations
    text = library.text(citation.document_id)
    assert text[citation.start : citation.end] == citation.quote
    assert "1889" in citation.quote


def test_history_filter_and_stream_are_those_of_the_assistant(library: footnote.Library) -> None:
    asked = library.ask(BUILT)
    history = [footnote.Turn("user", BUILT), footnote.Turn("assistant", asked.text)]
    assert "Eiffel Tower" in library.ask("How tall is it?", history=history).question
    said = "How tall is it?"
    assert library.ask(said, history=history, rewrite=False).question == said
    *_, answer = library.stream(said, history=history, rewrite=False)
    assert isinstance(answer, footnote.Answer)
    assert answer.question == said
    assert library.ask(BUILT, filter={"author": "Bea"}).verdict == "unanswered"
    *pieces, answer = library.stream(BUILT, k=1)
    assert isinstance(answer, footnote.Answer)
    assert ("".join(map(str, pieces)), len(answer.passages)) == (answer.text, 1)


def test_files_are_added_found_and_removed(library: footnote.Library, tmp_path: Path) -> None:
    (tmp_path / "louvre.txt").write_text(LOUVRE, encoding="utf-8")
    (tmp_path / "empty.txt").write_bytes(b"")
    receipt = library.add(tmp_path)
    (added,) = receipt.documents
    assert (added.status, added.chunks) == ("added", 1)
    assert [uri.rpartition("/")[2] for uri, _ in receipt.refused] == ["empty.txt"]
    assert library.search("most visited museum", k=1)[0].document_id == added.document_id
    assert [each.id for each in library.documents()][1:] == [added.document_id]
    library.remove(added.document_id)
    assert len(library.documents()) == 1
    with pytest.raises(footnote.UnknownDocument):
        library.text(added.document_id)


def test_a_folder_is_kept_in_step(library: footnote.Library, tmp_path: Path) -> None:
    note = tmp_path / "louvre.txt"
    note.write_text(LOUVRE, encoding="utf-8")
    assert [each.status for each in library.sync(tmp_path).documents] == ["added"]
    note.unlink()
    with pytest.raises(footnote.UnreadableFile):
        library.sync(tmp_path)
    assert len(library.sync(tmp_path, allow_empty=True).removed) == 1


def test_a_part_of_the_library_is_asked(library: footnote.Library) -> None:
    library.add_text("paris/louvre", LOUVRE, title="Louvre")
    assert library.ask(BUILT, within="paris/").verdict == "unanswered"
    assert [p.uri for p in library.search("museum", within="*/lou*")] == ["paris/louvre"]
    assert library.collect("towers", "tower").documents == 1
    assert library.ask(BUILT, within="towers").short == "1889"
    assert library.collect("towers", folders=["paris"]).documents == 2
    assert [(c.name, c.folders) for c in library.collections()] == [("towers", ("paris/",))]
    library.delete_collection("towers")
    with pytest.raises(footnote.UnknownCollection):
        library.ask(BUILT, within="towers")
    library.remove("paris/louvre")


def test_what_is_wrong_is_an_error_of_ours(library: footnote.Library, tmp_path: Path) -> None:
    with pytest.raises(footnote.UnreadableFile, match="does not exist"):
        library.add(tmp_path / "missing.txt")
    with pytest.raises(footnote.InvalidQuestion):
        library.ask(" ")
    with pytest.raises(footnote.InvalidFilter):
        library.search("tower", filter={"author": None})
    with pytest.raises(footnote.InvalidSetting, match="there is no setting 'stoer'"):
        footnote.open(stoer="elsewhere")
    with pytest.raises(footnote.InvalidSetting, match="passages is 0"):
        footnote.open(tmp_path, passages=0)


def test_the_functions_use_the_library_that_the_settings_name(tmp_path: Path) -> None:
    (tmp_path / "footnote.toml").write_text('store = "mine"\n', encoding="utf-8")
    (tmp_path / "tower.txt").write_text(TOWER, encoding="utf-8")
    code = (
        "import footnote\n"
        "footnote.add('tower.txt')\n"
        f"print(footnote.ask({BUILT!r}).short, footnote.search('tower')[0].uri)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{code}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("1889 tower.txt\n", "")
    assert (tmp_path / "mine").is_dir()


def test_every_public_name_is_there_and_documented() -> None:
    assert len(footnote.__all__) == len(set(footnote.__all__))
    for name in footnote.__all__:
        public = getattr(footnote, name)
        assert public.__doc__, name
        for method, value in vars(public).items() if isinstance(public, type) else ():
            if callable(value) and not method.startswith("_"):
                assert value.__doc__, f"{name}.{method}"


def test_importing_it_imports_nothing_heavy() -> None:
    code = (
        "import sys, footnote; print({'numpy', 'pydantic', 'typer', 'rag.build'} & {*sys.modules})"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout == "set()\n"
