"""The bounded set of threads on which engines compute."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

Args = ParamSpec("Args")
Result = TypeVar("Result")


class DecodingThreads:
    """Runs blocking work off the event loop, and knows whether a thread is free."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._busy = 0
        self._executor = ThreadPoolExecutor(count, thread_name_prefix="decode")

    @property
    def has_idle(self) -> bool:
        """Whether work handed over now would start at once."""
        return self._busy < self.count

    @property
    def busy(self) -> int:
        """Pieces of work that run or wait."""
        return self._busy

    def start(
        self, work: Callable[Args, Result], *args: Args.args, **kwargs: Args.kwargs
    ) -> asyncio.Future[Result]:
        """Hand work over; a cancelled future does not stop a thread, its result is dropped."""
        self._busy += 1
        running = self._executor.submit(work, *args, **kwargs)
        loop = asyncio.get_running_loop()
        running.add_done_callback(lambda _: loop.call_soon_threadsafe(self._one_done))
        return asyncio.wrap_future(running)

    def close(self) -> None:
        """Let running work end; drop what waits."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _one_done(self) -> None:
        self._busy -= 1
