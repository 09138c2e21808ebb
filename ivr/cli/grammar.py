"""`ivr grammar`: check grammars, list their phrases, try a sentence, draw samples, fit words, convert."""

import random
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ivr.adapters.grammar_files import read_grammar
from ivr.adapters.system_clock import SystemClock
from ivr.cli.grammar_check import Checked, Findings, check_files, find_files, shown
from ivr.cli.grammar_sources import Sources, complaining, print_json
from ivr.grammar.abnf_writer import write_abnf
from ivr.grammar.interpret import interpret, interpret_keys
from ivr.grammar.near_miss import NearMiss, near_miss
from ivr.grammar.result import Alternative, Hypothesis, Match
from ivr.grammar.srgs import parse_grammar
from ivr.grammar.vocabulary import fit_vocabulary

app = typer.Typer(
    no_args_is_help=True,
    help="Check and try the grammars (W3C SRGS 1.0, ABNF or XML form) that say what callers may say.",
)

Root = Annotated[Path, typer.Option("--root", help="Folder with one folder of grammars per locale.")]
Locale = Annotated[str, typer.Option(help="Such as zh-CN or en-US. Files named by path need none.")]
Names = Annotated[
    str,
    typer.Argument(
        metavar="GRAMMAR", help="A name such as wish, a .gram or .grxml file, or several joined by +."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_ROOT = Path("grammars")
_LOCALE = "zh-CN"


class Form(StrEnum):
    """The forms of SRGS."""

    ABNF = "abnf"
    GRXML = "grxml"


@app.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE|FOLDER", help="Grammars to check. Default: all below --root."),
    ] = None,
    as_json: AsJson = False,
    root: Root = _ROOT,
) -> None:
    """Compile grammars, hold them to examples.yaml beside them, and show how large they are.

    Some of their phrases, drawn by lot, must have one meaning. Faults come with file, line, column and the
    mend. Exit code 1 when there is one.

    Example: ivr grammar check grammars/zh-CN/wish.gram new/*.grxml
    """
    with complaining(Sources(root, _LOCALE), as_json=as_json):
        files = find_files(paths or [root])
    quiet = as_json or len(files) < 2
    progress = track(files, "Checking", console=Console(stderr=True), transient=True, disable=quiet)
    findings = check_files(progress)
    if as_json:
        print_json(asdict(findings))
    else:
        _print_findings(findings)
    if findings.faults:
        raise typer.Exit(1)


@app.command()
def expand(
    names: Names,
    locale: Locale = _LOCALE,
    limit: Annotated[int, typer.Option(min=1, help="Give up beyond so many phrases.")] = 10_000,
    as_json: AsJson = False,
    root: Root = _ROOT,
) -> None:
    """Print every phrase of a grammar, one a line.

    Example: ivr grammar expand yes_no --locale en-US
    """
    sources = Sources(root, locale)
    with complaining(sources, as_json=as_json):
        phrases = sources.compile(names).phrases(limit)
    _print_lines("phrases", phrases, as_json=as_json)


@app.command()
def match(
    names: Names,
    text: Annotated[str, typer.Argument(help="What the caller said, or the keys of a keys_* grammar.")],
    locale: Locale = _LOCALE,
    at: Annotated[
        datetime | None,
        typer.Option("--now", help="The time that tomorrow is counted from. Default: now.", metavar="TIME"),
    ] = None,
    as_json: AsJson = False,
    root: Root = _ROOT,
) -> None:
    """Say what a text or keys mean in a grammar, or where they leave it. Exit code 1 when they mean nothing.

    Example: ivr grammar match wish+commands 转人工
    """
    sources = Sources(root, locale)
    with complaining(sources, as_json=as_json):
        grammar = sources.compile(names)
    now = (at or SystemClock().now()).astimezone()
    if grammar.mode == "dtmf":
        found = interpret_keys(text, grammar, now)
    else:
        found = interpret(Hypothesis((Alternative(text, 1.0),)), grammar, now)
    if isinstance(found, Match):
        if as_json:
            print_json({"meaning": dict(found.meaning), "confidence": found.confidence})
        else:
            typer.echo(f"{shown(found.meaning)}  confidence {found.confidence:.2f}")
        return
    miss = near_miss(grammar, text)
    if as_json:
        print_json({"no_match": found.reason, **asdict(miss)})
    else:
        typer.echo(f"no match: {found.reason}", err=True)
        for line in _explain(miss):
            typer.echo(line, err=True)
    raise typer.Exit(1)


@app.command()
def sample(
    names: Names,
    locale: Locale = _LOCALE,
    count: Annotated[int, typer.Option("--count", "-n", min=1)] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same phrases.")] = 1,
    as_json: AsJson = False,
    root: Root = _ROOT,
) -> None:
    """Print phrases drawn by lot, by the weights and probabilities in the grammar.

    Example: ivr grammar sample phone -n 5 --seed 7
    """
    sources = Sources(root, locale)
    with complaining(sources, as_json=as_json):
        phrases = sources.compile(names).sample(random.Random(seed), count)
    _print_lines("phrases", phrases, as_json=as_json)


@app.command()
def words(
    names: Names,
    model: Annotated[Path, typer.Option("--model", help="Folder of a Vosk model.")],
    locale: Locale = _LOCALE,
    as_json: AsJson = False,
    root: Root = _ROOT,
) -> None:
    """Show the words of a grammar in the words of a Vosk model, and those it lacks. Exit code 1 when it does.

    Example: ivr grammar words wish+commands --model models/vosk-model-small-cn-0.22
    """
    from ivr.adapters.vosk_vocabulary import VocabularyFault, read_vocabulary  # noqa: PLC0415  loads a model

    sources = Sources(root, locale)
    with complaining(sources, as_json=as_json):
        grammar = sources.compile(names)
    try:
        found = fit_vocabulary(grammar, read_vocabulary(model))
    except VocabularyFault as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from None
    if as_json:
        print_json({"known": found.known, "missing": found.missing})
    else:
        table = Table("word", "in the model")
        for word, pieces in found.known.items():
            table.add_row(word, " ".join(pieces))
        for word in found.missing:
            table.add_row(word, "missing", style="red")
        Console().print(table)
        if found.missing:
            typer.echo(
                f"{len(found.missing)} words are not in the model: their phrases are never heard", err=True
            )
    if found.missing:
        raise typer.Exit(1)


@app.command()
def convert(
    file: Annotated[Path, typer.Argument(help="A .gram or .grxml file.")],
    to: Annotated[Form, typer.Option("--to", help="The form to write.")],
) -> None:
    """Print a grammar in the other form of SRGS. References stay as they are; comments are lost.

    Example: ivr grammar convert wish.gram --to grxml > wish.grxml
    """
    from ivr.grammar.grxml_writer import write_grxml  # noqa: PLC0415  XML takes a while to load

    sources = Sources(file.parent, "")
    with complaining(sources, as_json=False):
        sources.texts = {file.name: read_grammar(file)}
        parsed = parse_grammar(sources.texts[file.name], file.name)
    typer.echo(write_abnf(parsed) if to is Form.ABNF else write_grxml(parsed), nl=False)


def _print_findings(findings: Findings) -> None:
    table = Table("locale", "grammar", "mode", "phrases", "examples", "reads")
    for row in findings.checked:
        readers = ", ".join(f"{slot} by {reader}" for slot, reader in row.readers.items())
        held = str(row.examples) if row.examples else "none"
        table.add_row(row.locale, Path(row.file).stem, row.mode, _size(row), held, readers)
    console = Console()
    console.print(table)
    for row in findings.checked:
        for rule in row.unused:
            console.print(
                f"{row.file}: rule ${rule} is never used", style="yellow", highlight=False, soft_wrap=True
            )
    for fault in findings.faults:
        console.print(str(fault), style="red", highlight=False, soft_wrap=True, markup=False)


def _size(checked: Checked) -> str:
    if not checked.has_root:
        return "no root"
    if checked.phrases is None:
        return "endless"
    return f"{checked.phrases:,}" if checked.phrases < 10**9 else f"{Decimal(checked.phrases):.1e}"


def _explain(miss: NearMiss) -> list[str]:
    """In words where a text left a grammar."""
    lines = ["  not even the beginning is understood"]
    if miss.understood:
        whole = " (a whole phrase)" if miss.could_end else ""
        lines = [
            f"  understood up to `{miss.understood}`{whole}" + (f", not `{miss.rest}`" if miss.rest else "")
        ]
    if miss.expected:
        lines.append("  could go on with: " + " | ".join(miss.expected))
    return lines


def _print_lines(key: str, lines: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({key: list(lines)})
        return
    for line in lines:
        typer.echo(line)
