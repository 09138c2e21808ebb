"""A dialled line from the INVITE to the verdict, in virtual time: sounds by the frame, words by a script."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scripted_recogniser import ScriptedRecogniser

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.calls.answer_kinds import Announcement, AnswerKind
from ivr.calls.sip import Answered, AudioReceived, Disconnected, LineEvent
from ivr.media.frame import Frame
from ivr.media.level import level_db
from ivr.runtime.answering import Answering, AnswerSenses, BeepWait, Reached
from ivr.runtime.grammar_book import CompiledGrammarBook

RATE_HZ = 8000
ANSWER = Answered(codec="PCMA/8000")
BUSY_HERE = Disconnected(486, "Busy Here", by_remote=True)


def silence(ms: int) -> np.ndarray:
    return np.zeros(ms * RATE_HZ // 1000, np.int16)


def speech(ms: int, level: float = 1500.0) -> np.ndarray:
    """Noise that rises and falls four times a second: enough for a detector that goes by level."""
    count = ms * RATE_HZ // 1000
    syllables = 0.7 + 0.3 * np.sin(2 * np.pi * 4 * np.arange(count) / RATE_HZ)
    return np.asarray(np.random.default_rng(ms).normal(0, level, count) * syllables, np.int16)


def tone(hz: float, ms: int) -> np.ndarray:
    return np.asarray(4000 * np.sin(2 * np.pi * hz * np.arange(ms * RATE_HZ // 1000) / RATE_HZ), np.int16)


class LevelDetector:
    def judge(self, pcm: bytes, sample_rate_hz: int) -> Frame:
        level = level_db(np.frombuffer(pcm, np.int16))
        return Frame(voiced=level > -45.0, level_db=level, length_ms=len(pcm) * 500 // sample_rate_hz)


class Noon:
    def now(self) -> datetime:
        return datetime(2030, 3, 10, 12, 0, tzinfo=UTC)


@dataclass
class PlayedLine:
    """What the far end does: events at once, sounds in their own time; then silence for ever."""

    script: list[LineEvent | np.ndarray]
    sample_rate_hz: int = RATE_HZ
    _pieces: list[bytes] = field(default_factory=list)

    async def next_event(self) -> LineEvent:
        if not self._pieces and self.script and isinstance(self.script[0], np.ndarray):
            pcm = self.script.pop(0).tobytes()
            self._pieces = [pcm[at : at + 640] for at in range(0, len(pcm), 640)]
        if not self._pieces and self.script:
            return self.script.pop(0)  # type: ignore[return-value]
        piece = self._pieces.pop(0) if self._pieces else bytes(640)
        await asyncio.sleep(len(piece) / 2 / RATE_HZ)
        return AudioReceived(caller=piece, bot=bytes(len(piece)))


@cache
def grammars() -> CompiledGrammarBook:
    root = Path(__file__).parents[2] / "grammars"
    return CompiledGrammarBook(read_grammar_texts(root), Noon(), ZoneInfo("Asia/Shanghai"))


def answering(*words: str | None, takes_s: float = 0.2) -> Answering:
    """With a recogniser that hears these, one for each stretch that is asked for; None: it is lost."""
    readings = [None if word is None else (word, 0.95 if word else 0.0) for word in words]
    recogniser = ScriptedRecogniser(readings, takes_s)  # type: ignore[arg-type]
    senses = AnswerSenses(LevelDetector(), recogniser, grammars())
    return Answering(senses, locale="zh-CN", sample_rate_hz=RATE_HZ)


async def reach(*script: LineEvent | np.ndarray, words: tuple[str | None, ...] = ()) -> Reached:
    judged = answering(*words)
    try:
        return await judged.reach(PlayedLine(list(script)))
    finally:
        await judged.close()


async def test_a_hello_is_a_person_within_a_second_and_a_half_and_is_not_lost():
    reached = await reach(ANSWER, silence(500), speech(400), silence(3000))
    assert reached.verdict is not None
    assert reached.verdict.kind is AnswerKind.HUMAN
    assert reached.verdict.at_ms <= 1500
    heard = np.frombuffer(reached.audio, np.int16)
    assert level_db(heard[500 * 8 : 900 * 8]) > -35
    assert heard.size >= 1100 * 8


async def test_nobody_who_answers_in_silence_waits_longer_than_a_second_and_a_half():
    reached = await reach(ANSWER, silence(5000))
    assert reached.verdict is not None
    assert (reached.verdict.kind, reached.verdict.at_ms) == (AnswerKind.UNSURE, 1500)
    assert reached.verdict.kind.is_person


async def test_a_person_who_speaks_at_length_is_awaited_and_their_words_are_no_announcement():
    reached = await reach(ANSWER, silence(300), speech(2600), silence(3000), words=("您好宏远装饰公司",))
    assert reached.verdict is not None
    assert reached.verdict.kind is AnswerKind.HUMAN
    assert 2900 <= reached.verdict.at_ms <= 3900


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("您拨打的电话已关机", Announcement.SWITCHED_OFF),
        ("您好您拨打的号码是空号请核对后再拨", Announcement.INVALID_NUMBER),
        ("您拨打的电话已停机", Announcement.OUT_OF_SERVICE),
        ("您拨打的电话正在通话中请稍后再拨", Announcement.BUSY),
        ("您拨打的电话暂时无法接通请稍后再拨", Announcement.UNREACHABLE),
    ],
)
async def test_early_media_tells_why_before_the_code_comes(words: str, kind: Announcement):
    reached = await reach(silence(400), speech(2500), silence(3000), BUSY_HERE, words=(words,))
    assert reached.verdict is not None
    assert reached.verdict.announcement is kind
    assert (reached.answered, reached.ended) == (None, None)


async def test_a_mailbox_that_answers_is_known_by_its_words_and_its_beep_is_awaited():
    judged = answering("您好我现在不方便接听您的电话", "")
    line = PlayedLine([ANSWER, silence(400), speech(2400), silence(700), speech(1500), tone(1000.0, 400)])
    reached = await judged.reach(line)
    assert reached.verdict is not None
    assert reached.verdict.announcement is Announcement.VOICEMAIL
    before_s = asyncio.get_running_loop().time()
    assert await judged.wait_for_beep(line) is BeepWait.RECORDS
    assert asyncio.get_running_loop().time() - before_s < 3.5
    await judged.close()


async def test_a_machine_that_seemed_a_person_is_found_out_while_we_speak():
    judged = answering("请在嘀声后留言")
    line = PlayedLine([ANSWER, silence(400), speech(700), silence(600), speech(2500), silence(2000)])
    reached = await judged.reach(line)
    assert reached.verdict is not None
    assert reached.verdict.kind is AnswerKind.HUMAN
    events = [await line.next_event() for _ in range(150)]
    later = None
    for event in events:
        later = judged.take(event) or later
        await asyncio.sleep(0.02)
    assert later is not None
    assert later.announcement is Announcement.VOICEMAIL
    await judged.close()


async def test_a_beep_after_speech_is_a_machine():
    judged = answering("")
    line = PlayedLine([ANSWER, silence(300), speech(1400), silence(150), tone(1400.0, 500), silence(3000)])
    reached = await judged.reach(line)
    assert reached.verdict is not None
    assert reached.verdict.kind is AnswerKind.BEEP
    assert await judged.wait_for_beep(line) is BeepWait.RECORDS
    await judged.close()


@pytest.mark.parametrize("reading", [None, ""])
async def test_a_recogniser_that_is_lost_or_hears_nothing_leaves_nobody_waiting(reading: str | None):
    reached = await reach(ANSWER, silence(300), speech(1500), silence(4000), words=(reading,))
    assert reached.verdict is not None
    assert reached.verdict.kind is AnswerKind.HUMAN
    assert reached.verdict.at_ms <= 1800 + 1100


async def test_a_recogniser_that_is_late_leaves_nobody_waiting():
    judged = answering("您拨打的电话已关机", takes_s=20.0)
    reached = await judged.reach(PlayedLine([ANSWER, silence(300), speech(1500), silence(4000)]))
    assert reached.verdict is not None
    assert (reached.verdict.kind, reached.verdict.at_ms <= 1800 + 1100) == (AnswerKind.HUMAN, True)
    await judged.close()


async def test_ringing_is_reported_and_ends_when_it_takes_too_long():
    ring = [part for _ in range(12) for part in (tone(450.0, 1000), silence(4000))]
    judged = answering()
    reached = await judged.reach(PlayedLine([silence(200), *ring]), longest_ring_s=30.0)
    assert (reached.verdict, reached.answered, reached.ended) == (None, None, None)
    assert reached.ringing is AnswerKind.RINGBACK
    assert asyncio.get_running_loop().time() == pytest.approx(30.0, abs=0.1)


async def test_a_busy_tone_in_early_media_is_a_verdict_and_a_code_alone_is_an_end():
    busy = [part for _ in range(5) for part in (tone(450.0, 350), silence(350))]
    toned = await reach(*busy, BUSY_HERE)
    assert toned.verdict is not None
    assert toned.verdict.kind is AnswerKind.BUSY_TONE
    coded = await reach(silence(500), BUSY_HERE)
    assert (coded.verdict, coded.ended) == (None, BUSY_HERE)


async def test_words_of_early_media_that_come_after_the_answer_are_void():
    script = [silence(200), speech(1200), silence(320), ANSWER, silence(400), speech(400), silence(2000)]
    reached = await reach(*script, words=("您拨打的电话已关机",))
    assert reached.verdict is not None
    assert reached.verdict.kind is AnswerKind.HUMAN


async def test_an_answer_without_any_audio_is_somebody_to_speak_to():
    class Mute(PlayedLine):
        async def next_event(self) -> LineEvent:
            if self.script:
                return await super().next_event()
            await asyncio.sleep(3600)
            raise AssertionError

    judged = answering()
    reached = await judged.reach(Mute([ANSWER]))
    assert reached.verdict is not None
    assert reached.verdict.kind is AnswerKind.UNSURE


async def test_a_machine_that_never_beeps_and_one_that_hangs_up_end_the_wait():
    for script, wait in (
        ([speech(400)] * 200, BeepWait.TOO_LONG),
        ([speech(400), Disconnected(200, "OK", by_remote=True)], BeepWait.GONE),
        ([speech(400), silence(4000)], BeepWait.RECORDS),
    ):
        judged = answering()
        line = PlayedLine([ANSWER, *script])
        judged.take(await line.next_event())
        assert await judged.wait_for_beep(line, longest_s=20.0) is wait
        await judged.close()
