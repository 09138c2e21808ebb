"""One utterance of the caller on its way through the recogniser, and what it may take back."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ivr.dialogue.state import Amendment, Listen
from ivr.grammar.asides import is_back_channel
from ivr.grammar.outlook import Outlook
from ivr.grammar.result import Alternative, Hypothesis, Interpretation, NoMatch
from ivr.media.level import active_level_db
from ivr.media.temper import Delivery, delivery
from ivr.runtime.amending import amendment
from ivr.runtime.ports import EarlyWords, GrammarBook, Recogniser, RecogniserLost, Utterance

_DETECTORS_DIFFER_MS = 40
"""The recogniser's idea of where speech ended may be so much earlier than ours."""


@dataclass(slots=True)
class Answered:
    """The answer before, for as long as the caller may go on with it, or take it back."""

    listen: Listen
    pcm: bytearray = field(repr=False)
    """Everything since that answer began: what it said may only make sense together."""
    ended_ms: int
    """When its speech ended, in audio of the call."""
    interpretation: Interpretation | None = None
    """None until it is known."""


@dataclass(frozen=True, slots=True)
class Read:
    """An utterance read and interpreted."""

    hypothesis: Hypothesis
    interpretation: Interpretation
    amendment: Amendment | None


class Spoken:
    """Feed audio, ask for the outlook in a pause, finish or cancel."""

    def __init__(
        self,
        recogniser: Recogniser,
        grammars: GrammarBook,
        listen: Listen,
        *,
        sample_rate_hz: int,
        before: Answered | None,
    ) -> None:
        """`before` is the answer that this speech follows so closely that it may belong to it."""
        self._recogniser = recogniser
        self._grammars = grammars
        self._listen = listen
        self._rate_hz = sample_rate_hz
        self._before = before
        self._judged: EarlyWords | None = None
        self._fed_ms = 0
        self.pcm = bytearray()
        self._utterance = self._open(listen, is_open=listen.open)
        self._joined: Utterance | None = None
        if before is not None:
            self._joined = self._open(before.listen, is_open=True)
            self._joined.feed(bytes(before.pcm))

    @property
    def follows(self) -> bool:
        """Whether it came so close after an answer that it may belong to it."""
        return self._before is not None

    def feed(self, pcm: bytes, *, known_before: bool = False) -> None:
        """Take audio; `known_before` marks what the answer before has kept already."""
        self.pcm += pcm
        self._fed_ms += len(pcm) * 500 // self._rate_hz
        self._utterance.feed(pcm)
        if self._joined is not None and not known_before:
            self._joined.feed(pcm)

    def outlook(self, silence_ms: int) -> Outlook | None:
        """What the words before the present pause promise; None when nothing new is known of them."""
        early = self._early(silence_ms)
        if early is None or early is self._judged:
            return None
        self._judged = early
        listen = self._listen
        return self._grammars.outlook(
            early.hypothesis, listen.grammars, locale=listen.locale, is_open=listen.open
        )

    async def finish(self, silence_ms: int, *, over_statement: bool) -> Read:
        """The words and their meaning; at once where the pause has told them. Raises `RecogniserLost`.

        `over_statement`: what could be an answer elsewhere may there only say "I am listening".
        """
        early = self._early(silence_ms)
        joined = asyncio.create_task(self._amendment(), name="amendment")
        try:
            if early is not None and early.final:
                hypothesis = early.hypothesis
                await self._utterance.cancel()
            else:
                hypothesis = await self._utterance.finish()
            found = self._interpret(hypothesis.alternatives, self._listen)
            if over_statement and is_back_channel(found.text, self._listen.locale):
                found = NoMatch("back_channel", found.text, found.confidence)
            return Read(hypothesis, found, await joined)
        finally:
            joined.cancel()
            await asyncio.wait([joined])

    def delivery(self, hypothesis: Hypothesis, speech_ms: int) -> Delivery | None:
        """How it was spoken; None where there is too little to tell."""
        if hypothesis.best is None:
            return None
        level_db = active_level_db(np.frombuffer(self.pcm, np.int16), self._rate_hz)
        return delivery(hypothesis.best.text, level_db=level_db, speech_ms=speech_ms)

    async def cancel(self) -> None:
        """Throw it away. Never raises."""
        await self._utterance.cancel()
        if self._joined is not None:
            await self._joined.cancel()

    def _open(self, listen: Listen, *, is_open: bool) -> Utterance:
        return self._recogniser.utterance(
            locale=listen.locale,
            grammar=self._grammars.source(listen.grammars, locale=listen.locale),
            sample_rate_hz=self._rate_hz,
            open=is_open,
        )

    def _early(self, silence_ms: int) -> EarlyWords | None:
        early = self._utterance.early
        if early is None or early.heard_ms < self._fed_ms - silence_ms - _DETECTORS_DIFFER_MS:
            return None
        return early

    def _interpret(self, alternatives: Sequence[Alternative], listen: Listen) -> Interpretation:
        hypothesis = Hypothesis(tuple(alternatives))
        return self._grammars.interpret(
            hypothesis, listen.grammars, locale=listen.locale, is_open=listen.open
        )

    async def _amendment(self) -> Amendment | None:
        """What the answer before means together with this; None when it means what it meant."""
        before, joined = self._before, self._joined
        if before is None or joined is None:
            return None
        try:
            heard = (await joined.finish()).alternatives
        except RecogniserLost:
            return None
        return amendment(
            heard, before.listen.locale, before.interpretation, lambda a: self._interpret(a, before.listen)
        )
