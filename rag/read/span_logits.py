"""What a reader's network makes of a question with a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

WINDOW = 384  # tokens of question, title and passage together
QUESTION_TOKENS = 128  # a longer question is cut, so that the passage has room


@dataclass(frozen=True, slots=True)
class SpanLogits:
    """`start` and `end` float32 [n] for each token, both at the first token for "no answer" (SQuAD
    2.0; Devlin et al., 2019); `offsets` int [n, 2] of each token in what it is part of, and
    `in_text` bool [n] whether that is the text, not the question. `evidence` float32 [n], of which
    the shipped reader alone has an opinion: above 0, the token is likelier than not in a sentence
    that a careful person would quote."""

    start: NDArray[np.float32]
    end: NDArray[np.float32]
    offsets: NDArray[np.int64]
    in_text: NDArray[np.bool_]
    evidence: NDArray[np.float32] | None = None


class SpanLogitsModel(Protocol):
    """A loaded network, or one that loads on first use. Raises `ModelUnavailable` on loading."""

    def logits(self, question: str, texts: Sequence[str]) -> list[SpanLogits]:
        """What the network makes of the `question` with each of the `texts`."""
        ...
