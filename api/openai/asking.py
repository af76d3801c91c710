"""A question that came in one of OpenAI's forms, and what goes back in all of them."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from api.openai import schemas as wire
from api.openai.errors import DEFAULT, unknown_model
from api.openai.fields import ignored_header, valid
from api.openai.sources import sources
from api.openai.structured import Form
from api.schemas import Citation
from index.embed.embedder import Embedder
from rag import answer as inner
from rag.assistant import Assistant
from rag.chat.chat_model import Sampling
from rag.write.answerer import ExtractiveAnswerer, Wishes


def models_of(assistant: Assistant) -> list[str]:
    """What a chat may name as `model`: the default answerer, the others, and the collections."""
    collections = assistant.index.collections.names()
    return [DEFAULT, *assistant.answerers, *(f"{DEFAULT}/{name}" for name in collections)]


def answerer_for(model: str, assistant: Assistant) -> str | None:
    """The answerer that `model` names; None for the default one."""
    if model in assistant.answerers:
        return model
    if model != DEFAULT and model not in (known := models_of(assistant)):
        raise unknown_model(model, known)
    return None


def filter_for(model: str, assistant: Assistant) -> Mapping[str, object] | None:
    """The documents that `model` names: those of a collection, or all."""
    collection = model.removeprefix(f"{DEFAULT}/")
    is_one = answerer_for(model, assistant) is None and collection != model
    return {"collection": collection} if is_one else None


@dataclass(frozen=True, slots=True)
class Asking:
    """A question for `answerer`; `form` is how to write the answer, None for text, and `function`
    what it is then the arguments of, if it is; `texts` are all that the client sent, to count its
    tokens; only documents that meet `filter` are asked."""

    assistant: Assistant
    answerer: str | None
    question: str
    history: Sequence[inner.Turn]
    wishes: Wishes
    form: Form | None
    texts: Sequence[str]
    filter: Mapping[str, object] | None = None
    function: str | None = None

    def stream(self) -> Generator[str | inner.Answer, None, None]:
        """The pieces of the answer as it is to be sent, then the answer. JSON, and sources under
        the text, come at the end, when all is checked."""
        pieces = self.assistant.stream(
            self.question,
            history=self.history,
            filter=self.filter,
            answerer=self.answerer,
            wishes=self.wishes,
        )
        for piece in pieces:
            if isinstance(piece, str):
                yield "" if self.form else piece
                continue
            yield self.form.write(piece) if self.form else self._sources(piece)
            yield piece

    def ask(self) -> tuple[str, inner.Answer]:
        """What to send, and the answer."""
        answer = self.assistant.ask(
            self.question,
            history=self.history,
            filter=self.filter,
            answerer=self.answerer,
            wishes=self.wishes,
        )
        if self.form:
            return self.form.write(answer), answer
        return answer.text + self._sources(answer), answer

    def _sources(self, answer: inner.Answer) -> str:
        return sources(answer) if self.assistant.settings.sources_in_text else ""


def by_reader(answerer: str | None, assistant: Assistant) -> bool:
    """Whether it is the reader that answers."""
    return (answerer or assistant.answerers[0]) == ExtractiveAnswerer.name


def ignored_by(asked: wire.Sampled, assistant: Assistant) -> Mapping[str, str]:
    """The header that names the fields of the request that had no effect."""
    answerer = answerer_for(asked.model, assistant)
    return ignored_header(asked.ignored(by_reader=by_reader(answerer, assistant)))


def wishes_of(asked: wire.Sampled, instructions: Sequence[str], *most: int | None) -> Wishes:
    """What the request wants of a language model; the reader heeds none of it."""
    return Wishes(
        instructions="\n".join(instructions),
        sampling=Sampling(
            max_tokens=min((limit for limit in most if limit is not None), default=None),
            temperature=asked.temperature,
            top_p=asked.top_p,
            seed=asked.seed,
            presence_penalty=asked.presence_penalty,
            frequency_penalty=asked.frequency_penalty,
        ),
        stops=asked.stops,
    )


def annotate(answer: inner.Answer) -> list[wire.Annotation]:
    """One for each citation, at its marker in the text."""
    noted = []
    for citation in answer.citations:
        marker = re.search(rf"\[{citation.number}\]", answer.text)
        assert marker, "a citation has a marker"
        place = wire.UrlCitation(
            start_index=marker.start(),
            end_index=marker.end(),
            title=citation.title,
            url=citation.uri,
        )
        native = Citation.model_validate(citation)
        noted.append(wire.Annotation(url_citation=place, footnote=native))
    return noted


def tokens_of(
    texts: Sequence[str], content: str, answer: inner.Answer, embedder: Embedder
) -> tuple[int, int]:
    """What a language model read and wrote; without one, and where its server doesn't say, the
    tokens of what was sent and of what is sent back, by the embedder's count."""
    read, wrote = None, None
    if answer.written:
        read, wrote = answer.written.prompt_tokens, answer.written.completion_tokens
    if read is None or wrote is None:
        *sent, wrote = embedder.count_tokens([*map(valid, texts), content])
        read = sum(sent)
    return read, wrote


def usage_of(asking: Asking, content: str, answer: inner.Answer) -> wire.Usage:
    """The same in the form of completions."""
    read, wrote = tokens_of(asking.texts, content, answer, asking.assistant.index.embedder)
    return wire.Usage(prompt_tokens=read, completion_tokens=wrote, total_tokens=read + wrote)


def finish_of(answer: inner.Answer, function: str | None = None) -> wire.Finish:
    """Why the text ends: "length" where the most tokens cut off what a language model wrote, else
    "tool_calls" where it is the arguments of a `function`."""
    cut = answer.verdict != "unanswered" and answer.written and answer.written.cut
    return "length" if cut else "tool_calls" if function else "stop"
