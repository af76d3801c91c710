from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.read.span_network import SpanNetwork
from rag.read.span_transformers import SpanTransformer

TEXT = "Ada Brandt kept the lighthouse for forty years. Her brother Otto mended the boats."
QUESTION = "Who kept the lighthouse?"


@pytest.fixture(scope="module")
def oracle() -> SpanTransformer:
    """The shipped reader as transformers runs it."""
    return SpanTransformer()


def test_its_logits_are_those_of_transformers(oracle: SpanTransformer, cache: Path) -> None:
    network = SpanNetwork("float32", cache)
    for question, text in (
        (QUESTION, TEXT),
        ("", TEXT),
        (QUESTION, ""),
        ("who " * 200, TEXT * 40),  # both are cut
        ("Où est l'« ﬁ » ?", "中文 — naïve ﬁ."),
    ):
        (wanted,), (found,) = oracle.logits(question, [text]), network.logits(question, [text])
        np.testing.assert_allclose(found.start, wanted.start, atol=1e-3)
        np.testing.assert_allclose(found.end, wanted.end, atol=1e-3)
        np.testing.assert_allclose(found.evidence, wanted.evidence, atol=1e-3)
        np.testing.assert_array_equal(found.offsets, wanted.offsets)
        np.testing.assert_array_equal(found.in_text, wanted.in_text)


def test_int8_reads_the_same(cache: Path) -> None:
    exact, int8 = SpanNetwork("float32", cache), SpanNetwork("int8", cache)
    for question in (QUESTION, "Who mended the boats?"):
        (wanted,), (found,) = exact.logits(question, [TEXT]), int8.logits(question, [TEXT])
        for rounded, own in ((found.start, wanted.start), (found.end, wanted.end)):
            assert rounded.max() - rounded[own.argmax()] < 0.1  # the best, but for a tie
        np.testing.assert_allclose(found.start, wanted.start, atol=1)
        np.testing.assert_allclose(found.evidence, wanted.evidence, atol=1)


def test_texts_side_by_side_give_what_each_gives_alone(cache: Path) -> None:
    int8 = SpanNetwork("int8", cache)
    texts = [TEXT, "", "Otto " * 100]
    for text, together in zip(texts, int8.logits(QUESTION, texts), strict=True):
        (alone,) = int8.logits(QUESTION, [text])
        np.testing.assert_array_equal(together.start, alone.start)
        np.testing.assert_array_equal(together.end, alone.end)
    assert int8.logits(QUESTION, []) == []
