"""The grammars that ship: they take their examples, refuse near misses, and are alike in every locale."""

import random
from functools import cache
from pathlib import Path

import pytest

from ivr.adapters.grammar_files import Example, read_examples, read_grammar_texts
from ivr.grammar.compiled import CompiledGrammar, combine, compile_grammar
from ivr.grammar.errors import ExpansionTooLarge, GrammarError
from ivr.grammar.interpret import interpret, meanings_as_written
from ivr.grammar.nodes import Tag, walk
from ivr.grammar.result import Alternative, Hypothesis, Match

ROOT = Path(__file__).parents[2] / "grammars"
TEXTS = read_grammar_texts(ROOT)
EXAMPLES = {locale: read_examples(ROOT, locale) for locale in TEXTS}
GRAMMARS = [(locale, Path(file).stem) for locale, texts in TEXTS.items() for file in texts]
LISTED = [("wish", "commands"), ("more", "commands"), ("yes_no", "commands")]


@cache
def compiled(locale: str, *names: str) -> CompiledGrammar:
    if len(names) == 1:
        return compile_grammar(TEXTS[locale], f"{names[0]}.gram")
    return combine(*(compiled(locale, name) for name in names))


def meanings(grammar: CompiledGrammar, example: Example) -> tuple[dict[str, str], ...]:
    return meanings_as_written(example.text, grammar, example.now)


def expected(example: Example) -> tuple[dict[str, str], ...]:
    return () if example.meaning is None else (dict(example.meaning),)


def test_every_locale_has_the_same_grammars_with_examples_and_near_misses() -> None:
    names = {locale: {Path(file).stem for file in texts} for locale, texts in TEXTS.items()}
    assert set(names) == {"zh-CN", "en-US"}
    assert names["zh-CN"] == names["en-US"]
    for locale, examples in EXAMPLES.items():
        assert set(examples) == names[locale]
        for name, listed in examples.items():
            assert {example.meaning is None for example in listed} == {True, False}, (locale, name)


@pytest.mark.parametrize(("locale", "name"), GRAMMARS)
def test_a_grammar_takes_its_examples_and_refuses_near_misses(locale: str, name: str) -> None:
    grammar = compiled(locale, name)
    for example in EXAMPLES[locale][name]:
        assert meanings(grammar, example) == expected(example), example.text
        if example.meaning is None:
            heard = Hypothesis((Alternative(example.text, 1.0),))
            assert not isinstance(interpret(heard, grammar, example.now), Match), example.text


@pytest.mark.parametrize("locale", TEXTS)
@pytest.mark.parametrize("name", ["wish", "id_tail", "phone", "yes_no", "more"])
def test_commands_keep_their_meaning_beside_every_question(locale: str, name: str) -> None:
    grammar = compiled(locale, name, "commands")
    for example in (*EXAMPLES[locale][name], *EXAMPLES[locale]["commands"]):
        if example.meaning is not None:
            assert meanings(grammar, example) == expected(example), example.text


@pytest.mark.parametrize(("locale", "name"), GRAMMARS)
def test_whatever_a_grammar_can_say_it_takes_with_one_meaning(locale: str, name: str) -> None:
    grammar = compiled(locale, name)
    for phrase in grammar.sample(random.Random(name), 25):
        (meaning,) = grammar.match_keys(phrase) if grammar.mode == "dtmf" else grammar.match(phrase)
        assert meaning, phrase


@pytest.mark.parametrize("name", sorted({name for _, name in GRAMMARS}))
def test_the_slots_and_values_are_the_same_in_every_locale(name: str) -> None:
    first, *others = [tags(compiled(locale, name)) for locale in TEXTS]
    assert all(other == first for other in others)


def tags(grammar: CompiledGrammar) -> set[tuple[str, str]]:
    """Slots with their values; only the slot, or its reader, for values made of what is said."""

    found = [part for expansion in grammar.bundle.rules.values() for part in walk(expansion)]
    written = {(part.slot, "" if part.appends else part.value) for part in found if isinstance(part, Tag)}
    return written | set(grammar.readers.items())


@pytest.mark.parametrize("locale", TEXTS)
@pytest.mark.parametrize("names", LISTED, ids="+".join)
def test_questions_are_small_enough_for_a_recogniser_to_list(locale: str, names: tuple[str, ...]) -> None:
    grammar = compiled(locale, *names)
    assert len(grammar.phrases(6_000)) > 40


@pytest.mark.parametrize("locale", TEXTS)
@pytest.mark.parametrize("intent", ["balance", "next_due"])
def test_each_wish_can_be_said_in_at_least_forty_ways(locale: str, intent: str) -> None:
    grammar = compiled(locale, "wish")
    # Every seventh phrase is plenty, and quicker.
    ways = (
        phrase for phrase in grammar.phrases(6_000)[::7] if grammar.match(phrase) == ({"intent": intent},)
    )
    assert sum(1 for _, _ in zip(range(40), ways, strict=False)) == 40


@pytest.mark.parametrize("locale", TEXTS)
def test_a_phone_number_is_matched_without_listing_billions(locale: str) -> None:
    grammar = compiled(locale, "phone")
    with pytest.raises(ExpansionTooLarge):
        grammar.phrases(60_000)
    assert grammar.match("13800000001") == ({"phone": "13800000001"},)


def test_bad_examples_are_refused_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "zh-CN").mkdir()
    path = tmp_path / "zh-CN" / "examples.yaml"
    assert read_examples(tmp_path, "zh-CN") == {}
    path.write_text("wish:\n  accept: [[a, {b: c}]\n", "utf-8")
    with pytest.raises(GrammarError, match=r"examples.yaml:3:1: the examples are not YAML"):
        read_examples(tmp_path, "zh-CN")
    path.write_text("wish: [a, b]\n", "utf-8")
    with pytest.raises(GrammarError, match="not of the expected shape"):
        read_examples(tmp_path, "zh-CN")


def test_a_folder_without_grammars_or_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GrammarError, match="no grammars"):
        read_grammar_texts(tmp_path)
    (tmp_path / "zh-CN").mkdir()
    (tmp_path / "zh-CN" / "wish.gram").write_bytes("#ABNF 1.0; $r = 余额;".encode("gbk"))
    with pytest.raises(GrammarError, match="not UTF-8"):
        read_grammar_texts(tmp_path)
