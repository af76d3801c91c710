from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index.inference.bert_graph import bert_graph, peak_names
from index.inference.session import Network

CONFIG = {
    "vocab_size": 11,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "max_position_embeddings": 32,
    "layer_norm_eps": 1e-12,
}
IDS, KINDS = [2, 5, 6, 3, 7, 3], [0, 0, 0, 0, 1, 1]


@pytest.fixture(scope="module")
def bert() -> Any:
    """A tiny BERT with random weights."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering

    torch.manual_seed(5)
    config = BertConfig(**CONFIG, initializer_range=0.4)
    return BertForQuestionAnswering(config).eval()


def run(model: Any) -> NDArray[np.float32]:
    (output,) = Network(model.SerializeToString).run([(IDS, KINDS)])
    return output


def test_the_graph_computes_what_transformers_does(bert: Any) -> None:
    import torch

    weights = {name: rows.numpy() for name, rows in bert.state_dict().items()}
    with torch.inference_mode():
        ids, kinds = torch.tensor([IDS]), torch.tensor([KINDS])
        output = bert(input_ids=ids, token_type_ids=kinds)
        hidden = bert.bert(input_ids=ids, token_type_ids=kinds).last_hidden_state[0].numpy()
    logits = run(bert_graph(weights, CONFIG, "span"))
    np.testing.assert_allclose(logits[:, 0], output.start_logits[0].numpy(), atol=1e-4)
    np.testing.assert_allclose(logits[:, 1], output.end_logits[0].numpy(), atol=1e-4)
    mean = hidden.mean(axis=0)
    vector = run(bert_graph(weights, CONFIG, "vector"))
    np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)


@pytest.mark.parametrize("peak", [0.0, 1.0])
def test_int8_is_near(bert: Any, peak: float) -> None:
    weights = {name: rows.numpy() for name, rows in bert.state_dict().items()}
    exact = run(bert_graph(weights, CONFIG, "vector"))
    widths = {"output": CONFIG["intermediate_size"]}
    peaks = {
        name: np.full(widths.get(name.split(".")[1], 32), peak, dtype=np.float16)
        for name in peak_names(CONFIG)
    }
    vector = run(bert_graph(weights, CONFIG, "vector", peaks))
    assert vector @ exact > 0.95
    assert not np.array_equal(vector, exact)
