"""What a sync of a folder did."""

from __future__ import annotations

from dataclasses import dataclass, field

from index.records import Added


@dataclass(frozen=True, slots=True)
class Moved:
    """A document that is found at `uri` now, and no longer `before`."""

    document_id: str
    before: str
    uri: str


@dataclass(slots=True)
class Synced:
    """What a sync did. `documents` are those added and replaced, `removed` the uris that are gone
    with their documents or as one name of several. `errors` are (uri, reason) of files that cannot
    be read, whose stored text is kept; `skipped` those of kinds that are not read, and of empty
    ones. `waiting` counts files left for the next time because they are being written."""

    documents: list[Added] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    hashed: int = 0
    waiting: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.documents or self.moved or self.removed)
