"""Barge-in: whether the caller's speech stops the prompt. One pure function."""

from dataclasses import dataclass
from enum import StrEnum


class BargeIn(StrEnum):
    """What to do with the prompt that plays."""

    STOP = "stop"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class BargeInRules:
    """`least_speech_ms` lets a cough or a "嗯" pass: back-channels are mostly shorter than that."""

    least_speech_ms: int = 240
    first_ms: int = 400
    """A prompt that has just begun is not stopped: what is heard still answers the one before it."""


def decide(*, allowed: bool, speech_ms: int, played_ms: int, rules: BargeInRules) -> BargeIn:
    """Judge speech that is heard while a prompt plays."""
    if not allowed or speech_ms < rules.least_speech_ms or played_ms < rules.first_ms:
        return BargeIn.KEEP
    return BargeIn.STOP
