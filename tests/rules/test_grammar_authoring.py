"""What helps an author: near misses, words that a model lacks, errors that point."""

import pytest

from ivr.grammar.compiled import CompiledGrammar, compile_source
from ivr.grammar.errors import GrammarError, pointed_out
from ivr.grammar.near_miss import NearMiss, near_miss
from ivr.grammar.srgs import grammar_file
from ivr.grammar.vocabulary import fit_vocabulary, in_words

ZH = compile_source("#ABNF 1.0; language zh-CN; root $r; $r = [请] 查 [一下] (余额 | 还款日 | 还款 金额);")
EN = compile_source(
    "#ABNF 1.0; language en; root $r; $r = [please] check my (loan [balance] | lot | due date);"
)
KEYS = compile_source("#ABNF 1.0; mode dtmf; root $r; $r = 1 (2 | star) | 9 9 9;")


@pytest.mark.parametrize(
    ("grammar", "text", "expected"),
    [
        (ZH, "请查一下利率", NearMiss("请查一下", "利率", False, ("余额", "还款"))),
        (ZH, "查还款日吗", NearMiss("查还款日", "吗", True, ())),
        (ZH, "查还款", NearMiss("查还款", "", False, ("日", "金额"))),
        (ZH, "天气", NearMiss("", "天气", False, ("查", "请查"))),
        (EN, "Please check my rate!", NearMiss("please check my", "rate", False, ("due", "lot", "loan"))),
        (EN, "check my loa", NearMiss("check my", "loa", False, ("due", "lot", "loan"))),
        (EN, "check my loan today", NearMiss("check my loan", "today", True, ("balance",))),
        (KEYS, "13", NearMiss("1", "3", False, ("*", "2"))),
        (KEYS, "9", NearMiss("9", "", False, ("99",))),
        (KEYS, "7", NearMiss("", "7", False, ("1", "999"))),
    ],
)
def test_a_near_miss_tells_how_far_it_went_and_what_could_follow(
    grammar: CompiledGrammar, text: str, expected: NearMiss
) -> None:
    assert near_miss(grammar, text) == expected


def test_a_near_miss_shows_as_many_ways_on_as_are_asked_for() -> None:
    assert near_miss(EN, "check my", most=2).expected == ("due", "lot")


VOCABULARY = {"中国", "国人", "人民", "银行", "查", "查询", "询", "余额", "转", "人工", "atm", "幺", "中国人"}


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("查询余额", ("查询", "余额")),
        ("转人工", ("转", "人工")),
        # Longest first would take 中国人 and be stuck.
        ("中国人民", ("中国", "人民")),
        ("中国人民银行", ("中国", "人民", "银行")),
        ("查 ATM 余额", ("查", "atm", "余额")),
    ],
)
def test_chinese_is_cut_into_the_fewest_known_words(phrase: str, words: tuple[str, ...]) -> None:
    assert in_words(phrase, VOCABULARY.__contains__, spaced=False) == (words, ())


@pytest.mark.parametrize(
    ("phrase", "spaced", "missing"),
    [
        ("查询贷款余额", False, ("贷", "款")),
        ("check the blance", True, ("blance",)),
        ("Balance CHECK", True, ()),
    ],
)
def test_what_the_model_does_not_know_is_named(phrase: str, spaced: bool, missing: tuple[str, ...]) -> None:
    known = VOCABULARY | {"check", "the", "balance"}
    assert in_words(phrase, known.__contains__, spaced=spaced)[1] == missing


def test_words_of_which_each_part_is_known_but_no_cut_fits_are_named_whole() -> None:
    assert in_words("中国人", {"中国", "国人"}.__contains__, spaced=False) == ((), ("中国人",))


def test_words_that_a_model_lacks_are_named_as_the_author_wrote_them() -> None:
    found = fit_vocabulary(ZH, {"请", "查", "一", "下", "余额", "还款", "日"}.__contains__)
    assert found.missing == ("金额",)
    assert found.known["还款日"] == ("还款", "日")
    assert found.known["一下"] == ("一", "下")


@pytest.mark.parametrize(
    ("line", "column", "shown"),
    [
        (2, 3, "  ab*\n    ^"),
        (3, 3, "  余额*\n      ^"),
        (4, 2, "   x\n   ^"),
        (9, 1, ""),
    ],
)
def test_an_error_points_below_the_place_that_it_means(line: int, column: int, shown: str) -> None:
    error = GrammarError("wrong", "mend it", line=line, column=column)
    assert pointed_out(error, "#ABNF\r\nab*\n余额*\n\tx") == shown


def test_silent_alternatives_with_tags_cost_bounded_work() -> None:
    silent = "({x+=1} | {x+=2})<20>"
    grammar = compile_source(f"#ABNF 1.0; language en; root $r; $r = {silent} a {silent};")
    assert 1 < len(grammar.match("a")) < 1000


@pytest.mark.parametrize(
    ("language", "digit", "text"),
    [
        ("zh-CN", "零 | 一 | 幺 | 二 | 两 | 三 | 四 | 五 | 六 | 七 | 八 | 九", "一幺二零零九" * 3),
        ("en-US", "[double | triple] (oh | one | two | three | four | five)", " double oh one five" * 6),
    ],
)
def test_eighteen_digits_are_a_small_grammar_that_nobody_lists(language: str, digit: str, text: str) -> None:
    grammar = compile_source(
        f"#ABNF 1.0; language {language}; root $id; $id = ($digit<18>) {{id:=digits}}; $digit = {digit};"
    )
    assert grammar.match(text) == ({"id": text.strip()},)
    state = grammar.start()
    for char in text.strip():
        assert char in grammar.next_chars(state)
        state = grammar.advance(state, char) or state
    assert grammar.is_final(state)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("a", 1),
        ("a | b | a", 2),
        ("[a] b | a b", 2),
        ("(a | b | c)<18>", 3**18),
        ("(a [b])<2>", 4),
        ("a<1->", None),
        ("a b<0-> c", None),
    ],
)
def test_phrases_are_counted_without_being_listed(body: str, count: int | None) -> None:
    assert compile_source(f"#ABNF 1.0; language en; root $r; $r = {body};").count_phrases() == count


def test_a_grammar_is_found_by_its_name_in_either_form() -> None:
    files = ["a.gram", "b.grxml", "c.gram", "c.grxml"]
    assert [grammar_file(files, name) for name in ("a", "b")] == ["a.gram", "b.grxml"]
    with pytest.raises(GrammarError, match=r"c is there twice: c\.gram and c\.grxml"):
        grammar_file(files, "c")


def test_a_monstrous_file_is_refused_before_it_is_read() -> None:
    with pytest.raises(GrammarError, match="more than 200,000 characters"):
        compile_source("#ABNF 1.0; language en; root $r; $r = a;" + " " * 200_000)
