from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from index.embed import minilm
from index.embed.embedder import embedder_of
from index.embed.minilm import PACKAGED, PackagedEmbedder
from index.embed.sentence_transformer import SentenceTransformerEmbedder
from index.errors import ModelUnavailable
from index.inference import processor
from index.inference.processor import Precision


@pytest.mark.parametrize(
    ("model", "precision", "kind", "name"),
    [
        (PACKAGED, "int8", PackagedEmbedder, "all-MiniLM-L6-v2, int8"),
        (PACKAGED, "float32", PackagedEmbedder, "all-MiniLM-L6-v2"),
        (PACKAGED, "bfloat16", SentenceTransformerEmbedder, "all-MiniLM-L6-v2, bfloat16"),
        ("their/own", "float32", SentenceTransformerEmbedder, "their/own"),
        ("their/own", "bfloat16", SentenceTransformerEmbedder, "their/own, bfloat16"),
    ],
)
def test_what_runs_a_model(model: str, precision: Precision, kind: type, name: str) -> None:
    embedder = embedder_of(model, precision)
    assert (type(embedder), embedder.name) == (kind, name)
    sent = pickle.loads(pickle.dumps(embedder))  # as the workers of a cluster get it
    assert (type(sent), sent.name) == (kind, name)


@pytest.mark.parametrize(
    ("int8", "bfloat16", "packaged", "own"),
    [
        (True, True, "all-MiniLM-L6-v2, int8", "their/own, bfloat16"),
        (True, False, "all-MiniLM-L6-v2, int8", "their/own"),
        (False, True, "all-MiniLM-L6-v2", "their/own, bfloat16"),
        (False, False, "all-MiniLM-L6-v2", "their/own"),
    ],
)
def test_the_fastest_that_the_processor_has(
    int8: bool, bfloat16: bool, packaged: str, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "has_int8", lambda: int8)
    monkeypatch.setattr(processor, "has_bfloat16", lambda: bfloat16)
    assert (embedder_of().name, embedder_of("their/own").name) == (packaged, own)


def test_bfloat16_stays_close_to_float32_and_has_a_name_of_its_own() -> None:
    texts = ["A cat sits on a mat.", "Stock prices fell by 3.5 % in March 2020.", "word " * 200]
    exact, fast = (SentenceTransformerEmbedder(bfloat16=b) for b in (False, True))
    cosines = (exact.passages(texts) * fast.passages(texts)).sum(axis=1)
    assert cosines.min() > 0.999
    assert (exact.name, fast.name) == ("all-MiniLM-L6-v2", "all-MiniLM-L6-v2, bfloat16")


def test_weights_that_are_not_the_published_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(minilm, "PACKAGED_SHA256", "0" * 64)
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

    embedder = SentenceTransformerEmbedder(str(tmp_path / "tiny"))
    assert (embedder.dim, embedder.max_tokens) == (16, 32)
    vectors = embedder.passages(["cat sat", "dog ran"])
    assert vectors.shape == (2, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.count_tokens(["cat sat"]) == [2]
