"""`ivr prompts hear`: have a recogniser listen to the recordings."""

import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ivr.adapters.models import installed
from ivr.adapters.recogniser.whisper_model import WhisperModel
from ivr.adapters.voice.errors import PromptFilesError
from ivr.adapters.voice.prompt_files import load_prompt_texts
from ivr.adapters.voice.recordings import Recordings, load_recordings, recording_paths
from ivr.adapters.voice.samples import LINE_RATE_HZ
from ivr.cli.prompt_hearing import HeardBook, Hearing, Item, digests, items, listen, verdict
from ivr.cli.prompt_options import PromptsDir, exit_with
from ivr.cli.settings import models_dir, settings_or_exit

_WHISPER = "whisper-base"
_SAVE_EVERY = 25


def hear_recordings(
    prompts_dir: PromptsDir = None,
    locale: Annotated[str | None, typer.Option("--locale", help="Only this one.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Hear all of them again, not only what is new or has changed.")
    ] = False,
    sample: Annotated[int | None, typer.Option(min=1, help="Hear only so many, drawn by --seed.")] = None,
    seed: Annotated[int, typer.Option(help="Which sample.")] = 1,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Threads to hear in.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Every error as JSON on standard output.")] = False,
) -> None:
    """Have Whisper listen to every recording that is new or has changed, and compare it with its text.

    Results are kept beside the recordings (heard.json). Exit 1 when more is misheard than is allowed.
    Breaking it off (Ctrl-C) loses nothing. Example: ivr prompts hear --jobs 2
    """
    settings = settings_or_exit()
    directory = prompts_dir or settings.prompts_dir
    model_dir = installed(_WHISPER, models_dir(settings))
    if model_dir is None:
        exit_with(f"the model {_WHISPER} is not installed: run `ivr models pull {_WHISPER}`")
    try:
        texts = load_prompt_texts(directory)
        ear = _Ear(load_recordings(directory, LINE_RATE_HZ), WhisperModel(model_dir, threads=jobs), jobs)
    except PromptFilesError as error:
        exit_with(str(error))
    if locale and locale not in texts.by_locale:
        exit_with(f"there are no prompts for {locale} in {directory}")
    digest = digests(recording_paths(directory))
    heard = []
    for each in [locale] if locale else sorted(texts.by_locale):
        present = items(texts, each)
        book = HeardBook.load(directory, each)
        due = [item for item in present if everything or book.error(item, digest(item)) is None]
        due = random.Random(seed).sample(due, min(sample, len(due))) if sample else due
        unfit = _hear(ear, due, book, present, digest)
        errors = {i.name: e for i in present if (e := book.error(i, digest(i))) is not None}
        heard.append(_Heard(each, present, len(due), errors, unfit))
    _report(heard, as_json=as_json)


Digest = Callable[[Item], str]


def _hear(
    ear: "_Ear", due: list[Item], book: HeardBook, present: list[Item], digest: Digest
) -> list[Hearing]:
    """Listen, note it in the book, and give what was not understood."""
    unfit: list[Hearing] = []
    names = [item.name for item in present]
    try:
        for count, hearing in enumerate(ear.hear(due), 1):
            book.note(hearing, digest(hearing.item))
            unfit += [] if hearing.fits else [hearing]
            if count % _SAVE_EVERY == 0:
                book.save(names)
    except KeyError as error:
        exit_with(str(error.args[0]))
    except KeyboardInterrupt:
        typer.echo("Stopped. What was heard is kept; run it again to go on.", err=True)
        raise typer.Exit(130) from None
    finally:
        book.save(names)
    return unfit


@dataclass(frozen=True, slots=True)
class _Heard:
    """What is known of one locale."""

    locale: str
    present: list[Item]
    now: int
    errors: dict[str, float]
    unfit: list[Hearing]

    @property
    def faults(self) -> list[str]:
        """What exceeds the stated errors."""
        free = {item.name for item in self.present if not item.rivals}
        return [f"{self.locale}: {line}" for line in verdict(self.errors, free)]

    def __str__(self) -> str:
        misheard = [
            f"{h.item.name}: {h.error:.0%}: said “{h.item.words}”, heard “{h.heard}”" for h in self.unfit
        ]
        free = [self.errors[i.name] for i in self.present if not i.rivals and i.name in self.errors]
        told = [self.errors[i.name] for i in self.present if i.rivals and i.name in self.errors]
        counts = (
            f"{self.locale}: {self.now} heard now, {len(self.errors)} of {len(self.present)} heard so far; "
            f"{sum(free) / max(1, len(free)):.1%} of the prompts' words misheard, "
            f"{sum(told):.0f} of {len(told)} words and values mistaken."
        )
        return "\n".join([*misheard, counts])


def _report(heard: list[_Heard], *, as_json: bool) -> None:
    faults = [fault for each in heard for fault in each.faults]
    if as_json:
        rows = [{"name": name, "error": error} for each in heard for name, error in each.errors.items()]
        typer.echo(json.dumps({"heard": rows, "faults": faults}, ensure_ascii=False, indent=1))
        raise typer.Exit(1 if faults else 0)
    for line in (*heard, *faults):
        typer.echo(str(line))
    if faults:
        exit_with(
            f"{len(faults)} faults. Change the words, or their reading in voices.yaml, and render again."
        )


class _Ear:
    """Hears several items at once, with a bar that tells how long it will take."""

    def __init__(self, recordings: Recordings, whisper: WhisperModel, jobs: int) -> None:
        self._recordings = recordings
        self._whisper = whisper
        self._jobs = jobs

    def hear(self, due: list[Item]) -> Iterator[Hearing]:
        """Each item as it is heard. Raises `KeyError` for a missing recording."""
        pool = ThreadPoolExecutor(self._jobs)
        try:
            with _bar(due) as advance:
                waiting = [pool.submit(listen, item, self._recordings, self._whisper) for item in due]
                for done in as_completed(waiting):
                    yield done.result()
                    advance()
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _bar(due: list[Item]) -> Iterator[Callable[[], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not due) as progress:
        task = progress.add_task(f"Listening to {due[0].locale}" if due else "", total=len(due))
        yield lambda: progress.advance(task)
