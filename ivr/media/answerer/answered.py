"""After the answer: a person who must be spoken to, or a machine."""

from ivr.calls.answer_kinds import AnswerKind
from ivr.media.answerer.early import verdict_of_signal, verdict_of_words
from ivr.media.answerer.listening import Listening
from ivr.media.answerer.rules import AnswerRules
from ivr.media.answerer.signals import BeepHeard
from ivr.media.answerer.timing_model import confidence, machine_score
from ivr.media.answerer.tone_plans import Signal
from ivr.media.answerer.verdict import Ask, Verdict, WordsHeard
from ivr.media.frame import Frame
from ivr.media.level import Samples

_SURE_OF_TALK = 0.9


class AnsweredJudge:
    """Feed audio from the answer on. The first verdict says who is to speak; a later one may be a machine."""

    def __init__(self, sample_rate_hz: int, rules: AnswerRules) -> None:
        self._rules = rules
        self._listening = Listening(sample_rate_hz, rules, answered=True)
        self._verdict: Verdict | None = None
        self._beep_ms: int | None = None
        self._is_deaf = False
        self._words = 0

    @property
    def message_may_start(self) -> bool:
        """A beep has ended and nobody has spoken since; or a machine has been silent for long without one."""
        timing = self._listening.timing
        spoke_ms = timing.stretches[-1].ends_ms if timing.stretches else 0
        if self._beep_ms is not None and spoke_ms <= self._beep_ms:
            return True
        return timing.speech_ms > 0 and timing.silence_ms >= self._rules.beepless_ms

    def hear(self, samples: Samples, frame: Frame) -> Verdict | None:
        """Take one frame of 20 ms; a verdict when there is a new one."""
        heard = self._listening.hear(samples, frame)
        if isinstance(heard, BeepHeard) and not self._listening.stands_alone(heard):
            heard = None
        if isinstance(heard, BeepHeard):
            self._beep_ms = heard.ended_ms
        if self._is_settled or self._listening.heard_ms > self._rules.watch_ms:
            return None
        if isinstance(heard, BeepHeard):
            return self._settle(self._beep(heard))
        if heard is not None and heard.signal not in (Signal.RINGBACK, Signal.DIAL):
            return self._settle(verdict_of_signal(heard))
        if not self._listening.looked:
            return None
        return self._settle(self._by_timing()) or self._settle(self._by_silence())

    def next_ask(self) -> Ask | None:
        """The stretch whose words are wanted now, if any."""
        if self._is_settled or self._listening.heard_ms > self._rules.watch_ms:
            return None
        return self._listening.next_ask()

    def take_words(self, heard: WordsHeard) -> Verdict | None:
        """What was asked for has come."""
        self._listening.pending = None
        self._is_deaf = heard.words is None
        if self._verdict is None:
            self._words += heard.words or 0
        found = verdict_of_words(heard, self._rules, self._listening.heard_ms) or self._by_talk()
        return None if self._is_settled else self._settle(found)

    @property
    def _is_settled(self) -> bool:
        return self._verdict is not None and not self._verdict.kind.is_person

    def _settle(self, verdict: Verdict | None) -> Verdict | None:
        if verdict is not None and (self._verdict is None or not verdict.kind.is_person):
            self._verdict = verdict
            return verdict
        return None

    def _beep(self, heard: BeepHeard) -> Verdict | None:
        timing, rules = self._listening.timing, self._rules
        speech_db = self._listening.speech_db
        if (
            timing.speech_ms < rules.machine_speech_ms
            or heard.level_db < speech_db - rules.beep_below_speech_db
        ):
            return None
        reason = f"beep of {heard.hz:.0f} Hz after {timing.speech_ms / 1000:.1f} s of speech"
        return Verdict(AnswerKind.BEEP, 1.0, (reason,), self._listening.heard_ms)

    def _by_talk(self) -> Verdict | None:
        """More than a person says unasked; once they have heard us they may say anything."""
        timing, rules = self._listening.timing, self._rules
        goes_on = timing.longest_ms >= rules.unbroken_ms and self._words >= rules.unbroken_words
        if self._verdict is not None or not (goes_on or self._words >= rules.most_words):
            return None
        reason = f"{self._words} words in {timing.speech_ms / 1000:.1f} s of speech"
        return Verdict(AnswerKind.MACHINE, _SURE_OF_TALK, (reason,), timing.at_ms)

    def _by_timing(self) -> Verdict | None:
        """Only where words were asked for and could not be had: they tell better."""
        timing, pending = self._listening.timing, self._listening.pending
        is_late = pending is not None and timing.at_ms - pending.ends_ms >= self._rules.words_wait_ms
        if not self._is_deaf and not is_late:
            return None
        score = machine_score(timing)
        if score is None or score < 0.0:
            return None
        reason = f"{timing.speech_ms / 1000:.1f} s of speech in {timing.at_ms / 1000:.1f} s"
        return Verdict(AnswerKind.MACHINE, confidence(score), (reason,), timing.at_ms)

    def _by_silence(self) -> Verdict | None:
        """Whether it is our turn: nobody has spoken, or somebody has and waits."""
        timing, rules = self._listening.timing, self._rules
        if not timing.stretches:
            if timing.at_ms < rules.nobody_speaks_ms:
                return None
            return Verdict(AnswerKind.UNSURE, 0.5, ("nobody spoke",), timing.at_ms)
        if self._listening.tone_is_open:
            return None
        waits = timing.silence_ms >= self._turn_after_ms()
        if not waits and timing.longest_ms < rules.longest_greeting_ms:
            return None
        reason = (
            f"{timing.speech_ms / 1000:.1f} s of speech, then {timing.silence_ms / 1000:.1f} s of silence"
        )
        sure = 0.95 if timing.speech_ms <= rules.brief_ms else 0.7
        return Verdict(AnswerKind.HUMAN, sure, (reason,), timing.at_ms)

    def _turn_after_ms(self) -> int:
        rules = self._rules
        if self._listening.pending is not None:
            return rules.words_wait_ms
        brief = self._listening.timing.speech_ms <= rules.brief_ms
        return rules.after_brief_ms if brief else rules.after_long_ms
