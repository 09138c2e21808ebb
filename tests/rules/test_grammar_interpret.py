"""Interpretation: over all readings of an utterance, and of keys."""

import pytest

from ivr.grammar.compiled import compile_source
from ivr.grammar.interpret import interpret, interpret_keys
from ivr.grammar.result import Alternative, Hypothesis, Match, NoMatch
from ivr.grammar.sound import TONELESS

WISH = compile_source("""#ABNF 1.0; language zh-CN; root $r;
$r = [我 要] 查 余额 {intent=balance} | 查 还款 {intent=due} | 两 可 {intent=a} | 两 可 {intent=b} | 好;""")
KEYS = compile_source("#ABNF 1.0; mode dtmf; root $r; $r = 1 {a=1} | 2 {a=2} | 2 {a=3};")


def heard(*alternatives: tuple[str, float]) -> Hypothesis:
    return Hypothesis(tuple(Alternative(text, confidence) for text, confidence in alternatives))


@pytest.mark.parametrize(
    ("hypothesis", "intent", "confidence"),
    [
        (heard(("查余额", 0.9)), "balance", 0.9),
        (heard(("天气", 0.6), ("查还款", 0.3)), "due", 0.3),
        (heard(("查余额", 0.5), ("我要查余额", 0.3)), "balance", 0.8),
        (heard(("查余额", 0.8), ("我要查余额", 0.7)), "balance", 1.0),
        (heard(("查还款", 0.4), ("查余额", 0.3), ("我要查余额", 0.3)), "balance", 0.6),
        (heard(("查还款", 0.4), ("查余额", 0.4)), "due", 0.4),
        (heard(("叉余额", 0.5)), "balance", 0.5 * TONELESS.certainty),
        (heard(("两可", 0.2), ("查余额", 0.7)), "balance", 0.7),
    ],
)
def test_readings_with_one_meaning_add_up_and_the_heaviest_meaning_wins(
    hypothesis: Hypothesis, intent: str, confidence: float
) -> None:
    found = interpret(hypothesis, WISH)
    assert isinstance(found, Match)
    assert found.meaning == {"intent": intent}
    assert found.confidence == pytest.approx(confidence)


def test_the_text_of_a_match_is_its_best_ranked_reading() -> None:
    found = interpret(heard(("天气", 0.5), ("我要查余额", 0.3), ("查余额", 0.2)), WISH)
    assert found.text == "我要查余额"


def test_words_without_slots_match_with_an_empty_meaning() -> None:
    found = interpret(heard(("好", 0.9)), WISH)
    assert isinstance(found, Match)
    assert found.meaning == {}


@pytest.mark.parametrize(
    ("hypothesis", "reason", "confidence"),
    [
        (heard(), "empty", 0.0),
        (heard(("", 0.9), ("  ", 0.1)), "empty", 0.0),
        (heard(("今天天气", 0.9)), "out_of_grammar", 0.9),
        (heard(("两可", 0.6), ("查余额", 0.3)), "ambiguous", 0.6),
    ],
)
def test_no_match_says_why(hypothesis: Hypothesis, reason: str, confidence: float) -> None:
    found = interpret(hypothesis, WISH)
    assert isinstance(found, NoMatch)
    assert (found.reason, found.confidence) == (reason, confidence)


def test_keys_are_certain_or_bad() -> None:
    assert interpret_keys("1", KEYS) == Match({"a": "1"}, 1.0, "1")
    assert interpret_keys("3", KEYS) == NoMatch("bad_keys", "3")
    assert interpret_keys("2", KEYS) == NoMatch("bad_keys", "2")
    assert interpret_keys("", KEYS) == NoMatch("bad_keys", "")
