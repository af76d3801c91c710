"""A tiny Llama with random weights: real files, real loading, no sense in what it says."""

from __future__ import annotations

from pathlib import Path

SPECIAL = 3
WORDS = ["<unk>", "<s>", "</s>", "user", "assistant", ":", *(f"w{n}" for n in range(58))]
TEMPLATE = (
    "<s>{% for m in messages %}{{ m.role }} : {{ m.content }} {% endfor %}"
    "{% if add_generation_prompt %}assistant :{% endif %}"
)


def save_model(folder: Path, template: str | None = TEMPLATE, positions: int = 128) -> str:
    """Saves model and tokenizer (a word is a token) in `folder`; its name."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    words = Tokenizer(WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=positions,
        bos_token_id=1,
        eos_token_id=None,  # nothing ends an answer but its limit
    )
    model = LlamaForCausalLM(config)
    model.generation_config.suppress_tokens = list(range(SPECIAL))  # it writes words only
    model.save_pretrained(folder)
    return str(folder)
