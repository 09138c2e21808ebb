"""Runtime tests run in virtual time: a wait costs nothing, and the clock jumps to its end."""

import asyncio
import selectors
from collections.abc import Callable, Mapping

import pytest


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: what it was asked to wait is added to the loop's clock instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None):
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("nothing is ready and nothing is planned: the test would wait for ever")
        if not ready and timeout:
            self.now_s += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock starts at 0 and jumps."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Callable]:
    return {"virtual time": VirtualTimeLoop}
