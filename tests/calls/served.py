"""A whole hotline as a test sees it: customers who call, what the record says, what the bus was told."""

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiomqtt
import httpx

from ivr.adapters.recogniser.client import RemoteRecogniser
from ivr.adapters.store_sqlalchemy import Database, SqlCallRecords, SqlLoanBook
from ivr.adapters.throwaway_hotline import ThrowawayHotline
from ivr.calls.ids import CallId
from ivr.calls.loans import LoanSummary, summarise

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CHINESE_CALLER = "+8613800000001"
ENGLISH_CALLER = "+8613800000002"
HOME = ZoneInfo("Asia/Shanghai")
IVR = (sys.executable, "-m", "ivr.cli.main")


@dataclass(frozen=True)
class Outcome:
    """What `ivr call` made of one call."""

    exit_code: int
    report: dict[str, Any]
    said: str
    """Everything that it printed, for the message of an assertion."""

    @property
    def latencies_ms(self) -> list[int]:
        return [e["reply_latency_ms"] for e in self.report["exchanges"][1:]]


def place(hotline: ThrowawayHotline, uri: str, *arguments: str) -> Outcome:
    """Place one call with `ivr call` and wait for its end."""
    command = [*IVR, "call", uri, *arguments, "--recogniser", hotline.recogniser_url, "--json", "-"]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(hotline.environ), capture_output=True, text=True, timeout=180, check=False
    )
    report = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    return Outcome(done.returncode, report, done.stdout + done.stderr)


def ivr(environ: Mapping[str, str], *arguments: str) -> str:
    """What another `ivr` command prints about this hotline."""
    done = subprocess.run(
        [*IVR, *arguments],
        cwd=ROOT,
        env=dict(environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


def calls(hotline: ThrowawayHotline, **having: object) -> list[dict[str, Any]]:
    """All calls with these values in the record, newest first."""
    listed = asyncio.run(_ask(hotline, lambda records: records.latest(100)))
    return [call for call in listed if having.items() <= call.items()]


def record(hotline: ThrowawayHotline, call_id: str) -> dict[str, Any]:
    """One call whole."""
    shown = asyncio.run(_ask(hotline, lambda records: records.find(CallId(call_id))))
    assert shown is not None
    return asdict(shown)


async def _ask(hotline: ThrowawayHotline, question: Callable[[SqlCallRecords], Awaitable[Any]]) -> Any:
    database = Database(hotline.database_url)
    try:
        return await question(SqlCallRecords(database))
    finally:
        await database.close()


def ended_call(hotline: ThrowawayHotline, *, timeout_s: float = 15.0, **having: object) -> dict[str, Any]:
    """The record of the newest call with these values, once it has ended."""

    def found() -> str | None:
        matching = calls(hotline, **having)
        return str(matching[0]["call_id"]) if matching and matching[0]["ended_at"] else None

    return record(hotline, until(found, timeout_s=timeout_s, what=f"an ended call with {having}"))


def until(question: Callable[[], Any], *, timeout_s: float, what: str) -> Any:
    """Ask again and again for something true. Fails the test when it does not become so in time."""
    given_up_at = time.monotonic() + timeout_s
    while not (answer := question()):
        assert time.monotonic() < given_up_at, f"waited {timeout_s:g} s in vain for {what}"
        time.sleep(0.1)
    return answer


def owed(hotline: ThrowawayHotline, phone: str) -> LoanSummary:
    """What the loan book says this customer owes today."""

    async def ask() -> LoanSummary:
        database = Database(hotline.database_url)
        try:
            book = SqlLoanBook(database)
            customer = await book.find_customer(phone)
            assert customer is not None
            return summarise(await book.loans(customer.customer_id), datetime.now(HOME).date())  # noqa: TID251
        finally:
            await database.close()

    return asyncio.run(ask())


def lines_in_use(http_port: int) -> int:
    """Lines that carry a call, as the worker's metrics say."""
    text = httpx.get(f"http://127.0.0.1:{http_port}/metrics", timeout=5.0, trust_env=False).text
    found = re.search(r"^ivr_sip_lines_in_use(?:\{\})? (\d+)", text, re.MULTILINE)
    assert found is not None, text
    return int(found[1])


class News:
    """Everything that the bus carries, from before the first call on."""

    def __init__(self, port: int) -> None:
        self.messages: list[tuple[str, str]] = []
        self._port = port
        self._listening = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="news")

    def of_call(self, call_id: str) -> list[dict[str, Any]]:
        """The payloads about one call, in the order they came."""
        return [json.loads(text) for topic, text in tuple(self.messages) if f"/calls/{call_id}/" in topic]

    def await_end(self, call_id: str) -> list[dict[str, Any]]:
        """The payloads about one call, once its last one is there."""
        ended = f"ivr/v1/calls/{call_id}/call_ended"
        until(lambda: any(t == ended for t, _ in tuple(self.messages)), timeout_s=20, what=ended)
        return self.of_call(call_id)

    def _run(self) -> None:
        self._task = self._loop.create_task(self._listen())
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(aiomqtt.MqttError):
                async with aiomqtt.Client("127.0.0.1", self._port) as client:
                    await client.subscribe("ivr/#", qos=1)
                    self._listening.set()
                    async for message in client.messages:
                        self.messages.append((str(message.topic), bytes(message.payload).decode()))
            # Sooner back than the workers, for a broker keeps no news for those who are away.
            await asyncio.sleep(0.01)

    @contextmanager
    def heard(self) -> Iterator["News"]:
        self._thread.start()
        assert self._listening.wait(10), "the broker takes no subscriber"
        try:
            yield self
        finally:
            assert self._task is not None
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join()


def read_aloud(hotline: ThrowawayHotline, samples: Any, rate_hz: int) -> str:
    """What the hotline's own recogniser makes of this Mandarin."""

    async def ask() -> str:
        async with RemoteRecogniser.open(hotline.recogniser_url, timeout_s=60) as recogniser:
            return await recogniser.transcribe(
                samples.tobytes(), locale="zh-CN", sample_rate_hz=rate_hz, timeout_s=60
            )

    return asyncio.run(ask())
