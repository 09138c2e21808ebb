"""A recogniser that hears what the test has written."""

import asyncio
from dataclasses import dataclass, field

from line_sounds import SILENCE, SPEECH, TICK_MS

from ivr.grammar.result import Alternative, Hypothesis
from ivr.runtime.ports import EarlyWords, RecogniserLost

Reading = tuple[str, float] | list[tuple[str, float]] | None
"""What is heard of an utterance, or in each of its pauses and at its end; None of one that is lost."""


@dataclass
class ScriptedRecogniser:
    """Gives these readings, one per utterance.

    As ours does, it decodes in the first pause and tells what it has found. `joined` are the readings of
    utterances that are read again together with what followed.
    """

    readings: list[Reading]
    takes_s: float = 0.2
    joined: list[tuple[str, float]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    cancelled: int = 0
    latest: "ScriptedUtterance | None" = None

    def utterance(
        self, *, locale: str, grammar: str, sample_rate_hz: int, open: bool = False
    ) -> "ScriptedUtterance":
        self.opened.append(grammar)
        # An utterance opened beside one that has heard nothing yet is the one that joins it to the last.
        joins = self.latest is not None and not self.latest.heard_ms
        self.latest = ScriptedUtterance(self, self.joined if joins else self.readings)
        return self.latest

    async def warm_up(self, *, locale: str, grammar: str) -> None:
        return


@dataclass
class ScriptedUtterance:
    recogniser: ScriptedRecogniser
    readings: list[Reading]
    heard_ms: int = 0
    quiet_ms: int = 0
    pauses: int = 0
    spoken: bool = False
    told: EarlyWords | None = None

    def feed(self, pcm: bytes) -> None:
        for at in range(0, len(pcm), len(SILENCE)):
            self.heard_ms += TICK_MS
            loud = pcm[at : at + 2] == SPEECH[:2]
            self.spoken = self.spoken or loud
            self.quiet_ms = 0 if loud else self.quiet_ms + TICK_MS
            self.told = None if loud else self.told

    @property
    def early(self) -> EarlyWords | None:
        ready = self.spoken and self.quiet_ms >= 200 + round(self.recogniser.takes_s * 1000)
        if ready and self.told is None and self.readings and self.readings[0] is not None:
            self.told = EarlyWords(as_hypothesis(self.readings[0], self.pauses), self.heard_ms, final=False)
            self.pauses += 1
        return self.told

    async def finish(self) -> Hypothesis:
        await asyncio.sleep(0 if self.early else self.recogniser.takes_s)
        reading = self.readings.pop(0) if self.readings else ("", 0.0)
        if reading is None:
            raise RecogniserLost
        return as_hypothesis(reading, -1)

    async def cancel(self) -> None:
        self.recogniser.cancelled += 1


def as_hypothesis(reading: tuple[str, float] | list[tuple[str, float]], pause: int) -> Hypothesis:
    text, confidence = reading if isinstance(reading, tuple) else reading[pause]
    return Hypothesis((Alternative(text, confidence),), "scripted") if text else Hypothesis()
