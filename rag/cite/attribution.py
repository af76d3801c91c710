"""Sources for sentences that were written without one: the passage that bears each out best."""

from __future__ import annotations

from collections.abc import Sequence

from index.embed.embedder import Embedder
from rag.answer import Passage
from rag.cite.quotes import Quotes, verbatim
from rag.cite.support import Support
from rag.facts.facts import missing, sources


def attributed(
    claims: Sequence[str], passages: Sequence[Passage], embedder: Embedder, support: Support
) -> list[Passage | None]:
    """For each of `claims` the passage one of whose sentences (or up to three in a row) supports
    it best, the first one of equals; None where none does. What is word for word in a passage
    needs no weighing."""
    found = [
        next((passage for passage in passages if verbatim(claim, passage)), None)
        for claim in claims
    ]
    open_claims = [claim for claim, passage in zip(claims, found, strict=True) if not passage]
    if not open_claims or not passages:
        return found
    weigher = Quotes(open_claims, passages, passages, embedder, support)

    def worth(claim: str, passage: Passage) -> float:
        quote = weigher.best([claim], passage)
        absent = missing(claim, sources(seen(passage)))
        return support.capped(weigher.score(claim, [quote]), bool(absent)) if quote else 0.0

    for place, claim in enumerate(claims):
        if found[place] is None:
            worths = [worth(claim, passage) for passage in passages]
            best = max(worths)
            found[place] = passages[worths.index(best)] if best >= support.threshold else None
    return found


def seen(passage: Passage) -> list[str]:
    """What of a passage the one who writes has seen."""
    return [passage.title, passage.heading, str(passage.metadata.get("date", "")), passage.text]
