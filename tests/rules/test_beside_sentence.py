"""A phrase that leaves out half of what was said is not what was said."""

import pytest

from ivr.adapters.recogniser.beside import beside_sentence
from ivr.grammar.result import Alternative


@pytest.mark.parametrize(
    ("phrase", "sentence", "language", "confidence"),
    [
        ("下个月要还多少", "下个月3号提前环新要多少钱?", "zh", 0.9 * 7 / 13),
        ("i'd like to hear the balance", "I'd like to clear the whole loan in December", "en", 0.9 * 28 / 44),
        ("我想查余额", "我想查余额。", "zh", 0.9),
        ("我想查余额", "嗯我想查余额", "zh", 0.9),
        ("how much do i still owe", "How much do I still owe? How much do I", "en", 0.9),
        ("转人工", "转人工转人", "zh", 0.9),
    ],
    ids=["half", "two thirds", "the same", "a sound more", "begun again", "begun again, zh"],
)  # fmt: skip
def test_a_phrase_is_trusted_by_its_share_of_the_sentence(
    phrase: str, sentence: str, language: str, confidence: float
) -> None:
    found = beside_sentence([Alternative(phrase, 0.9)], Alternative(sentence, 0.6), language)
    (kept,) = (each.confidence for each in found if each.text == phrase)
    assert kept == pytest.approx(confidence, abs=0.001)


def test_the_surest_comes_first_and_the_same_words_are_there_once() -> None:
    short, whole = Alternative("下个月要还多少", 0.83), Alternative("下个月3号提前环新要多少钱?", 0.65)
    assert [each.text for each in beside_sentence([short], whole, "zh")] == [whole.text, short.text]
    same = Alternative("查余额。", 0.5)
    assert beside_sentence([Alternative("查余额", 0.9)], same, "zh") == (Alternative("查余额", 0.9),)
