"""The client's half of the protocol: what ours and stock servers are told, and what they answer."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ivr.adapters.recogniser.engine import Request
from ivr.adapters.recogniser.protocol import SERVER_NAME
from ivr.grammar.compiled import compile_source
from ivr.grammar.errors import ExpansionTooLarge
from ivr.grammar.result import Alternative, Hypothesis
from ivr.runtime.ports import EarlyWords

_N_BEST = 5
_STOCK_PHRASES = 20_000
"""A stock server knows no grammars, and takes its time with long lists."""

_UNKNOWN = "[unk]"


def is_ours(headers: Mapping[str, str]) -> bool:
    """Whether the handshake's answer came from our own server, which understands grammars."""
    return headers.get("Server", "") == SERVER_NAME


def write_config(request: Request, *, ours: bool) -> str:
    """The first message of an utterance.

    A stock server gets the grammar's phrases instead (its words, where the phrases are too many, for Vosk
    strings together whatever it is given), Chinese ones character by character since its vocabulary is
    unknown, and one reading: only there does it tell a confidence from 0 to 1.
    """
    config: dict[str, Any] = {"sample_rate": request.sample_rate_hz, "words": True}
    if ours:
        config |= {"locale": request.locale, "grammar": request.grammar, "max_alternatives": _N_BEST}
        config["open"] = request.open
    elif request.grammar:
        config["phrase_list"] = _phrases(request)
    return json.dumps({"config": config}, ensure_ascii=False)


def read_results(results: Sequence[Mapping[str, Any]], locale: str) -> Hypothesis:
    """The results of one utterance, the last one last, as one hypothesis."""
    last = results[-1]
    if "alternatives" in last:
        heard = [Alternative(a["text"], a["confidence"]) for a in last["alternatives"] if a["text"]]
        return Hypothesis(tuple(heard), last.get("engine", "vosk"))
    words = [word for result in results for word in result.get("result", ())]
    known = [word for word in words if word["word"] != _UNKNOWN]
    joint = "" if locale.startswith("zh") else " "
    text = joint.join(joint.join(result.get("text", "").replace(_UNKNOWN, "").split()) for result in results)
    if not text.strip():
        return Hypothesis((), last.get("engine", "vosk"))
    confidence = sum(word["conf"] for word in known) / len(words) if words else 1.0
    return Hypothesis((Alternative(text.strip(), min(confidence, 1.0)),), last.get("engine", "vosk"))


def read_early(
    reply: Mapping[str, Any], results: Sequence[Mapping[str, Any]], locale: str, heard_ms: int
) -> EarlyWords | None:
    """What a reply to audio tells of the words so far, None when nothing new.

    Our server gives its reading of a pause. Any vosk-server gives the words of the sentence it is in, and the
    results of those it has closed; how sure it is of the former it does not say.
    """
    if "early" in reply:
        early = reply["early"]
        return EarlyWords(read_results([early], locale), early["heard_ms"], final=True)
    partial = {"text": reply.get("partial", "")}
    if not partial["text"] and "partial" in reply:
        return None
    return EarlyWords(read_results([*results, partial], locale), heard_ms, final=False)


def _phrases(request: Request) -> list[str]:
    grammar = compile_source(request.grammar)
    try:
        phrases = grammar.phrases(_STOCK_PHRASES)
    except ExpansionTooLarge:
        phrases = grammar.words()
    if request.locale.startswith("zh"):
        return [*(" ".join(phrase) for phrase in phrases), _UNKNOWN]
    return [*phrases, _UNKNOWN]
