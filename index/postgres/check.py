"""Whether a store is sound: its tables against one another, and the index against an exact
comparison."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from index.postgres.connections import Connection, vector_of
from index.postgres.snapshot import Snapshot
from index.postgres.stems import Stems, tsvectors

_BATCH = 1000
_TOLERANCE = 0.01  # of a cosine that the index finds
_EACH: tuple[tuple[str, str], ...] = (
    (
        "SELECT id FROM documents WHERE id NOT IN (SELECT document_id FROM chunks)",
        "document {} has no chunks; remove it and add it again",
    ),
    (
        "SELECT id FROM documents AS d WHERE NOT EXISTS "
        "(SELECT 1 FROM names AS n WHERE n.uri = d.uri AND n.document_id = d.id)",
        "document {} is not found by its uri; remove it and add it again",
    ),
    (
        "SELECT c.id FROM chunks AS c JOIN documents AS d ON d.id = document_id "
        'WHERE substr(d.text, start + 1, "end" - start) <> c.text',
        "chunk {} is not the text of its document; run `footnote reindex`",
    ),
    (
        "SELECT id FROM chunks WHERE id NOT IN (SELECT chunk_id FROM vectors)",
        "chunk {} has no vector; run `footnote reindex`",
    ),
    (
        "SELECT id FROM chunks WHERE id NOT IN (SELECT chunk_id FROM full_text)",
        "chunk {} is not in the full text; run `footnote reindex`",
    ),
    (
        "SELECT o.sha256 FROM originals AS o WHERE encode(sha256(data), 'hex') <> o.sha256",
        "the original {} is damaged; remove its document and add the file again",
    ),
    (
        "SELECT 'in ' || stem FROM ts_stat('SELECT tokens FROM footnote.full_text') "
        'FULL JOIN stems ON word COLLATE "C" = stem WHERE ndoc IS DISTINCT FROM chunks LIMIT 1',
        "the numbers of chunks with each word are wrong, such as {}; run `footnote reindex`",
    ),
    (
        "SELECT indexrelid::regclass FROM pg_index JOIN pg_class ON pg_class.oid = indrelid "
        "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        "WHERE nspname = 'footnote' AND NOT indisvalid",
        "the index {} is not valid; run REINDEX INDEX CONCURRENTLY on it",
    ),
)
"""What finds something that is wrong, and what to say of it."""

_TOTALS = (
    "SELECT (documents, chunks, words) = ((SELECT count(*) FROM documents), "
    "(SELECT count(*) FROM chunks), (SELECT coalesce(sum(length), 0) FROM full_text)) "
    "AND last_chunk >= (SELECT coalesce(max(id), 0) FROM chunks) FROM totals"
)


def problems_of(db: Connection, snapshot: Snapshot, stems: Stems) -> Iterator[str]:
    """What is wrong, one line each; nothing when the store is sound."""
    for query, words in _EACH:
        for (found,) in db.execute(query).fetchall():
            yield words.format(found)
    if not db.execute(_TOTALS).fetchone()[0]:
        yield "the totals differ from what there is; run `footnote reindex`"
    yield from _chunk_problems(db, snapshot, stems)


def _chunk_problems(db: Connection, snapshot: Snapshot, stems: Stems) -> Iterator[str]:
    identity = snapshot.identity()
    dim, last = identity.dim if identity else 0, 0
    while rows := db.execute(
        "SELECT c.id, d.title, c.heading, c.text, length, tokens, vector_send(vector) "
        "FROM chunks AS c JOIN documents AS d ON d.id = document_id "
        "JOIN full_text AS f ON f.chunk_id = c.id JOIN vectors AS v ON v.chunk_id = c.id "
        "WHERE c.id > %s ORDER BY c.id LIMIT %s",
        (last, _BATCH),
    ).fetchall():
        last = rows[-1][0]
        made = tsvectors(stems, [row[1:4] for row in rows])
        sent = [each.text for each in made]
        alike = db.execute(
            "SELECT made.text::tsvector = tokens AND made.length = full_text.length "
            "FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS made (id, text, length) "
            "JOIN full_text ON chunk_id = id ORDER BY id",
            ([row[0] for row in rows], sent, [each.length for each in made]),
        ).fetchall()
        for row, (same,) in zip(rows, alike, strict=True):
            if not same:
                yield f"the full text of chunk {row[0]} is not its text; run `footnote reindex`"
        yield from _vector_problems(snapshot, [(row[0], vector_of(row[6])) for row in rows], dim)


def _vector_problems(
    snapshot: Snapshot, vectors: list[tuple[int, bytes]], dim: int
) -> Iterator[str]:
    for chunk_id, numbers in vectors:
        if len(numbers) != 4 * dim:
            yield f"the vector of chunk {chunk_id} has {len(numbers) // 4} numbers, not {dim}"
            return
        length = np.linalg.norm(np.frombuffer(numbers, dtype=np.float32))
        if abs(length - 1) > 1e-3:
            yield f"the vector of chunk {chunk_id} is of length {length:.3f}, not 1"
    chunk_id, numbers = vectors[len(vectors) // 2]
    probe = np.frombuffer(numbers, dtype=np.float32)
    expected = list(snapshot.vectors.exact(probe, 10).values())
    found = list(snapshot.vectors.search(probe, 10).values())
    if not np.allclose(expected, found, atol=_TOLERANCE):
        yield (
            f"the index of the vectors and an exact comparison differ near chunk {chunk_id}; run "
            "REINDEX on it"
        )
