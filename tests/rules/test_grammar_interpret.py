"""Interpretation: over all readings of an utterance, and of keys."""

from datetime import datetime, timedelta, timezone

import pytest

from ivr.grammar.compiled import compile_source
from ivr.grammar.errors import GrammarError
from ivr.grammar.interpret import check_readers, interpret, interpret_keys
from ivr.grammar.result import Alternative, Hypothesis, Match, NoMatch
from ivr.grammar.sound import TONELESS

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=timezone(timedelta(hours=8)))
WISH = compile_source("""#ABNF 1.0; language zh-CN; root $r;
$r = [我 要] 查 余额 {intent=balance} | 查 还款 {intent=due} | 两 可 {intent=a} | 两 可 {intent=b} | 好;""")
PAY = compile_source("""#ABNF 1.0; language zh-CN; root $r;
$r = [还] $amount {amount:=amount} | $day {date:=date} [还];
$amount = (一 | 两) (千 | 百) [二] [百] [块]; $day = [二 月] (三十 | 五 | 二) 号;""")
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
    found = interpret(hypothesis, WISH, NOW)
    assert isinstance(found, Match)
    assert found.meaning == {"intent": intent}
    assert found.confidence == pytest.approx(confidence)


def test_the_text_of_a_match_is_its_best_ranked_reading() -> None:
    found = interpret(heard(("天气", 0.5), ("我要查余额", 0.3), ("查余额", 0.2)), WISH, NOW)
    assert found.text == "我要查余额"


def test_words_without_slots_match_with_an_empty_meaning() -> None:
    found = interpret(heard(("好", 0.9)), WISH, NOW)
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
    found = interpret(hypothesis, WISH, NOW)
    assert isinstance(found, NoMatch)
    assert (found.reason, found.confidence) == (reason, confidence)


def test_keys_are_certain_or_bad() -> None:
    assert interpret_keys("1", KEYS, NOW) == Match({"a": "1"}, 1.0, "1")
    assert interpret_keys("3", KEYS, NOW) == NoMatch("bad_keys", "3")
    assert interpret_keys("2", KEYS, NOW) == NoMatch("bad_keys", "2")
    assert interpret_keys("", KEYS, NOW) == NoMatch("bad_keys", "")


@pytest.mark.parametrize(
    ("hypothesis", "meaning", "confidence"),
    [
        (heard(("还两千", 0.9)), {"amount": "2000"}, 0.9),
        (heard(("一千二", 0.5), ("还一千二块", 0.3)), {"amount": "1200"}, 0.8),
        (heard(("还1200块", 0.9)), {"amount": "1200"}, 0.9),
        (heard(("5号还", 0.9)), {"date": "2026-12-05"}, 0.9),
        (heard(("二月三十号", 0.7), ("五号", 0.2)), {"date": "2026-12-05"}, 0.2),
        (heard(("换两千", 0.5)), {"amount": "2000"}, 0.5 * TONELESS.certainty),
    ],
)
def test_captured_words_become_values_and_a_reading_without_one_yields_to_the_next(
    hypothesis: Hypothesis, meaning: dict[str, str], confidence: float
) -> None:
    found = interpret(hypothesis, PAY, NOW)
    assert isinstance(found, Match)
    assert found.meaning == meaning
    assert found.confidence == pytest.approx(confidence)


def test_a_day_that_the_calendar_lacks_is_out_of_grammar() -> None:
    found = interpret(heard(("二月三十号", 0.9)), PAY, NOW)
    assert isinstance(found, NoMatch)
    assert found.reason == "out_of_grammar"


def test_a_reader_that_does_not_exist_is_a_fault_with_its_place() -> None:
    grammar = compile_source("#ABNF 1.0; language zh-CN; root $r;\n$r = 还 (五 号) {day:=dates};")
    with pytest.raises(GrammarError, match=r"source:2:14: there is no reader `dates`.*name one of amount"):
        check_readers(grammar)
