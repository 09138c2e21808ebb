"""From corpora and options to tasks."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ivr.adapters.models import all_models
from ivr.adapters.speech_corpus import Recording, read_corpus
from ivr.cli.asr_bench.options import DIGITS, EACH_CATEGORY, FREE, OTHERS, Speech
from ivr.cli.asr_bench.strings import (
    DIGIT_WORDS,
    digit_recordings,
    digits_grammar,
    single_digits_task,
    string_trials,
)
from ivr.cli.asr_bench.trials import (
    Task,
    Trial,
    category_tasks,
    free_task,
    grammar_task,
    in_split,
    limited,
    out_of_grammar,
    primary,
)
from ivr.grammar.compiled import CompiledGrammar, compile_grammar

_GRAMMAR_ENDING = ".gram"


class PlanError(Exception):
    """The options ask for what cannot be; the message says what could."""


def read_corpora(directories: Sequence[Path], default_language: str) -> tuple[list[Recording], list[str]]:
    """All recordings, and the rows that cannot be used. Raises `CorpusError`.

    Languages are those that recognisers serve: `en` becomes `en-US`.
    """
    served = sorted({locale for spec in all_models() for locale in spec.locales})
    by_language = {primary(locale): locale for locale in reversed(served)}
    recordings: list[Recording] = []
    faults: list[str] = []
    for directory in directories:
        found, bad = read_corpus(directory)
        recordings += found
        faults += bad
    placed = []
    for recording in recordings:
        language = recording.language or (default_language if recording.transcript else "")
        if recording.transcript and not language:
            faults.append(f"{recording.name}: no language is given; add the column, or --language")
            continue
        if language and language not in served:
            language = by_language.get(primary(language), language)
        placed.append(replace(recording, language=language))
    return placed, faults


def plan(recordings: Sequence[Recording], wanted: Speech) -> tuple[list[Task], list[str]]:
    """The tasks, and what was left out of them. Raises `PlanError`, and `GrammarError` for a bad grammar."""
    _check_categories(recordings, wanted)
    rng = random.Random(wanted.seed)
    chosen = limited([r for r in recordings if in_split(r, wanted.split)], wanted.limit, rng)
    aside = set(wanted.out_of_grammar)
    known = [r for r in chosen if r.category not in aside]
    spoken = [r for r in known if r.transcript]
    left_out = [f"{r.name}: no transcript" for r in known if not r.transcript and OTHERS not in aside]
    tasks: list[Task] = []
    for grammar in () if wanted.strings else wanted.grammars:
        tasks += _tasks(grammar, spoken, recordings, left_out)
    if wanted.strings:
        tasks += _string_tasks([r for r in recordings if in_split(r, wanted.split)], wanted, rng)
    if not any(task.trials for task in tasks):
        categories = ", ".join(sorted({recording.category for recording in chosen})) or "none"
        raise PlanError(f"nothing of these corpora fits the grammars; their categories are: {categories}")
    return [replace(task, outside=_outside(task, chosen, aside)) for task in tasks if task.trials], left_out


def read_grammar(path: Path) -> CompiledGrammar:
    """A `.gram` file, with the files beside it that it may refer to. Raises `GrammarError`, `OSError`."""
    texts = {beside.name: beside.read_text("utf-8") for beside in path.parent.glob("*" + _GRAMMAR_ENDING)}
    texts[path.name] = path.read_text("utf-8")
    return compile_grammar(texts, path.name)


def _check_categories(recordings: Sequence[Recording], wanted: Speech) -> None:
    known = {recording.category for recording in recordings}
    asked = [category for category in wanted.out_of_grammar if category != OTHERS]
    for grammar in wanted.grammars:
        if grammar not in {EACH_CATEGORY, DIGITS, FREE} and not grammar.endswith(_GRAMMAR_ENDING):
            asked += grammar.split("+")
    for category in asked:
        if category not in known:
            raise PlanError(
                f"these corpora have no category {category!r}; there are: {', '.join(sorted(known))}"
            )


def _tasks(
    grammar: str, spoken: Sequence[Recording], corpus: Sequence[Recording], left_out: list[str]
) -> list[Task]:
    languages = sorted({recording.language for recording in spoken})
    if grammar == EACH_CATEGORY:
        return [
            task
            for category in sorted({recording.category for recording in spoken})
            for task in category_tasks(spoken, corpus, (category,))
        ]
    if grammar == FREE:
        return [free_task(spoken, language) for language in languages]
    if grammar == DIGITS:
        known = [language for language in languages if primary(language) in DIGIT_WORDS]
        return [single_digits_task(spoken, language) for language in known]
    if grammar.endswith(_GRAMMAR_ENDING):
        task, outside = grammar_task(Path(grammar).name, read_grammar(Path(grammar)), spoken)
        if outside:
            left_out.append(f"{len(outside)} recordings hold what {task.name} does not")
        return [task]
    return category_tasks(spoken, corpus, grammar.split("+"))


def _string_tasks(recordings: Sequence[Recording], wanted: Speech, rng: random.Random) -> list[Task]:
    given = [read_grammar(Path(name)) for name in wanted.grammars if name.endswith(_GRAMMAR_ENDING)]
    tasks = []
    for language in sorted({recording.language for recording in recordings}):
        digits = digit_recordings(recordings, language)
        for length in wanted.strings if digits else ():
            grammar = next(
                (g for g in given if primary(g.language) == primary(language)), None
            ) or digits_grammar(language, length)
            trials = string_trials(digits, language, length=length, count=wanted.strings_each, rng=rng)
            fitting = tuple(trial for trial in trials if grammar.match(trial.said))
            tasks.append(Task(f"{length} digits", language, grammar, None, fitting))
    return tasks


def _outside(task: Task, recordings: Sequence[Recording], aside: set[str]) -> tuple[Trial, ...]:
    if OTHERS in aside:
        mine = {recording.name for trial in task.trials for recording in trial.recordings}
        others = [r for r in recordings if r.name not in mine and r.language in {"", task.language}]
    else:
        others = [r for r in recordings if r.category in aside]
    return out_of_grammar(task, others)
