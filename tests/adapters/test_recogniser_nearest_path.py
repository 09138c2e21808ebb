"""Phrases of grammars that nobody can list, found by their sound."""

import pytest

from ivr.adapters.recogniser.nearest_path import nearest_paths
from ivr.grammar.compiled import CompiledGrammar, compile_source

DIGIT = "$digit = 零 | 一 | 二 | 三 | 四 | 五 | 六 | 七 | 八 | 九;"
TAIL = compile_source(
    "#ABNF 1.0 UTF-8;\nlanguage zh-CN;\nmode voice;\nroot $tail;\n"
    f"public $tail = [尾号 是] $digit<4>;\n{DIGIT}\n"
)
LONG = compile_source(
    f"#ABNF 1.0 UTF-8;\nlanguage zh-CN;\nmode voice;\nroot $number;\npublic $number = $digit<18>;\n{DIGIT}\n"
)
ENGLISH = compile_source(
    "#ABNF 1.0 UTF-8;\nlanguage en-US;\nmode voice;\nroot $tail;\n"
    "public $tail = [it's] $digit<4>;\n$digit = one | two | three | four | five;\n"
)


@pytest.mark.parametrize(
    ("grammar", "heard", "phrase", "distance"),
    [
        (TAIL, "一二三四", "一二三四", 0.0),
        (TAIL, "尾号是一二三四", "尾号是一二三四", 0.0),
        (TAIL, "1 2 3 4", "一二三四", 0.0),
        (TAIL, "一二散四", "一二三四", 0.0),
        (TAIL, "尾好一二三四", "尾号是一二三四", 0.14),
        (LONG, "一一零一零一一九九零零一零一一二三四", "一一零一零一一九九零零一零一一二三四", 0.0),
        (ENGLISH, "one two three for", "one two three four", 0.07),
        (ENGLISH, "its one too three four", "it's one two three four", 0.1),
    ],
)
def test_the_phrase_that_sounds_most_alike_comes_first(
    grammar: CompiledGrammar, heard: str, phrase: str, distance: float
) -> None:
    found, apart = nearest_paths(heard, grammar, grammar.language[:2])[0]
    assert (found, apart) == (phrase, pytest.approx(distance, abs=0.05))


def test_every_phrase_found_is_one_of_the_grammar_and_none_comes_twice() -> None:
    found = [phrase for phrase, _ in nearest_paths("要二三是", TAIL, "zh")]
    assert len(found) == len(set(found)) > 3
    for phrase in found:
        state = TAIL.advance(TAIL.start(), phrase)
        assert state is not None
        assert TAIL.is_final(state)


def test_silence_sounds_like_nothing() -> None:
    assert nearest_paths("。", TAIL, "zh") == []
