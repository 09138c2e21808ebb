"""Calls as they sound on the dialled line from the answer on, made of clips by seed."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ivr.adapters.voice.samples import LINE_RATE_HZ, resample, to_pcm
from ivr.cli.answerer_bench.answerers import HUMAN, Answerer
from ivr.cli.turns_bench.sounds import on_the_line
from ivr.media.level import NOMINAL_SPEECH_DB, Samples, active_level_db, amplified

LENGTH_S = 10.0
_HELLO = {"zh-CN": "喂？", "en-US": "Hello?"}
"""Said again by who hears nothing, where the text itself has no second part."""

Speak = Callable[[str, str, str], Samples]
"""Text, voice and locale to a clip at 8 kHz."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One call from its answer on: 8 kHz through G.711, with what is true of it."""

    name: str
    label: str
    locale: str
    samples: Samples = field(repr=False)
    beep_ms: int | None = None
    """When a machine's beep ends."""
    source: str = "synthetic"
    """`people` or `actress` where a real voice speaks."""


class Stage:
    """Makes scenes. The same seed gives each scene the same moments, levels and rooms."""

    def __init__(self, speak: Speak, rooms: Sequence[Samples], seed: int) -> None:
        self._speak = speak
        self._rooms = rooms
        self._seed = seed

    def play(self, answerer: Answerer, take: int) -> Scene:
        """One answerer, one of their calls."""
        name = f"{answerer.voice} {answerer.locale} {answerer.text} {take}"
        rng = np.random.default_rng(list(hashlib.sha256(f"{self._seed} {name}".encode()).digest()))
        parts = [self._spoken(part, answerer, rng) for part in answerer.parts]
        if answerer.label == HUMAN:
            return Scene(name, HUMAN, answerer.locale, self._person(parts, answerer, rng))
        line, beep_ms = self._machine(parts, answerer.label, rng)
        return Scene(name, answerer.label, answerer.locale, line, beep_ms)

    def person_with(self, name: str, locale: str, words: Samples, again: Samples) -> Scene:
        """A recording of a person as the answer; `again` is what they say when they hear nothing."""
        rng = np.random.default_rng(list(hashlib.sha256(f"{self._seed} {name}".encode()).digest()))
        line = self._waiting([_levelled(words, rng)], _levelled(again, rng), rng)
        return Scene(name, HUMAN, locale, self._in_a_room(line, rng, noisy=0.5), source="people")

    def machine_with(self, name: str, label: str, parts: Sequence[Samples]) -> Scene:
        """Recordings of a machine joined into its message."""
        rng = np.random.default_rng(list(hashlib.sha256(f"{self._seed} {name}".encode()).digest()))
        line, beep_ms = self._machine(list(parts), label, rng)
        return Scene(name, label, "en-US", line, beep_ms, source="actress")

    def _spoken(self, text: str, answerer: Answerer, rng: np.random.Generator) -> Samples:
        """In the answerer's voice at a pace and pitch of the day."""
        clip = self._speak(text, answerer.voice, answerer.locale) / 32768.0
        pace_hz = round(LINE_RATE_HZ * rng.uniform(0.9, 1.14) / 40) * 40
        return to_pcm(resample(clip.astype(np.float32), pace_hz, LINE_RATE_HZ))

    def _person(self, parts: list[Samples], answerer: Answerer, rng: np.random.Generator) -> Samples:
        level_db = NOMINAL_SPEECH_DB + float(np.clip(rng.normal(0, 5), -13, 9))
        own = [_at(part, level_db) for part in parts]
        hello = self._spoken(_HELLO[answerer.locale], answerer, rng)
        line = self._waiting(own, _at(hello, level_db), rng)
        return self._in_a_room(line, rng, noisy=0.6)

    def _waiting(self, parts: list[Samples], again: Samples, rng: np.random.Generator) -> Samples:
        """Speaks after lifting the telephone to the ear, waits, and asks again, once or twice, or not."""
        onset_s = float(np.clip(rng.lognormal(np.log(0.55), 0.6), 0.1, 2.5))
        pieces = [_silence(onset_s)]
        for at, part in enumerate(parts):
            pieces += [part, _silence(float(rng.uniform(0.35, 1.3)))] if at + 1 < len(parts) else [part]
        for _ in range(int(rng.choice([0, 1, 2], p=[0.4, 0.4, 0.2]))):
            pieces += [_silence(float(rng.uniform(1.3, 3.0))), again]
        return _of_length(np.concatenate(pieces))

    def _machine(
        self, parts: list[Samples], label: str, rng: np.random.Generator
    ) -> tuple[Samples, int | None]:
        level_db = NOMINAL_SPEECH_DB + float(np.clip(rng.normal(2, 4), -10, 10))
        pieces = [_silence(float(rng.uniform(0.1, 1.8)))]
        for part in parts:
            pieces += [_at(part, level_db), _silence(float(rng.uniform(0.1, 0.4)))]
        beep_ms = None
        if label == "voicemail":
            pieces.append(_silence(float(rng.uniform(0.1, 1.0))))
            pieces.append(_beep(level_db, rng))
            beep_ms = sum(piece.size for piece in pieces) * 1000 // LINE_RATE_HZ
        elif label != "call_assistant":
            pieces.append(_silence(float(rng.uniform(0.5, 1.2))))
            pieces += pieces[1:]  # announcements of networks are said again and again
        line = self._in_a_room(_of_length(np.concatenate(pieces)), rng, noisy=0.15)
        return line, beep_ms if beep_ms is not None and beep_ms < LENGTH_S * 1000 else None

    def _in_a_room(self, line: Samples, rng: np.random.Generator, *, noisy: float) -> Samples:
        room = None
        if self._rooms and rng.random() < noisy:
            room = self._rooms[int(rng.integers(len(self._rooms)))]
        return on_the_line(line, room, float(rng.uniform(12, 30)), rng)


def _at(part: Samples, level_db: float) -> Samples:
    return amplified(part, level_db - active_level_db(part, LINE_RATE_HZ))


def _levelled(part: Samples, rng: np.random.Generator) -> Samples:
    return _at(part, NOMINAL_SPEECH_DB + float(np.clip(rng.normal(0, 5), -13, 9)))


def _silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * LINE_RATE_HZ), np.int16)


def _beep(level_db: float, rng: np.random.Generator) -> Samples:
    hz = float(rng.choice([425.0, 440.0, 620.0, 853.0, 950.0, 1000.0, 1180.0, 1400.0, 2000.0]))
    times = np.arange(int(rng.uniform(0.15, 1.0) * LINE_RATE_HZ)) / LINE_RATE_HZ
    peak = 32768.0 * 10 ** (level_db / 20) * np.sqrt(2)
    return np.asarray(np.clip(peak * np.sin(2 * np.pi * hz * times), -32768, 32767), np.int16)


def _of_length(line: Samples) -> Samples:
    whole = np.zeros(int(LENGTH_S * LINE_RATE_HZ), np.int16)
    whole[: min(line.size, whole.size)] = line[: whole.size]
    return whole
