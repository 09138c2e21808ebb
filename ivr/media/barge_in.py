"""Barge-in: whether the caller's speech stops the prompt. One pure function."""

from dataclasses import dataclass
from enum import StrEnum


class BargeIn(StrEnum):
    """What to do with the prompt that plays; the last two are VoiceXML 2.0's barge-in types (4.1.5.1)."""

    KEEP = "keep"
    SPEECH = "speech"
    """Stop it now: somebody speaks."""
    HOTWORD = "hotword"
    """Stop it when what is said turns out to mean something."""


@dataclass(frozen=True, slots=True)
class BargeInRules:
    """`least_speech_ms` lets a cough or a "嗯" pass: back-channels are mostly shorter than that."""

    least_speech_ms: int = 240
    first_ms: int = 400
    """A prompt that has just begun is not stopped: what is heard still answers the one before it."""
    noisy_db: float = -50.0
    """A line whose noise lies above this (dBov) is noisy: there, voices in the room sound like the caller."""
    hotword_confidence: float = 0.6


def decide(*, allowed: bool, speech_ms: int, played_ms: int, floor_db: float, rules: BargeInRules) -> BargeIn:
    """Judge speech that is heard while a prompt plays."""
    if not allowed or speech_ms < rules.least_speech_ms or played_ms < rules.first_ms:
        return BargeIn.KEEP
    return BargeIn.HOTWORD if floor_db > rules.noisy_db else BargeIn.SPEECH
