"""`ivr prompts`: render the recordings, check texts against recordings, hear a voice."""

import json
from dataclasses import asdict
from pathlib import Path
from shutil import copyfile
from typing import Annotated

import typer

from ivr.adapters.intent_files import IntentFault, read_intents
from ivr.adapters.script_files import load_script, survey_files
from ivr.adapters.unspoken_prompts import unspoken_prompts
from ivr.adapters.voice import load_prompt_texts
from ivr.adapters.voice.checking import Fault, check
from ivr.adapters.voice.errors import VoiceError
from ivr.adapters.voice.speaking import speak
from ivr.cli.prompt_options import PromptsDir, exit_with
from ivr.cli.prompts_hear import hear_recordings
from ivr.cli.prompts_render import render_recordings
from ivr.cli.script import FRAME
from ivr.cli.settings import models_dir, settings_or_exit
from ivr.config import Settings
from ivr.dialogue.script_data import ScriptFault

app = typer.Typer(no_args_is_help=True, help="Render, check and hear the prompts.")

_LISTED = 20

Locale = Annotated[str, typer.Option("--locale", help="Language of the text, such as zh-CN.")]


app.command("render")(render_recordings)
app.command("hear")(hear_recordings)


@app.command("check")
def check_prompts(
    prompts_dir: PromptsDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="All faults as JSON on standard output.")] = False,
) -> None:
    """Find what is wrong with texts, slots and recordings, and how to mend it. Exit 1 when anything is.

    Texts that a locale lacks, slots that differ, recordings that are missing, out of date, unused, in another
    language, too loud, too quiet or clipped. Of the prompts in use also those that nothing has spoken.
    """
    directory = prompts_dir or settings_or_exit().prompts_dir
    faults = check(directory)
    if prompts_dir is None and not faults:
        faults = _unspoken(settings_or_exit())
    if as_json:
        typer.echo(json.dumps([asdict(fault) for fault in faults], ensure_ascii=False, indent=2))
        raise typer.Exit(1 if faults else 0)
    for fault in faults[:_LISTED]:
        typer.echo(str(fault))
    if faults:
        more = f" ({len(faults) - _LISTED} more not shown: --json)" if len(faults) > _LISTED else ""
        exit_with(f"{len(faults)} faults{more}.")
    typer.echo(f"Texts and recordings in {directory} are complete and up to date.")


def _unspoken(settings: Settings) -> list[Fault]:
    prompts = load_prompt_texts(settings.prompts_dir)
    try:
        surveys = [load_script(path) for path in survey_files(settings.scripts_dir)]
        hotline = load_script(settings.scripts_dir / FRAME)
        books = [read_intents(settings.grammars_dir, locale) for locale in sorted(prompts.by_locale)]
    except (ScriptFault, IntentFault) as error:
        exit_with(f"{error}\nWhich prompts are used shows when `ivr script check` finds nothing wrong.")
    return unspoken_prompts(
        prompts, [hotline, *surveys], frozenset().union(*(book.intents for book in books))
    )


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
        exit_with(str(error))
    typer.echo(str(output))
