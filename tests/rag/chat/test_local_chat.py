"""A model in this process: a tiny Llama with random weights, loaded by the real classes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from support_llama import save_model

from index.errors import InvalidSetting, ModelBusy, ModelUnavailable
from index.inference.processor import has_bfloat16
from rag.answer import Written
from rag.chat.chat_model import GREEDY, Kept, Message, Sampling
from rag.chat.local_chat import LocalChat, _penalties, place, plain_chat
from rag.stop import Stop

ASKED = [Message("user", "w1 w2 w3")]
PROMPT = "<s> user : w1 w2 w3 assistant :"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_model(tmp_path_factory.mktemp("tiny"))


def expected(folder: str, prompt: str, tokens: int) -> str:
    """What `model.generate` alone goes on with."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    _, dtype = place("float32")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
    encoded = tokenizer(prompt, return_tensors="pt")
    written = model.generate(
        encoded["input_ids"],
        attention_mask=encoded["attention_mask"],
        max_new_tokens=tokens,
        do_sample=False,
        pad_token_id=2,
    )
    new = written[0, encoded["input_ids"].shape[1] :]
    return str(tokenizer.decode(new, skip_special_tokens=True))


def test_it_goes_on_with_its_own_chat_template(folder: str) -> None:
    chat = LocalChat(folder, max_new_tokens=20, precision="float32")
    pieces = list(chat.stream(ASKED))
    assert "".join(pieces) == expected(folder, PROMPT, 20)
    assert len(pieces) > 10
    assert all(pieces)


def test_a_model_without_a_template_gets_plain_turns(tmp_path: Path) -> None:
    plain = save_model(tmp_path, template=None)
    messages = [Message("user", "w1"), Message("assistant", "w2"), Message("user", "w3")]
    assert plain_chat(messages) == "User: w1\n\nAssistant: w2\n\nUser: w3\n\nAssistant:"
    chat = LocalChat(plain, max_new_tokens=10, precision="float32")
    assert "".join(chat.stream(messages)) == expected(plain, plain_chat(messages), 10)
    assert chat.count_tokens(messages) == 7  # User: w1 Assistant: w2 User: w3 Assistant:


def test_tokens_are_counted_as_they_are_sent(folder: str) -> None:
    chat = LocalChat(folder, max_new_tokens=20)
    assert chat.prompt_tokens == 128 - 20
    assert chat.count_tokens(ASKED) == 8  # <s> user : w1 w2 w3 assistant :


class Gate:
    """Counts the tokens that a model computes, and lets it past token number `shut` only when it
    is opened."""

    def __init__(self, chat: LocalChat, shut: int) -> None:
        self.tokens = 0
        self.reached = threading.Event()
        self.open = threading.Event()
        self._shut = shut
        chat._model.register_forward_hook(self)

    def __call__(self, *_: Any) -> None:
        self.tokens += 1
        if self.tokens == self._shut:
            self.reached.set()
            assert self.open.wait(30)


def test_closing_stops_the_model_at_the_next_token(folder: str) -> None:
    chat = LocalChat(folder, max_new_tokens=100, queue=0)
    gate = Gate(chat, shut=5)
    pieces = chat.stream(ASKED)
    assert next(pieces)
    assert gate.reached.wait(30)
    pieces.close()  # type: ignore[attr-defined]
    gate.open.set()
    chat._writer.submit(int).result(30)  # the one writer is done with what it wrote
    assert gate.tokens == 5
    assert "".join(chat.stream(ASKED))  # and the only place is free again


def test_a_stop_before_the_first_piece_frees_the_model(folder: str) -> None:
    chat, stop = LocalChat(folder, max_new_tokens=100, queue=0), Stop()
    gate = Gate(chat, shut=1)
    written: list[str] = []
    asking = threading.Thread(target=lambda: written.extend(chat.stream(ASKED, GREEDY, stop)))
    asking.start()
    assert gate.reached.wait(30)
    stop.set()
    gate.open.set()
    asking.join(30)
    assert not asking.is_alive()
    assert gate.tokens <= 2  # of a hundred
    assert "".join(chat.stream(ASKED))  # and the only place is free again


def test_a_stop_while_waiting_leaves_the_line(folder: str) -> None:
    chat, stop = LocalChat(folder, max_new_tokens=6, queue=1), Stop()
    gate = Gate(chat, shut=2)
    writing = threading.Thread(target=lambda: list(chat.stream(ASKED)))
    writing.start()
    assert gate.reached.wait(30)
    waited: list[str] = []
    waiting = threading.Thread(target=lambda: waited.extend(chat.stream(ASKED, GREEDY, stop)))
    waiting.start()
    while chat._writer._work_queue.qsize() == 0:
        waiting.join(0.001)
    stop.set()
    waiting.join(30)
    assert not waiting.is_alive()
    assert waited == []
    third = threading.Thread(target=lambda: waited.extend(chat.stream(ASKED)))
    third.start()  # its place in the line is free although the first still writes
    gate.open.set()
    for thread in (writing, third):
        thread.join(30)
    assert waited


def test_it_says_what_it_took_and_whether_it_was_cut_off(folder: str) -> None:
    chat = LocalChat(folder, max_new_tokens=20, precision="float32")
    writing = Kept(chat.stream(ASKED))
    assert len("".join(writing).split()) == 20
    assert writing.written == Written(8, 20, True)
    shorter = Kept(chat.stream(ASKED, Sampling(max_tokens=3)))
    assert len("".join(shorter).split()) == 3
    assert shorter.written == Written(8, 3, True)
    longer = Kept(chat.stream(ASKED, Sampling(max_tokens=30)))
    assert len("".join(longer).split()) == 20  # the setting is the most
    tenth = chat._tokenizer.convert_tokens_to_ids(expected(folder, PROMPT, 20).split()[9])
    chat._ends = {tenth}
    chat._model.generation_config.eos_token_id = tenth
    ended = Kept(chat.stream(ASKED))
    list(ended)
    assert ended.written is not None
    assert ended.written.completion_tokens is not None
    assert ended.written.completion_tokens <= 10
    assert not ended.written.cut


def test_a_temperature_samples_and_a_seed_repeats_it(folder: str) -> None:
    chat = LocalChat(folder, max_new_tokens=20, precision="float32")

    def text(**sampling: float) -> str:
        return "".join(chat.stream(ASKED, Sampling(**sampling)))  # type: ignore[arg-type]

    greedy = text()
    assert text(temperature=0, seed=1) == greedy
    assert text(temperature=2, top_p=0, seed=1) == greedy
    assert text(temperature=2, top_p=1e-6, seed=1) == greedy  # the likeliest alone is left
    assert text(temperature=2, seed=1) == text(temperature=2, seed=1) != greedy
    assert text(temperature=2, seed=1) != text(temperature=2, seed=2)


def test_penalties_are_subtracted_from_what_was_written() -> None:
    import torch

    penalize = _penalties(Sampling(presence_penalty=1, frequency_penalty=0.5), prompt=2)
    ids = torch.tensor([[4, 4, 1, 3, 1]])  # the first two are the prompt
    logits = penalize(ids, torch.zeros(1, 5))
    assert logits.tolist() == [[0, -2, 0, -1.5, 0]]


def test_a_penalty_keeps_words_from_coming_again(folder: str) -> None:
    chat = LocalChat(folder, max_new_tokens=30, precision="float32")
    often = "".join(chat.stream(ASKED)).split()
    seldom = "".join(chat.stream(ASKED, Sampling(presence_penalty=2, frequency_penalty=2))).split()
    assert len(set(seldom)) > len(set(often))


def test_it_writes_on_while_nobody_reads(folder: str) -> None:
    chat = LocalChat(folder, max_new_tokens=30, queue=0)
    stalled = chat.stream(ASKED)
    first = next(stalled)
    chat._writer.submit(int).result(30)
    other = "".join(chat.stream(ASKED))  # a place is free although `stalled` isn't read yet
    assert first + "".join(stalled) == other


def test_requests_wait_in_line_up_to_a_limit(folder: str) -> None:
    chat = LocalChat(folder, max_new_tokens=6, queue=1)
    gate = Gate(chat, shut=2)
    written: list[str] = []

    def ask() -> None:
        written.append("".join(chat.stream(ASKED)))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    threads[0].start()
    assert gate.reached.wait(30)
    threads[1].start()
    while chat._writer._work_queue.qsize() == 0:
        threads[1].join(0.001)
    with pytest.raises(ModelBusy, match=r"1 more questions are waiting.*FOOTNOTE_CHAT_QUEUE"):
        next(chat.stream(ASKED))
    gate.open.set()
    for thread in threads:
        thread.join(30)
    assert len(written) == 2
    assert written[0] == written[1] == "".join(chat.stream(ASKED))


def test_what_goes_wrong_in_the_model_reaches_the_reader(folder: str) -> None:
    chat = LocalChat(folder, max_new_tokens=6, queue=0)

    def fails(*_: Any) -> None:
        raise MemoryError("no room")

    hook = chat._model.register_forward_hook(fails)
    for _ in range(2):  # the place is given back each time
        with pytest.raises(MemoryError, match="no room"):
            list(chat.stream(ASKED))
    hook.remove()
    assert "".join(chat.stream(ASKED))


def test_arithmetic_is_chosen_by_the_device_or_the_setting(folder: str) -> None:
    import torch

    if not torch.cuda.is_available() and not torch.backends.mps.is_available():
        assert place("auto") == ("cpu", torch.bfloat16 if has_bfloat16() else torch.float32)
    assert place("float32")[1] == torch.float32
    assert place("bfloat16")[1] == torch.bfloat16
    assert LocalChat(folder, precision="bfloat16", max_new_tokens=9)._model.dtype == torch.bfloat16


def test_a_window_smaller_than_the_answer_is_refused(folder: str) -> None:
    with pytest.raises(InvalidSetting, match=r"holds 128 tokens.*FOOTNOTE_MAX_NEW_TOKENS"):
        LocalChat(folder, max_new_tokens=128)


@pytest.mark.parametrize("name", ["nobody/nothing", "/nowhere/at/all"])
def test_a_missing_model_gets_one_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelUnavailable) as caught:
        LocalChat(name)
    line = str(caught.value)
    assert line.startswith(f"chat model '{name}' could not be loaded (tried a folder, the cache")
    assert "FOOTNOTE_CHAT_MODEL" in line
    assert "FOOTNOTE_CHAT_URL" in line
    assert "\n" not in line


def test_a_folder_without_weights_gets_one_line(tmp_path: Path) -> None:
    save_model(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(ModelUnavailable, match=r"\(tried the folder: .*\); set") as caught:
        LocalChat(str(tmp_path))
    assert "\n" not in str(caught.value)
