"""A library: the documents in one store, and the answers that they give.

What opening, adding and asking need is imported by them, so that importing this takes no time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.filter import scoped

if TYPE_CHECKING:
    from index.document import MetadataValue
    from index.load.parse import Refused
    from index.records import Added, Collection, Stored
    from index.sync.result import Synced
    from rag.answer import Answer, Passage, Turn
    from rag.assistant import Assistant


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the files that were to be added: the `documents` in them, each with a status
    of "added", "replaced" or "unchanged", and (uri, reason) of what was `refused`."""

    documents: tuple[Added, ...]
    refused: tuple[tuple[str, str], ...]


class Library:
    """The documents in one store, and the answers that they give.

    It may be used by many threads at once, and beside other processes that use the same store. As a
    context manager it is closed at the end of the block.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._index = assistant.index

    def add(self, *paths: str | Path, collection: str | None = None) -> Receipt:
        """Adds files, and the files under folders; what has changed is replaced. A file that cannot
        be read is refused, and the rest goes on. All are put into `collection`, which is made where
        there is none.

        Raises `UnreadableFile` for a path that does not exist and `InvalidCollection`, before
        anything is added, and `StoreBusy`.
        """
        from index.load.documents import walk
        from index.load.sources import file_source, load_each
        from index.sync.add_loaded import add_all

        parsing = self._index.parsing
        files = [file_source(file, parsing) for file in walk(map(Path, paths))]
        refused: list[Refused] = []
        loaded = load_each(files, parsing)
        documents = tuple(add_all(self._index, loaded, refused.append, collection=collection))
        return Receipt(documents, tuple((one.uri, str(one.error)) for one in refused))

    def add_text(
        self,
        uri: str,
        text: str,
        *,
        title: str = "",
        metadata: Mapping[str, MetadataValue] | None = None,
    ) -> Added:
        """Adds a text under a name, or replaces what has that name.

        Raises `UnreadableFile` for an empty text or uri, and `StoreBusy`.
        """
        from index.load.documents import from_text

        document = from_text(uri, title, text, metadata or {}, self._index.parsing)
        (added,) = self._index.add([document])
        return added

    def sync(
        self, folder: str | Path, *, allow_empty: bool = False, collection: str | None = None
    ) -> Synced:
        """Brings the store in step with a folder: adds what is new, replaces what changed, removes
        what is gone, keeps what moved. Whatever lies in the folder is in `collection`, now and
        later.

        Raises `UnreadableFile` when the folder is out of reach, or holds no file and not
        `allow_empty`; then nothing is changed. Raises `StoreBusy`.
        """
        return self._index.sync(Path(folder), allow_empty=allow_empty, collection=collection)

    def documents(self) -> list[Stored]:
        """All documents without their texts, in the order in which they were first added."""
        return self._index.documents(0, -1)

    def text(self, document_id: str) -> str:
        """The text of a document, in which the offsets of citations and passages count. Raises
        `UnknownDocument`."""
        return self._index.document(document_id).text

    def remove(self, id_or_uri: str) -> None:
        """Takes a document out of searches and answers at once. Raises `UnknownDocument` and
        `StoreBusy`."""
        self._index.remove(id_or_uri)

    def search(
        self,
        query: str,
        *,
        k: int | None = None,
        filter: Mapping[str, object] | None = None,
        within: str | None = None,
    ) -> list[Passage]:
        """The `k` best passages for `query`, best first, of documents that meet `filter` and lie
        `within` a folder ("hr/"), a glob ("hr/**/*.md") or a collection ("hr"). Raises
        `InvalidQuestion`, `InvalidFilter` and `UnknownCollection`."""
        return self._assistant.search(query, k=k, filter=scoped(filter, within))

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        k: int | None = None,
        filter: Mapping[str, object] | None = None,
        within: str | None = None,
        rewrite: bool = True,
    ) -> Answer:
        """The answer to `question`, which may refer back to `history`, oldest turn first; from `k`
        passages of documents that meet `filter` and lie `within` a folder ("hr/"), a glob
        ("hr/**/*.md") or a collection ("hr"). Where not `rewrite` it is asked exactly as written,
        and nothing is understood from `history`. Raises `InvalidQuestion`, `InvalidFilter` and
        `UnknownCollection`."""
        scope = scoped(filter, within)
        return self._assistant.ask(question, history=history, k=k, filter=scope, rewrite=rewrite)

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        k: int | None = None,
        filter: Mapping[str, object] | None = None,
        within: str | None = None,
        rewrite: bool = True,
    ) -> Iterator[str | Answer]:
        """The text of the answer in pieces, then the whole `Answer`, whose text counts: a piece may
        hold what did not stand up to the check. Raises as `ask` does, before the first piece."""
        scope = scoped(filter, within)
        return self._assistant.stream(question, history=history, k=k, filter=scope, rewrite=rewrite)

    def collections(self) -> list[Collection]:
        """The named sets of documents, in order of name."""
        return self._index.collections.all()

    def collect(self, name: str, *documents: str, folders: Iterable[str] = ()) -> Collection:
        """Puts documents, by id or uri, into a collection, which is made where there is none, and
        whatever lies in `folders`, now and later. Raises `UnknownDocument`, `InvalidCollection`
        and `StoreBusy`."""
        collections = self._index.collections
        if name not in collections.names():
            return collections.create(name, documents, folders)
        return collections.change(name, add=documents, add_folders=folders)

    def delete_collection(self, name: str) -> None:
        """Deletes a collection; its documents stay. Raises `UnknownCollection` and `StoreBusy`."""
        self._index.collections.delete(name)

    def close(self) -> None:
        """Closes the store; the library is of no use afterwards."""
        self._index.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_library(store: str | Path | None = None, **settings: object) -> Library:
    """The library in the folder `store`, which is made where there is none; without a name the one
    that the settings name. Loads the models, so that the first question is fast. `settings` are
    those of the command line; one that is not given comes from the environment, `footnote.toml` or
    its default.

    Raises `InvalidSetting`, `StoreMismatch`, `ModelUnavailable` and `NotInstalled`.
    """
    from rag.build import build
    from rag.settings import read_settings

    given = settings if store is None else {**settings, "store": store}
    return Library(build(read_settings(given)))
