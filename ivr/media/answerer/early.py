"""Before the answer: what early media tells of an attempt."""

import numpy as np

from ivr.calls.answer_kinds import AnswerKind
from ivr.media.answerer.listening import Listening
from ivr.media.answerer.rules import AnswerRules
from ivr.media.answerer.signals import BeepHeard, SignalHeard
from ivr.media.answerer.tone_plans import Signal
from ivr.media.answerer.verdict import Ask, Verdict, WordsHeard
from ivr.media.frame import Frame
from ivr.media.level import Samples

_BY_SIGNAL = {
    Signal.BUSY: (AnswerKind.BUSY_TONE, ""),
    Signal.CONGESTION: (AnswerKind.CONGESTION_TONE, ""),
    Signal.UNOBTAINABLE: (AnswerKind.SIT, "unobtainable"),
    Signal.FAX_CALLED: (AnswerKind.FAX, ""),
    Signal.FAX_CALLING: (AnswerKind.FAX, ""),
}

_MUSIC_FRAMES = 150
_MUSIC_DB = -50.0
_VALLEY_DB = 12.0
_MUSIC_VALLEYS = 0.2
"""Speech falls that far below its loud moments half of the time; music seldom does."""


def verdict_of_signal(heard: SignalHeard) -> Verdict | None:
    """What a signal of the network settles; None for ringing and dial tone, which settle nothing."""
    if heard.signal is Signal.SIT:
        code = heard.sit.value if heard.sit else ""
        return Verdict(AnswerKind.SIT, 1.0, (f"special information tone ({code})",), heard.at_ms, sit=code)
    found = _BY_SIGNAL.get(heard.signal)
    if found is None:
        return None
    kind, sit = found
    plan = f", plan {heard.country}" if heard.country else ""
    return Verdict(kind, 1.0, (f"{heard.signal.value} tone{plan}",), heard.at_ms, sit=sit)


def verdict_of_words(heard: WordsHeard, rules: AnswerRules, at_ms: int) -> Verdict | None:
    """What the words settle, where they are believed."""
    if heard.confidence < rules.words_confidence:
        return None
    if heard.announcement is None:
        machine = Verdict(AnswerKind.MACHINE, heard.confidence, ("words of a machine",), at_ms)
        return machine if heard.is_machine and heard.ask.answered else None
    reason = f"words of {heard.announcement.value}"
    return Verdict(AnswerKind.ANNOUNCEMENT, heard.confidence, (reason,), at_ms, heard.announcement)


def is_music(levels_db: list[float]) -> bool:
    """Whether the last 3 s of 20 ms levels (dBov) hardly ever fall as speech does."""
    if len(levels_db) < _MUSIC_FRAMES:
        return False
    loud_db = float(np.quantile(levels_db, 0.9))
    valleys = float(np.mean(np.array(levels_db) < loud_db - _VALLEY_DB))
    return loud_db > _MUSIC_DB and valleys <= _MUSIC_VALLEYS


class EarlyJudge:
    """Feed early media; get a verdict as soon as it settles what came of the attempt."""

    def __init__(self, sample_rate_hz: int, rules: AnswerRules) -> None:
        self._rules = rules
        self._listening = Listening(sample_rate_hz, rules, answered=False)
        self._is_music = False
        self.ringing: AnswerKind | None = None
        """Ring-back tone or music, once one was heard."""

    def hear(self, samples: Samples, frame: Frame) -> Verdict | None:
        """Take one frame of 20 ms."""
        heard = self._listening.hear(samples, frame)
        if heard is not None and not isinstance(heard, BeepHeard):
            if heard.signal is Signal.RINGBACK:
                self.ringing = AnswerKind.RINGBACK
            return verdict_of_signal(heard)
        if self._listening.looked:
            self._is_music = is_music(self._listening.levels_db)
        if self._is_music:
            self.ringing = self.ringing or AnswerKind.MUSIC
        return None

    def next_ask(self) -> Ask | None:
        """The stretch whose words are wanted; none of music."""
        return None if self._is_music else self._listening.next_ask()

    def take_words(self, heard: WordsHeard) -> Verdict | None:
        """What was asked for has come."""
        self._listening.pending = None
        return verdict_of_words(heard, self._rules, self._listening.heard_ms)
