"""A process of its own that checks and loads a changed rulebook, so that no call hears the work.

It reads one `Request` from standard input and writes the answer to standard output in small pickled parts:
the worker unpickles each in a few milliseconds, and lets the audio go on between two of them.
"""

import os
import pickle
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from ivr.adapters.intent_files import IntentFault
from ivr.adapters.script_places import ScriptProblems
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.voice import PromptFilesError
from ivr.adapters.voice.recordings import load_recordings
from ivr.bootstrap.rulebook import Rulebook, load_rulebook, settings_for_restart, with_live_settings
from ivr.config import ConfigError, Settings, load_settings
from ivr.grammar.errors import GrammarError

LENGTH_BYTES = 8
_NICENESS = 15
FAULTS = (ConfigError, GrammarError, IntentFault, PromptFilesError, ScriptProblems, OSError, ValueError)
"""What files can have wrong: each message names the place and the mend, and quotes no caller."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to load, and what the worker has already."""

    running: Settings
    rate_hz: int
    """Rate of the recordings that the worker holds."""


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of the answer: `kind` names a group, `key` its place there."""

    kind: str
    key: Any
    value: Any


def answer(request: Request) -> Iterator[Part]:
    """The whole set in parts; or one part `refused` with a line for each fault."""
    try:
        new = load_settings()
        settings = with_live_settings(request.running, new)
        rulebook = load_rulebook(settings, SystemClock())
        recordings = load_recordings(settings.prompts_dir, request.rate_hz)
    except FAULTS as error:
        yield Part("refused", "faults", tuple(str(error).splitlines()) or (type(error).__name__,))
        return
    yield Part("settings", "live", settings)
    yield Part("settings", "for_restart", settings_for_restart(request.running, new))
    yield from _words(rulebook)
    yield Part("recordings", "fingerprint", recordings.fingerprint)
    yield Part("version", "version", rulebook.version)


def _words(rulebook: Rulebook) -> Iterator[Part]:
    # The surveys go with it again when it is put together.
    yield Part("words", "script", replace(rulebook.script, surveys={}))
    yield Part("words", "surveys", rulebook.surveys)
    yield Part("words", "prompts", rulebook.prompts)
    yield Part("words", "texts", rulebook.grammars.texts)
    for locale, speech in rulebook.grammars.speech.items():
        yield Part("speech", locale, speech)
    for key, grammar in rulebook.grammars.compiled.items():
        yield Part("compiled", key, grammar)


def write_part(stream: BinaryIO, part: Part) -> None:
    """Length, then the pickled part."""
    body = pickle.dumps(part, pickle.HIGHEST_PROTOCOL)
    stream.write(len(body).to_bytes(LENGTH_BYTES, "big") + body)
    stream.flush()


def main() -> None:
    """Answer one request. Libraries that print get standard error instead of the answer's stream."""
    os.nice(_NICENESS)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    request = pickle.load(sys.stdin.buffer)
    for part in answer(request):
        write_part(out, part)
