"""Settings to the index alone, without what answers questions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from index.embed.embedder import Embedder, embedder_of
from index.errors import InvalidSetting, StoreUnusable
from index.extract.limits import Parsing
from index.index import Index
from index.inference.processor import Precision
from index.ingest.keeping import Keeping
from index.ingest.reindex import reindex as reindex_store
from index.postgres.address import Address
from index.postgres.replicated import ReplicatedStore
from index.postgres.store import PostgresStore
from index.records import Counts
from index.sqlite.store import SqliteStore
from index.store import Store
from index.text.chunk import Chunking
from rag.settings import Settings

_NUMERICS: tuple[Precision, ...] = ("int8", "float32", "bfloat16")


def open_store(place: Path | Address, *, create: bool) -> Store:
    """The store in a folder or a database, as it is there.

    Raises `StoreMissing` when there is none and `create` is false, `StoreMismatch`,
    `StoreUnusable` and `NotInstalled`.
    """
    if isinstance(place, Address):
        return PostgresStore(place, create=create)
    return SqliteStore(place, create=create)


def local_folder(settings: Settings) -> Path:
    """Where this machine keeps what belongs to the store and is not in it: the store's own folder,
    or one of the user's where the store is a database. Made where there is none."""
    if isinstance(settings.store, Path):
        return settings.store
    from platformdirs import user_state_path

    folder = user_state_path("footnote", appauthor=False) / settings.store.key
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnusable(
            f"the folder '{folder}' for uploads cannot be made ({error.strerror}); set "
            "XDG_STATE_HOME to one that can be written to"
        ) from error
    return folder


def _replicated(store: Store, settings: Settings) -> Store:
    """`store`, with the replica that questions are asked of, where one is set. Raises
    `InvalidSetting` and `StoreMismatch`."""
    if settings.store_replica is None:
        return store
    if not isinstance(store, PostgresStore):
        store.close()
        raise InvalidSetting(
            f"setting store_replica is {settings.store_replica}, but {store.name} is a folder; "
            "name its database as store, or leave the replica out"
        )
    try:
        return ReplicatedStore(store, settings.store_replica)
    except BaseException:
        store.close()
        raise


def open_index(settings: Settings, *, create: bool = True) -> Index:
    """The index alone; its embedder loads when it is first needed.

    Raises `StoreMissing` when there is no store and `create` is false, and `StoreMismatch`.
    """
    store = _replicated(open_store(settings.store, create=create), settings)
    try:
        return Index(
            store,
            _embedder(settings, store),
            _chunking(settings),
            Keeping(
                settings.originals,
                settings.original_file_mb,
                settings.originals_mb,
                settings.undo_minutes,
            ),
            settings.pictures_mb,
            parsing_of(settings),
        )
    except BaseException:
        store.close()
        raise


def reindex(settings: Settings, progress: Callable[[int, int], None]) -> Counts:
    """Cuts and embeds the whole store anew as the settings say; `progress` is told (documents
    done, documents in all). Raises `StoreMissing`, `StoreBusy` and `ModelUnavailable`."""
    embedder = embedder_of(settings.embedder, settings.precision, settings.cache)
    with closing(open_store(settings.store, create=False)) as store:
        return reindex_store(store, embedder, _chunking(settings), progress)


def _embedder(settings: Settings, store: Store) -> Embedder:
    """The embedder of the settings; where they leave the precision open, the one that `store` was
    built with."""
    with store.read() as snapshot:
        stored = snapshot.identity()
    if settings.precision == "auto" and stored:
        for precision in _NUMERICS:
            embedder = embedder_of(settings.embedder, precision, settings.cache)
            if embedder.name == stored.embedder:
                return embedder
    return embedder_of(settings.embedder, settings.precision, settings.cache)


def parsing_of(settings: Settings) -> Parsing:
    """What files may cost, and whether scanned pages are read."""
    return Parsing(
        seconds=settings.parse_seconds,
        memory_mb=settings.parse_memory_mb,
        pages=settings.parse_pages,
        characters=settings.parse_characters,
        file_mb=settings.parse_file_mb,
        original_mb=settings.original_file_mb if settings.originals else 0,
        ocr=settings.ocr,
        ocr_languages=settings.ocr_languages,
    )


def _chunking(settings: Settings) -> Chunking:
    return Chunking(settings.chunk_tokens, settings.chunk_overlap)
