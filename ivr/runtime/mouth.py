"""The bot's voice on one call: prompts are played one after the other, and can be cut off.

One that is queued behind another is rendered while that one is heard: a prompt that needs synthesis would
otherwise leave the caller in silence in the middle of an answer.
"""

import asyncio
from collections.abc import Callable

from ivr.calls.speech import Clip
from ivr.dialogue.state import Play
from ivr.runtime.ports import Line, Playback, Prompter


class Mouth:
    """Plays what it is given, in order. `on_started(play)` and `on_ended(play, clip, played_ms)` report."""

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
        self._waiting: asyncio.Queue[tuple[Play, asyncio.Task[Clip] | None]] = asyncio.Queue()
        self._renderings: set[asyncio.Task[Clip]] = set()
        self._playback: Playback | None = None
        self._now: Play | None = None
        self._tick = asyncio.Event()
        self._silent = asyncio.Event()
        self._silent.set()

    def say(self, play: Play) -> None:
        """Queue prompts."""
        self._waiting.put_nowait((play, None if self._silent.is_set() else self._render_ahead(play)))
        self._silent.clear()

    def stop(self) -> None:
        """Fall silent now and forget what was queued."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        for rendering in self._renderings:
            rendering.cancel()
        if self._playback is not None:
            self._playback.stop()
            self._tick.set()
        self._now = None
        self._silent.set()

    @property
    def played_ms(self) -> int | None:
        """How long the present prompt has been heard; 0 while one is being rendered; None in silence."""
        if self._silent.is_set():
            return None
        return self._playback.played_ms if self._playback is not None else 0

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
                play, rendering = await self._waiting.get()
                self._now = play
                if rendering is None:
                    clip: Clip | None = await self._render(play)
                else:
                    # One that was stopped is cancelled, which must not be taken for our own end.
                    await asyncio.wait([rendering])
                    clip = None if rendering.cancelled() else rendering.result()
                if clip is not None and self._now is play:
                    await self._play(play, clip)
                if self._waiting.empty():
                    self._silent.set()
        finally:
            for rendering in self._renderings:
                rendering.cancel()
            await asyncio.gather(*self._renderings, return_exceptions=True)

    async def _render(self, play: Play) -> Clip:
        return await self._prompter.render(play.says, locale=play.locale)

    def _render_ahead(self, play: Play) -> "asyncio.Task[Clip]":
        rendering = asyncio.create_task(self._render(play), name="render ahead")
        self._renderings.add(rendering)
        rendering.add_done_callback(self._rendered)
        return rendering

    def _rendered(self, rendering: "asyncio.Task[Clip]") -> None:
        self._renderings.discard(rendering)
        if not rendering.cancelled():
            rendering.exception()  # seen; whoever still wants the prompt raises it

    async def _play(self, play: Play, clip: Clip) -> None:
        playback = await self._line.play(clip)
        if self._now is not play:
            # Stopped in the very moment of its start.
            playback.stop()
            return
        self._playback = playback
        self._on_started(play)
        try:
            while self._now is play and playback.played_ms < playback.duration_ms:
                self._tick.clear()
                await self._tick.wait()
        finally:
            self._playback = None
            self._on_ended(play, clip, min(playback.played_ms, playback.duration_ms))
