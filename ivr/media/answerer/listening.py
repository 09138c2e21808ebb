"""What both halves of the judgement have in common: tones, timing, and when to ask for words."""

import numpy as np

from ivr.media.answerer.rules import AnswerRules
from ivr.media.answerer.signals import BeepHeard, SignalHeard, ToneEar
from ivr.media.answerer.timing import FRAME_MS, SpeechTrack, Timing
from ivr.media.answerer.verdict import Ask
from ivr.media.frame import Frame
from ivr.media.level import Samples

_LOOK_EVERY_MS = 60
_LEVELS_KEPT = 150
_BEFORE_FRAMES, _AFTER_FRAMES = 4, 5


class Listening:
    """One stretch of the call, before the answer or after it. Times count from its start."""

    def __init__(self, sample_rate_hz: int, rules: AnswerRules, *, answered: bool) -> None:
        self._rules = rules
        self._answered = answered
        self._tones = ToneEar(sample_rate_hz)
        self._track = SpeechTrack()
        self._asked_until_ms = 0
        self._asks = 0
        self.pending: Ask | None = None
        """What was asked for and has not come."""
        self.timing = Timing(0, ())
        """As of the last look, at most 60 ms ago."""

    @property
    def heard_ms(self) -> int:
        """Audio so far."""
        return self._track.heard_ms

    @property
    def looked(self) -> bool:
        """Whether `timing` is of this very frame: the rules look every 60 ms."""
        return self.timing.at_ms == self.heard_ms

    @property
    def levels_db(self) -> list[float]:
        """Of the frames of the last 3 s."""
        return self._track.levels_db(_LEVELS_KEPT)

    @property
    def speech_db(self) -> float:
        """Level of the loud moments of speech."""
        return self._track.speech_db

    @property
    def tone_is_open(self) -> bool:
        """Whether a tone sounds, or has just ended, that may turn out to be a beep."""
        return self._tones.beep_is_open

    def hear(self, samples: Samples, frame: Frame) -> SignalHeard | BeepHeard | None:
        """Take one frame of 20 ms."""
        heard = self._tones.hear(samples)
        sounding = self._tones.sounding
        self._track.feed(frame, tone_ms=sounding.length_ms if sounding else 0)
        if self.heard_ms % _LOOK_EVERY_MS == 0:
            self.timing = self._track.timing()
        return heard

    def stands_alone(self, beep: BeepHeard) -> bool:
        """Whether it was so much quieter just before and after as it never is around a voice's own tones."""
        begins, ends = (
            (self.heard_ms - ms) // FRAME_MS for ms in (beep.ended_ms - beep.length_ms, beep.ended_ms)
        )
        levels_db = self._track.levels_db(begins + _BEFORE_FRAMES)
        before_db, after_db = levels_db[begins:], levels_db[max(ends - 1 - _AFTER_FRAMES, 0) : ends - 1]
        quiet_db = beep.level_db - self._rules.beep_above_rest_db
        return all(np.mean(around_db) <= quiet_db for around_db in (before_db, after_db) if around_db)

    def next_ask(self) -> Ask | None:
        """The stretch whose words are wanted now, once; None while another is awaited."""
        rules, now_ms = self._rules, self.timing.at_ms
        if not self.looked or self.pending is not None or self._asks >= rules.most_asks:
            return None
        fresh = [s for s in self.timing.stretches if s.ends_ms > self._asked_until_ms]
        if not fresh:
            return None
        begins_ms = max(fresh[0].begins_ms, self._asked_until_ms)
        spoken_ms = sum(s.ends_ms - max(s.begins_ms, self._asked_until_ms) for s in fresh)
        over = self.timing.silence_ms >= rules.ask_after_ms and spoken_ms >= rules.least_asked_ms
        if not over and spoken_ms < rules.ask_at_ms:
            return None
        begins_ms = max(begins_ms - rules.lead_in_ms, now_ms - rules.longest_ask_ms, 0)
        self._asks += 1
        self._asked_until_ms = now_ms
        self.pending = Ask(begins_ms, now_ms, self._answered)
        return self.pending
