from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from index.errors import ModelUnavailable
from rag.read.span_model import Marked, SpanModel, best_spans
from rag.read.span_network import FOLDER

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "who", "is", "ada", "the", "keeper", ":"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader of the user's own: a tiny BERT with random weights, saved by the real classes."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering, BertTokenizerFast

    folder = tmp_path_factory.mktemp("reader")
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(WORDS), encoding="utf-8")
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=384,
    )
    BertForQuestionAnswering(config).save_pretrained(folder / "model")
    BertTokenizerFast(str(vocabulary)).save_pretrained(folder / "model")
    return folder / "model"


def test_best_spans_by_hand() -> None:
    start = np.array([9, 1, 5, 0, 2], dtype=np.float32)
    end = np.array([9, 0, 1, 4, 3], dtype=np.float32)
    allowed = np.array([False, True, True, True, True])
    # 2–3 scores 5 + 4; of what doesn't touch it, 4–4 scores 2 + 3 and 1–1 scores 1 + 0.
    assert best_spans(start, end, allowed, 5) == [(2, 3, 9.0), (4, 4, 5.0), (1, 1, 1.0)]
    assert best_spans(start, end, allowed, 1) == [(2, 3, 9.0)]
    assert best_spans(start, end, np.zeros(5, dtype=bool), 2) == []


def test_a_span_is_at_most_thirty_tokens() -> None:
    start, end = np.zeros(50, dtype=np.float32), np.zeros(50, dtype=np.float32)
    start[0], end[40], end[29] = 10, 9, 5
    ((first, last, score), *_) = best_spans(start, end, np.ones(50, dtype=bool), 1)
    assert (first, last, score) == (0, 29, 15.0)


def test_spans_lie_in_the_text_and_not_in_the_title(tiny: Path) -> None:
    model = SpanModel(str(tiny))
    passages = [("the keeper", "Ada is the keeper"), ("", "who is Ada"), ("is", "the")]
    found = model.spans("who is the keeper", passages, 3)
    assert [len(spans) > 0 for spans in found] == [True, True, True]
    for (_, text), spans in zip(passages, found, strict=True):
        for span in spans:
            assert 0 <= span.start < span.end <= len(text)
        assert [s.score for s in spans] == sorted((s.score for s in spans), reverse=True)
    assert model.spans("who", [], 3) == []


def test_a_stretch_is_evidence_as_its_tokens_are_on_average() -> None:
    offsets = np.array([(0, 3), (4, 7), (7, 8), (9, 12)], dtype=np.int64)
    marked = Marked([], np.array([1, 2, 6, -5], dtype=np.float32), offsets)
    assert marked.evidence_of(0, 8) == 3  # (1 + 2 + 6) / 3
    assert marked.evidence_of(9, 40) == -5
    assert marked.evidence_of(12, 40) is None  # cut off, so never read


def test_a_model_of_two_logits_has_no_opinion_on_evidence(tiny: Path) -> None:
    (marked,) = SpanModel(str(tiny)).mark("who is ada", [("", "Ada is the keeper")], 1)
    assert marked.spans
    assert marked.evidence_of(0, 17) is None


def test_a_batch_gives_what_each_passage_gives_alone(tiny: Path) -> None:
    model = SpanModel(str(tiny))
    passages = [("", "Ada is the keeper"), ("", "who"), ("ada", "the keeper is " * 9)]
    together = model.spans("who is ada", passages, 2)
    for passage, spans in zip(passages, together, strict=True):
        (alone,) = model.spans("who is ada", [passage], 2)
        assert [(s.start, s.end) for s in alone] == [(s.start, s.end) for s in spans]
        assert [s.score for s in alone] == pytest.approx([s.score for s in spans], abs=0.05)


def test_a_long_question_is_cut(tiny: Path) -> None:
    model = SpanModel(str(tiny))
    (spans,) = model.spans("who is ada " * 700, [("", "Ada is the keeper")], 1)
    assert spans
    (spans,) = model.spans("", [("", "Ada is the keeper")], 1)
    assert spans


def test_a_model_that_is_damaged(tiny: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny, tmp_path / "model")
    (tmp_path / "model" / "model.safetensors").write_bytes(b"version https://git-lfs")
    with pytest.raises(ModelUnavailable, match="could not be loaded"):
        SpanModel(str(tmp_path / "model")).spans("who", [("", "text")], 1)


def test_a_model_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelUnavailable, match=r"could not be loaded .*FOOTNOTE_READER"):
        SpanModel(str(tmp_path / "none")).spans("who", [("", "text")], 1)


def test_the_shipped_reader() -> None:
    model = SpanModel()
    text = "Ada Brandt kept the lighthouse for forty years. Her brother Otto mended the boats."
    ((ada, *_),) = model.spans("Who kept the lighthouse?", [("The lighthouse", text)], 3)
    ((otto, *_),) = model.spans("Who mended the boats?", [("The lighthouse", text)], 3)
    ((none, *_),) = model.spans("What is the capital of Peru?", [("The lighthouse", text)], 3)
    assert text[ada.start : ada.end] == "Ada Brandt"
    assert "Otto" in text[otto.start : otto.end]
    assert min(ada.score, otto.score) > 0 > none.score
    (keeper,) = model.mark("Who kept the lighthouse?", [("The lighthouse", text)], 1)
    first, second = keeper.evidence_of(0, 47), keeper.evidence_of(48, len(text))
    assert first is not None
    assert second is not None
    assert first > second
    assert (FOLDER / "model.safetensors").stat().st_size <= 25_000_000
