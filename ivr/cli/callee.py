"""`ivr callee`: the other end of a campaign, a whole population on one SIP port."""

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import track

from ivr.adapters.callee_voices import callee_voices
from ivr.adapters.script_files import load_script, survey_file
from ivr.adapters.sip_pjsua2.endpoint import Pjsua2Endpoint, SipStartError
from ivr.adapters.sip_pjsua2.settings import SipSettings
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.voice.errors import VoiceError
from ivr.adapters.voice.speaking import speak
from ivr.cli.settings import models_dir, settings_or_exit
from ivr.config import Settings
from ivr.dialogue.script_data import ScriptFault
from ivr.dialogue.survey import Survey
from ivr.runtime.callee.answering import Callees, Taken, Voices
from ivr.runtime.callee.mind import questions
from ivr.runtime.callee.population import Population, Role, parse_weights

HELP = """Answer calls as a population would: people who cooperate, hesitate, refuse, are busy, want no more
calls or are somebody else; answering machines; announcements of the network; busy lines, no answer, fax.

Every number is somebody, drawn by --people and --seed, and the same on every run. People know the hotline's
recordings by ear and answer what they are asked. What they meant is printed, and written with --json: it
can be held against what the campaign has understood.

\b
Examples:
  ivr callee --survey post_loan
  ivr callee --survey post_loan --people cooperates=8,busy=1,machine=1 --seed 7
  ivr callee --survey agent_satisfaction --json meant.jsonl

Let a worker ring it: set trunk = "sip:{number}@127.0.0.1:5070" in [outbound].
"""


def callee(
    survey: Annotated[
        str, typer.Option(help="What they are asked: a file in ivr/scripts/surveys.")
    ] = "post_loan",
    port: Annotated[int, typer.Option(help="SIP port on 127.0.0.1.", min=1, max=65535)] = 5070,
    people: Annotated[
        str, typer.Option(help=f"ROLE=WEIGHT,... of: {', '.join(Role)}.", metavar="WEIGHTS")
    ] = "",
    seed: Annotated[int, typer.Option(help="Another seed is another town.")] = 1,
    locale: Annotated[list[str] | None, typer.Option(help="Languages spoken; the first by default.")] = None,
    json_to: Annotated[
        Path | None, typer.Option("--json", help="Append a JSON line for each call.", metavar="FILE")
    ] = None,
) -> None:
    """Run until Ctrl-C; `HELP` is its help text."""
    settings = settings_or_exit()
    console = Console(stderr=True)
    try:
        population = Population(parse_weights(people), seed) if people else Population(seed=seed)
        asyncio.run(_answer(settings, population, survey, port, locale or ["zh-CN"], json_to, console))
    except (ValueError, ScriptFault, SipStartError, VoiceError, OSError) as error:
        console.print(f"ivr callee: {error}", style="red", markup=False, highlight=False)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        return


async def _answer(
    settings: Settings,
    population: Population,
    survey_id: str,
    port: int,
    locales: list[str],
    json_to: Path | None,
    console: Console,
) -> None:
    asked = questions(load_script(survey_file(settings.scripts_dir, survey_id)))
    with tempfile.TemporaryDirectory(prefix="ivr-callee-") as name:
        make = partial(_voices, settings, asked.survey, list(population.weights), Path(name))
        voices = {locale: await asyncio.to_thread(make, locale, console) for locale in locales}
        endpoint = await Pjsua2Endpoint.start(
            SipSettings(bind_host="127.0.0.1", port=port, refusal_slots=0, codecs=("PCMA", "PCMU"))
        )
        home, clock = ZoneInfo(settings.hotline.timezone), SystemClock()
        callees = Callees(
            endpoint,
            population,
            asked,
            voices,
            today=lambda: clock.now().astimezone(home).date(),
            tell=_teller(json_to, console),
        )
        console.print(
            f"ready: {endpoint.capacity} lines at sip:NUMBER@127.0.0.1:{endpoint.port}", highlight=False
        )
        try:
            await callees.run()
        finally:
            await endpoint.shutdown()


def _voices(
    settings: Settings, survey: Survey, roles: list[Role], directory: Path, locale: str, console: Console
) -> Voices:
    def shown(words: list[str]) -> Iterable[str]:
        return track(words, f"speaking {locale}", console=console, transient=True)

    cache = settings.voice_cache_dir

    def spoken(text: str, of: str) -> Path:
        return speak(
            text,
            of,
            cache_dir=cache / "callers",
            prompts_dir=settings.prompts_dir,
            models_dir=models_dir(settings),
        )

    return callee_voices(
        locale,
        survey,
        roles,
        spoken,
        directory=directory,
        prompts_dir=settings.prompts_dir,
        cache_dir=cache,
        track=shown,
    )


def _teller(json_to: Path | None, console: Console) -> Callable[[Taken], None]:
    met: Counter[Role] = Counter()

    def tell(taken: Taken) -> None:
        met[taken.role] += 1
        answers = ", ".join(f"{item}={value}" for item, value in taken.meant.items())
        console.print(f"{taken.number} call {taken.nth_call}: {taken.role} {answers}", highlight=False)
        if json_to is not None:
            row = {
                "number": taken.number, "call": taken.nth_call, "role": taken.role,
                "meant": dict(taken.meant),
            }  # fmt: skip
            with json_to.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")

    return tell


_app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
_app.command("callee", help=HELP)(callee)
command = typer.main.get_command(_app)
"""`ivr callee` as a command."""
