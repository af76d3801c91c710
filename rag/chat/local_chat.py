"""A language model in this process: the only place that runs one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import InvalidSetting, ModelBusy, ModelUnavailable
from index.extras import require
from index.inference.processor import Precision, has_bfloat16
from rag.answer import Written
from rag.chat.chat_model import GREEDY, Message, Sampling, Writing
from rag.stop import Stop

if TYPE_CHECKING:
    import torch

_HUB_SECONDS = 10
_WARM_UP = (Message("user", "a"), Message("assistant", "b"), Message("user", "c"))


class LocalChat:
    """Any causal language model that transformers loads, by hub name or folder, or a GGUF file,
    which the packages `gguf` and `accelerate` read. It decodes
    greedily unless asked for a temperature, and writes one answer at a time; up to `queue` more
    wait in order of arrival.

    Loads at once, showing its progress, on CUDA, MPS or the processor, whichever is there;
    `precision` is "float32", "bfloat16" or anything else, which is bfloat16 where the device
    multiplies it. Raises `ModelUnavailable` when it cannot be loaded, and `InvalidSetting` when
    `max_new_tokens` leave no room for a prompt.
    """

    def __init__(
        self, name: str, *, max_new_tokens: int = 512, queue: int = 8, precision: Precision = "auto"
    ) -> None:
        require("transformers", f"chat model '{name}'")
        device, dtype = place(precision)
        self._model, self._tokenizer = _load(name, dtype)
        self._model.to(device)
        self._max_new_tokens = max_new_tokens
        self._queue = queue
        self._places = threading.BoundedSemaphore(queue + 1)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="language-model")
        window = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        self.prompt_tokens: int | None = window - max_new_tokens if window else None
        if self.prompt_tokens is not None and self.prompt_tokens < 1:
            raise InvalidSetting(
                f"chat model '{name}' holds {window} tokens, and max_new_tokens is "
                f"{max_new_tokens}; lower FOOTNOTE_MAX_NEW_TOKENS"
            )
        ends = self._model.generation_config.eos_token_id
        self._ends = {ends} if isinstance(ends, int) else set(ends or ())
        self.count_tokens(_WARM_UP)  # settles the tokenizer before threads share it

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """The tokens of the prompt, exactly."""
        return int(self._encoded(messages)["input_ids"].shape[1])

    def stream(
        self,
        messages: Sequence[Message],
        sampling: Sampling = GREEDY,
        stop: Stop | None = None,
    ) -> Writing:
        """The answer, whole words at a time. The model writes on while the consumer is slow, and
        stops at the next token when the generator is closed or `stop` is set; a question that
        still waits in line then leaves it.

        Raises `ModelBusy` before the first piece.
        """
        from transformers import TextIteratorStreamer

        if not self._places.acquire(blocking=False):
            raise ModelBusy(
                f"the language model is writing and {self._queue} more questions are waiting; "
                "ask again in a moment, or raise FOOTNOTE_CHAT_QUEUE"
            )
        given_up = threading.Event()
        streamer = TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)
        writing = self._writer.submit(self._write, messages, sampling, streamer, given_up)

        def left_the_line(waiting: Future[Written]) -> None:
            if waiting.cancelled():
                self._places.release()
                streamer.on_finalized_text("", stream_end=True)

        def give_up() -> None:
            given_up.set()
            writing.cancel()

        writing.add_done_callback(left_the_line)
        try:
            with (stop or Stop()).calling(give_up):
                yield from filter(None, streamer)
                return None if writing.cancelled() else writing.result()
        finally:
            give_up()

    def _write(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        streamer: Any,
        given_up: threading.Event,
    ) -> Written:
        import torch

        def stopped(ids: torch.Tensor, _: Any, **__: Any) -> torch.Tensor:
            return torch.full((len(ids),), given_up.is_set(), dtype=torch.bool, device=ids.device)

        tokenizer, device = self._tokenizer, self._model.device
        most = min(sampling.max_tokens or self._max_new_tokens, self._max_new_tokens)
        try:
            prompt = {name: row.to(device) for name, row in self._encoded(messages).items()}
            length = prompt["input_ids"].shape[1]
            if sampling.seed is not None:
                torch.manual_seed(sampling.seed)
            ids = self._model.generate(
                **prompt,
                **_decoding(sampling, length),
                max_new_tokens=most,
                pad_token_id=tokenizer.eos_token_id
                if tokenizer.pad_token_id is None
                else tokenizer.pad_token_id,
                streamer=streamer,
                stopping_criteria=[stopped],
            )
        finally:
            self._places.release()
            streamer.on_finalized_text("", stream_end=True)
        wrote = int(ids.shape[1]) - length
        ended = int(ids[0, -1]) in self._ends
        return Written(length, wrote, wrote >= most and not ended)

    def _encoded(self, messages: Sequence[Message]) -> dict[str, torch.Tensor]:
        """`input_ids` and `attention_mask` of the prompt, both [1, n]."""
        if self._tokenizer.chat_template:
            encoded = self._tokenizer.apply_chat_template(
                [asdict(message) for message in messages],
                add_generation_prompt=True,
                return_dict=True,
                return_tensors="pt",
                enable_thinking=False,  # templates that know no such switch pass it over
            )
        else:
            encoded = self._tokenizer(plain_chat(messages), return_tensors="pt")
        return {name: encoded[name] for name in ("input_ids", "attention_mask")}


def _decoding(sampling: Sampling, prompt: int) -> dict[str, Any]:
    """The options of `generate` that decode so, after a prompt of `prompt` tokens."""
    sampled = bool(sampling.temperature) and sampling.top_p != 0
    options: dict[str, Any] = {
        "do_sample": sampled,
        "temperature": float(sampling.temperature) if sampled and sampling.temperature else None,
        "top_p": sampling.top_p if sampled else None,
        "top_k": None,
    }
    if sampling.presence_penalty or sampling.frequency_penalty:
        options["logits_processor"] = [_penalties(sampling, prompt)]
    return options


def _penalties(
    sampling: Sampling, prompt: int
) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """OpenAI's penalties: what a token has been written `n` times loses `n` times the one for
    frequency, and once the one for presence."""
    import torch

    presence, frequency = sampling.presence_penalty or 0, sampling.frequency_penalty or 0

    def penalize(ids: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        written, times = torch.unique(ids[0, prompt:], return_counts=True)
        logits[0, written] -= presence + frequency * times.to(logits.dtype)
        return logits

    return penalize


def plain_chat(messages: Sequence[Message]) -> str:
    """The prompt for a model that has no chat template of its own."""
    turns = [f"{message.role.capitalize()}: {message.content}\n\n" for message in messages]
    return "".join(turns) + "Assistant:"


def place(precision: Precision) -> tuple[str, torch.dtype]:
    """The device to run on, and in which arithmetic."""
    import torch

    if torch.cuda.is_available():
        device, half = "cuda", torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    elif torch.backends.mps.is_available():
        device, half = "mps", torch.bfloat16
    else:
        device, half = "cpu", torch.bfloat16 if has_bfloat16() else torch.float32
    chosen = {"bfloat16": torch.bfloat16, "float32": torch.float32}
    return device, chosen.get(precision, half)


def _load(name: str, dtype: torch.dtype) -> tuple[Any, Any]:
    from huggingface_hub import model_info
    from huggingface_hub.constants import HF_HUB_DISABLE_PROGRESS_BARS
    from transformers.utils.logging import enable_progress_bar

    if not HF_HUB_DISABLE_PROGRESS_BARS:
        enable_progress_bar()  # weights of gigabytes are fetched or read
    is_here = Path(name).exists()
    try:
        try:
            return _opened(name, dtype, here_only=True)
        except OSError:
            if is_here:
                raise
        model_info(name, timeout=_HUB_SECONDS)  # fails at once, where loading asks many times
        return _opened(name, dtype, here_only=False)
    except Exception as error:  # a stranger's files and two libraries can fail in any way
        reason = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
        here = "the folder" if Path(name).is_dir() else "the file"
        tried = here if is_here else "a folder, the cache and the model hub"
        raise ModelUnavailable(
            f"chat model '{name}' could not be loaded (tried {tried}: {reason}); set "
            "FOOTNOTE_CHAT_MODEL to the folder, hub name or GGUF file of a causal language model, "
            "or FOOTNOTE_CHAT_URL to a server that runs one"
        ) from error


def _opened(name: str, dtype: torch.dtype, *, here_only: bool) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options: dict[str, Any] = {"local_files_only": here_only}
    path = Path(name)
    if path.suffix.lower() == ".gguf" and path.is_file():
        name, options["gguf_file"] = str(path.parent), path.name
    tokenizer = AutoTokenizer.from_pretrained(name, **options)
    model = AutoModelForCausalLM.from_pretrained(name, dtype=dtype, **options)
    return model.eval(), tokenizer
