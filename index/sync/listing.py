"""The files in a folder as git would list them, without reading them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import UnreadableFile
from index.sqlite.catalog import is_of_originals
from index.sync.ignore import FILE_NAME, Rules, is_left_out, rules_in, usual_rules


@dataclass(frozen=True, slots=True)
class Listing:
    """`files` by their path relative to the folder, with slashes. `unlisted` are the folders in it
    that could not be listed, and why; of what lies below them nothing is known."""

    files: dict[str, os.stat_result] = field(default_factory=dict)
    unlisted: dict[str, str] = field(default_factory=dict)

    def may_hold(self, path: str) -> bool:
        """Whether there may be a file at `path`, relative to the folder, for all that is known."""
        return path in self.files or any(path.startswith(f"{each}/") for each in self.unlisted)


def files_in(folder: Path, store: Path | None) -> Listing:
    """The files in `folder` and below, in the order of their names.

    As in git, hidden files count, links are not followed, `.git` is left out, and so is what the
    `.footnoteignore` files say; so is `store`, the folder of the store itself where it has one.
    Raises `UnreadableFile` when `folder` or a `.footnoteignore` cannot be read.
    """
    listing = Listing()
    _list(folder, "", [usual_rules()], store and store.resolve(), listing)
    if "" in listing.unlisted:
        raise UnreadableFile(f"{folder.as_posix()} cannot be listed: {listing.unlisted['']}")
    return listing


def _list(
    folder: Path, below: str, rules: Sequence[Rules], store: Path | None, listing: Listing
) -> None:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        listing.unlisted[below.rstrip("/")] = error.strerror or type(error).__name__
        return
    if any(entry.name == FILE_NAME and entry.is_file(follow_symlinks=False) for entry in entries):
        rules = [*rules, rules_in(folder / FILE_NAME, below)]
    for entry in entries:
        path = f"{below}{entry.name}"
        if entry.name in (".git", FILE_NAME) or entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False):
            inner = Path(entry.path)
            if inner != store and not is_of_originals(inner) and not is_left_out(f"{path}/", rules):
                _list(inner, f"{path}/", rules, store, listing)
        elif entry.is_file(follow_symlinks=False) and not is_left_out(path, rules):
            try:
                listing.files[path] = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # gone since the folder was listed
                continue
