"""Shared by all tests: data that lives outside the repository, free ports, and a watch for leaked tasks."""

import asyncio
import inspect
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


_ROOT = Path(__file__).parent
_TELEPHONES = tuple(
    map(str, (_ROOT / "calls", _ROOT / "adapters" / "test_sip", _ROOT / "adapters" / "test_line"))
)

_LONG_CALLS = ("test_called_stories.py", "test_campaign.py")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each file in one process; and those that place calls in two, for calls heed the clock.

    First of all plugins: the one that hands out the tests reads these marks when its turn comes. Calls go
    first, for they take the longest; most of it they wait for somebody to finish speaking.
    """
    items.sort(key=lambda item: not _places_calls(item))
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    if item.path.name in _LONG_CALLS:
        return "long calls"
    return "calls" if _places_calls(item) else str(item.path)


def _places_calls(item: pytest.Item) -> bool:
    return str(item.path).startswith(_TELEPHONES)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Stop where pytest-xdist cannot read the marks: two hotlines at once would fail for want of time."""
    grouped = getattr(session.config.option, "loadgroup", False)
    if grouped and not all("@" in item.nodeid for item in session.items):
        pytest.exit(
            "pytest-xdist does not group these tests: install the versions in deploy/constraints.txt", 3
        )


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Recordings and texts with licences, kept beside the checkout and never copied into it."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the test data in ../shared/data, which is absent (looked in {SHARED_DATA})")
    return SHARED_DATA


@pytest.fixture
def free_port() -> Callable[[], int]:
    """A function that gives a loopback port which is free for UDP and TCP at this moment."""
    return _free_port


def _free_port() -> int:
    for _ in range(50):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.bind(("127.0.0.1", 0))
            port: int = tcp.getsockname()[1]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                try:
                    udp.bind(("127.0.0.1", port))
                except OSError:
                    continue
        return port
    raise RuntimeError("no loopback port is free for both UDP and TCP")


@pytest.fixture(autouse=True)
def _no_leaked_tasks(request: pytest.FixtureRequest) -> None:
    # Only for async tests: an event loop for each row of the rule tables would cost more than they do.
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("_task_watch")


@pytest_asyncio.fixture
async def _task_watch() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    leaked = asyncio.all_tasks() - before - {asyncio.current_task()}
    if leaked:
        names = ", ".join(sorted(repr(task.get_coro()) for task in leaked))
        pytest.fail(f"the test left {len(leaked)} asyncio task(s) running: {names}", pytrace=False)
