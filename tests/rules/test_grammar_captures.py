"""Capture tags `{slot:=reader}`: the words that were matched, for a reader to say what they mean."""

import pytest

from ivr.grammar.compiled import CompiledGrammar, combine, compile_grammar, compile_source
from ivr.grammar.errors import GrammarError

HEAD = "#ABNF 1.0; language zh-CN; root $r; "


def chinese(body: str) -> CompiledGrammar:
    return compile_source(HEAD + body)


AMOUNT_AND_DATE = chinese(
    "$r = [我 要] 还 $amount {amount:=money} [$day {date:=day}]; $amount = $n<1-> 块; $n = 一 | 三 | 十;"
    "$day = 下 个 月 $n<1-2> 号 | 今天;"
)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("还三块", {"amount": "三块"}),
        ("我要还三十块，今天。", {"amount": "三十块", "date": "今天"}),
        ("还 3 块 下个月十三号", {"amount": "三块", "date": "下个月十三号"}),
    ],
)
def test_a_slot_holds_the_normalised_words_before_its_tag(text: str, meaning: dict[str, str]) -> None:
    assert AMOUNT_AND_DATE.match(text) == (meaning,)
    assert AMOUNT_AND_DATE.readers == {"amount": "money", "date": "day"}


def test_a_text_taken_by_its_sound_is_captured_as_the_grammar_writes_it() -> None:
    assert AMOUNT_AND_DATE.match("还三时快今天") == ()
    found = AMOUNT_AND_DATE.match_sound("还三时快今天")
    assert found is not None
    assert found.meanings == ({"amount": "三十块", "date": "今天"},)


@pytest.mark.parametrize(
    ("body", "text", "meaning"),
    [
        ("$r = 下 (个 月) {d:=x};", "下个月", {"d": "个月"}),
        ("$r = 下 [个 月] {d:=x};", "下", {}),
        ("$r = 好 {a=1} {d:=x};", "好", {"a": "1", "d": "好"}),
        ("$r = (好 | 不){d:=x} {e:=y};", "不", {"d": "不", "e": "不"}),
        ("$r = 好<2> {d:=x};", "好好", {"d": "好好"}),
        ("$r = ((好 | 不) {d:=x})<2>;", "好不", {"d": "不"}),
        ("$r = (好 ($s {d:=x})) {d:=x}; $s = 不 {!{ e:=y }!};", "好不", {"d": "不", "e": "不"}),
    ],
)
def test_a_capture_takes_the_word_group_or_reference_before_it_and_the_last_one_counts(
    body: str, text: str, meaning: dict[str, str]
) -> None:
    assert chinese(body).match(text) == (meaning,)


def test_words_and_keys_are_captured_as_they_are_matched() -> None:
    english = compile_source("#ABNF 1.0; language en; root $r; $r = pay ([a] hundred<1-2>) {amount:=money};")
    assert english.match("Pay a hundred.") == ({"amount": "a hundred"},)
    keys = compile_source("#ABNF 1.0; mode dtmf; root $r; $r = star ((1 | 2)<3>) {pin:=digits} pound;")
    assert keys.match_keys("*121#") == ({"pin": "121"},)


def test_one_text_can_be_captured_in_two_ways() -> None:
    grammar = chinese("$r = [好] (好<1-2>) {d:=x};")
    assert grammar.match("好好") == ({"d": "好"}, {"d": "好好"})


def test_captures_reach_across_files_and_into_combined_grammars_and_survive_the_source() -> None:
    head = "#ABNF 1.0; language zh-CN; "
    files = {
        "main.gram": head + "root $r; $r = 还 $<parts.gram#day> {date:=day};",
        "parts.gram": head + "public $day = 今天 | 明天 {late=1};",
    }
    both = combine(compile_grammar(files, "main.gram"), AMOUNT_AND_DATE)
    assert both.match("还明天") == ({"date": "明天", "late": "1"},)
    assert both.readers == {"date": "day", "amount": "money"}
    again = compile_source(both.source)
    assert (again.source, again.readers, again.bundle.rules) == (both.source, both.readers, both.bundle.rules)


@pytest.mark.parametrize(
    ("body", "place", "reason", "mend"),
    [
        ("$r = 下 月 {d:=x};", "1:46", "captures the last word only", "brackets"),
        ("$r = {d:=x} 好;", "1:42", "nothing stands before {d:=x}", "after what it captures"),
        ("$r = 好 {d:=2};", "1:44", "`2` is no reader's name", "{slot:=date}"),
        ("$r = 好 {d:=x} | 不 {d:=y};", "1:55", "read by x and by y", "slot of its own"),
        ("$r = 好 {d:=x} | 不 {d=1};", "1:44", "both captured and written", "slot of its own"),
    ],
)
def test_a_capture_that_could_be_misread_is_refused(body: str, place: str, reason: str, mend: str) -> None:
    with pytest.raises(GrammarError) as caught:
        chinese(body)
    error = caught.value
    assert f"{error.line}:{error.column}" == place
    assert reason in error.reason
    assert mend in error.mend


def test_combining_refuses_a_slot_with_two_readers() -> None:
    with pytest.raises(GrammarError, match="slot date is read by"):
        combine(AMOUNT_AND_DATE, chinese("$r = 好 {date:=x};"))


def test_many_meanings_of_one_text_cost_bounded_work() -> None:
    grammar = chinese("$r = (好 {d+=1} | 好 {d+=2})<1->;")
    assert 1 < len(grammar.match("好" * 100)) < 1000
