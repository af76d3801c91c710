from __future__ import annotations

import threading

import pytest

from index.errors import ModelUnavailable
from index.inference.session import Network


def test_a_graph_that_is_none() -> None:
    with pytest.raises(ModelUnavailable, match="the network could not be loaded: "):
        Network(lambda: b"no graph").run([([1], [0])])


def test_it_is_loaded_once_by_many_threads() -> None:
    """`double` gives twice its token ids."""
    from onnx import TensorProto, helper

    kinds = [
        helper.make_tensor_value_info(name, TensorProto.INT64, [1, "n"])
        for name in ("input_ids", "token_type_ids")
    ]
    out = helper.make_tensor_value_info("double", TensorProto.FLOAT, [1, "n"])
    nodes = [
        helper.make_node("Add", ["input_ids", "input_ids"], ["sum"]),
        helper.make_node("Add", ["sum", "token_type_ids"], ["whole"]),
        helper.make_node("Cast", ["whole"], ["double"], to=TensorProto.FLOAT),
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "double", kinds, [out]),
        opset_imports=[helper.make_opsetid("", 21)],
        ir_version=10,
    )
    located: list[int] = []

    def locate() -> bytes:
        located.append(1)
        content: bytes = model.SerializeToString()
        return content

    network = Network(locate)
    results: list[list[list[float]]] = []

    def work() -> None:
        found = network.run([([1], [0]), ([5, 6, 7], [0, 0, 1]), ([], [])])
        results.append([output.tolist() for output in found])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[[2.0], [10.0, 12.0, 15.0], []]] * 8
    assert located == [1]
    assert network.run([]) == []
