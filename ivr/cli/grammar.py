"""`ivr grammar`: check grammars, list their phrases, try a sentence, draw samples."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.grammar_files import Example, read_examples, read_grammar_texts
from ivr.adapters.system_clock import SystemClock
from ivr.grammar.compiled import CompiledGrammar, combine, compile_grammar
from ivr.grammar.errors import ExpansionTooLarge, GrammarError
from ivr.grammar.interpret import check_readers, interpret, interpret_keys, meanings_as_written
from ivr.grammar.result import Alternative, Hypothesis, Match

app = typer.Typer(no_args_is_help=True, help="Check and try the grammars that say what callers may say.")

Root = Annotated[Path, typer.Option("--root", help="Folder with one folder of .gram files per locale.")]
Locale = Annotated[str, typer.Option(help="Such as zh-CN or en-US.")]
Names = Annotated[
    str, typer.Argument(help="Grammar name such as wish, or several joined by +: wish+commands.")
]

_ROOT = Path("grammars")
_COUNT_LIMIT = 100_000


@app.command()
def check(root: Root = _ROOT) -> None:
    """Compile every grammar, hold it to its examples, and show how large it is. Exit code 1 on a fault."""
    console = Console()
    table = Table("locale", "grammar", "mode", "phrases", "examples")
    faults: list[str] = []
    with _complaining():
        all_texts = read_grammar_texts(root)
    for locale, texts in all_texts.items():
        try:
            examples = read_examples(root, locale)
        except GrammarError as error:
            faults.append(str(error))
            examples = {}
        for file in texts:
            name = Path(file).stem
            try:
                grammar = compile_grammar(texts, file)
                check_readers(grammar)
            except GrammarError as error:
                faults.append(f"{locale}/{error}")
                continue
            faults += [f"{locale}/{file}: {fault}" for fault in _broken(grammar, examples.get(name, ()))]
            held = len(examples.get(name, ()))
            table.add_row(locale, name, grammar.mode, _size(grammar), str(held) if held else "none")
    console.print(table)
    for fault in faults:
        console.print(fault, style="red", highlight=False, soft_wrap=True)
    if faults:
        raise typer.Exit(1)


@app.command()
def expand(
    names: Names,
    locale: Locale = "zh-CN",
    limit: Annotated[int, typer.Option(min=1, help="Give up beyond so many phrases.")] = 10_000,
    root: Root = _ROOT,
) -> None:
    """Print every phrase of a grammar, one a line."""
    with _complaining():
        for phrase in _compile(root, locale, names).phrases(limit):
            typer.echo(phrase)


@app.command()
def match(
    names: Names,
    text: Annotated[str, typer.Argument(help="What the caller said, or the keys of a keys_* grammar.")],
    locale: Locale = "zh-CN",
    root: Root = _ROOT,
) -> None:
    """Say what a text or keys mean in a grammar. Exit code 1 when they mean nothing."""
    with _complaining():
        grammar = _compile(root, locale, names)
    now = SystemClock().now().astimezone()
    if grammar.mode == "dtmf":
        found = interpret_keys(text, grammar, now)
    else:
        found = interpret(Hypothesis((Alternative(text, 1.0),)), grammar, now)
    if not isinstance(found, Match):
        typer.echo(f"no match: {found.reason}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{_shown(found.meaning)}  confidence {found.confidence:.2f}")


@app.command()
def sample(
    names: Names,
    locale: Locale = "zh-CN",
    count: Annotated[int, typer.Option("--count", "-n", min=1)] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same phrases.")] = 1,
    root: Root = _ROOT,
) -> None:
    """Print phrases drawn by lot, by the weights in the grammar."""
    with _complaining():
        for phrase in _compile(root, locale, names).sample(random.Random(seed), count):
            typer.echo(phrase)


def _compile(root: Path, locale: str, names: str) -> CompiledGrammar:
    all_texts = read_grammar_texts(root)
    if locale not in all_texts:
        known = ", ".join(all_texts)
        raise GrammarError(f"there are no grammars for {locale}", f"choose one of {known}", file=str(root))
    grammar = combine(*(compile_grammar(all_texts[locale], f"{name}.gram") for name in names.split("+")))
    check_readers(grammar)
    return grammar


def _broken(grammar: CompiledGrammar, examples: tuple[Example, ...]) -> Iterator[str]:
    for example in examples:
        matched = meanings_as_written(example.text, grammar, example.now)
        expected = () if example.meaning is None else (dict(example.meaning),)
        if matched != expected:
            means = " or ".join(_shown(meaning) for meaning in matched) or "nothing"
            wanted = _shown(example.meaning) if example.meaning else "be refused"
            yield f"`{example.text}` means {means} and should {'mean ' if example.meaning else ''}{wanted}"


def _size(grammar: CompiledGrammar) -> str:
    try:
        return f"{len(grammar.phrases(_COUNT_LIMIT)):,}"
    except ExpansionTooLarge:
        return f"over {_COUNT_LIMIT:,}"


def _shown(meaning: Mapping[str, str]) -> str:
    return " ".join(f"{slot}={value}" for slot, value in sorted(meaning.items())) or "(no slots)"


@contextmanager
def _complaining() -> Iterator[None]:
    """A bad grammar ends the command with its message, not with a traceback."""
    try:
        yield
    except (GrammarError, ExpansionTooLarge) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
