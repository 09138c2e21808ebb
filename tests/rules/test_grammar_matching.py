"""Matching: spelling, meaning, sound, keys, step by step, and by lot."""

import random

import pytest

from ivr.grammar.compiled import CompiledGrammar, compile_source
from ivr.grammar.sound import ACCENT, TONED, TONELESS, SoundLevel, without_accent
from ivr.grammar.text import normalise

ZH = compile_source("""#ABNF 1.0 UTF-8; language zh-CN; root $r;
$r = [请] 查 [一下] 余额 {intent=balance} | 还款日 {intent=due} | English please {command=language}
   | $digit<4> | 不 要 {answer=no};
$digit = 零 {tail+=0} | (一 | 幺) {tail+=1} | 二 {tail+=2} | 四 {tail+=4};""")

SHORT_ZH = compile_source("""#ABNF 1.0 UTF-8; language zh-CN; root $r;
$r = [请] 查 [一下] (余额 | 还款 [日]) | (一 | 幺 | 二)<2> | English please;""")

EN = compile_source("""#ABNF 1.0 UTF-8; language en-US; root $r;
$r = [please] what's my balance {intent=balance} | speak to [a] person {command=agent} | one two {n=12};""")

KEYS = compile_source("""#ABNF 1.0 UTF-8; mode dtmf; root $r;
$r = 1 {a=1} | 1 2 {a=12} | star {a=star} | "#" {a=pound} | pound pound {a=two} | B {a=b};""")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("我要，查 余额。", "zh-CN", "我要查余额"),
        ("ＡＢＣ １２", "zh-CN", "abc一二"),
        ("二〇二五", "zh-CN", "二零二五"),
        ("English, please!", "zh-CN", "englishplease"),
        ("What’s my  balance?", "en-US", "what's my balance"),
        ("twenty-one", "en-US", "twenty one"),
        ("ID 12-34.", "en-US", "id one two three four"),
        ("'quoted'", "en-US", "quoted"),
        ("…", "zh-CN", ""),
        ("!", "en-US", ""),
    ],
)
def test_texts_are_brought_to_one_spelling(text: str, language: str, expected: str) -> None:
    assert normalise(text, language) == expected


@pytest.mark.parametrize(
    ("grammar", "text", "meanings"),
    [
        (ZH, "请查一下余额", [{"intent": "balance"}]),
        (ZH, "请 查余额。", [{"intent": "balance"}]),
        (ZH, "English, please!", [{"command": "language"}]),
        (ZH, "一幺二4", [{"tail": "1124"}]),
        (ZH, "1124", [{"tail": "1124"}]),
        (ZH, "查", []),
        (ZH, "请查一下余额余额", []),
        (ZH, "", []),
        (EN, "Please, what's my balance?", [{"intent": "balance"}]),
        (EN, "speak to person", [{"command": "agent"}]),
        (EN, "speak to aperson", []),
        (EN, "speakto a person", []),
        (EN, "12", [{"n": "12"}]),
        (EN, "1", []),
    ],
)
def test_a_text_means_what_its_tags_say(
    grammar: CompiledGrammar, text: str, meanings: list[dict[str, str]]
) -> None:
    assert list(grammar.match(text)) == meanings


def test_setting_a_slot_replaces_and_appending_joins() -> None:
    grammar = compile_source(
        "#ABNF 1.0; language en; root $r; $r = a {x=1} [b {x=2}] [c {x+=3}] | {y+=4} d {y+=5};"
    )
    assert grammar.match("a") == ({"x": "1"},)
    assert grammar.match("a b") == ({"x": "2"},)
    assert grammar.match("a b c") == ({"x": "23"},)
    assert grammar.match("d") == ({"y": "45"},)


def test_two_meanings_of_one_text_are_both_shown_and_equal_ones_once() -> None:
    grammar = compile_source(
        "#ABNF 1.0; language en; root $r; $r = a {x=1} | a {x=2} | b {x=1} | b {x=1} | c;"
    )
    assert grammar.match("a") == ({"x": "1"}, {"x": "2"})
    assert grammar.match("b") == ({"x": "1"},)
    assert grammar.match("c") == ({},)


@pytest.mark.parametrize(
    ("text", "meaning", "level"),
    [
        ("叉余额", {"intent": "balance"}, TONELESS),
        ("请查一下鱼额", {"intent": "balance"}, TONED),
        ("環款日", {"intent": "due"}, TONED),
        ("请擦一下鱼鹅", {"intent": "balance"}, ACCENT),
        ("幺而领四", {"tail": "1204"}, TONELESS),
    ],
)
def test_chinese_is_taken_by_its_sound_at_a_price(
    text: str, meaning: dict[str, str], level: SoundLevel
) -> None:
    assert ZH.match(text) == ()
    found = ZH.match_sound(text)
    assert found is not None
    assert found.meanings == (meaning,)
    assert found.certainty == level.certainty
    assert found.certainty < 1


@pytest.mark.parametrize(
    "text",
    [
        "要",  # a syllable left out may be the negation
        "不不要",
        "布药吗",
        "擦余额",  # too short to allow for an accent
        "查看",
        "",
    ],
)
def test_no_syllable_is_added_left_out_or_guessed(text: str) -> None:
    assert ZH.match_sound(text) is None


def test_english_is_not_taken_by_its_sound() -> None:
    assert EN.match_sound("what's my ballance") is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("shi", "si", True),
        ("zhang", "zan", True),
        ("lan", "nan", True),
        ("hu", "fu", True),
        ("ming", "min", True),
        ("ba", "pa", False),
        ("e", "en", False),
        ("shi", "xi", False),
    ],
)
def test_southern_accents_merge_what_they_merge_and_no_more(one: str, other: str, same: bool) -> None:
    assert (without_accent(one) == without_accent(other)) is same


@pytest.mark.parametrize(
    ("keys", "meanings"),
    [
        ("1", [{"a": "1"}]),
        ("12", [{"a": "12"}]),
        ("*", [{"a": "star"}]),
        ("#", [{"a": "pound"}]),
        ("##", [{"a": "two"}]),
        ("b", [{"a": "b"}]),
        (" 1 2 ", [{"a": "12"}]),
        ("2", []),
        ("1x", []),
        ("", []),
    ],
)
def test_keys_mean_what_their_tags_say(keys: str, meanings: list[dict[str, str]]) -> None:
    assert list(KEYS.match_keys(keys)) == meanings


def test_speech_never_matches_a_key_grammar_nor_keys_a_voice_grammar() -> None:
    assert KEYS.match("1") == ()
    assert ZH.match_keys("1124") == ()


def test_a_key_grammar_tells_whether_to_wait_for_more() -> None:
    state = KEYS.advance(KEYS.start(), "1")
    assert state is not None
    assert KEYS.is_final(state)
    assert KEYS.next_chars(state) == {"2"}
    state = KEYS.advance(state, "2")
    assert state is not None
    assert KEYS.is_final(state)
    assert KEYS.next_chars(state) == frozenset()


@pytest.mark.parametrize("grammar", [SHORT_ZH, EN], ids=["zh", "en"])
def test_the_acceptor_takes_each_phrase_in_any_pieces_and_nothing_else(grammar: CompiledGrammar) -> None:
    rng = random.Random(7)
    phrases = {normalise(phrase, grammar.language) for phrase in grammar.phrases(1000)}
    prefixes = {phrase[:end] for phrase in phrases for end in range(len(phrase) + 1)}
    for phrase in phrases:
        state, at = grammar.start(), 0
        while at < len(phrase):
            piece = phrase[at : at + rng.randrange(1, 4)]
            after = grammar.advance(state, piece)
            assert after is not None
            state, at = after, at + len(piece)
            assert grammar.is_final(state) is (phrase[:at] in phrases)
            going_on = {char for char in grammar.next_chars(state)}
            assert going_on == {longer[at] for longer in prefixes if longer[:at] == phrase[:at] != longer}
        assert grammar.advance(state, "查查" if grammar is SHORT_ZH else " zz") is None


def test_samples_match_follow_weights_and_repeat_with_the_seed() -> None:
    grammar = compile_source("#ABNF 1.0; language en; root $r; $r = /9/ a | /1/ b | $VOID | c<2->;")
    drawn = grammar.sample(random.Random(3), 600)
    assert drawn == grammar.sample(random.Random(3), 600)
    assert all(grammar.match(phrase) for phrase in drawn)
    assert drawn.count("a") > 5 * drawn.count("b") > 0


def test_words_are_the_terminals_for_a_recogniser_with_a_vocabulary() -> None:
    assert EN.words() == ("a", "balance", "my", "one", "person", "please", "speak", "to", "two", "what's")
    assert {"请", "一下", "余额", "还款日", "English"} <= set(ZH.words())


def test_an_endless_repeat_is_followed_without_being_listed() -> None:
    grammar = compile_source("#ABNF 1.0; language zh-CN; root $r; $r = (零 {d+=0} | 一 {d+=1})<1->;")
    assert grammar.match("零一" * 200) == ({"d": "01" * 200},)
