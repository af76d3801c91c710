"""Tokens a second streamed through LocalChat against `model.generate` alone, interleaved.

The model has the published shape of Qwen3-0.6B and random weights; its tokenizer knows one word for
each number, so that every token becomes text.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import torch
from common import show
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from rag.chat.chat_model import Kept, Message, Sampling
from rag.chat.local_chat import LocalChat

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=Path, help="not needed")
parser.add_argument("--out", type=Path, default=Path("results"))
parser.add_argument("--tokens", type=int, default=32)
parser.add_argument("--repeats", type=int, default=3)
parser.add_argument("--precisions", nargs="+", default=["bfloat16", "float32"])
arguments = parser.parse_args()

VOCABULARY = 151_936
words = Tokenizer(WordLevel({f"w{n}": n for n in range(VOCABULARY)}, unk_token="w0"))
words.pre_tokenizer = WhitespaceSplit()
config = Qwen3Config(
    vocab_size=VOCABULARY,
    hidden_size=1024,
    intermediate_size=3072,
    num_hidden_layers=28,
    num_attention_heads=16,
    num_key_value_heads=8,
    head_dim=128,
    max_position_embeddings=4096,
    tie_word_embeddings=True,
    bos_token_id=1,
    eos_token_id=None,
)
figures: dict[str, float | int | str] = {}
with tempfile.TemporaryDirectory() as folder:
    PreTrainedTokenizerFast(tokenizer_object=words, unk_token="w0").save_pretrained(folder)
    torch.manual_seed(7)
    model = Qwen3ForCausalLM(config).to(torch.bfloat16)
    figures["parameters, M"] = sum(each.numel() for each in model.parameters()) / 1e6
    model.save_pretrained(folder)
    del model
    prompt = [Message("user", " ".join(f"w{n}" for n in range(2, 130)))]
    for precision in arguments.precisions:
        chat = LocalChat(folder, max_new_tokens=arguments.tokens, precision=precision)
        encoded = chat._encoded(prompt)
        spent = {"generate": 0.0, "LocalChat": 0.0}
        for repeat in range(-1, arguments.repeats):  # the first warms up
            for way in sorted(spent, reverse=bool(repeat % 2)):
                start = time.perf_counter()
                if way == "LocalChat":
                    writing = Kept(chat.stream(prompt, Sampling()))
                    assert "".join(writing)
                    assert writing.written
                    assert writing.written.completion_tokens == arguments.tokens
                else:
                    moved = {name: row.to(chat._model.device) for name, row in encoded.items()}
                    chat._model.generate(
                        **moved,
                        max_new_tokens=arguments.tokens,
                        do_sample=False,
                        pad_token_id=0,
                    )
                if repeat >= 0:
                    spent[way] += time.perf_counter() - start
        for way, seconds in spent.items():
            rate = arguments.repeats * arguments.tokens / seconds
            figures[f"{precision}: {way}, tokens a second"] = rate
        figures[f"{precision}: LocalChat / generate"] = spent["generate"] / spent["LocalChat"]
        del chat
figures["device"] = "cuda" if torch.cuda.is_available() else "cpu"
figures["threads"] = torch.get_num_threads()
show("chat", figures, arguments.out)
