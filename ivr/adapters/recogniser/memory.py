"""A recogniser that hears what a test tells it to."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from ivr.grammar.result import Hypothesis
from ivr.runtime.ports import EarlyWords, RecogniserLost


@dataclass
class Heard:
    """One utterance as the recogniser was given it."""

    locale: str
    grammar: str
    sample_rate_hz: int
    open: bool = False
    pcm: bytearray = field(default_factory=bytearray)
    cancelled: bool = False


class InMemoryRecogniser:
    """Gives its hypotheses in turn, one an utterance; None loses it, and so does an empty script."""

    def __init__(self, hypotheses: Iterable[Hypothesis | None] = ()) -> None:
        self.script = list(hypotheses)
        self.heard: list[Heard] = []
        self.warmed: list[tuple[str, str]] = []

    def utterance(
        self, *, locale: str, grammar: str, sample_rate_hz: int, open: bool = False
    ) -> "InMemoryUtterance":
        """Open an utterance; it is kept in `heard`."""
        heard = Heard(locale, grammar, sample_rate_hz, open)
        self.heard.append(heard)
        return InMemoryUtterance(self, heard)

    async def warm_up(self, *, locale: str, grammar: str) -> None:
        """Note the wish in `warmed`."""
        self.warmed.append((locale, grammar))


class InMemoryUtterance:
    """An utterance of the script."""

    def __init__(self, recogniser: InMemoryRecogniser, heard: Heard) -> None:
        self._recogniser = recogniser
        self._heard = heard

    @property
    def early(self) -> EarlyWords | None:
        """None: it tells nothing before the end."""
        return None

    def feed(self, pcm: bytes) -> None:
        """Gather audio."""
        self._heard.pcm += pcm

    async def finish(self) -> Hypothesis:
        """The next hypothesis of the script. Raises `RecogniserLost`."""
        await asyncio.sleep(0)
        found = self._recogniser.script.pop(0) if self._recogniser.script else None
        if found is None:
            raise RecogniserLost("the script has no hypothesis for this utterance")
        return found

    async def cancel(self) -> None:
        """Note it; the script does not move on."""
        self._heard.cancelled = True
