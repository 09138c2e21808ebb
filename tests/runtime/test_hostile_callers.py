"""Callers nobody wishes for: each call ends politely, and the record of it is whole."""

import wave
from collections.abc import Iterator
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from line_sounds import RATE_HZ, SILENCE, SPEECH, TICK_MS
from phone_call import (
    BOOK,
    PROMPT_MS,
    SCRIPT,
    Call,
    LoopClock,
    ScriptedLine,
    hear_out,
    make_noise,
    phone,
    press,
    speak,
    wait,
)

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.adapters.intent_files import read_intents
from ivr.adapters.vad_webrtc import WebRtcSpeechDetector
from ivr.calls.disposition import HangupCause
from ivr.calls.events import (
    CallEnded,
    CallStarted,
    PromptPlayed,
    RecordingSaved,
    RungStepped,
    TicketOpened,
    TurnTaken,
    WishSettled,
)
from ivr.calls.rung import Rung
from ivr.grammar.open_item import OpenSpeech
from ivr.media.frame import Frame
from ivr.media.level import level_db
from ivr.runtime.grammar_book import CompiledGrammarBook

AGENTS = "sip:agents@pbx"
LAST_WORDS = {SCRIPT.prompts.goodbye, SCRIPT.prompts.max_duration, SCRIPT.prompts.transferring}
NEWS = (
    "受冷空气影响今天夜间到明天北方大部地区有小到中雪", "下面来听一首老歌送给所有开车的朋友们",
    "昨天晚上进行的比赛中主队以三比一获胜", "前方路段车多缓行请您绕行二环高架",
    "专家提醒秋冬季节要注意保暖多喝热水",
    "今年粮食产量再创新高", "欢迎收听整点新闻", "这部电影将在下周五全国上映", "沪指收盘上涨百分之零点六",
)  # fmt: skip


def assert_ended_well(call: Call, *, longest_s: float = 900.0) -> CallEnded:
    """It ended with words, in time, and nothing of it is missing in the record."""
    assert call.errors == []
    assert isinstance(call.events[0], CallStarted)
    assert [type(event) for event in call.events[-2:]] == [RecordingSaved, CallEnded]
    assert set(call.prompts[-1].split()) & LAST_WORDS, call.prompts[-1]
    (end,) = call.of(CallEnded)
    assert end.cause in {HangupCause.COMPLETED, HangupCause.MAX_DURATION, HangupCause.TRANSFERRED}
    assert end.duration_ms <= longest_s * 1000 + 10 * PROMPT_MS
    assert call.recorder.total_ms == pytest.approx(end.duration_ms, abs=500)
    assert len(call.of(PromptPlayed)) == len(call.line.clips)
    turns = [event.turn for event in call.of(TurnTaken)]
    assert turns == sorted(turns)
    return end


def for_ever(acts) -> Iterator[bytes]:
    while True:
        yield from acts()


@pytest.mark.parametrize("agent_uri", ["", AGENTS])
async def test_whoever_never_says_a_word_is_let_go_and_costs_no_person_time(agent_uri: str) -> None:
    call = await phone(lambda line: wait(600_000), agent_uri=agent_uri)
    end = assert_ended_well(call)
    assert end.duration_ms < 60_000
    assert call.line.transferred_to == []


async def test_a_line_that_only_hums_is_let_go() -> None:
    call = await phone(lambda line: make_noise(600_000), agent_uri=AGENTS)
    assert_ended_well(call)


KEYBOARDS = {
    "everything": "0123456789*#", "no person": "123456789*#", "hashes": "#", "stars": "*", "fives": "5",
    "ones": "1", "nines and hashes": "9#", "letters": "ABCD",
}  # fmt: skip


@pytest.mark.parametrize("keyboard", KEYBOARDS.values(), ids=KEYBOARDS)
async def test_three_thousand_keys_end_politely_with_every_turn_kept(keyboard: str) -> None:
    rng = Random(keyboard)
    keys = "".join(rng.choice(keyboard) for _ in range(3000))
    call = await phone(
        lambda line: (act for part in (press(keys, gap_ms=100), wait(600_000)) for act in part),
        agent_uri=AGENTS if keyboard == "0123456789*#" else "",
    )
    assert_ended_well(call)
    assert any(turn.source == "keys" for turn in call.of(TurnTaken))


async def test_three_thousand_keys_at_once_end_politely() -> None:
    keys = "".join(Random(7).choice("123456789*#") for _ in range(3000))
    call = await phone(lambda line: (act for part in (press(keys, gap_ms=0), wait(600_000)) for act in part))
    assert_ended_well(call)


@pytest.mark.parametrize("words", [[], [(text, 0.9) for text in NEWS * 20], [("嗯", 0.9)] * 200])
@pytest.mark.parametrize("agent_uri", ["", AGENTS])
async def test_ten_minutes_of_talk_without_a_breath_end_politely(
    words: list[tuple[str, float]], agent_uri: str
) -> None:
    call = await phone(lambda line: speak(600_000, 600_000), words, agent_uri=agent_uri)
    assert_ended_well(call)
    assert call.of(TurnTaken)


async def test_ten_minutes_of_talk_in_sentences_end_politely_with_every_turn_kept() -> None:
    words = [(text, 0.9) for text in NEWS * 40]

    def caller(line: ScriptedLine) -> Iterator[bytes]:
        yield from wait(1500)
        yield from for_ever(lambda: speak(2400, 900))

    call = await phone(caller, words, agent_uri=AGENTS)
    assert_ended_well(call)
    heard = [turn.hypothesis for turn in call.of(TurnTaken)]
    assert heard == list(NEWS * 40)[: len(heard)]


async def test_a_call_at_its_time_limit_is_ended_with_words_even_under_talk() -> None:
    words = [("再说一遍", 0.9)] * 400
    call = await phone(lambda line: for_ever(lambda: speak(800, 4000)), words, longest_s=600.0)
    end = assert_ended_well(call, longest_s=600.0)
    assert end.cause is HangupCause.MAX_DURATION
    assert end.duration_ms == pytest.approx(600_000, abs=5000)


# --- a radio -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def free_speech() -> CompiledGrammarBook:
    speech = {"zh-CN": OpenSpeech.learn(read_intents(Path("grammars"), "zh-CN"))}
    texts = read_grammar_texts(Path("grammars"))
    return CompiledGrammarBook(texts, LoopClock(), ZoneInfo("Asia/Shanghai"), speech)


def babble(folder: Path) -> bytes:
    """Six readers at once over an office, as 8 kHz samples; about a minute."""
    rng = Random(1)
    files = sorted((folder / "zh_audio_cmn" / "wav").glob("*.wav"))
    voices = [np.concatenate([samples(rng.choice(files)) for _ in range(60)]) for _ in range(6)]
    shortest = min(len(voice) for voice in voices)
    room = samples(folder / "noise_room" / "wav" / "office_ambience_8k_60s.wav")
    mixed = sum(voice[:shortest] for voice in voices) + np.resize(room, shortest)
    return np.clip(mixed * 0.4, -32768, 32767).astype("<i2").tobytes()


def samples(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        step = file.getframerate() // RATE_HZ
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")[::step].astype(np.int32)


async def test_a_radio_beside_the_telephone_settles_nothing_and_is_let_go(
    data_dir: Path, free_speech: CompiledGrammarBook
) -> None:
    sound = babble(data_dir)
    size = len(SILENCE)
    frames = [sound[at : at + size] for at in range(0, len(sound) - size, size)]
    words = [(text, 0.85) for text in NEWS * 40]
    call = await phone(
        lambda line: for_ever(lambda: iter(frames)),
        words,
        grammars=free_speech,
        detector=WebRtcSpeechDetector(),
        agent_uri="",
    )
    assert_ended_well(call)
    assert call.of(TurnTaken)
    assert call.of(WishSettled) == []


# --- shouting ------------------------------------------------------------------------------------------

SHOUT = b"\xff\x7f" * (len(SPEECH) // 2)


class LevelDetector:
    def judge(self, pcm: bytes, sample_rate_hz: int) -> Frame:
        measured_db = level_db(np.frombuffer(pcm, dtype="<i2"))
        return Frame(measured_db > -30.0, measured_db, len(pcm) * 500 // sample_rate_hz)


def shout(ms: int, then_silence_ms: int) -> Iterator[bytes]:
    for _ in range(ms // TICK_MS):
        yield SHOUT
    yield from wait(then_silence_ms)


def grows_loud(line: ScriptedLine) -> Iterator[bytes]:
    for _ in range(2):
        yield from hear_out(line)
        yield from speak(1600)
    for _ in range(2):
        yield from hear_out(line)
        yield from shout(1200, 0)
    yield from wait(60_000)


@pytest.mark.parametrize("agent_uri", ["", AGENTS])
async def test_whoever_begins_to_shout_is_met_with_understanding_and_then_with_a_person(
    agent_uri: str,
) -> None:
    words = [("你们这个到底怎么回事", 0.9)] * 2 + [("你们这个到底怎么回事你说清楚", 0.9)] * 6
    call = await phone(grows_loud, words, detector=LevelDetector(), agent_uri=agent_uri)
    assert_ended_well(call)
    assert any(SCRIPT.prompts.empathy in prompt.split() for prompt in call.prompts), call.prompts
    assert call.of(RungStepped)[-1].to_rung is Rung.LIVE_AGENT
    assert call.line.transferred_to == ([agent_uri] if agent_uri else [])
    assert len(call.of(TicketOpened)) == (0 if agent_uri else 1)


async def test_shouting_from_the_first_word_on_ends_politely() -> None:
    call = await phone(
        lambda line: for_ever(lambda: shout(3000, 400)),
        [(text, 0.9) for text in NEWS * 40],
        detector=LevelDetector(),
        grammars=BOOK,
    )
    assert_ended_well(call)
