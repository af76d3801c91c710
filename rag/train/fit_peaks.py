"""Measures what the matrices of the two networks are multiplied with, for their int8 form.

    python -m rag.train.fit_peaks --data ../shared/data

The largest magnitude of each column of each input, over paragraphs and questions of SQuAD's
training set, goes into `index/embed/models/` for the embedder and
`rag/read/models/reader/` for the reader.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from safetensors.numpy import load_file
from tokenizers import Encoding, Tokenizer

from index.embed.minilm import PEAKS, packaged_folder
from index.inference.bert_graph import Head, bert_graph, peak_names
from rag.read.span_network import FOLDER, stored_weights
from rag.read.span_network import PEAKS as READER_PEAKS

SEED = 7
TEXTS = 400

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=Path, required=True, help="the folder that holds squad/")
arguments = parser.parse_args()

with gzip.open(arguments.data / "squad" / "train.json.gz", "rt", encoding="utf-8") as file:
    articles = json.load(file)["data"]
pairs = [
    (paragraph["qas"][0]["question"], paragraph["context"])
    for article in articles
    for paragraph in article["paragraphs"]
    if paragraph["qas"]
]
random.Random(SEED).shuffle(pairs)
pairs = pairs[:TEXTS]


def measure(
    weights: Mapping[str, Any], folder: Path, head: Head, texts: Sequence[Encoding], out: Path
) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model = bert_graph(weights, config, head)
    names = peak_names(config)
    for name in names:
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString())
    peaks: dict[str, Any] = dict.fromkeys(names, np.float32(0))
    for encoding in texts:
        ids, kinds = (np.array([row], np.int64) for row in (encoding.ids, encoding.type_ids))
        outputs = session.run(names, {"input_ids": ids, "token_type_ids": kinds})
        for name, values in zip(names, outputs, strict=True):
            peaks[name] = np.maximum(peaks[name], np.abs(values[0]).max(axis=0))
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, **{name: peak.astype(np.float16) for name, peak in peaks.items()})
    print(f"{out}: {len(texts)} texts, {out.stat().st_size:,} bytes")


tokenizer = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(256)
texts = [text for pair in pairs for text in pair]
weights = load_file(packaged_folder() / "model.safetensors")
measure(weights, packaged_folder(), "vector", tokenizer.encode_batch(texts), PEAKS)

tokenizer.enable_truncation(384, strategy="only_second")
weights = stored_weights(FOLDER / "model.safetensors")
measure(weights, FOLDER, "span", tokenizer.encode_batch(pairs), READER_PEAKS)
