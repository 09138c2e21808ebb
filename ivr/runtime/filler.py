"""A word for the caller while something takes longer than people like to wait in silence."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from ivr.calls.speech import Say
from ivr.dialogue.state import Play

FILLER_AFTER_S = 0.7
"""Silence that a caller takes for thought; what is longer is taken for a fault."""

FILLER_PROMPT = "filler_checking"
"""Every locale has a prompt with this id."""


def is_filler(play: Play) -> bool:
    """Whether it only bridges a wait."""
    return [say.prompt_id for say in play.says] == [FILLER_PROMPT]


class Filler:
    """Decides when the filler is due: once in a wait, after 0.7 s of silence.

    A wait lasts until the bot says something else, however many lookups and renderings it is made of. Before
    the bot's first words there is none: nobody wants to hear of a search before the greeting.
    """

    def __init__(self, silent: asyncio.Event, queue: Callable[[Play], None]) -> None:
        """`silent` is set while the bot says nothing; `queue` has a prompt spoken."""
        self._silent = silent
        self._queue = queue
        self._last: Play | None = None
        self._said = False
        self._from_s: float | None = None

    def spoken(self, play: Play) -> None:
        """The bot has begun to say something: the wait is over, save for one that the filler bridges."""
        if not is_filler(play):
            self._last, self._said, self._from_s = play, False, None

    def take(self, turn: int) -> Play | None:
        """The filler, if it is due in this wait; then not again."""
        if self._said or self._last is None:
            return None
        self._said = True
        return replace(self._last, turn=turn, says=(Say(FILLER_PROMPT),), asks=False)

    @contextmanager
    def bridging(self, turn: int) -> Iterator[None]:
        """Something is being looked up: have the filler spoken when that takes too long."""
        if self._from_s is None:
            self._from_s = asyncio.get_running_loop().time()
        watch = asyncio.create_task(self._watch(turn, self._from_s), name="filler")
        try:
            yield
        finally:
            watch.cancel()

    async def _watch(self, turn: int, from_s: float) -> None:
        loop = asyncio.get_running_loop()
        if not self._silent.is_set():
            await self._silent.wait()
            from_s = loop.time()
        await asyncio.sleep(from_s + FILLER_AFTER_S - loop.time())
        if self._silent.is_set() and (play := self.take(turn)):
            self._queue(play)
