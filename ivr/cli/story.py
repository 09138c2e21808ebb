"""`ivr story`: tell customers' stories to the hotline, as text, in seconds."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.intent_files import IntentFault
from ivr.adapters.script_places import ScriptProblems
from ivr.adapters.story_customers import StoryBook, read_customers
from ivr.adapters.story_files import StoryFault, read_stories, story_paths
from ivr.adapters.voice import PromptFilesError
from ivr.bootstrap.stories import StoryTeller
from ivr.cli.settings import settings_or_exit
from ivr.dialogue.story import Score, Story, Verdict
from ivr.grammar.errors import GrammarError

app = typer.Typer(no_args_is_help=True, help="Tell customers' stories to the hotline and see how they end.")

_CUSTOMERS = "customers.yaml"


@app.callback()
def _group() -> None:
    """A group even while it has one command."""


@app.command()
def run(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE|FOLDER", help="Default: tests/stories and its surveys."),
    ] = None,
    customers: Annotated[
        Path | None, typer.Option(help="Default: customers.yaml above the first file.", metavar="FILE")
    ] = None,
    name: Annotated[str, typer.Option(help="Only stories whose name contains this.", metavar="TEXT")] = "",
    show: Annotated[bool, typer.Option("--show", help="Print what was said on each call.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """Tell each story; exit 1 when one does not come as it should, 2 when one cannot be told."""
    try:
        paths = _files(files or [Path("tests/stories"), Path("tests/stories/surveys")])
        stories = [story for story in read_stories(paths) if name in story.name]
        book = read_customers(customers or _customers_of(paths))
        score = asyncio.run(_tell_all(stories, book))
    except (StoryFault, ScriptProblems, GrammarError, IntentFault, PromptFilesError, ValueError) as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(2) from None
    console = Console()
    if as_json:
        typer.echo(json.dumps(_figures(score), ensure_ascii=False, indent=2))
    elif show:
        for verdict in score.verdicts:
            console.print(_talk(verdict), highlight=False, markup=False, soft_wrap=True)
    if not as_json:
        print_score(score, console)
    if score.passed < len(score.verdicts) or score.wrongly_settled:
        raise typer.Exit(1)


def _figures(score: Score) -> dict[str, Any]:
    rows = [
        {
            "story": verdict.story.name,
            "locale": verdict.story.locale,
            "wanted": list(verdict.story.settled),
            "settled": list(verdict.told.settled),
            "ends": verdict.told.ending,
            "problems": list(verdict.problems),
        }
        for verdict in score.verdicts
    ]
    return {
        "stories": len(rows),
        "passed": score.passed,
        "robot_share": round(score.robot_share, 4),
        "wrongly_settled": [list(each) for each in score.wrongly_settled],
        "verdicts": rows,
    }


def print_score(score: Score, console: Console) -> None:
    """A row for each story, and the sums."""
    table = Table("", "story", "settled", "ends", "what is not as it should be")
    for verdict in score.verdicts:
        mark = "[red]✗[/]" if verdict.problems else "[green]✓[/]"
        told = verdict.told
        problems = "\n".join((*verdict.problems, *([verdict.story.source] if verdict.problems else [])))
        table.add_row(mark, verdict.story.name, ", ".join(told.settled), told.ending, problems)
    console.print(table)
    wrong = ", ".join(f"{story}: {wish}" for story, wish in score.wrongly_settled) or "none"
    console.print(
        f"{score.passed} of {len(score.verdicts)} as they should be; "
        f"settled without a person {score.robot_share:.0%}; wrongly settled: {wrong}",
        highlight=False,
    )


async def _tell_all(stories: list[Story], book: StoryBook) -> Score:
    teller = StoryTeller(settings_or_exit(), book)
    return Score(tuple([await teller.tell(story) for story in stories]))


def _files(named: list[Path]) -> list[Path]:
    paths: list[Path] = []
    for path in named:
        inside = story_paths(path) or sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not inside or not all(each.exists() for each in inside):
            raise StoryFault(
                [f"{path}: there are no stories here. Mend: name a file, or a folder like tests/stories."]
            )
        paths += inside
    return paths


def _customers_of(paths: list[Path]) -> Path:
    first = paths[0].resolve()
    found = [folder / _CUSTOMERS for folder in first.parents if (folder / _CUSTOMERS).exists()]
    if not found:
        raise StoryFault([f"{first}: no {_CUSTOMERS} in a folder above. Mend: name one with --customers."])
    return found[0]


def _talk(verdict: Verdict) -> str:
    story, told = verdict.story, verdict.told
    lines = [f"\n{story.name}: {story.wants}", f"  bot     {told.replies[0]}"]
    for turn, reply, path in zip(story.turns, told.replies[1:], told.path[1:], strict=False):
        did = turn.says or (f"[{turn.keys}]" if turn.keys else "(silence)" if turn.silence else "(noise)")
        lines += [f"  caller  {did}   <{path}>", f"  bot     {reply}"]
    return "\n".join(lines)
