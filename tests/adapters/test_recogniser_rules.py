"""The sums and small state machines inside the recogniser, without a model."""

import json
import threading
from dataclasses import replace

import numpy as np
import pytest

from ivr.adapters.recogniser.audio import log_mel, to_samples, window_frames
from ivr.adapters.recogniser.confidence import Scored, weigh
from ivr.adapters.recogniser.dialect import read_results, write_config
from ivr.adapters.recogniser.early import PauseDetector
from ivr.adapters.recogniser.engine import BadRequest, Recognition, Request
from ivr.adapters.recogniser.phrase_index import PhraseIndex, sound_distance
from ivr.adapters.recogniser.protocol import Config, End, read_message, write_result
from ivr.adapters.recogniser.recent import Recent
from ivr.adapters.recogniser.spelling import sounds, spellings
from ivr.grammar.result import Alternative, Hypothesis

_CONFIG = Config(Request("zh-CN", 8000))
_YES_NO = "#ABNF 1.0 UTF-8;\nlanguage zh-CN;\nmode voice;\nroot $a;\npublic $a = 好的 | 不用;\n"


def _tokenise(texts: list[str]) -> list[list[int]]:
    return [[ord(char) for char in text] for text in texts]


@pytest.mark.parametrize(
    ("heard", "nearest"),
    [
        ("转人工", "转人工"),
        ("赚人工", "转人工"),
        ("查鱼额", "查余额"),
        ("我要查鱼", "查余额"),
        ("1234", "一二三四"),
    ],
)
def test_a_phrase_is_found_by_its_sound(heard: str, nearest: str) -> None:
    index = PhraseIndex(["转人工", "查余额", "再见", "一二三四"], "zh", _tokenise)
    row, _ = min(index.nearest(heard), key=lambda found: found[1])
    assert index.rows[row].phrase == nearest


def test_distance_is_zero_for_the_same_sounds_and_near_one_for_others() -> None:
    index = PhraseIndex(["yes please", "goodbye"], "en", _tokenise)
    found = {index.rows[row].phrase: distance for row, distance in index.nearest("Yes, please!")}
    assert found["yes please"] == 0
    assert found["goodbye"] > 0.7
    assert index.nearest("...") == []


def test_spellings_cover_what_whisper_writes() -> None:
    assert spellings("幺三八", "zh") == ("幺三八", "1 3 8", "幺 三 八")
    assert spellings("one oh", "en") == (" one oh", " One oh", " 1 0")
    assert spellings("转人工", "zh") == ("转人工",)
    assert spellings("agent", "en") == (" agent", " Agent")
    assert sounds("贷款", "zh") == sounds("带款", "zh")


def test_confidence_falls_with_a_close_rival_silence_and_bad_scores() -> None:
    good = Scored("查余额", "balance", -0.6, -14.0, 3, 0.0)
    rival = Scored("查月供", "next_due", -1.0, -14.0, 3, 0.1)
    far = Scored("再见", "bye", -14.0, -12.0, 2, 0.6)
    alone = weigh([good, far], 0.05)[0]
    assert (alone.text, alone.confidence > 0.9) == ("查余额", True)
    assert weigh([rival, good], 0.05)[0].confidence < alone.confidence
    unvoiced = weigh([good, far], 0.9)
    assert not unvoiced or unvoiced[0].confidence < alone.confidence
    assert weigh([far], 0.6) == ()
    assert weigh([], 0.0) == ()


def test_a_word_that_the_model_says_in_silence_too_needs_more_from_the_sound() -> None:
    rare, common = Scored("井", "井", -5.0, -14.0, 1, 0.0), Scored("是", "是", -4.5, -6.0, 1, 0.0)
    assert [alternative.text for alternative in weigh([common, rare], 0.05)][:1] == ["井"]


@pytest.mark.parametrize(
    ("one", "other", "language", "least", "most"),
    [
        ("七", "7。", "zh", 0, 0),
        ("贷款", "带款！", "zh", 0, 0),
        ("seven", " 7.", "en", 0, 0),
        ("one two", "1, 2", "en", 0, 0),
        ("按", "按期", "zh", 0.4, 0.6),
        ("取消", "公共汽车", "zh", 0.7, 1),
        ("", "", "en", 0, 0),
        ("好的", "", "zh", 1, 1),
    ],
)
def test_how_far_two_texts_sound_apart(
    one: str, other: str, language: str, least: float, most: float
) -> None:
    assert least <= sound_distance(one, other, language) <= most
    assert sound_distance(one, other, language) == sound_distance(other, one, language)


def test_a_free_reading_that_sounds_otherwise_costs_confidence() -> None:
    phrase = Scored("查余额", "balance", -4.0, -9.0, 3, 0.2)
    same, other = (replace(phrase, apart=apart) for apart in (0.0, 1.0))
    assert weigh([same], 0.1)[0].confidence > sum(found.confidence for found in weigh([other], 0.1)) + 0.2


def test_near_rivals_share_their_confidence() -> None:
    one, other = Scored("还", "还", -2.0, -12.0, 1, 0.0), Scored("罚", "罚", -2.0, -12.0, 1, 0.0)
    found = weigh([one, other], 0.05)
    assert [alternative.confidence for alternative in found] == [pytest.approx(0.5, abs=0.01)] * 2


def test_digits_heard_one_by_one_outweigh_the_whole() -> None:
    whole = Scored("1 3 9", "139", -3.0, -20.0, 3, 0.0, spelled=-9.0)
    piecewise = Scored("1 5 9", "159", -5.0, -20.0, 3, 0.0, spelled=-0.3)
    assert weigh([whole, piecewise], 0.05)[0].text == "1 5 9"
    doubtful = Scored("1 5 9", "159", -5.0, -20.0, 3, 0.0, spelled=-2.0)
    assert weigh([doubtful], 0.05)[0].confidence < weigh([piecewise], 0.05)[0].confidence - 0.05


def test_phrases_of_one_meaning_are_no_rivals() -> None:
    one, other = (
        Scored("查余额", "balance", -0.6, -14.0, 3, 0.0),
        Scored("查一下余额", "balance", -1.0, -18.0, 5, 0.1),
    )
    assert weigh([one, other], 0.05) == weigh([one], 0.05)


def _noise(length_ms: int, level: float) -> bytes:
    # A buzz of 120 Hz pulses is speech to the detector, faint hiss is not.
    count = 8 * length_ms
    samples = np.random.default_rng(1).normal(0, 5, count)
    if level:
        samples += level * np.sin(2 * np.pi * 300 * np.arange(count) / 8000) * (np.arange(count) % 67 < 30)
    return samples.astype("<i2").tobytes()


def test_a_pause_begins_after_speech_and_ends_with_speech() -> None:
    pauses = PauseDetector(8000)
    pauses.feed(_noise(400, 0))
    assert not pauses.paused
    pauses.feed(_noise(500, 9000))
    assert not pauses.paused
    pauses.feed(_noise(500, 0))
    assert pauses.paused
    assert pauses.feed(_noise(300, 9000))
    assert not pauses.paused
    assert not PauseDetector(11025).feed(_noise(1000, 0))


def test_resampling_keeps_tone_level_and_length() -> None:
    tone = (8000 * np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)).astype("<i2").tobytes()
    samples = to_samples(tone, 8000)
    assert len(samples) == 16000
    spectrum = np.abs(np.fft.rfft(samples))
    assert int(np.argmax(spectrum)) == 1000
    assert np.isclose(np.abs(samples).max(), 8000 / 32768, atol=0.01)
    assert np.isclose(samples[4000:12000].std(), 8000 / 32768 / np.sqrt(2), rtol=0.01)


def test_windows_are_short_for_short_speech() -> None:
    assert window_frames(np.zeros(16000, np.float32)) == 400
    assert window_frames(np.zeros(16000 * 4, np.float32)) == 600
    assert window_frames(np.zeros(16000 * 7, np.float32)) == 1000
    assert window_frames(np.zeros(16000 * 29, np.float32)) == 3000
    assert log_mel(np.zeros(16000, np.float32), 600).shape == (1, 80, 600)


def test_messages_are_read_in_every_spelling_and_change_only_what_they_name() -> None:
    first = read_message('{"config": {"sample_rate": 16000, "phrase_list": ["a"], "unheard_of": 1}}', _CONFIG)
    assert isinstance(first, Config)
    assert first.request == Request("zh-CN", 16000, phrases=("a",), n_best=1)
    second = read_message('{"config": {"max_alternatives": 3, "locale": "en-US"}}', first)
    assert isinstance(second, Config)
    assert second.request == Request("en-US", 16000, phrases=("a",), n_best=3)
    assert read_message('{"eof" : 1}', _CONFIG) == read_message('{"eof":1}', _CONFIG) == End(closes=True)
    assert read_message('{"reset" : 1}', _CONFIG) == End(closes=False)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "must hold"),
        ('{"config": {"sample_rate": "fast"}}', "sample_rate"),
        ('{"config": {"sample_rate": 1}}', "sample_rate"),
        ('{"config": {"phrase_list": "a"}}', "phrase_list"),
        ('{"config": {"phrase_list": [1]}}', "phrase_list"),
        ('{"config": {"max_alternatives": -1}}', "max_alternatives"),
        ('{"config": {"grammar": 7}}', "grammar"),
    ],
)
def test_bad_messages_are_refused_with_the_reason(message: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        read_message(message, _CONFIG)


def test_results_have_the_stock_servers_form() -> None:
    words = ({"word": "好", "conf": 0.9, "start": 0.1, "end": 0.4},)
    heard = Recognition(Hypothesis((Alternative("好的", 0.9), Alternative("不用", 0.1)), "vosk"), words)
    plain = json.loads(write_result(heard, _CONFIG))
    assert (plain["text"], plain["result"]) == ("好的", list(words))
    listed = json.loads(write_result(heard, Config(_CONFIG.request, max_alternatives=2)))
    assert listed["alternatives"][1] == {"text": "不用", "confidence": 0.1}
    assert json.loads(write_result(Recognition(Hypothesis()), _CONFIG))["text"] == ""


def test_a_stock_server_gets_phrases_and_its_sentences_are_joined() -> None:
    request = Request("zh-CN", 8000, _YES_NO)
    stock = json.loads(write_config(request, ours=False))["config"]
    assert stock == {"sample_rate": 8000, "words": True, "phrase_list": ["好 的", "不 用", "[unk]"]}
    ours = json.loads(write_config(request, ours=True))["config"]
    assert (ours["grammar"], "phrase_list" in ours) == (_YES_NO, False)
    heard = read_results(
        [
            {"text": "好 的", "result": [{"word": "好", "conf": 1.0}, {"word": "的", "conf": 0.8}]},
            {"text": "不 用 [unk]", "result": [{"word": "不", "conf": 0.6}, {"word": "[unk]", "conf": 1.0}]},
        ],
        "zh-CN",
    )
    assert heard.best == Alternative("好的不用", pytest.approx(0.6))
    assert read_results([{"text": ""}], "en-US").best is None


def test_what_is_expensive_is_made_once_for_many_threads_and_failures_are_not_kept() -> None:
    memory: Recent[str, int] = Recent(2)
    made: list[str] = []
    gate = threading.Event()

    def make() -> int:
        gate.wait(5)
        made.append("a")
        return 1

    threads = [threading.Thread(target=memory.get, args=("a", make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert made == ["a"]
    with pytest.raises(ZeroDivisionError):
        memory.get("b", lambda: 1 // 0)
    assert memory.get("b", lambda: 2) == 2
