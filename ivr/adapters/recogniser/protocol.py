"""The vosk-server WebSocket protocol, with optional keys of our own that a stock server ignores.

A reply to audio may hold `"early": {"alternatives", "heard_ms", "engine"}`: what was recognised in a pause,
from that much of the audio, told once; it is what the end will give if no more speech comes.

The client sends text `{"config": {...}}`, binary 16-bit PCM, then `{"eof" : 1}` for the last words, or
`{"reset" : 1}` for the last words with the connection kept. The server answers `{"partial"}` to audio,
`{"text", "result"}` or `{"alternatives"}` to the end, and `{"error"}` to what it cannot obey.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from ivr.adapters.recogniser.engine import BadRequest, Recognition, Request
from ivr.grammar.result import Hypothesis

EOF = '{"eof" : 1}'
"""Letter by letter what stock servers compare with."""

SERVER_NAME = "ivr-recogniser"
"""Our `Server` header: by it a client knows that grammars are understood."""

_RATES_HZ = range(8000, 48001)


@dataclass(frozen=True, slots=True)
class Config:
    """What a connection has asked for so far."""

    request: Request
    engine: str = ""
    show_words: bool = True
    max_alternatives: int = 0
    """As in vosk-server: 0 gives `text`, more gives `alternatives`."""


@dataclass(frozen=True, slots=True)
class End:
    """`eof` (then `closes`) or `reset`."""

    closes: bool


def read_message(text: str, config: Config) -> Config | End:
    """A client's text message; a config changes `config` key by key. Raises `BadRequest`."""
    try:
        message = json.loads(text)
    except ValueError as error:
        raise BadRequest(f"not JSON: {error}") from error
    match message:
        case {"config": dict(changes)}:
            return _changed(config, changes)
        case {"eof": _}:
            return End(closes=True)
        case {"reset": _}:
            return End(closes=False)
    raise BadRequest("a message must hold `config`, `eof` or `reset`")


def _changed(config: Config, changes: dict[str, Any]) -> Config:
    request = config.request
    request = replace(
        request,
        sample_rate_hz=_rate(changes.get("sample_rate", request.sample_rate_hz)),
        locale=_text(changes, "locale", request.locale),
        grammar=_text(changes, "grammar", request.grammar),
        phrases=_phrases(changes.get("phrase_list", request.phrases)),
        n_best=_count(changes, "max_alternatives", config.max_alternatives) or 1,
        open=bool(changes.get("open", request.open)),
    )
    return replace(
        config,
        request=request,
        engine=_text(changes, "engine", config.engine),
        show_words=bool(changes.get("words", config.show_words)),
        max_alternatives=_count(changes, "max_alternatives", config.max_alternatives),
    )


def _rate(value: Any) -> int:
    if not isinstance(value, (int, float)) or int(value) not in _RATES_HZ:
        raise BadRequest(f"sample_rate must be from {_RATES_HZ.start} to {_RATES_HZ.stop - 1} Hz")
    return int(value)


def _text(changes: dict[str, Any], key: str, default: str) -> str:
    value = changes.get(key, default)
    if not isinstance(value, str):
        raise BadRequest(f"{key} must be a string")
    return value


def _count(changes: dict[str, Any], key: str, default: int) -> int:
    value = changes.get(key, default)
    if not isinstance(value, int) or value < 0:
        raise BadRequest(f"{key} must be a whole number from 0")
    return value


def _phrases(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(phrase, str) for phrase in value):
        raise BadRequest("phrase_list must be a list of strings")
    return tuple(value)


def write_error(reason: str) -> str:
    """A reply to a message that cannot be obeyed."""
    return json.dumps({"error": reason}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Partial:
    """What can be told in the middle of an utterance."""

    text: str
    """The words so far of an engine that streams."""
    early: Recognition | None = None
    """What was recognised in the pause that goes on."""
    heard_ms: int = 0
    """Audio behind `early`."""


def write_partial(partial: Partial) -> str:
    """The reply to audio."""
    body: dict[str, Any] = {"partial": partial.text}
    if partial.early is not None:
        found = partial.early.hypothesis
        body["early"] = {
            "alternatives": _alternatives(found),
            "heard_ms": partial.heard_ms,
            "engine": found.engine,
        }
    return json.dumps(body, ensure_ascii=False)


def write_result(recognition: Recognition, config: Config) -> str:
    """The reply to `eof` and `reset`, in the form that the config asked for."""
    found = recognition.hypothesis
    if config.max_alternatives:
        listed = _alternatives(found)
        # A stock server always gives at least one alternative, empty when it heard nothing.
        body: dict[str, Any] = {"alternatives": listed or [{"text": "", "confidence": 0.0}]}
    else:
        body = {"text": found.best.text if found.best else ""}
        if config.show_words and recognition.words:
            body["result"] = list(recognition.words)
    return json.dumps(body | {"engine": found.engine}, ensure_ascii=False)


def _alternatives(found: Hypothesis) -> list[dict[str, Any]]:
    return [{"text": a.text, "confidence": a.confidence} for a in found.alternatives]
