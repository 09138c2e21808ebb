"""Intents as files: those that ship are whole and known again, bad ones are refused with place and mend."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.intent_csv import CsvFault, read_labelled_texts
from ivr.adapters.intent_files import IntentFault, read_intents
from ivr.cli.intent_trial import Trial, misheard, split_folds
from ivr.grammar.intents.example import IntentBook, IntentExample
from ivr.grammar.intents.measures import accuracy, calibration_error
from ivr.grammar.intents.model import IntentModel
from ivr.grammar.intents.training import train
from ivr.grammar.meanings.find import FINDERS

ROOT = Path(__file__).parents[2] / "grammars"
LOCALES = ("zh-CN", "en-US")
SHIPPED_COMMANDS = {"agent", "repeat", "main_menu", "language", "stop_calling", "not_me", "call_later"}
FLOOR = {"zh-CN": 0.75, "en-US": 0.70}
"""Of examples held out; each wording stands alone, so a caller who repeats one fares better."""


@cache
def book(locale: str) -> IntentBook:
    return read_intents(ROOT, locale)


@cache
def model(locale: str) -> IntentModel:
    return train(book(locale).examples(), language=locale)


@pytest.mark.slow
@pytest.mark.parametrize("locale", LOCALES)
def test_every_example_is_taken_for_its_own_intent(locale: str) -> None:
    inside = [it for it in book(locale).examples() if it.intent is not None]
    strangers = [it for it in inside if next(iter(model(locale).confidences(it.text))) != it.intent]
    assert strangers == []


@pytest.mark.slow
@pytest.mark.parametrize("locale", LOCALES)
def test_an_example_that_was_held_out_is_mostly_understood_and_confidence_is_honest(locale: str) -> None:
    training, test = next(split_folds(book(locale).examples(), 5, np.random.default_rng(1)))
    assert accuracy_of(training, test, locale) >= FLOOR[locale]


@pytest.mark.slow
def test_homophones_in_place_of_a_fifth_of_the_characters_cost_little() -> None:
    training, test = next(split_folds(book("zh-CN").examples(), 5, np.random.default_rng(1)))
    assert accuracy_of(training, misheard(test, 0.2, 1), "zh-CN") >= FLOOR["zh-CN"] - 0.06


def accuracy_of(training: list[IntentExample], test: list[IntentExample], locale: str) -> float:
    trial = Trial()
    trial.run(training, test, locale, lambda done, total: None)
    assert calibration_error(trial.judged) < 0.12
    return accuracy(trial.judged)


def test_the_locales_have_the_same_intents_with_the_same_slots() -> None:
    first, second = (
        {name: (intent.slots, intent.is_command) for name, intent in book(locale).intents.items()}
        for locale in LOCALES
    )
    assert first == second
    assert len(first) >= 25
    assert {slot for slots, _ in first.values() for slot in slots} <= set(FINDERS)
    assert {name for name, (_, is_command) in first.items() if is_command} == SHIPPED_COMMANDS
    assert {"balance", "next_due"} <= set(first)


@pytest.mark.parametrize("locale", LOCALES)
def test_there_are_texts_out_of_scope(locale: str) -> None:
    assert len(book(locale).out_of_scope) >= 40


def test_a_command_means_a_command() -> None:
    intents = book("zh-CN").intents
    assert intents["agent"].meaning == {"command": "agent"}
    assert intents["balance"].meaning == {"intent": "balance"}


BAD = """\
intents:
  balance:
    about: what is owed
    examples: [my balance, 12]
  next_due:
    example: [next]
    about: what is due
    examples: [My balance!, "..."]
  twice: {about: a, examples: [one, two]}
  twice: {about: b, examples: [three, four]}
other: []
"""


def test_all_faults_are_told_at_once_with_line_and_mend(tmp_path: Path) -> None:
    folder = tmp_path / "en-US" / "intents"
    folder.mkdir(parents=True)
    (folder / "loan.yaml").write_text(BAD, "utf-8")
    with pytest.raises(IntentFault) as caught:
        read_intents(tmp_path, "en-US", least_examples=1)
    where = [fault.removeprefix(f"{folder / 'loan.yaml'}:") for fault in caught.value.faults]
    assert [line.split(":")[0] for line in where] == ["4", "6", "8", "8", "5", "10", "11"]
    assert all("Mend: " in line for line in where)
    assert "example of `balance` already" in where[2]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"intents:\n  a: [\n", r"loan.yaml:\d: the file is not YAML"),
        ("intents: 余额".encode("gbk"), "not UTF-8"),
        (b"", "a mapping is missing"),
        (b"intents: []\n", "a mapping is missing"),
        (b"intents:\n  a: {about: x, examples: [one]}\n", "has 1 examples"),
        (b"intents:\n  a: {examples: [one]}\n", "does not say what it is"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    folder = tmp_path / "zh-CN" / "intents"
    folder.mkdir(parents=True)
    (folder / "loan.yaml").write_bytes(content)
    with pytest.raises(IntentFault, match=fault):
        read_intents(tmp_path, "zh-CN")


def test_a_locale_without_intents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntentFault, match="no intents"):
        read_intents(tmp_path, "fr-FR")


def test_any_csv_is_read_and_its_gaps_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_text("\ufeffid,phrase,class\n1,hello,greet\n2,,greet\n3,what's up,oos\n4,bye\n", "utf-8")
    found, skipped = read_labelled_texts(path, text_column="phrase")
    assert found == (IntentExample("hello", "greet"), IntentExample("what's up", None))
    assert skipped == 2


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"a,b\n1,2\n", "no column text or .* choose one of a, b by --text-column"),
        (b"text,label\n,\n", "no labelled texts"),
        ("text,label\n余额,a\n".encode("gbk"), "not UTF-8"),
        (b"", "choose one of none"),
    ],
)
def test_a_csv_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    with pytest.raises(CsvFault, match=fault):
        read_labelled_texts(path)
    with pytest.raises(CsvFault, match="cannot be read"):
        read_labelled_texts(tmp_path / "missing.csv")
