"""What surrounds Vosk, without a model: results as readings."""

import json

from ivr.adapters.recogniser.vosk_results import Reading, joined, read_alternatives, weighed


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
