"""Load for benches: planned calls on some lines of one worker, and what they cost."""

import asyncio
import os
import platform
import re
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from ivr.adapters.sip_pjsua2.endpoint import Pjsua2Endpoint
from ivr.adapters.sip_pjsua2.settings import SipSettings
from ivr.adapters.throwaway_hotline import ThrowawayHotline
from ivr.adapters.voice import speak
from ivr.cli.call_audio import CustomerAudio
from ivr.cli.settings import models_dir, settings_or_exit
from ivr.runtime.customer.placing import place_call
from ivr.runtime.customer.plan import CustomerPlan, Press, Speak, Step
from ivr.runtime.customer.report import CallReport, Verdict, percentile_ms
from ivr.runtime.ports import NoFreeLine

RATE_HZ = 8000
_SHORT_CALL_S = 6.0
"""Long enough to hear the beginning of the answer."""
_WISHES = {
    "zh-CN": ("我要查询贷款余额", "我还欠多少钱", "帮我查一下下期什么时候还款", "余额还有多少"),
    "en-US": ("I want to check my loan balance", "when is my next payment due"),
}
_CALLERS = {"zh-CN": ("+8613800000001", "1234"), "en-US": ("+8613800000002", "1234")}
_DONE = {"zh-CN": "没有了", "en-US": "no, that's all"}


@dataclass(frozen=True, slots=True)
class Load:
    """So many calls, one after another, on each of so many lines at once."""

    lines: int
    calls_each: int


class Bench:
    """Callers of one throw-away hotline, and a watch on its processes."""

    def __init__(
        self, hotline: ThrowawayHotline, endpoint: Pjsua2Endpoint, plans: list[CustomerPlan], console: Console
    ) -> None:
        self._hotline = hotline
        self._endpoint = endpoint
        self._plans = plans
        self._console = console
        self.worker = hotline.worker(0)
        self._recogniser = hotline.process("recogniser")
        self.lines = int(self.metric("ivr_sip_lines_capacity"))

    @classmethod
    @asynccontextmanager
    async def open(cls, hotline: ThrowawayHotline, console: Console) -> AsyncIterator["Bench"]:
        """Make the callers' speech, then a SIP endpoint for them."""
        with tempfile.TemporaryDirectory(prefix="ivr-bench-") as directory:
            plans = await asyncio.to_thread(_plans, hotline.uri(), Path(directory), console)
            endpoint = await Pjsua2Endpoint.start(
                SipSettings(bind_host="127.0.0.1", port=0, refusal_slots=0, codecs=("PCMA",))
            )
            try:
                yield cls(hotline, endpoint, plans, console)
            finally:
                await endpoint.shutdown()

    async def run(self, load: Load) -> dict[str, Any]:
        """Place the calls and report on them. Calls that did not go through are counted, not measured."""
        cpu_before_s = self._cpu_s()
        late_before = self.metric("ivr_media_frames_late_total")
        reports = await self.place(load, lambda n: self._plans[n % len(self._plans)])
        cpu_s = {name: used - cpu_before_s[name] for name, used in self._cpu_s().items()}
        call_s = sum(report.duration_ms for report in reports) / 1000
        late = self.metric("ivr_media_frames_late_total") - late_before
        went_through = [report for report in reports if report.verdict is Verdict.PASSED]
        return {
            "lines": load.lines,
            "calls": len(reports),
            "calls_failed": len(reports) - len(went_through),
            "speech_reply_ms": _latencies(went_through, Speak),
            "keys_reply_ms": _latencies(went_through, Press),
            "whole_call_ms": _lengths(went_through),
            "media_gaps_over_40_ms_per_call_minute": round(late / call_s * 60, 2),
            "cpu_percent_of_a_core_per_call": {
                name: round(used / call_s * 100, 2) for name, used in cpu_s.items()
            },
        }

    async def place(self, load: Load, plan_of: Callable[[int], CustomerPlan]) -> list[CallReport]:
        """Place the calls; `plan_of` gives the plan of the n-th."""
        total = load.lines * load.calls_each
        numbers = iter(range(total))
        reports: list[CallReport] = []
        with Progress(console=self._console) as progress:
            bar = progress.add_task(f"{total} calls on {load.lines} line(s)", total=total)

            async def one_line() -> None:
                for number in numbers:
                    reports.append(await self._place_when_free(plan_of(number)))
                    progress.advance(bar)

            await asyncio.gather(*(one_line() for _ in range(load.lines)))
        return reports

    @retry(
        retry=retry_if_exception_type(NoFreeLine),
        wait=wait_fixed(0.5),
        stop=stop_after_delay(35),
        reraise=True,
    )
    async def _place_when_free(self, plan: CustomerPlan) -> CallReport:
        """A busy worker may take long to answer a BYE, and our line is not free before that."""
        return await place_call(plan, self._endpoint)

    def keys_plan(self) -> CustomerPlan:
        """The shortest useful call: everything keyed ahead, hang up after the answer."""
        first = self._plans[0]
        steps = (Step(Press("1"), barge_in=True), Step(Press("1234"), barge_in=True))
        return CustomerPlan(
            uri=first.uri,
            locale=first.locale,
            from_user=first.from_user,
            steps=steps,
            hangup_after_s=_SHORT_CALL_S,
        )

    def metric(self, name: str) -> float:
        """A figure without labels from the worker's metrics; 0 when it has none yet."""
        found = re.search(rf"^{name} (\S+)$", self._hotline.metrics(), re.MULTILINE)
        return float(found[1]) if found else 0.0

    def machine(self) -> dict[str, Any]:
        """What the figures were taken on."""
        return {"cores": os.cpu_count(), "processor": platform.processor() or platform.machine()}

    def _cpu_s(self) -> dict[str, float]:
        watched = {"worker": self.worker, "recogniser": self._recogniser}
        return {name: sum(process.cpu_times()[:2]) for name, process in watched.items()}


def _speak(text: str, *, locale: str) -> Path:
    settings = settings_or_exit()
    return speak(
        text,
        locale,
        cache_dir=settings.voice_cache_dir / "callers",
        prompts_dir=settings.prompts_dir,
        models_dir=models_dir(settings),
    )


def _plans(uri: str, directory: Path, console: Console) -> list[CustomerPlan]:
    found = []
    for locale, wishes in _WISHES.items():
        console.print(f"speaking the callers' words ({locale}) ...")
        (directory / locale).mkdir()
        audio = CustomerAudio(directory / locale, RATE_HZ, partial(_speak, locale=locale))
        number, tail = _CALLERS[locale]
        for wish in wishes:
            steps = (Step(audio.text(wish)), Step(Press(tail)), Step(audio.text(_DONE[locale])))
            found.append(CustomerPlan(uri=uri, locale=locale, from_user=number, steps=steps))
    return found


def _lengths(reports: list[CallReport]) -> dict[str, int | None]:
    """From the answer to the goodbye: wish, proof, balance or due date, and that this was all."""
    lengths = [report.duration_ms for report in reports]
    return {"p50": percentile_ms(lengths, 50), "longest": max(lengths, default=None)}


def _latencies(reports: list[CallReport], action: type[Speak] | type[Press]) -> dict[str, int | None]:
    found = [
        exchange.reply_latency_ms
        for report in reports
        for exchange in report.exchanges
        if exchange.step is not None
        and isinstance(exchange.step.action, action)
        and exchange.reply_latency_ms is not None
    ]
    return {"p50": percentile_ms(found, 50), "p95": percentile_ms(found, 95), "replies": len(found)}
