"""What is listed of a folder, against git itself."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from index.errors import UnreadableFile
from index.sync.listing import files_in

NOWHERE = Path("no store here")


def fill(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def test_hidden_files_count_and_links_are_not_followed(tmp_path: Path) -> None:
    fill(tmp_path, {"a.txt": "a", ".hidden/b.txt": "b", ".c": "c", ".git/config": "x"})
    (tmp_path / "link.txt").symlink_to("a.txt")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert list(files_in(tmp_path, NOWHERE).files) == [".c", ".hidden/b.txt", "a.txt"]


def test_the_traces_of_editors_and_downloads_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    traces = ["~$x.docx", ".#x", "#x#", "x~", ".x.swp", "x.tmp", "x.pdf.part", ".~lock.x.odt#"]
    fill(tmp_path, dict.fromkeys([*traces, "x.txt", "sub/y.tmp"], "x"))
    assert list(files_in(tmp_path, NOWHERE).files) == ["x.txt"]
    (tmp_path / ".footnoteignore").write_text("!*.tmp\n", encoding="utf-8")
    assert list(files_in(tmp_path, NOWHERE).files) == ["sub/y.tmp", "x.tmp", "x.txt"]


def test_the_store_in_the_folder_is_no_part_of_it(tmp_path: Path) -> None:
    fill(tmp_path, {"a.txt": "a", "store/footnote.sqlite3": "x"})
    assert list(files_in(tmp_path, tmp_path / "store").files) == ["a.txt"]


def test_a_folder_that_cannot_be_listed_is_told_from_an_empty_one(tmp_path: Path) -> None:
    fill(tmp_path, {"a.txt": "a", "locked/b.txt": "b", "lock.txt": "c"})
    (tmp_path / "locked").chmod(0)
    try:
        if os.access(tmp_path / "locked", os.R_OK):
            pytest.skip("root may read everything")
        listing = files_in(tmp_path, NOWHERE)
    finally:
        (tmp_path / "locked").chmod(0o700)
    assert list(listing.files) == ["a.txt", "lock.txt"]
    assert list(listing.unlisted) == ["locked"]
    assert listing.may_hold("locked/b.txt")
    assert not listing.may_hold("locked.txt")


def test_what_cannot_be_understood_is_named(tmp_path: Path) -> None:
    fill(tmp_path, {"a.txt": "a", ".footnoteignore": "*.log\n!\n"})
    with pytest.raises(UnreadableFile, match=r"\.footnoteignore: .*'!'; mend the line"):
        files_in(tmp_path, NOWHERE)
    with pytest.raises(UnreadableFile, match="cannot be listed: No such file"):
        files_in(tmp_path / "none", NOWHERE)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("seed", range(20))
def test_patterns_mean_what_they_mean_to_git(tmp_path: Path, seed: int) -> None:
    """Random patterns in random folders of a random tree."""
    chance = random.Random(seed)
    parts = ["a", "b", "*", "**", "*.txt", "?", "x*", "foo", "[ab]", "keep.txt", ".h", "*.md"]
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    folders = [tmp_path]
    for _ in range(6):
        folder = chance.choice(folders) / chance.choice(["a", "b", "foo", "bar", ".h"])
        folder.mkdir(exist_ok=True)
        folders.append(folder)
    for folder in folders:
        fill(folder, dict.fromkeys(["x.txt", "y.md", "keep.txt", "z"], "x"))
    for folder in chance.sample(folders, 3):
        patterns = [
            chance.choice(["", "", "!"])
            + chance.choice(["", "", "/"])
            + "/".join(chance.choices(parts, k=chance.randint(1, 3)))
            + chance.choice(["", "", "/"])
            for _ in range(4)
        ]
        (folder / ".footnoteignore").write_text("\n".join(patterns) + "\n", encoding="utf-8")
    listed = subprocess.run(
        ["git", "ls-files", "--others", "-z", "--exclude-per-directory=.footnoteignore"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    expected = {path for path in listed if path and not path.endswith(".footnoteignore")}
    assert set(files_in(tmp_path, NOWHERE).files) == expected
