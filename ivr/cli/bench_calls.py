"""`ivr bench calls` and `ivr bench soak`: the hotline as callers meet it, by real calls on loopback."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ivr.adapters.throwaway_hotline import HotlineNotStarted, throwaway_hotline
from ivr.cli.bench_load import Bench, Load
from ivr.cli.bench_soak import soak_report

OutOption = Annotated[Path | None, typer.Option("--out", help="Write the JSON here instead.")]


def calls(
    calls_each: Annotated[int, typer.Option("--calls", min=1, help="Calls on each line.")] = 5,
    out: OutOption = None,
) -> None:
    """Reply latency, media gaps and CPU per call, at one line and at all lines of one worker.

    It starts a hotline of its own, so that no other call disturbs it. The callers run on the same cores.

    Example: ivr bench calls --calls 10
    """

    async def measure(bench: Bench) -> dict[str, Any]:
        await bench.run(Load(lines=1, calls_each=1))  # caches are warm after the first caller of the day
        one = await bench.run(Load(lines=1, calls_each=calls_each))
        every = await bench.run(Load(lines=bench.lines, calls_each=calls_each))
        ratio = every["speech_reply_ms"]["p50"] / one["speech_reply_ms"]["p50"]
        return {
            "machine": bench.machine(),
            "one_line": one,
            "all_lines": every,
            "all_to_one_line_p50": round(ratio, 2),
        }

    _run(measure, out)


def soak(
    count: Annotated[int, typer.Option("--calls", min=20, help="Calls in all.")] = 300,
    out: OutOption = None,
) -> None:
    """Many short calls in a row through one worker: what stays behind of lines, threads, tasks and memory.

    Example: ivr bench soak --calls 300
    """
    _run(lambda bench: soak_report(bench, count), out)


def _run(measure: Callable[[Bench], Awaitable[dict[str, Any]]], out: Path | None) -> None:
    console = Console(stderr=True, quiet=not Console(stderr=True).is_terminal)

    async def with_bench() -> dict[str, Any]:
        async with Bench.open(hotline, console) as bench:
            return await measure(bench)

    try:
        console.print("starting a hotline of its own ...")
        with throwaway_hotline() as hotline:
            report = asyncio.run(with_bench())
    except HotlineNotStarted as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    text = json.dumps(report, ensure_ascii=False, indent=2)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", "utf-8")
