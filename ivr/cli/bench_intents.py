"""`ivr bench intents`: how well free sentences are understood."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from ivr.adapters.intent_csv import CsvFault, read_labelled_texts
from ivr.adapters.intent_files import IntentFault, read_intents
from ivr.adapters.sentence_vectors import SentenceVectors, shared_vectors
from ivr.cli.intent_report import figures, show
from ivr.cli.intent_trial import Trial, cross_validate, drawn, misheard
from ivr.cli.intents import learn_vectors
from ivr.grammar.intents.example import IntentExample


def intents(
    train_csv: Annotated[
        Path | None, typer.Option("--train", help="CSV file with a text and a label in each row.")
    ] = None,
    test_csv: Annotated[
        Path | None, typer.Option("--test", help="The same; without it --train is cross-validated.")
    ] = None,
    text_column: Annotated[str, typer.Option(help="Default: text, utterance, ...")] = "",
    label_column: Annotated[str, typer.Option(help="Default: label, intent, category, ...")] = "",
    language: Annotated[str, typer.Option(help="Of the CSV files, such as en or zh.")] = "en",
    locale: Annotated[str, typer.Option(help="Instead of --train: this locale's own intents.")] = "",
    root: Annotated[Path, typer.Option(help="Folder of the locales.")] = Path("grammars"),
    folds: Annotated[int, typer.Option(min=2, help="Of the cross-validation.")] = 10,
    homophones: Annotated[
        float, typer.Option(min=0, max=1, help="Share of Chinese characters misheard in the test texts.")
    ] = 0.0,
    limit: Annotated[int, typer.Option(min=0, help="Train with so many texts drawn by lot; 0: all.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 1,
    by_words: Annotated[
        bool, typer.Option("--by-words", help="Judge by words and sounds alone, without sentence vectors.")
    ] = False,
    errors: Annotated[bool, typer.Option("--errors", help="List the texts that went wrong.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """Accuracy, calibration, rejection and pace of the intent classifier, on any texts or on our own.

    A label `oos` marks texts out of scope: they count for rejection, not for accuracy.

    Examples:

      ivr bench intents --train A.csv --test B.csv --errors

      ivr bench intents --locale zh-CN --homophones 0.2
    """
    if bool(locale) == (train_csv is not None):
        raise typer.BadParameter("give either --train or --locale")
    notes = Console(stderr=True)
    try:
        test = None
        if train_csv is not None:
            training = _read(train_csv, text_column, label_column, notes)
            test = _read(test_csv, text_column, label_column, notes) if test_csv else None
        else:
            training, language = list(read_intents(root, locale).examples()), locale
        training = drawn(training, limit, seed)
        vectors = None if by_words else shared_vectors()
        if vectors is not None:
            learn_vectors(vectors, [it.text for it in training])
        trial = _measure(training, test, language, folds, homophones, seed, notes, vectors)
    except (CsvFault, IntentFault, ValueError) as error:
        notes.print(str(error), style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    report = figures(trial, seed=seed, errors=errors)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        show(report, Console())


def _read(path: Path, text_column: str, label_column: str, notes: Console) -> list[IntentExample]:
    examples, skipped = read_labelled_texts(path, text_column=text_column, label_column=label_column)
    if skipped:
        notes.print(f"{path}: {skipped} rows without a text or a label were passed over")
    return list(examples)


def _measure(
    training: list[IntentExample],
    test: list[IntentExample] | None,
    language: str,
    folds: int,
    homophones: float,
    seed: int,
    notes: Console,
    vectors: SentenceVectors | None,
) -> Trial:
    with Progress(console=notes, transient=True, disable=not notes.is_terminal) as bar:
        task = bar.add_task("training and judging", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if test is None:
            return cross_validate(
                training,
                language=language,
                folds=folds,
                homophones=homophones,
                seed=seed,
                progress=progress,
                vectorise=vectors,
            )
        trial = Trial()
        trial.run(training, misheard(test, homophones, seed), language, progress, vectors)
        return trial
