"""`ivr intents`: check the example phrases, and try a sentence."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ivr.adapters.intent_files import QUESTION_PREFIX, IntentFault, read_intents
from ivr.adapters.learned_speech import learned_speech
from ivr.adapters.sentence_vectors import SentenceVectors, shared_vectors
from ivr.adapters.voice import PromptFilesError, load_prompt_texts
from ivr.grammar.intents.example import IntentBook
from ivr.grammar.intents.training import train

app = typer.Typer(no_args_is_help=True, help="Check and try the intents that free sentences are sorted into.")

Root = Annotated[Path, typer.Option("--root", help="Folder with one folder per locale.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]

_ROOT = Path("grammars")


@app.command()
def check(
    root: Root = _ROOT,
    prompts_dir: Annotated[
        Path, typer.Option("--prompts-dir", help="Folder of the prompts that answer the questions.")
    ] = Path("prompts"),
) -> None:
    """Read all intents of every locale, train, and name each example that is not known again.

    Each question of the FAQ must have its answer among the prompts.
    """
    console = Console()
    table = Table(
        "locale", "intents", "questions", "commands", "examples", "out of scope", "training, s", "not known"
    )
    faults: list[str] = []
    vectors = shared_vectors()
    try:
        prompts = load_prompt_texts(prompts_dir).by_locale
    except PromptFilesError as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from None
    for folder in sorted(root.glob("*/intents")):
        locale = folder.parent.name
        try:
            book = read_intents(root, locale, prompt_ids=prompts.get(locale, {}))
        except IntentFault as fault:
            faults += fault.faults
            continue
        learn_vectors(vectors, [it.text for it in book.examples()])
        started_s = time.process_time()
        model = train(book.examples(), language=locale, vectorise=vectors)
        train_s = time.process_time() - started_s
        inside = [it for it in book.examples() if it.intent is not None]
        missed = [it for it in inside if model.classify(it.text, 1)[0].intent != it.intent]
        faults += [f"{locale}: `{it.text}` is taken for another intent than `{it.intent}`" for it in missed]
        commands = sum(intent.is_command for intent in book.intents.values())
        questions = sum(name.startswith(QUESTION_PREFIX) for name in book.intents)
        wishes = len(book.intents) - commands - questions
        counts = (wishes, questions, commands, len(inside), len(book.out_of_scope))
        table.add_row(locale, *map(str, counts), f"{train_s:.1f}", str(len(missed)))
    console.print(table)
    for text in faults:
        console.print(text, style="red", highlight=False, soft_wrap=True)
    if faults:
        raise typer.Exit(1)


@app.command()
def classify(
    text: Annotated[str, typer.Argument(help="What the caller said.")],
    locale: Annotated[str, typer.Option(help="Such as zh-CN or en-US.")] = "zh-CN",
    root: Root = _ROOT,
    count: Annotated[int, typer.Option("--count", "-n", min=1)] = 3,
    as_json: AsJson = False,
) -> None:
    """Name the likeliest intents of a sentence, how sure that is, and what spoke for each."""
    book = _book(root, locale)
    vectors = shared_vectors()
    learn_vectors(vectors, [it.text for it in book.examples()])
    ranked = train(book.examples(), language=locale, vectorise=vectors).classify(text, count)
    rows = [
        {
            "intent": it.intent,
            "confidence": round(it.confidence, 3),
            "words": list(it.reasons.words),
            "nearest_example": it.reasons.nearest,
            "likeness": round(it.reasons.likeness, 3),
            "slots": list(book.intents[it.intent].slots),
        }
        for it in ranked
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = Table("intent", "confidence", "what spoke for it", "nearest example", "likeness")
    for it in ranked:
        why = it.reasons
        table.add_row(
            it.intent, f"{it.confidence:.2f}", ", ".join(why.words), why.nearest, f"{why.likeness:.2f}"
        )
    Console().print(table)


@app.command()
def learn(root: Root = _ROOT) -> None:
    """Learn all intents ahead, so that no start has to wait for it: a minute where everything is new."""
    for folder in sorted(root.glob("*/intents")):
        book, vectors = _book(root, folder.parent.name), shared_vectors()
        learn_vectors(vectors, [it.text for it in book.examples()])
        learned_speech(book, vectors)


def learn_vectors(vectors: SentenceVectors, texts: Sequence[str]) -> None:
    """Have the vectors at hand, with a progress bar on standard error where there are new ones."""
    notes = Console(stderr=True)
    with Progress(console=notes, transient=True, disable=not notes.is_terminal) as bar:
        task = bar.add_task("learning sentences", total=None)
        vectors.remember(texts, lambda done, total: bar.update(task, completed=done, total=total))


def _book(root: Path, locale: str) -> IntentBook:
    try:
        return read_intents(root, locale)
    except IntentFault as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from None
