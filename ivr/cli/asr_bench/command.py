"""One run of the bench: read, measure, report."""

import json
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np
import typer
from rich.console import Console

from ivr.adapters.codecs import CODECS
from ivr.adapters.models import default_models_dir
from ivr.adapters.recogniser.engine import BadRequest
from ivr.adapters.recogniser.engines import Engines
from ivr.adapters.speech_corpus import CorpusError
from ivr.cli.asr_bench.figures import threshold_for
from ivr.cli.asr_bench.hearing import Hearer, InProcess, Server
from ivr.cli.asr_bench.line import IDLE_LINE_DB, LEAD_MS, TAIL_MS, TelephoneLine, noise_files
from ivr.cli.asr_bench.options import Judgement, LineWish, Listener, Speech
from ivr.cli.asr_bench.plan import PlanError, plan, read_corpora
from ivr.cli.asr_bench.report import as_document, print_report
from ivr.cli.asr_bench.run import Bench
from ivr.cli.asr_bench.trials import Task
from ivr.grammar.errors import GrammarError
from ivr.media.level import NOMINAL_SPEECH_DB
from ivr.runtime.ports import RecogniserLost


def measure(speech: Speech, wish: LineWish, listener: Listener, judgement: Judgement) -> None:
    """Do it all. What cannot be done ends with a message and exit code 1."""
    try:
        earlier = _earlier(judgement.compare)
        document = _measured(speech, wish, listener, judgement)
    except (CorpusError, PlanError, GrammarError, BadRequest, RecogniserLost, OSError, RuntimeError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    text = json.dumps(document, ensure_ascii=False, indent=1)
    tables = Console()
    if judgement.json_to == "-":
        typer.echo(text)
        tables = Console(stderr=True)
    elif judgement.json_to:
        Path(judgement.json_to).write_text(text + "\n", "utf-8")
    print_report(document, earlier, with_errors=judgement.errors, console=tables)


def _measured(speech: Speech, wish: LineWish, listener: Listener, judgement: Judgement) -> dict[str, Any]:
    console = Console(stderr=True, quiet=not Console(stderr=True).is_terminal)
    recordings, faults = read_corpora(speech.corpora, speech.language)
    tasks, left_out = plan(recordings, speech)
    line = TelephoneLine(CODECS[wish.codec], wish.snr_db, wish.loss_percent / 100, speech.seed)
    rooms = line.add_rooms(noise_files(wish.noise))
    if wish.noise and not rooms:
        raise PlanError("no noise file lasts 3 s; shorter ones are no room")
    with _hearer(listener) as hearer:
        results = Bench(hearer, line, by_sound=judgement.same_sound, console=console).run(tasks)
        skipped = [*faults, *left_out, *results.skipped]
        if not any(outcome.in_grammar for outcome in results.outcomes):
            raise PlanError("nothing could be measured: " + "; ".join(reversed(skipped[-5:])))
        measured = {outcome.language for outcome in results.outcomes if outcome.in_grammar}
        served = {language: hearer.describe(language) for language in sorted(measured)}
    given = judgement.threshold
    return as_document(
        results.outcomes,
        conditions=_conditions(speech, wish, listener, judgement, rooms, tasks),
        recognisers=served,
        skipped=skipped,
        threshold=threshold_for(results.outcomes, judgement.false_rejects) if given is None else given,
        rng=np.random.default_rng(speech.seed),
    )


def _hearer(listener: Listener) -> Hearer:
    if listener.url:
        return Server(listener.url, real_time=listener.real_time)
    engines = Engines(listener.models_dir or default_models_dir(), engine=listener.engine, threads=1)
    return InProcess(engines, listener.engine)


def _earlier(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        _ = found["conditions"], found["utterances"]
    except (ValueError, KeyError, TypeError):
        raise PlanError(f"{path} is no result of this bench; make one with --json") from None
    return found


def _conditions(
    speech: Speech,
    wish: LineWish,
    listener: Listener,
    judgement: Judgement,
    rooms: list[Path],
    tasks: list[Task],
) -> dict[str, Any]:
    """All that a second run needs to be comparable, without places on this machine."""
    return {
        "corpora": [directory.resolve().name for directory in speech.corpora],
        "grammar": [Path(grammar).name for grammar in speech.grammars],
        "candidates": {f"{task.name} ({task.language})": task.candidates for task in tasks},
        "strings": list(speech.strings),
        "strings_each": speech.strings_each if speech.strings else None,
        "out_of_grammar": speech.out_of_grammar,
        "split": speech.split,
        "limit": speech.limit,
        "seed": speech.seed,
        "codec": wish.codec,
        "noise": [room.name for room in rooms],
        "snr_db": wish.snr_db if rooms else None,
        "loss_percent": wish.loss_percent,
        "speech_level_dbov": NOMINAL_SPEECH_DB,
        "idle_line_dbov": IDLE_LINE_DB,
        "lead_ms": LEAD_MS,
        "tail_ms": TAIL_MS,
        "compared_by": "same toneless sound" if judgement.same_sound else "meaning or letters",
        "engine": "server" if listener.url else listener.engine,
        "real_time": listener.real_time,
        "false_rejects_aimed_at": judgement.false_rejects if judgement.threshold is None else None,
        "machine": {"cores": os.cpu_count(), "processor": platform.processor() or platform.machine()},
    }
