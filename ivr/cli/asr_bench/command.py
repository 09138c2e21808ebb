"""One run of the bench: read, measure, report."""

import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import typer
from rich.console import Console

from ivr.adapters.codecs import CODECS
from ivr.adapters.models import default_models_dir
from ivr.adapters.recogniser.engine import BadRequest
from ivr.adapters.recogniser.engines import ENGINES, Engines
from ivr.adapters.speech_corpus import CorpusError
from ivr.cli.asr_bench.figures import Outcome, threshold_for
from ivr.cli.asr_bench.hearing import Hearer, InProcess, Server
from ivr.cli.asr_bench.line import IDLE_LINE_DB, LEAD_MS, TAIL_MS, TelephoneLine, noise_files
from ivr.cli.asr_bench.plan import PlanError, Wanted, plan, read_corpora
from ivr.cli.asr_bench.report import as_document, print_report
from ivr.cli.asr_bench.run import Bench
from ivr.cli.asr_bench.trials import Split, Task
from ivr.grammar.errors import GrammarError
from ivr.media.level import NOMINAL_SPEECH_DB
from ivr.runtime.ports import RecogniserLost


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was asked for."""

    corpora: tuple[Path, ...]
    grammars: tuple[str, ...]
    strings: tuple[int, ...]
    strings_each: int
    out_of_grammar: tuple[str, ...]
    language: str
    split: str
    limit: int
    codec: str
    noise: tuple[Path, ...]
    snr_db: float
    loss_percent: float
    engine: str
    models_dir: Path | None
    url: str
    real_time: bool
    seed: int
    same_sound: bool
    false_rejects: float
    threshold: float | None
    errors: bool
    json_to: str
    compare: Path | None


def measure(options: Options) -> None:
    """Do it all. What cannot be done ends with a message and exit code 1."""
    console = Console(stderr=True)
    progress = Console(stderr=True, quiet=not console.is_terminal)
    try:
        _check(options)
        earlier = json.loads(options.compare.read_text("utf-8")) if options.compare else None
        recordings, faults = read_corpora(options.corpora, options.language)
        tasks, left_out = plan(recordings, _wanted(options))
        line = TelephoneLine(CODECS[options.codec], options.snr_db, options.loss_percent / 100, options.seed)
        rooms = line.add_rooms(noise_files(list(options.noise)))
        if options.noise and not rooms:
            raise PlanError("no noise file lasts 3 s; shorter ones are no room")
        with _hearer(options) as hearer:
            bench = Bench(hearer, line, by_sound=options.same_sound, console=progress)
            results = bench.run(tasks)
            served = {task.language: hearer.describe(task.language) for task in tasks}
    except (CorpusError, PlanError, GrammarError, BadRequest, RecogniserLost, OSError, RuntimeError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if not any(outcome.in_grammar for outcome in results.outcomes):
        typer.echo("nothing could be measured: " + "; ".join([*results.skipped, *faults][:5]), err=True)
        raise typer.Exit(1)
    document = as_document(
        results.outcomes,
        conditions=_conditions(options, rooms, tasks),
        recognisers=served,
        skipped=[*faults, *left_out, *results.skipped],
        threshold=_threshold(options, results.outcomes),
        rng=np.random.default_rng(options.seed),
    )
    _give(document, earlier, options, console)


def _check(options: Options) -> None:
    for value, allowed, name in (
        (options.codec, tuple(CODECS), "--codec"),
        (options.engine, ENGINES, "--engine"),
        (options.split, tuple(Split), "--split"),
    ):
        if value not in allowed:
            raise PlanError(f"{name} must be one of {', '.join(allowed)}")
    if any(length < 1 for length in options.strings):
        raise PlanError("--strings takes lengths from 1")


def _wanted(options: Options) -> Wanted:
    return Wanted(
        options.grammars,
        options.strings,
        options.strings_each,
        options.out_of_grammar,
        Split(options.split),
        options.limit,
        options.seed,
    )


def _hearer(options: Options) -> Hearer:
    if options.url:
        return Server(options.url, real_time=options.real_time)
    engines = Engines(options.models_dir or default_models_dir(), engine=options.engine, threads=1)
    return InProcess(engines, options.engine)


def _threshold(options: Options, outcomes: list[Outcome]) -> float:
    return threshold_for(outcomes, options.false_rejects) if options.threshold is None else options.threshold


def _conditions(options: Options, rooms: list[Path], tasks: list[Task]) -> dict[str, Any]:
    """All that a second run needs to be comparable, without places on this machine."""
    return {
        "corpora": [directory.resolve().name for directory in options.corpora],
        "grammar": list(options.grammars),
        "candidates": {f"{task.name} ({task.language})": task.candidates for task in tasks},
        "strings": list(options.strings),
        "strings_each": options.strings_each if options.strings else None,
        "out_of_grammar": list(options.out_of_grammar),
        "split": options.split,
        "limit": options.limit,
        "codec": options.codec,
        "noise": [room.name for room in rooms],
        "snr_db": options.snr_db if rooms else None,
        "loss_percent": options.loss_percent,
        "speech_level_dbov": NOMINAL_SPEECH_DB,
        "idle_line_dbov": IDLE_LINE_DB,
        "lead_ms": LEAD_MS,
        "tail_ms": TAIL_MS,
        "compared_by": "same toneless sound" if options.same_sound else "meaning or letters",
        "engine": "server" if options.url else options.engine,
        "real_time": options.real_time,
        "threads": 1,
        "seed": options.seed,
        "false_rejects_aimed_at": options.false_rejects if options.threshold is None else None,
        "machine": {"cores": os.cpu_count(), "processor": platform.processor() or platform.machine()},
    }


def _give(
    document: dict[str, Any], earlier: dict[str, Any] | None, options: Options, errors_to: Console
) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1)
    if options.json_to == "-":
        typer.echo(text)
        print_report(document, earlier, with_errors=options.errors, console=errors_to)
        return
    if options.json_to:
        Path(options.json_to).write_text(text + "\n", "utf-8")
    print_report(document, earlier, with_errors=options.errors, console=Console())
