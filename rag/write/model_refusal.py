"""A language model's refusal to answer, in whichever words it comes."""

from __future__ import annotations

import re

from index.text.sentences import sentence_spans
from rag.write.answerer import REFUSAL

_SHOWN = (  # what a model calls what it was shown
    r"(?:passages?|documents?|(?:provided |given |supplied |above )?(?:texts?|context)|excerpts?"
    r"|snippets?|(?:provided|given|available|supplied) (?:sources?|information|materials?|content)"
    r"|(?:sources?|information|materials?|content) (?:provided|given|available|supplied))"
)
_NOT = r"(?:do(?:es)?(?: not|n['’]t)|did(?: not|n['’]t)|cannot|can['’]t|never|fails? to)"
_TELL = (
    r"(?:answer|contain|mention|provide|say|state|specify|include|hold|tell|address|discuss|give"
    r"|indicate|describe|cover|reveal|disclose|list|explain|have|offer|refer|report|identify|name"
    r"|clarify|show|make)"
)
_TOLD = (
    r"(?:mentioned|stated|specified|provided|given|found|included|contained|answered|described"
    r"|discussed|addressed|available|covered|disclosed|listed|present|clear)"
)
_NOTHING = r"(?:information|mention|answer|details?|data|evidence|reference|indication)"
_REFUSALS = re.compile(
    "|".join(
        [
            rf"\b{_SHOWN}\b[^.!?;]{{0,60}}\b{_NOT}\s+(?:\w+ly\s+)?{_TELL}\b",
            rf"\b{_SHOWN}\b[^.!?;]{{0,40}}\b(?:contains?|ha(?:s|ve)|holds?|gives?|provides?"
            rf"|includes?|offers?|makes?)\s+(?:no|not enough|insufficient)\s+(?:\w+\s+)?{_NOTHING}",
            rf"\b{_SHOWN}\b[^.!?;]{{0,20}}\b(?:is|are) (?:silent|insufficient|not sufficient)\b",
            rf"\b(?:no|not any|not enough|insufficient)\s+(?:\w+\s+)?{_NOTHING}\b[^.!?]{{0,80}}"
            rf"\b(?:{_SHOWN}|provided|given|available|to answer)\b",
            rf"\b(?:is|are|was|were)(?: not|n['’]t)\s+(?:\w+ly\s+)?{_TOLD}\b[^.!?]{{0,60}}"
            rf"\b{_SHOWN}\b",
            r"\bI(?:['’]m| am)?\b[^.!?]{0,20}\b(?:cannot|can['’]t|can not|could not|couldn['’]t"
            r"|do not|don['’]t|did not|didn['’]t|unable|not able)\s+(?:\w+ly\s+)?(?:to\s+)?"
            r"(?:answer|determine|find|tell|say|know|provide|locate|see|have|give|confirm|infer)\b",
            r"\b(?:cannot|can['’]t|can not|could not|not possible|impossible|unable)\b[^.!?]{0,30}"
            r"\b(?:answer(?:ed)?|determined?|infer(?:red)?|concluded?)\b[^.!?]{0,60}"
            rf"\b(?:{_SHOWN}|question)\b|\bquestion\b[^.!?]{{0,30}}\b(?:cannot|can['’]t)\b[^.!?]"
            r"{0,20}\banswered\b",
            r"\A\W*(?:(?:it(?:['’]s| is)|this is) )?(?:unknown|unanswerable|n/?a|no answer"
            r"|no information|not (?:specified|mentioned|stated|given|available|found|known))\W*\Z",
            r"\b(?:passagen|dokumenten?|texte?n?|abschnitten?)\b[^.!?]{0,60}\b(?:nicht|keine?n?)\b"
            r"[^.!?]{0,60}(?:beantwort|enthalten|erwähn|angegeben|information|hervor|antwort)",
            r"\b(?:passages|documents|textes?|extraits)\b[^.!?]{0,20}\bn(?:e\b|['’])[^.!?]{0,30}"
            r"\b(?:pas|aucune?)\b",
            r"\b(?:pasajes|documentos|textos?)\b[^.!?]{0,20}\bno\b\s+(?:responden?|contienen?"
            r"|mencionan?|dicen?|indican?|proporcionan?)\b",
            r"(?:段落|文档|文章|文本|资料|材料)[^。！？]{0,20}(?:没有|未|无法|不)[^。！？]{0,10}"
            r"(?:提|说|包含|回答|答案)",
        ]
    ),
    re.IGNORECASE,
)


def refuses(sentence: str) -> bool:
    """Whether `sentence` says that what was shown holds no answer."""
    return REFUSAL.casefold() in sentence.casefold() or _REFUSALS.search(sentence) is not None


def begins_by_refusing(text: str) -> bool:
    """Whether the first sentence of `text` does; an apology before it is none."""
    sentences = [text[start:end] for start, end in sentence_spans(text)]
    apologies = re.compile(r"\W*(?:i['’]m |i am )?(?:sorry|unfortunately|sure|hello)\W*", re.I)
    first = next((each for each in sentences if not apologies.fullmatch(each)), "")
    return refuses(first)
