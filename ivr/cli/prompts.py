"""`ivr prompts`: render the recordings, check texts against recordings, hear a voice."""

from pathlib import Path
from shutil import copyfile
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ivr.adapters.voice.errors import PromptFilesError, VoiceError
from ivr.adapters.voice.prompt_files import load_prompt_texts
from ivr.adapters.voice.rendering import RenderPlan, plan, render
from ivr.adapters.voice.speaking import KOKORO_MODEL, speak
from ivr.adapters.voice.voices import load_voices
from ivr.cli.settings import models_dir, settings_or_exit

app = typer.Typer(no_args_is_help=True, help="Render, check and hear the prompts.")

_LISTED = 20

PromptsDir = Annotated[
    Path | None, typer.Option("--prompts-dir", help="Texts and recordings. Default: paths.prompts.")
]
Locale = Annotated[str, typer.Option("--locale", help="Language of the text, such as zh-CN.")]


@app.command("render")
def render_recordings(
    prompts_dir: PromptsDir = None,
    locale: Annotated[str | None, typer.Option("--locale", help="Only this one.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Processor cores to use.")] = 1,
) -> None:
    """Speak every recording whose text, voice or pace has changed. Breaking it off loses nothing.

    Example: ivr prompts render --locale zh-CN
    """
    settings = settings_or_exit()
    directory = prompts_dir or settings.prompts_dir
    try:
        voices = load_voices(directory)
        plans = [p for p in _plans(directory) if locale in (None, p.locale)]
        due = sum(len(p.due) for p in plans)
        if due:
            from ivr.adapters.voice.kokoro import KokoroVoice  # noqa: PLC0415 - takes a second

            voice = KokoroVoice(models_dir(settings) / KOKORO_MODEL, voices, threads=threads)
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            with Progress(*columns, console=Console(stderr=True)) as progress:
                task = progress.add_task("Speaking", total=due)
                render(directory, plans, voices, voice, lambda _: progress.advance(task))
    except (PromptFilesError, VoiceError) as error:
        _exit(str(error))
    typer.echo(f"{due} sentences spoken." if due else "All recordings are up to date.")


@app.command("check")
def check_prompts(prompts_dir: PromptsDir = None) -> None:
    """Find missing texts, differing slots, missing and stale recordings. Exit 1 when there are any."""
    directory = prompts_dir or settings_or_exit().prompts_dir
    try:
        faults = load_prompt_texts(directory).differences()
        plans = _plans(directory)
    except PromptFilesError as error:
        _exit(str(error))
    for each in plans:
        for what, names in (("missing", each.missing), ("stale", each.stale), ("unused", each.unused)):
            faults += [f"{what} recording: {name}" for name in names]
    for fault in faults[:_LISTED]:
        typer.echo(fault)
    if faults:
        more = f" ({len(faults) - _LISTED} more not shown)" if len(faults) > _LISTED else ""
        _exit(f"{len(faults)} faults{more}. Recordings: run `ivr prompts render`.")
    typer.echo(f"Texts and recordings are complete and up to date in {', '.join(p.locale for p in plans)}.")


@app.command("say")
def say_text(
    text: Annotated[str, typer.Argument(help="What to say.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The 8 kHz WAV file to write.")],
    locale: Locale = "zh-CN",
    voice: Annotated[
        str | None, typer.Option("--voice", help="One of prompts/voices. Default: the simulated customer's.")
    ] = None,
) -> None:
    """Speak a text, to hear a voice or to have something to play.

    Example: ivr prompts say 我要查询贷款余额 -o wish.wav
    """
    settings = settings_or_exit()
    try:
        spoken = speak(
            text,
            locale,
            voice,
            cache_dir=settings.voice_cache_dir / "callers",
            prompts_dir=settings.prompts_dir,
            models_dir=models_dir(settings),
        )
        copyfile(spoken, output)
    except (VoiceError, OSError) as error:
        _exit(str(error))
    typer.echo(str(output))


def _plans(prompts_dir: Path) -> list[RenderPlan]:
    return plan(prompts_dir, load_prompt_texts(prompts_dir), load_voices(prompts_dir))


def _exit(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
