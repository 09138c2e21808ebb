"""`ivr prompts render`: speak every recording that is missing or out of date."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from ivr.adapters.voice.errors import PromptFilesError, VoiceError
from ivr.adapters.voice.prompt_files import load_prompt_texts
from ivr.adapters.voice.render_jobs import Job, Speak, speak_here, speak_in_processes
from ivr.adapters.voice.rendering import plan, render
from ivr.adapters.voice.speaking import KOKORO_MODEL
from ivr.adapters.voice.voices import Voices, load_voices
from ivr.cli.prompt_options import PromptsDir, exit_with
from ivr.cli.settings import models_dir, settings_or_exit

_REPORT_EVERY_S = 20.0


def render_recordings(
    prompts_dir: PromptsDir = None,
    locale: Annotated[str | None, typer.Option("--locale", help="Only this one.")] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, help="Processes to speak in, each on one core with 0.6 GB.")
    ] = 1,
) -> None:
    """Speak every recording whose text, voice or pace has changed. Breaking it off (Ctrl-C) loses nothing.

    Example: ivr prompts render --locale zh-CN --jobs 2
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # to be ended is to be broken off
    settings = settings_or_exit()
    directory = prompts_dir or settings.prompts_dir
    try:
        voices = load_voices(directory)
        plans = [
            p for p in plan(directory, load_prompt_texts(directory), voices) if locale in (None, p.locale)
        ]
        if locale and not plans:
            exit_with(f"there are no prompts for {locale} in {directory}")
        due = [job for each in plans for job in each.due]
        with _progress(due) as tracker:
            speak = _speaker(models_dir(settings) / KOKORO_MODEL, voices, min(jobs, len(due)))
            render(directory, plans, speak, tracker.done)
    except (PromptFilesError, VoiceError, OSError) as error:
        exit_with(str(error))
    except KeyboardInterrupt:
        typer.echo(
            f"Stopped. {tracker.count} of {len(due)} sentences are spoken and kept; run it again to go on.",
            err=True,
        )
        raise typer.Exit(130) from None
    typer.echo(f"{len(due)} sentences spoken." if due else "All recordings are up to date.")


def _speaker(model_dir: Path, voices: Voices, processes: int) -> Speak:
    if processes == 0:
        return lambda _: iter(())
    if processes == 1:
        return speak_here(model_dir, voices)
    return speak_in_processes(model_dir, voices, processes=processes)


class _Tracker:
    """Counts what is done: a bar on a terminal, else a line now and then."""

    def __init__(self, due: list[Job], bar: Progress | None) -> None:
        self.count = 0
        self._due = len(due)
        self._length = sum(job.length for job in due)
        self._done_length = 0.0
        self._bar = bar
        self._task = bar.add_task("Speaking", total=self._length, left="") if bar else None
        self._started_s = self._told_s = time.monotonic()

    def done(self, job: Job) -> None:
        self.count += 1
        self._done_length += job.length
        now_s = time.monotonic()
        left_s = (now_s - self._started_s) * (self._length / self._done_length - 1)
        shown = f"{self.count} of {self._due} sentences, about {left_s:.0f} s left"
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=job.length, left=shown)
        elif now_s - self._told_s >= _REPORT_EVERY_S:
            self._told_s = now_s
            typer.echo(shown, err=True)


@contextmanager
def _progress(due: list[Job]) -> Iterator[_Tracker]:
    console = Console(stderr=True)
    if not due or not console.is_terminal:
        yield _Tracker(due, None)
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[left]}"), console=console
    ) as bar:
        yield _Tracker(due, bar)
