"""Whether a caller has grown loud and fast, against how they spoke before on the same call."""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

_EFFORT_DB = 6.0
"""One step of vocal effort: normal, raised, loud, very loud are about 6 dB apart; a judgement."""

_FASTER = 1.25
"""Angry speech is about a fifth to a third faster than the same speaker's neutral speech; a judgement."""

_LEAST_MS = 500
_LEAST_BEFORE = 2
_REMEMBERED = 6

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_VOWELS = re.compile(r"[aeiouy]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one utterance was spoken."""

    level_db: float
    """Active speech level (ITU-T P.56) in dBov."""
    syllables_per_s: float


def delivery(text: str, *, level_db: float, speech_ms: int) -> Delivery | None:
    """How these words were spoken; None for what is too short to tell. Letters count by groups of vowels."""
    syllables = len(_CHINESE.findall(text)) + len(_VOWELS.findall(text))
    if speech_ms < _LEAST_MS or not syllables:
        return None
    return Delivery(level_db, syllables * 1000 / speech_ms)


def is_agitated(now: Delivery, before: Sequence[Delivery]) -> bool:
    """Whether it is one step of vocal effort louder and faster as well, or two steps louder, than before.

    Nobody is known by a single utterance: with fewer than two before it, never.
    """
    if len(before) < _LEAST_BEFORE:
        return False
    louder_db = now.level_db - median(each.level_db for each in before)
    faster = now.syllables_per_s / median(each.syllables_per_s for each in before)
    return louder_db >= 2 * _EFFORT_DB or (louder_db >= _EFFORT_DB and faster >= _FASTER)


class Temper:
    """Remembers how the caller of one call speaks. What was agitated is no measure for what follows."""

    def __init__(self) -> None:
        self._calm: deque[Delivery] = deque(maxlen=_REMEMBERED)

    def judge(self, now: Delivery | None) -> bool:
        """Take an utterance; whether it was agitated."""
        if now is None:
            return False
        agitated = is_agitated(now, tuple(self._calm))
        if not agitated:
            self._calm.append(now)
        return agitated
