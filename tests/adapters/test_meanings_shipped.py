"""Shipped grammars and readers agree: what a grammar lets callers say, its reader understands."""

import random
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

import pytest

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.grammar.compiled import CompiledGrammar, compile_grammar
from ivr.grammar.interpret import check_readers, meanings_as_written
from ivr.grammar.meanings import READERS

ROOT = Path(__file__).parents[2] / "grammars"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=timezone(timedelta(hours=8)))
LOCALES = ("zh-CN", "en-US")
CAPTURING = ("amount", "choice", "date", "moment", "period", "rating_5", "rating_10", "time")
SAMPLES = 40


@cache
def compiled(locale: str, name: str) -> CompiledGrammar:
    texts = read_grammar_texts(ROOT)[locale]
    grammar = compile_grammar(texts, next(file for file in texts if Path(file).stem == name))
    check_readers(grammar)
    return grammar


def samples(locale: str, name: str) -> tuple[str, ...]:
    return compiled(locale, name).sample(random.Random(name), SAMPLES)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", CAPTURING)
def test_whatever_may_be_said_has_one_value_unless_there_is_no_such_day(locale: str, name: str) -> None:
    for phrase in samples(locale, name):
        found = meanings_as_written(phrase, compiled(locale, name), NOW)
        no_such_day = any(day in phrase for day in ("三十", "二十九", "thirt", "twenty ninth"))
        assert len(found) == 1 or (not found and no_such_day), phrase


@pytest.mark.parametrize("locale", LOCALES)
def test_a_day_that_the_calendar_lacks_is_spoken_in_the_grammar_and_refused_by_the_reader(
    locale: str,
) -> None:
    phrase = {"zh-CN": "二月三十号", "en-US": "the thirtieth of february"}[locale]
    grammar = compiled(locale, "date")
    assert grammar.match(phrase)
    assert meanings_as_written(phrase, grammar, NOW) == ()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", ["id_tail", "phone", "code", "card", "id_number"])
def test_the_digits_of_a_grammar_are_those_that_the_reader_hears(locale: str, name: str) -> None:
    for phrase in samples(locale, name)[: SAMPLES // 2]:
        (meaning,) = compiled(locale, name).match(phrase)
        assert READERS["digits"](phrase, locale, NOW) == meaning[name], phrase


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("name", "slot", "reader"),
    [("yes_no", "answer", "yes_no"), ("outbound", "command", "command"), ("commands", "command", "command")],
)
def test_an_answer_or_a_command_means_the_same_in_free_words(
    locale: str, name: str, slot: str, reader: str
) -> None:
    for phrase in samples(locale, name):
        (meaning,) = compiled(locale, name).match(phrase)
        assert READERS[reader](phrase, locale, NOW) == meaning[slot], phrase
