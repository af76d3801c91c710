from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from index.embed import minilm
from index.embed.minilm import PackagedEmbedder
from index.embed.sentence_transformer import SentenceTransformerEmbedder
from index.errors import ModelUnavailable

TEXTS = [
    "A cat sits on a mat.",
    "",
    "Stock prices fell by 3.5 % in March 2020, and nobody knew why.",
    "word " * 300,
    "Ein kurzer Satz — mit Umlauten: äöü ﬁ 中文.",
]


@pytest.fixture(scope="module")
def exact(cache: Path) -> PackagedEmbedder:
    return PackagedEmbedder("float32", cache)


@pytest.fixture(scope="module")
def int8(cache: Path) -> PackagedEmbedder:
    return PackagedEmbedder("int8", cache)


def test_the_packaged_model(exact: PackagedEmbedder) -> None:
    assert (exact.name, exact.dim, exact.max_tokens) == ("all-MiniLM-L6-v2", 384, 256)
    vectors = exact.passages(["A cat sits on a mat.", "Stock prices fell.", "x " * 3000])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    (cat, stock, _) = exact.queries(["Where is the kitten?"])[0] @ vectors.T
    assert cat > 0.4 > 0.2 > stock
    assert exact.passages([]).shape == exact.queries([]).shape == (0, 384)


def test_its_vectors_are_those_of_sentence_transformers(exact: PackagedEmbedder) -> None:
    oracle = SentenceTransformerEmbedder()
    np.testing.assert_allclose(exact.passages(TEXTS), oracle.passages(TEXTS), atol=2e-6)
    np.testing.assert_allclose(exact.queries(TEXTS[:1]), oracle.queries(TEXTS[:1]), atol=2e-6)
    assert exact.count_tokens(TEXTS) == oracle.count_tokens(TEXTS)
    assert (exact.name, exact.dim, exact.max_tokens) == (
        oracle.name,
        oracle.dim,
        oracle.max_tokens,
    )


def test_int8_stays_close_and_has_a_name_of_its_own(
    exact: PackagedEmbedder, int8: PackagedEmbedder
) -> None:
    cosines = (exact.passages(TEXTS) * int8.passages(TEXTS)).sum(axis=1)
    assert cosines.mean() > 0.995
    assert cosines.min() > 0.98  # of the empty text
    assert int8.name == "all-MiniLM-L6-v2, int8"


def test_a_text_gives_the_same_vector_in_any_company(int8: PackagedEmbedder) -> None:
    together = int8.passages(TEXTS)
    alone = np.concatenate([int8.passages([text]) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(int8.queries(TEXTS[:1]), alone[:1])


def test_a_question_kept_from_before_is_not_spoilt_by_who_got_it(exact: PackagedEmbedder) -> None:
    first = exact.queries(["Where is the kitten?"])
    again = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(exact.queries(["Where is the kitten?"]), again)


def test_tokens_are_counted_and_never_cut(exact: PackagedEmbedder) -> None:
    assert exact.count_tokens(["a cat", "", "word " * 400, "embeddings"]) == [2, 0, 400, 4]
    assert exact.count_tokens([]) == []


def test_many_threads(cache: Path) -> None:
    embedder = PackagedEmbedder(cache=cache)  # not loaded yet
    wrong: list[object] = []
    vectors: list[np.ndarray] = []

    def work() -> None:
        try:
            for _ in range(5):
                if embedder.count_tokens(["some words"]) != [2]:
                    wrong.append("another count")
                vectors.append(embedder.queries(["who is it?", "and where?"]))
        except RuntimeError as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(vectors) == 30
    for some in vectors:
        np.testing.assert_array_equal(some, vectors[0])


def test_weights_that_are_not_the_published_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(minilm, "PACKAGED_SHA256", "0" * 64)
    with pytest.raises(ModelUnavailable, match=r"has sha256 53aa5117.*not the published 0000"):
        PackagedEmbedder(cache=tmp_path).queries(["x"])
    assert list(tmp_path.iterdir()) == []


def test_it_runs_without_torch(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys; from pathlib import Path; from index.embed.minilm import PackagedEmbedder; "
        f"PackagedEmbedder('int8', Path({str(tmp_path)!r})).queries(['x']); "
        "print({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr
