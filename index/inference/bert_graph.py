"""A BERT as a graph for ONNX Runtime: in float32, or with its matrices in int8."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.inference.int8 import parted_columns, rounded_rows, smoothing_factors

if TYPE_CHECKING:
    from onnx import ModelProto

Head = Literal["vector", "span"]
Weights = Mapping[str, NDArray[Any]]
Peaks = Mapping[str, NDArray[np.floating[Any]]]

_FUSED = "com.microsoft"  # the domain of ONNX Runtime's own operators
_WITH_OUTLIERS = ("intermediate", "output")
_MATRICES = ("query_key_value", "attention_output", "intermediate", "output")


def bert_graph(
    weights: Weights, config: Mapping[str, Any], head: Head, peaks: Peaks | None = None
) -> ModelProto:
    """The network of one text: `input_ids` and `token_type_ids`, int64 [1, n], to

    - "vector": `vector` float32 [1, hidden], the mean over the tokens as a unit vector;
    - "span": `logits` float32 [1, n, 2], of an answer that starts and of one that ends there.

    `weights` are named as transformers names them and may lack the prefix "bert."; `config` is the
    model's `config.json`. With `peaks`, the largest magnitude of each column of what is multiplied
    (by `peak_name`), matrices are int8 with a scale for each row; what comes in is quantized as it
    comes, after a part of its outlying columns' size was moved into the matrix (SmoothQuant; Xiao
    et al., 2023); in the two large matrices the most outlying columns stay float32 (LLM.int8();
    Dettmers et al., 2022). Word embeddings are int8 rows then, too. Sums, norms and softmax stay
    float32.
    """
    graph = _Graph({name.removeprefix("bert."): rows for name, rows in weights.items()}, peaks)
    hidden = graph.embeddings(float(config["layer_norm_eps"]))
    for layer in range(int(config["num_hidden_layers"])):
        hidden = graph.layer(layer, hidden, config)
    result = graph.vector(hidden) if head == "vector" else graph.span(hidden)
    return graph.model(result)


def peak_name(layer: int, matrix: str) -> str:
    """The name in `peaks`, and in the graph, of what the `matrix` of a layer is multiplied with;
    one of "query_key_value", "attention_output", "intermediate" and "output"."""
    return f"{layer}.{matrix}.input"


def peak_names(config: Mapping[str, Any]) -> list[str]:
    layers = range(int(config["num_hidden_layers"]))
    return [peak_name(layer, matrix) for layer in layers for matrix in _MATRICES]


class _Graph:
    """The nodes and constants so far. Each method adds some and gives the name of its result."""

    def __init__(self, weights: Weights, peaks: Peaks | None) -> None:
        self._weights = weights
        self._peaks = peaks
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def embeddings(self, epsilon: float) -> str:
        kinds = self._node(
            "Gather",
            [self._weight("embeddings.token_type_embeddings.weight"), "token_type_ids"],
            "kinds",
        )
        length = self._node("Shape", ["input_ids"], "length", start=1, end=2)
        first = self._constant("first", np.zeros(1, dtype=np.int64))
        positions = self._node(
            "Slice",
            [self._weight("embeddings.position_embeddings.weight"), first, length],
            "positions",
        )
        summed = self._node("Add", [self._words(), kinds], "words_and_kinds")
        summed = self._node("Add", [summed, positions], "embedded")
        return self._node(
            "LayerNormalization",
            [summed, *self._norm("embeddings.LayerNorm")],
            peak_name(0, "query_key_value"),
            axis=-1,
            epsilon=epsilon,
        )

    def _words(self) -> str:
        table = self._weights["embeddings.word_embeddings.weight"].astype(np.float32)
        if self._peaks is None:
            return self._node("Gather", [self._constant("words", table), "input_ids"], "word")
        rows, scales = rounded_rows(table)
        whole = self._node("Gather", [self._constant("words", rows), "input_ids"], "word_rows")
        scale = self._node(
            "Gather", [self._constant("word_scales", scales[:, None]), "input_ids"], "word_scale"
        )
        return self._node("Mul", [self._node("Cast", [whole], "word_cast", to=1), scale], "word")

    def layer(self, layer: int, hidden: str, config: Mapping[str, Any]) -> str:
        name = f"encoder.layer.{layer}"
        epsilon = float(config["layer_norm_eps"])
        parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        matrix = np.concatenate([self._weights[f"{part}.weight"] for part in parts])
        bias = np.concatenate([self._weights[f"{part}.bias"] for part in parts])
        product = self._product(layer, "query_key_value", hidden, matrix)
        split = [f"{layer}.query", f"{layer}.key", f"{layer}.value"]
        self._nodes.append(_node("Split", [product], split, "", {"axis": -1, "num_outputs": 3}))
        attended = self._node(
            "MultiHeadAttention",
            [*split, self._constant(f"{layer}.attention_bias", bias.astype(np.float32))],
            peak_name(layer, "attention_output"),
            _FUSED,
            num_heads=int(config["num_attention_heads"]),
        )
        hidden = self._added(
            layer,
            "attention_output",
            (attended, hidden),
            f"{name}.attention.output",
            peak_name(layer, "intermediate"),
            epsilon,
        )
        inner = self._product(
            layer, "intermediate", hidden, self._weights[f"{name}.intermediate.dense.weight"]
        )
        active = self._node(
            "BiasGelu",
            [inner, self._weight(f"{name}.intermediate.dense.bias")],
            peak_name(layer, "output"),
            _FUSED,
        )
        return self._added(
            layer,
            "output",
            (active, hidden),
            f"{name}.output",
            peak_name(layer + 1, "query_key_value"),
            epsilon,
        )

    def vector(self, hidden: str) -> str:
        axes = self._constant("tokens", np.array([1], dtype=np.int64))
        mean = self._node("ReduceMean", [hidden, axes], "mean", keepdims=0)
        return self._node("LpNormalization", [mean], "vector", axis=-1, p=2)

    def span(self, hidden: str) -> str:
        matrix = self._weights["qa_outputs.weight"].T.astype(np.float32)
        logits = self._node("MatMul", [hidden, self._constant("span", matrix)], "bare_logits")
        return self._node("Add", [logits, self._weight("qa_outputs.bias")], "logits")

    def _added(
        self, layer: int, matrix: str, terms: tuple[str, str], name: str, out: str, epsilon: float
    ) -> str:
        """LayerNorm(matrix · first + bias + second)."""
        first, second = terms
        product = self._product(layer, matrix, first, self._weights[f"{name}.dense.weight"])
        bias = self._weight(f"{name}.dense.bias")
        return self._node(
            "SkipLayerNormalization",
            [product, second, *self._norm(f"{name}.LayerNorm"), bias],
            out,
            _FUSED,
            epsilon=epsilon,
        )

    def _product(self, layer: int, matrix: str, hidden: str, rows: NDArray[Any]) -> str:
        """`hidden` [1, n, in] times the matrix [out, in]."""
        rows = rows.astype(np.float32)
        name = f"{layer}.{matrix}"
        if self._peaks is None:
            return self._node("MatMul", [hidden, self._constant(f"{name}.rows", rows.T)], name)
        peaks = self._peaks[peak_name(layer, matrix)].astype(np.float32)
        if matrix not in _WITH_OUTLIERS:
            factors = smoothing_factors(peaks, rows)
            return self._quantized(name, hidden, 1 / factors, rows * factors, name)
        outliers, rest = parted_columns(peaks, rows)
        some = self._constant(f"{name}.outliers", outliers)
        few = self._node("Gather", [hidden, some], f"{name}.few", axis=2)
        theirs = self._constant(f"{name}.outlier_rows", rows[:, outliers].T)
        exact = self._node("MatMul", [few, theirs], f"{name}.exact")
        factors = smoothing_factors(peaks[rest], rows[:, rest])
        shares, smoothed = np.zeros_like(peaks), np.zeros_like(rows)
        shares[rest], smoothed[:, rest] = 1 / factors, rows[:, rest] * factors
        rounded = self._quantized(name, hidden, shares, smoothed, f"{name}.rounded")
        return self._node("Add", [exact, rounded], name)

    def _quantized(
        self,
        name: str,
        hidden: str,
        shares: NDArray[Any],
        rows: NDArray[np.float32],
        out: str,
    ) -> str:
        """The `shares` of `hidden`, column by column, times `rows`, in int8."""
        shared = self._constant(f"{name}.smoothing", shares)
        smoothed = self._node("Mul", [hidden, shared], f"{name}.smoothed")
        whole, scales = rounded_rows(rows)
        constants = [
            self._constant(f"{name}.rows", whole.T),
            self._constant(f"{name}.scales", scales),
        ]
        return self._node("DynamicQuantizeMatMul", [smoothed, *constants], out, _FUSED)

    def _norm(self, name: str) -> tuple[str, str]:
        return self._weight(f"{name}.weight"), self._weight(f"{name}.bias")

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name].astype(np.float32))

    def _constant(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(self, kind: str, ins: list[str], out: str, domain: str = "", **settings: Any) -> str:
        self._nodes.append(_node(kind, ins, [out], domain, settings))
        return out

    def model(self, result: str) -> ModelProto:
        from onnx import TensorProto, helper

        ins = [
            helper.make_tensor_value_info(name, TensorProto.INT64, [1, "n"])
            for name in ("input_ids", "token_type_ids")
        ]
        out = helper.make_tensor_value_info(result, TensorProto.FLOAT, None)
        graph = helper.make_graph(self._nodes, "bert", ins, [out], self._constants)
        operators = [helper.make_opsetid("", 21), helper.make_opsetid(_FUSED, 1)]
        return helper.make_model(graph, opset_imports=operators, ir_version=10)


def _node(
    kind: str, ins: list[str], outs: list[str], domain: str, settings: Mapping[str, Any]
) -> Any:
    from onnx import helper

    return helper.make_node(kind, ins, outs, name=outs[0], domain=domain, **settings)
