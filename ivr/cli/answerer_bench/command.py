"""Makes the calls, has them judged, and tells what came of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress

from ivr.adapters.models import default_models_dir
from ivr.adapters.recogniser.engine import BadRequest
from ivr.adapters.recogniser.engines import Engines
from ivr.adapters.speech_corpus import CorpusError
from ivr.adapters.voice.errors import PromptFilesError, VoiceError
from ivr.cli.answerer_bench import trials
from ivr.cli.answerer_bench.answerers import Split
from ivr.cli.answerer_bench.clips import VoicesMissing, default_clips_dir
from ivr.cli.answerer_bench.hearing import Deaf, EngineEar, WordsEar
from ivr.cli.answerer_bench.kit import open_stage
from ivr.cli.answerer_bench.report import as_document, print_report
from ivr.cli.answerer_bench.run import judge
from ivr.cli.answerer_bench.scenes import Stage
from ivr.config import load_settings


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be measured."""

    noise: list[Path]
    voices: list[Path]
    material: trials.Material
    split: Split
    words: bool
    seed: int
    errors: bool
    json_to: str


def measure(wish: Wish) -> None:
    """Do it all. What cannot be done ends with a message and exit code 1."""
    try:
        stage = open_stage(wish.noise, wish.voices, wish.seed)
        made = list(_made(stage, wish))
        ear = _ear(wish)
        outcomes = [judge(trial, ear) for trial in _watched(made, "judging calls")]
    except (CorpusError, OSError, PromptFilesError, VoiceError, VoicesMissing, BadRequest) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if isinstance(ear, EngineEar):
        ear.keep()
    document = as_document(outcomes, wish.seed, wish.split)
    text = json.dumps(document, ensure_ascii=False, indent=1)
    if wish.json_to == "-":
        typer.echo(text)
    elif wish.json_to:
        Path(wish.json_to).write_text(text + "\n", "utf-8")
    print_report(document, Console(stderr=wish.json_to == "-"), errors=wish.errors)


def _made(stage: Stage, wish: Wish) -> Iterator[trials.Trial]:
    material = wish.material
    yield from _watched(list(trials.networks(wish.seed)), "signals")
    yield from _watched(trials.synthetic(stage, wish.split, material), "voices")
    yield from _watched(trials.people(stage, material.people), "people")
    if material.messages is not None:
        yield from trials.messages(stage, material.messages, material.machine_takes)


def _ear(wish: Wish) -> WordsEar:
    if not wish.words:
        return Deaf()
    engines = Engines(default_models_dir(), engine="auto", threads=1)
    return EngineEar(engines, load_settings(), default_clips_dir() / "words.json")


def _watched(made: "list[trials.Trial] | Iterator[trials.Trial]", what: str) -> Iterator[trials.Trial]:
    console = Console(stderr=True, quiet=not Console(stderr=True).is_terminal)
    with Progress(console=console, transient=True) as progress:
        yield from progress.track(made, description=what)
