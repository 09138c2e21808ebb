"""The judge on measured frames: speech, silence, tones and words in, verdicts out, all in audio time."""

from collections.abc import Sequence

import numpy as np
import pytest

from ivr.calls.answer_kinds import Announcement, AnswerKind
from ivr.media.answerer.early import is_music
from ivr.media.answerer.judge import AnswerJudge
from ivr.media.answerer.timing import SpeechTrack, Stretch
from ivr.media.answerer.timing_model import FEATURES, LOOKS_MS, features, machine_score
from ivr.media.answerer.timing_model_data import WEIGHTS
from ivr.media.answerer.verdict import Ask, Verdict, WordsHeard
from ivr.media.frame import Frame

SPOKEN, QUIET = Frame(voiced=True, level_db=-24.0), Frame(voiced=False, level_db=-70.0)
SOFT = Frame(voiced=True, level_db=-38.0)
NOTHING = np.zeros(160, np.int16)
RNG = np.random.default_rng(1)
NOISE = RNG.normal(0, 1500, (50, 160)).astype(np.int16)


class Hearing:
    """A judge that is played stretches of sound; keeps the verdicts and the stretches that it asked for."""

    def __init__(self, *, answered: bool = True) -> None:
        self.judge = AnswerJudge(8000)
        if answered:
            self.judge.answered()
        self.verdicts: list[Verdict] = []
        self.asks: list[Ask] = []
        self.at_ms = 0

    def speech(self, ms: int) -> "Hearing":
        """Syllables: louder and softer by turns, as no music is."""
        for at in range(0, ms, 20):
            self._hear(NOISE[at // 20 % 50], SOFT if at % 200 >= 120 else SPOKEN)
        return self

    def silence(self, ms: int) -> "Hearing":
        for _ in range(0, ms, 20):
            self._hear(NOTHING, QUIET)
        return self

    def tone(self, hz: float, ms: int) -> "Hearing":
        for at in range(0, ms, 20):
            times = (at * 8 + np.arange(160)) / 8000
            sound = np.asarray(4000 * np.sin(2 * np.pi * hz * times), np.int16)
            self._hear(sound, Frame(voiced=True, level_db=-21.0))
        return self

    def words(
        self,
        announcement: Announcement | None,
        confidence: float = 0.95,
        *,
        is_machine: bool = False,
        count: int | None = 8,
    ) -> "Hearing":
        heard = WordsHeard(self.asks[-1], announcement, confidence, is_machine, count)
        self._note(self.judge.take_words(heard))
        return self

    @property
    def kinds(self) -> list[AnswerKind]:
        return [verdict.kind for verdict in self.verdicts]

    def _hear(self, sound: np.ndarray, frame: Frame) -> None:
        self.at_ms += 20
        self._note(self.judge.hear(sound, frame))
        if (ask := self.judge.next_ask()) is not None:
            self.asks.append(ask)

    def _note(self, verdict: Verdict | None) -> None:
        if verdict is not None:
            self.verdicts.append(verdict)


@pytest.mark.parametrize("onset_ms", [100, 400, 700])
@pytest.mark.parametrize("spoken_ms", [200, 400, 800, 1100])
def test_a_brief_answer_gets_the_turn_a_quarter_of_a_second_after_its_end(onset_ms: int, spoken_ms: int):
    heard = Hearing().silence(onset_ms).speech(spoken_ms).silence(600)
    assert heard.kinds == [AnswerKind.HUMAN]
    assert heard.verdicts[0].at_ms - onset_ms - spoken_ms <= 320


def test_a_longer_answer_is_asked_for_and_its_words_decide():
    heard = Hearing().silence(300).speech(2000).silence(400)
    assert [(ask.begins_ms, ask.ends_ms >= 2600, ask.answered) for ask in heard.asks] == [(100, True, True)]
    assert heard.words(Announcement.CALL_ASSISTANT).verdicts[0].announcement is Announcement.CALL_ASSISTANT


@pytest.mark.parametrize("confidence", [0.0, 0.2, 0.39])
def test_words_that_are_hardly_believed_make_nobody_a_machine(confidence: float):
    heard = Hearing().silence(300).speech(2000).silence(400)
    heard.words(Announcement.VOICEMAIL, confidence).silence(800)
    assert heard.kinds == [AnswerKind.HUMAN]


def test_words_that_only_machines_say_are_a_machine_and_tell_nothing_of_an_attempt_that_nobody_took():
    heard = Hearing().silence(300).speech(2000).silence(400).words(None, is_machine=True)
    assert [(v.kind, v.announcement) for v in heard.verdicts] == [(AnswerKind.MACHINE, None)]
    early = Hearing(answered=False).silence(300).speech(2000).silence(400).words(None, is_machine=True)
    assert early.verdicts == []


@pytest.mark.parametrize(("count", "kind"), [(23, AnswerKind.HUMAN), (24, AnswerKind.MACHINE)])
def test_nobody_says_so_many_words_before_they_wait(count: int, kind: AnswerKind):
    heard = Hearing().silence(300).speech(4000).silence(400).words(None, count=count).silence(800)
    assert heard.kinds == [kind]


def test_somebody_who_has_heard_us_may_say_as_many_words_as_they_like():
    heard = Hearing().silence(300).speech(2000).silence(400).words(None).silence(800)
    heard.speech(4000).silence(400).words(None, count=60).silence(2000)
    assert heard.kinds == [AnswerKind.HUMAN]


@pytest.mark.parametrize(("count", "kinds"), [(3, []), (15, []), (16, [AnswerKind.MACHINE])])
def test_speech_without_a_pause_is_a_recording_where_it_has_words(count: int, kinds: list[AnswerKind]):
    assert Hearing().silence(200).speech(5300).words(None, count=count).kinds == kinds


def test_timing_tells_machines_only_where_words_cannot_be_had():
    late = Hearing().silence(200).speech(6000)
    assert late.kinds[:1] == [AnswerKind.MACHINE]
    lost = Hearing().silence(200).speech(5000).words(None, count=None).speech(1000)
    assert lost.kinds[:1] == [AnswerKind.MACHINE]
    read = Hearing().silence(200).speech(5000).words(None, count=3).speech(1000)
    assert read.kinds == []


def test_nobody_waits_for_words_that_do_not_come():
    heard = Hearing().silence(300).speech(2000).silence(2000)
    assert heard.kinds == [AnswerKind.HUMAN]
    assert heard.verdicts[0].at_ms <= 2300 + 1060


def test_silence_is_spoken_into():
    assert [(v.kind, v.at_ms) for v in Hearing().silence(4000).verdicts] == [(AnswerKind.UNSURE, 1500)]


def test_somebody_who_speaks_first_after_we_did_is_still_a_person():
    assert Hearing().silence(2000).speech(600).silence(1500).kinds == [AnswerKind.UNSURE]


def test_a_machine_is_found_after_it_seemed_a_person_and_stays_one():
    heard = Hearing().silence(200).speech(600).silence(500).speech(2500).silence(400)
    assert heard.kinds == [AnswerKind.HUMAN]
    heard.words(Announcement.VOICEMAIL).silence(500).tone(1000, 300).silence(2000)
    assert heard.kinds == [AnswerKind.HUMAN, AnswerKind.ANNOUNCEMENT]
    assert heard.judge.message_may_start


def test_a_beep_after_speech_is_a_machine_and_a_beep_alone_is_not():
    assert Hearing().speech(1500).silence(200).tone(1400, 400).silence(500).kinds == [AnswerKind.BEEP]
    assert Hearing().silence(300).tone(1400, 400).silence(2500).kinds == [AnswerKind.UNSURE]


@pytest.mark.parametrize(("before_ms", "after_ms"), [(0, 0), (0, 400), (200, 0)])
def test_a_pure_tone_within_a_voice_is_no_beep(before_ms: int, after_ms: int):
    heard = Hearing().speech(1500).silence(before_ms).tone(1400, 200).silence(after_ms).speech(600)
    assert AnswerKind.BEEP not in heard.silence(2000).kinds


def test_a_fax_that_answers_is_a_fax():
    assert Hearing().silence(300).tone(2100, 2000).kinds == [AnswerKind.FAX]


def test_a_ring_that_goes_on_after_the_answer_is_nothing():
    assert Hearing().tone(450, 1000).silence(1600).kinds == [AnswerKind.UNSURE]


@pytest.mark.parametrize(
    ("on_ms", "off_ms", "kind"),
    [(350, 350, AnswerKind.BUSY_TONE), (700, 700, AnswerKind.CONGESTION_TONE)],
)
@pytest.mark.parametrize("answered", [True, False])
def test_busy_and_congestion_settle_it_at_any_time(on_ms: int, off_ms: int, kind: AnswerKind, answered: bool):
    heard = Hearing(answered=answered)
    for _ in range(5):
        heard.tone(450, on_ms).silence(off_ms)
    assert kind in heard.kinds


def test_ringing_settles_nothing_and_is_known():
    heard = Hearing(answered=False)
    for _ in range(3):
        heard.tone(450, 1000).silence(4000)
    assert heard.verdicts == []
    assert heard.judge.ringing is AnswerKind.RINGBACK


def test_early_speech_is_asked_for_and_never_a_person():
    heard = Hearing(answered=False).silence(500).speech(2500).silence(500)
    assert (heard.verdicts, len(heard.asks)) == ([], 1)
    assert heard.words(Announcement.SWITCHED_OFF).kinds == [AnswerKind.ANNOUNCEMENT]


def test_a_verdict_on_early_media_is_the_only_one():
    heard = Hearing(answered=False).speech(2500).silence(400).words(Announcement.BUSY)
    heard.speech(2500).silence(500).words(Announcement.SWITCHED_OFF)
    assert [verdict.announcement for verdict in heard.verdicts] == [Announcement.BUSY]


def test_words_are_asked_for_again_and_again_but_not_for_ever():
    heard = Hearing()
    for _ in range(12):
        heard.speech(1200).silence(500)
        if heard.asks:
            heard.words(None)
    assert 2 <= len(heard.asks) <= 6


def test_speech_without_end_is_asked_for_while_it_goes_on():
    heard = Hearing().silence(200).speech(5000)
    assert [ask.ends_ms for ask in heard.asks] == [pytest.approx(4700, abs=80)]


def test_stretches_are_joined_over_breaths_and_clicks_are_none():
    track = SpeechTrack()
    for frame, frames in ((QUIET, 20), (SPOKEN, 2), (QUIET, 20), (SPOKEN, 30), (QUIET, 12), (SPOKEN, 20)):
        for _ in range(frames):
            track.feed(frame)
    assert track.timing().stretches == (Stretch(840, 2080),)


def test_the_room_behind_somebody_is_not_their_speech():
    track = SpeechTrack()
    murmur = Frame(voiced=True, level_db=-47.0)
    for frame, frames in ((murmur, 30), (SPOKEN, 25), (murmur, 60)):
        for _ in range(frames):
            track.feed(frame)
    assert track.timing().stretches == (Stretch(600, 1100),)


def test_a_track_of_hours_stays_small_and_keeps_its_clock():
    track = SpeechTrack()
    for at in range(4000):
        track.feed(SPOKEN if at % 100 < 30 else QUIET)
    timing = track.timing()
    assert timing.at_ms == 80_000
    assert timing.stretches[-1] == Stretch(78_000, 78_600)
    assert timing.stretches[0].begins_ms >= 50_000


def test_the_model_has_a_weight_for_each_feature_and_is_silent_elsewhere():
    assert all(len(weights) == len(FEATURES) for weights in WEIGHTS.values())
    track = SpeechTrack()
    for _ in range(LOOKS_MS[0] // 20):
        track.feed(QUIET)
    assert features(track.timing())[:3] == (1.0, 0.0, 0.0)
    assert machine_score(track.timing()) is not None
    track.feed(QUIET)
    assert machine_score(track.timing()) is None


def levels(*parts: tuple[float, int]) -> Sequence[float]:
    return [level for level, frames in parts for _ in range(frames)]


def test_music_hardly_pauses_and_speech_does():
    assert is_music(list(levels((-20.0, 130), (-40.0, 20))))
    assert not is_music(list(levels((-20.0, 80), (-60.0, 70))))
    assert not is_music(list(levels((-70.0, 150))))
    assert not is_music(list(levels((-20.0, 40))))
