"""What built a store, and that nothing else adds to it."""

from __future__ import annotations

from dataclasses import dataclass

from index.embed.embedder import Embedder
from index.errors import StoreMismatch
from index.ingest.former import Undo
from index.ingest.keeping import KEEPING, Keeping
from index.records import Identity
from index.text.chunk import Chunking
from index.versions import CUTTING


@dataclass(frozen=True, slots=True)
class Builder:
    """What `store`, as errors call it, is built with, and which originals it keeps."""

    store: str
    embedder: Embedder
    chunking: Chunking
    keeping: Keeping = KEEPING
    undo: Undo | None = None

    @property
    def identity(self) -> Identity:
        return identity_of(self.embedder, self.chunking)

    def require_same(self, stored: Identity | None, *, loaded: bool = False) -> None:
        """Refuses a store that another embedder or chunking built, with `StoreMismatch`. Names are
        compared always, the number of dimensions only where the embedder is `loaded` anyway."""
        if stored is None:
            return
        if stored.embedder != self.embedder.name:
            raise StoreMismatch(
                f"{self.store} was embedded with '{stored.embedder}', not "
                f"'{self.embedder.name}'; run `footnote reindex` to embed it anew, or set "
                "FOOTNOTE_EMBEDDER and FOOTNOTE_PRECISION back"
            )
        if loaded and stored.dim != self.embedder.dim:
            raise StoreMismatch(
                f"{self.store} has vectors of {stored.dim} numbers, "
                f"'{self.embedder.name}' now makes {self.embedder.dim}; run `footnote reindex`"
            )
        if (stored.chunk_tokens, stored.chunk_overlap) != (
            self.chunking.max_tokens,
            self.chunking.overlap,
        ):
            raise StoreMismatch(
                f"{self.store} was cut into chunks of {stored.chunk_tokens} tokens "
                f"with an overlap of {stored.chunk_overlap}, not {self.chunking.max_tokens} with "
                f"{self.chunking.overlap}; run `footnote reindex` to cut it anew, or set "
                "FOOTNOTE_CHUNK_TOKENS and FOOTNOTE_CHUNK_OVERLAP back"
            )


def identity_of(embedder: Embedder, chunking: Chunking) -> Identity:
    return Identity(
        embedder.name, embedder.dim, chunking.max_tokens, chunking.overlap, cutting=CUTTING
    )
