from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from index import embed
from index.embed import SentenceTransformerEmbedder
from index.errors import ModelUnavailable


def test_the_packaged_model(minilm: SentenceTransformerEmbedder) -> None:
    assert (minilm.dim, minilm.max_tokens) == (384, 256)
    vectors = minilm.passages(["A cat sits on a mat.", "Stock prices fell.", "x " * 3000])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    (cat, stock, _) = minilm.queries(["Where is the kitten?"])[0] @ vectors.T
    assert cat > 0.4 > 0.2 > stock
    assert minilm.passages([]).shape == minilm.queries([]).shape == (0, 384)


def test_a_batch_of_mixed_lengths_gives_what_each_text_gives_alone(
    minilm: SentenceTransformerEmbedder,
) -> None:
    texts = ["short", "a much longer text " * 20, "", "of middle length, perhaps"]
    together = minilm.passages(texts)
    alone = np.concatenate([minilm.passages([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=5e-3)


def test_a_question_kept_from_before_is_not_spoilt_by_who_got_it(
    minilm: SentenceTransformerEmbedder,
) -> None:
    first = minilm.queries(["Where is the kitten?"])
    again = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(minilm.queries(["Where is the kitten?"]), again)
    np.testing.assert_allclose(minilm.queries(["Where is the kitten?", "x"])[:1], again, atol=5e-3)


def test_bfloat16_stays_close_to_float32_and_has_a_name_of_its_own() -> None:
    texts = ["A cat sits on a mat.", "Stock prices fell by 3.5 % in March 2020.", "word " * 200]
    exact, fast = (SentenceTransformerEmbedder(precision=p) for p in ("float32", "bfloat16"))
    cosines = (exact.passages(texts) * fast.passages(texts)).sum(axis=1)
    assert cosines.min() > 0.999
    assert (exact.name, fast.name) == ("all-MiniLM-L6-v2", "all-MiniLM-L6-v2, bfloat16")


def test_tokens_are_counted_and_never_cut(minilm: SentenceTransformerEmbedder) -> None:
    assert minilm.count_tokens(["a cat", "", "word " * 400, "embeddings"]) == [2, 0, 400, 4]
    assert minilm.count_tokens([]) == []


def test_many_threads(minilm: SentenceTransformerEmbedder) -> None:
    asked = ["who is it?", "and where?"]  # two are not kept
    expected = minilm.queries(asked)
    wrong: list[object] = []

    def work() -> None:
        try:
            for _ in range(5):
                minilm.count_tokens(["some words"])
                if not np.allclose(minilm.queries(asked), expected, atol=1e-4):
                    wrong.append("another vector")
        except RuntimeError as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_weights_that_are_not_the_published_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(embed, "PACKAGED_SHA256", "0" * 64)
    with pytest.raises(ModelUnavailable, match=r"has sha256 53aa5117.*not the published 0000"):
        SentenceTransformerEmbedder().queries(["x"])


def test_a_model_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    missing = str(tmp_path / "none")
    with pytest.raises(ModelUnavailable, match=r"could not be loaded .*FOOTNOTE_EMBEDDER"):
        SentenceTransformerEmbedder(missing).queries(["x"])


def test_a_model_of_the_users_own(tmp_path: Path) -> None:
    """A tiny sentence-transformers model with another dimension, saved and loaded for real."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    vocabulary = tmp_path / "vocab.txt"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "dog", "sat", "ran"]
    vocabulary.write_text("\n".join(words), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(tmp_path / "bert")
    BertTokenizerFast(str(vocabulary)).save_pretrained(tmp_path / "bert")
    transformer = Transformer(str(tmp_path / "bert"), max_seq_length=32)
    pooling = Pooling(16)
    SentenceTransformer(modules=[transformer, pooling]).save(str(tmp_path / "tiny"))

    embedder = SentenceTransformerEmbedder(str(tmp_path / "tiny"), "float32")
    assert (embedder.dim, embedder.max_tokens) == (16, 32)
    vectors = embedder.passages(["cat sat", "dog ran"])
    assert vectors.shape == (2, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.count_tokens(["cat sat"]) == [2]
