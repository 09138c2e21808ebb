"""A soak: many calls through one worker, and what each of them left behind."""

from typing import Any

from ivr.cli.bench_load import Bench, Load
from ivr.runtime.customer.report import Verdict

_WARM_SHARE = 5
"""A fifth of the calls fill caches and pools before memory is compared."""


async def soak_report(bench: Bench, count: int) -> dict[str, Any]:
    """Place `count` calls on all lines and compare the worker before and after."""
    warm_calls = count // _WARM_SHARE
    await _place(bench, warm_calls)
    warm = _worker(bench)
    measured_calls, failed = await _place(bench, count - warm_calls)
    after = _worker(bench)
    growth_kib = (after["rss_kib"] - warm["rss_kib"]) / measured_calls
    return {
        "calls": count,
        "calls_failed": failed,
        "same_worker_process": bench.worker.is_running(),
        "memory_growth_kib_per_call": round(growth_kib, 2),
        "after_warm_up": warm,
        "at_the_end": after,
    }


async def _place(bench: Bench, count: int) -> tuple[int, int]:
    load = Load(lines=bench.lines, calls_each=-(-count // bench.lines))
    plan = bench.keys_plan()
    reports = await bench.place(load, lambda _: plan)
    return len(reports), sum(1 for report in reports if report.verdict is not Verdict.PASSED)


def _worker(bench: Bench) -> dict[str, int]:
    return {
        "rss_kib": bench.worker.memory_info().rss // 1024,
        "threads": bench.worker.num_threads(),
        "open_files": bench.worker.num_fds(),
        "asyncio_tasks": int(bench.metric("ivr_asyncio_tasks")),
        "lines_in_use": int(bench.metric("ivr_sip_lines_in_use")),
    }
