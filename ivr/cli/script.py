"""`ivr script`: check the scripts, draw them, and print the schema that editors complete by."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.adapters.intent_files import IntentFault, read_intents
from ivr.adapters.script_checking import Surroundings, problems_of, read_checked
from ivr.adapters.script_files import DIALLED, SERVICES, survey_files
from ivr.adapters.script_graph import DrawingFailed, DrawnScript, draw_svg, drawings, flow_of, overview_of
from ivr.adapters.script_places import ScriptProblem
from ivr.adapters.script_schema import script_schema
from ivr.adapters.survey_schema import survey_schema
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.voice import PromptFilesError, load_prompt_texts
from ivr.cli.settings import settings_or_exit
from ivr.config import Settings
from ivr.dialogue.script import Script
from ivr.dialogue.survey_data import SURVEYS
from ivr.grammar.errors import GrammarError
from ivr.runtime.grammar_book import CompiledGrammarBook

app = typer.Typer(no_args_is_help=True, help="Check and draw the scripts that conversations follow.")

FRAME = "hotline.yaml"

Around = tuple[Surroundings | None, list[str]]


@app.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE|FOLDER", help="Scripts to check. Default: the folder of paths.scripts."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Name everything that a caller would stumble over, with file, line, column and mend.

    A script is checked against its schema and against its prompts, grammars, intents and lookups. A file of
    a service is checked as part of the hotline that it belongs to, a survey in the frame of dialled calls.

    Example: ivr script check
    """
    settings = settings_or_exit()
    problems: list[ScriptProblem] = []
    scripts: list[Script] = []
    known: dict[tuple[str, ...], Around] = {}
    for path in paths or [settings.scripts_dir]:
        for frame in _frames_of(path):
            script, found = _checked(frame, settings, known)
            problems += [problem for problem in found if path.is_dir() or _is_about(problem, path)]
            scripts += [script] if script is not None else []
    problems = list(dict.fromkeys(problems))  # the frame of all surveys is looked at with each
    if as_json:
        typer.echo(json.dumps([asdict(problem) for problem in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            typer.echo(str(problem))
    if problems:
        raise typer.Exit(1)
    if not as_json:
        for script in scripts:
            survey = script.survey
            parts = f"{len(survey.items)} items" if survey else f"{len(script.services)} services"
            typer.echo(f"{script.script_id}: {parts}, {len(script.steps)} steps, nothing is wrong")


@app.command()
def graph(
    service: Annotated[
        str,
        typer.Argument(
            metavar="[SERVICE|SURVEY]", help="One service or survey alone, such as balance. Default: all."
        ),
    ] = "",
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help="FILE.svg, FILE.dot for the text that Graphviz draws by, or a folder for the overview "
            "and every service, linked to each other.",
        ),
    ] = Path("hotline.svg"),
    locale: Annotated[str, typer.Option(help="Language of the texts, such as zh-CN or en-US.")] = "zh-CN",
) -> None:
    """Draw the flow: what is said and asked, where each answer leads, where people take over.

    Without a service it is an overview: the frame, and a box for each service with what it wants proved,
    settles, leaves to people, and hands over to.

    Example: ivr script graph --out drawings/ --locale en-US
    """
    settings = settings_or_exit()
    folder = out.is_dir() or not out.suffix
    survey = settings.scripts_dir / SURVEYS / f"{service}.yaml"
    frame = survey if survey.exists() else settings.scripts_dir / FRAME
    try:
        drawn = _drawn(frame, settings.prompts_dir, locale, linked=folder and not service)
        if service and service not in drawn.services:
            surveys = (path.stem for path in survey_files(settings.scripts_dir))
            known = ", ".join([*drawn.services, *surveys])
            raise DrawingFailed(f"there is no service {service}. Mend: name one of {known}")
        if drawn.linked:
            texts = {out / f"{name}.svg": text for name, text in drawings(drawn).items()}
        else:
            file = out / f"{service}.svg" if folder else out
            texts = {file: flow_of(drawn, service) if service else overview_of(drawn)}
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if path.suffix == ".dot" else draw_svg(text))
    except (DrawingFailed, PromptFilesError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    Console(stderr=True).print(f"drawn: {out}")


def _drawn(frame: Path, prompts_dir: Path, locale: str, *, linked: bool) -> DrawnScript:
    script, problems = read_checked(frame)
    prompts = load_prompt_texts(prompts_dir)
    if script is None:
        raise DrawingFailed("\n".join(str(problem) for problem in problems))
    if locale not in prompts.by_locale:
        known = ", ".join(sorted(prompts.by_locale))
        raise DrawingFailed(f"there are no prompts in {locale}. Mend: name one of {known}")
    return DrawnScript(script, prompts, locale, linked)


@app.command()
def schema(
    surveys: Annotated[bool, typer.Option("--surveys", help="That of survey files.")] = False,
) -> None:
    """Print the JSON Schema of script files.

    Example: ivr script schema > docs/script.schema.json
    """
    typer.echo(json.dumps(survey_schema() if surveys else script_schema(), ensure_ascii=False, indent=2))


def _frames_of(path: Path) -> list[Path]:
    """The scripts that a path means: a folder's, those that a service or a frame is part of, or itself."""
    if path.is_dir():
        return [path / FRAME, *survey_files(path)]
    if path.name == DIALLED:
        return survey_files(path.parent)
    return [path.resolve().parents[1] / FRAME if path.resolve().parent.name == SERVICES else path]


def _is_about(problem: ScriptProblem, path: Path) -> bool:
    return _frames_of(path) == [path] or not problem.line or Path(problem.file).resolve() == path.resolve()


def _checked(
    frame: Path, settings: Settings, known: dict[tuple[str, ...], Around]
) -> tuple[Script | None, list[ScriptProblem]]:
    """A script and what is wrong with it. `known` are the surroundings by locales, each read once."""
    script, problems = read_checked(frame)
    locales = script.locales if script is not None else ()
    if locales not in known:
        known[locales] = _surroundings(locales, settings)
    around, faults = known[locales]
    others = list(faults)
    if script is not None and around is not None:
        try:
            problems = problems_of(script, frame, around)
        except GrammarError as error:
            others.append(str(error))
    # Faults of prompts, grammars and intents say their own place.
    return script, [*problems, *(_told(text) for text in others)]


def _told(text: str) -> ScriptProblem:
    place, _, rest = text.partition(": ")
    file, _, numbers = place.partition(":")
    line, _, column = numbers.partition(":")
    reason, _, mend = rest.partition(". Mend: ")
    return ScriptProblem(file, _number(line), _number(column), reason, mend.rstrip("."))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 1


def _surroundings(locales: Sequence[str], settings: Settings) -> Around:
    """What scripts are checked against, or None and what is wrong with that."""
    faults: list[str] = []
    books = {}
    try:
        prompts = load_prompt_texts(settings.prompts_dir)
    except PromptFilesError as error:
        return None, str(error).splitlines()
    try:
        texts = read_grammar_texts(settings.grammars_dir)
    except GrammarError as error:
        return None, [str(error)]
    for locale in locales:
        try:
            known = prompts.by_locale.get(locale, {})
            books[locale] = read_intents(settings.grammars_dir, locale, prompt_ids=known)
        except IntentFault as error:
            faults += error.faults
    if faults:
        return None, faults
    grammars = CompiledGrammarBook(texts, SystemClock(), ZoneInfo(settings.hotline.timezone))
    return Surroundings(prompts, grammars, settings.grammars_dir, books), []
