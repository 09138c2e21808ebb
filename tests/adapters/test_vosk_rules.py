"""What surrounds Vosk, without a model: phrases in the words of a vocabulary, results as readings."""

import json

import pytest

from ivr.adapters.recogniser.vosk_results import Reading, joined, read_alternatives, weighed
from ivr.adapters.recogniser.vosk_words import in_words

ZH = {"中国", "国人", "人民", "银行", "查", "查询", "询", "余额", "转", "人工", "atm", "幺", "中国人"}


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
    assert in_words(phrase, ZH.__contains__, spaced=False) == (words, ())


@pytest.mark.parametrize(
    ("phrase", "spaced", "missing"),
    [
        ("查询贷款余额", False, ("贷", "款")),
        ("check the blance", True, ("blance",)),
        ("Balance CHECK", True, ()),
    ],
)
def test_what_the_model_does_not_know_is_named(phrase: str, spaced: bool, missing: tuple[str, ...]) -> None:
    known = ZH | {"check", "the", "balance"}
    assert in_words(phrase, known.__contains__, spaced=spaced)[1] == missing


def test_words_of_which_each_part_is_known_but_no_cut_fits_are_named_whole() -> None:
    assert in_words("中国人", {"中国", "国人"}.__contains__, spaced=False) == ((), ("中国人",))


def _alternatives(*found: tuple[str, float]) -> list[Reading]:
    listed = [{"text": text, "confidence": score} for text, score in found]
    return read_alternatives(json.dumps({"alternatives": listed}))


PHRASES = {("주소", "변경"), ("계약", "내용"), ("변경",)}


def test_a_phrase_of_the_grammar_is_found_behind_a_mixture_of_phrases() -> None:
    readings = _alternatives(
        ("계약 변경", 187.9), ("납부 내용", 187.2), ("계약 내용", 186.5), ("변경", 185.0)
    )
    heard = weighed(readings, PHRASES, joint=" ", limit=2)
    assert [alternative.text for alternative in heard] == ["계약 내용", "변경"]
    assert heard[0].confidence < 0.2


def test_a_reading_without_a_rival_is_sure_and_an_even_one_is_not() -> None:
    assert weighed(_alternatives(("주소 변경", 100.0)), PHRASES, joint=" ", limit=5)[0].confidence == 1.0
    even = weighed(_alternatives(("주소 변경", 100.0), ("계약 내용", 100.0)), PHRASES, joint=" ", limit=5)
    assert [alternative.confidence for alternative in even] == [0.5, 0.5]


def test_unknown_words_beside_a_phrase_lower_its_confidence() -> None:
    heard = weighed(_alternatives(("[unk] 주소 변경 [unk]", 50.0)), PHRASES, joint=" ", limit=5)
    assert [(a.text, a.confidence) for a in heard] == [("주소 변경", 0.5)]
    assert weighed(_alternatives(("[unk]", 50.0), ("", 49.0)), PHRASES, joint=" ", limit=5) == ()


def test_sentences_that_vosk_cut_apart_are_one_utterance_again() -> None:
    first, second = _alternatives(("一 二", 10.0), ("一 一", 9.0)), _alternatives(("三", 5.0), ("四", 4.5))
    whole = joined(joined([Reading((), 0.0)], first), second)
    assert [(" ".join(reading.words), reading.score) for reading in whole] == [
        ("一 二 三", 15.0),
        ("一 二 四", 14.5),
        ("一 一 三", 14.0),
        ("一 一 四", 13.5),
    ]
    assert weighed(whole, {("一", "二", "三")}, joint="", limit=1)[0].text == "一二三"


def test_silence_has_no_reading() -> None:
    assert weighed(read_alternatives('{"alternatives": []}'), None, joint="", limit=5) == ()
