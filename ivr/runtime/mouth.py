"""The bot's voice on one call: prompts are played one after the other, and can be cut off.

One that is queued behind another is rendered while that one is heard: a prompt that needs synthesis would
otherwise leave the caller in silence in the middle of an answer. What still takes too long, a rendering or a
lookup, is bridged by a filler.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace

from ivr.calls.speech import Clip
from ivr.dialogue.state import Play
from ivr.runtime.filler import FILLER_AFTER_S, Filler, is_filler
from ivr.runtime.ports import Line, Playback, Prompter, PromptMissing


@dataclass(frozen=True, slots=True)
class _Due:
    """Prompts that are to be spoken."""

    play: Play
    rendering: "asyncio.Task[Clip] | None" = None
    """Where they are rendered ahead."""
    clip: Clip | None = None
    """Where they were rendered before."""
    from_ms: int = 0


class Mouth:
    """Plays what it is given, in order. `on_started(play)` and `on_ended(play, clip, played_ms)` report.

    Of a filler only the end is reported: it answers nothing.
    """

    def __init__(
        self,
        line: Line,
        prompter: Prompter,
        *,
        on_started: Callable[[Play], None],
        on_ended: Callable[[Play, Clip, int], None],
    ) -> None:
        self._line = line
        self._prompter = prompter
        self._on_started = on_started
        self._on_ended = on_ended
        self._waiting: asyncio.Queue[_Due] = asyncio.Queue()
        self._renderings: set[asyncio.Task[Clip]] = set()
        self._playback: Playback | None = None
        self._fills = False
        """Whether a filler plays in front of what is due."""
        self._now: _Due | None = None
        self._cut_off: list[_Due] = []
        self._question_from_ms: int | None = None
        self._tick = asyncio.Event()
        self._silent = asyncio.Event()
        self._silent.set()
        self._filler = Filler(self._silent, lambda play: self._queue(_Due(play)))

    def bridging(self, turn: int) -> AbstractContextManager[None]:
        """While something is looked up: silence that lasts too long is filled, once in a wait."""
        return self._filler.bridging(turn)

    def say(self, play: Play) -> None:
        """Queue prompts."""
        self._cut_off.clear()
        self._queue(_Due(play, None if self._silent.is_set() else self._render_ahead(play)))

    def stop(self, *, back_ms: int = 0) -> None:
        """Fall silent now; `resume` would go on `back_ms` before this moment, and with what was queued."""
        now, playback = self._now, self._playback
        self._cut_off.clear()
        if now is not None:
            heard = playback is not None and not self._fills
            played_ms = playback.played_ms if playback is not None and heard else now.from_ms
            self._cut_off.append(replace(now, rendering=None, from_ms=max(0, played_ms - back_ms)))
        while not self._waiting.empty():
            self._cut_off.append(replace(self._waiting.get_nowait(), rendering=None))
        for rendering in self._renderings:
            rendering.cancel()
        if playback is not None:
            playback.stop()
            self._tick.set()
        self._now = None
        self._silent.set()

    def resume(self) -> None:
        """Go on with what `stop` cut off, unless something else has been said since."""
        due, self._cut_off = self._cut_off, []
        for each in due:
            self._queue(each)

    def _queue(self, due: _Due) -> None:
        self._waiting.put_nowait(due)
        self._silent.clear()

    @property
    def played_ms(self) -> int | None:
        """How long the present prompt has been heard; 0 while one is being rendered; None in silence."""
        if self._silent.is_set():
            return None
        return self._playback.played_ms if self._playback is not None else 0

    @property
    def states(self) -> bool:
        """Whether the prompt that plays tells something at this moment, rather than asking."""
        due = self._now
        if due is None or self._playback is None:
            return False
        if not due.play.asks or self._fills:
            return True
        if len(due.play.says) == 1:
            return False
        return self._question_from_ms is None or self._playback.played_ms < self._question_from_ms

    def tick(self) -> None:
        """Audio time has passed."""
        self._tick.set()

    async def until_silent(self) -> None:
        """Wait until everything queued has been spoken or stopped."""
        await self._silent.wait()

    async def run(self) -> None:
        """Speak until cancelled. Raises what the prompter raises; `LineLost` when the caller is gone."""
        try:
            while True:
                due = self._now = await self._waiting.get()
                clip = await self._rendered(due)
                if clip is not None and self._now is due:
                    due = self._now = replace(due, clip=clip, rendering=None)
                    await self._play(due, due.play, clip)
                if self._waiting.empty():
                    self._silent.set()
        finally:
            for rendering in self._renderings:
                rendering.cancel()
            await asyncio.gather(*self._renderings, return_exceptions=True)

    async def _rendered(self, due: _Due) -> Clip | None:
        if due.clip is not None:
            return due.clip
        filling = asyncio.create_task(self._fill(due), name="filler")
        try:
            clip = await self._rendered_at_last(due)
            if self._fills:
                await filling
            return clip
        finally:
            filling.cancel()

    async def _rendered_at_last(self, due: _Due) -> Clip | None:
        if due.rendering is None:
            return await self._render(due.play)
        # One that was stopped is cancelled, which must not be taken for our own end.
        await asyncio.wait([due.rendering])
        return None if due.rendering.cancelled() else due.rendering.result()

    async def _fill(self, due: _Due) -> None:
        """Say the filler once the prompt that is due has been rendered for too long."""
        await asyncio.sleep(FILLER_AFTER_S)
        filler = None if is_filler(due.play) or self._now is not due else self._filler.take(due.play.turn)
        if filler is None:
            return
        with suppress(PromptMissing):  # then the caller waits in silence, but gets the answer
            clip = await self._render(filler)
            self._fills = True
            try:
                await self._play(due, filler, clip)
            finally:
                self._fills = False

    async def _render(self, play: Play) -> Clip:
        return await self._prompter.render(play.says, locale=play.locale, pace=play.pace)

    def _render_ahead(self, play: Play) -> "asyncio.Task[Clip]":
        rendering = asyncio.create_task(self._render(play), name="render ahead")
        self._renderings.add(rendering)
        rendering.add_done_callback(self._render_done)
        return rendering

    def _render_done(self, rendering: "asyncio.Task[Clip]") -> None:
        self._renderings.discard(rendering)
        if not rendering.cancelled():
            rendering.exception()  # seen; whoever still wants the prompt raises it

    async def _play(self, due: _Due, play: Play, clip: Clip) -> None:
        """Play the clip of what is due, or of the filler that goes before it."""
        playback = await self._line.play(clip, from_ms=due.from_ms if play is due.play else 0)
        if self._now is not due:
            # Stopped in the very moment of its start.
            playback.stop()
            return
        self._playback = playback
        if not is_filler(play):
            self._on_started(play)
        self._filler.spoken(play)
        self._find_question(play, clip)
        try:
            while self._now is due and playback.played_ms < playback.duration_ms:
                self._tick.clear()
                await self._tick.wait()
        finally:
            self._playback = None
            self._on_ended(play, clip, min(playback.played_ms, playback.duration_ms))

    def _find_question(self, play: Play, clip: Clip) -> None:
        """Where the last prompt of the clip begins: that prompt alone, which is quickly joined, tells."""
        self._question_from_ms = None
        if not play.asks or len(play.says) < 2:
            return

        def found(rendering: "asyncio.Task[Clip]") -> None:
            if not rendering.cancelled() and rendering.exception() is None and self._is_now(play):
                self._question_from_ms = clip.duration_ms - rendering.result().duration_ms

        self._render_ahead(replace(play, says=play.says[-1:])).add_done_callback(found)

    def _is_now(self, play: Play) -> bool:
        return self._now is not None and self._now.play is play
