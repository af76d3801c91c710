"""Everything that can go wrong and is the caller's to mend.

Each message names the thing, its value and the mend, in one line fit to be shown to a person.
"""

from __future__ import annotations

from collections.abc import Iterable


class FootnoteError(Exception):
    """The base of every error that Footnote raises on purpose."""


class UnsupportedFile(FootnoteError):
    """The file is of a kind that no loader reads."""


class UnreadableFile(FootnoteError):
    """The file is of a known kind but broken, encrypted, empty or out of reach."""


class EmptyFile(UnreadableFile):
    """The file holds nothing."""


class UnknownDocument(FootnoteError):
    """No document in the store has this id or uri."""

    @classmethod
    def called(cls, id_or_uri: str) -> UnknownDocument:
        """In the words of every store."""
        return cls(
            f"no document has the id or uri '{id_or_uri}'; `footnote list` shows those there are"
        )


class UnknownCollection(FootnoteError):
    """No collection in the store has this name."""

    @classmethod
    def among(cls, name: str, names: Iterable[str]) -> UnknownCollection:
        """`name` is not among `names`, in the words of every store."""
        listed = ", ".join(f"'{each}'" for each in names) or "none"
        return cls(
            f"there is no collection '{name}'; those there are: {listed} "
            f"(a folder is written '{name}/')"
        )


class CollectionExists(FootnoteError):
    """A collection has this name already."""


class InvalidCollection(FootnoteError):
    """A collection cannot have this name, or cannot be changed so."""


class CollectionFull(FootnoteError):
    """A collection would hold more than its quota; nothing was stored."""


class UnknownUndo(FootnoteError):
    """What was removed or replaced cannot be put back: its time is over, or it is back already."""


class NameTaken(FootnoteError):
    """Another document has the name of one that is to be put back."""


class UnknownOriginal(FootnoteError):
    """The file that a document was read from is not kept, and not where it was."""


class UnknownPage(FootnoteError):
    """The document has no page of this number, or none that can be drawn."""


class UnknownJob(FootnoteError):
    """There is no job of this id."""

    @classmethod
    def called(cls, job_id: str) -> UnknownJob:
        """In the words of every store."""
        return cls(f"there is no job '{job_id}'; GET /v1/jobs lists those there are")


class UnknownKey(FootnoteError):
    """There is no key of this name or id."""


class InvalidKey(FootnoteError):
    """A key is asked for that cannot be made."""


class InvalidFilter(FootnoteError):
    """A filter names a key or a form that cannot be applied."""


class StoreMismatch(FootnoteError):
    """The store was built by another embedder, chunking or format than the one asked for."""


class StoreBusy(FootnoteError):
    """Another process has been writing to the store for longer than we wait."""


class StoreUnusable(FootnoteError):
    """The store's file or folder cannot be read or written: permissions, disk, damage."""


class StoreMissing(FootnoteError):
    """There is no store in the folder, and this operation does not create one."""


class ModelUnavailable(FootnoteError):
    """A model could not be loaded, is not the one it should be, or its server fails."""


class ClusterUnavailable(FootnoteError):
    """A Ray cluster does not answer, has other versions, or has lost what it was given."""


class NotInstalled(FootnoteError):
    """What an operation needs is not installed; the message holds the command that does it."""


class ModelBusy(FootnoteError):
    """A model has as many requests waiting as it may; asking again later helps."""


class ServerBusy(FootnoteError):
    """A server does as much at once, and has as much waiting, as it may; asking again helps."""


class InvalidQuestion(FootnoteError):
    """The question is empty or too long, or an option beside it is out of range."""


class InvalidSetting(FootnoteError):
    """A setting has a value that it cannot have, or does not exist."""


class InvalidDataset(FootnoteError):
    """An evaluation set is in none of the forms we read."""
