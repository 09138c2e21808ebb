"""Who or what answers, from dialling to the verdict: early media first, then what comes after the answer."""

from ivr.calls.answer_kinds import AnswerKind
from ivr.media.answerer.answered import AnsweredJudge
from ivr.media.answerer.early import EarlyJudge
from ivr.media.answerer.rules import AnswerRules
from ivr.media.answerer.verdict import Ask, Verdict, WordsHeard
from ivr.media.frame import Frame
from ivr.media.level import Samples


class AnswerJudge:
    """Feed every frame of 20 ms of the far end, measured; get verdicts. It counts audio and has no clock.

    Where words would help, `next_ask` names a stretch; give what they are to `take_words`, soon or never.
    """

    def __init__(self, sample_rate_hz: int, rules: AnswerRules | None = None) -> None:
        """A judge of one attempt, from the INVITE on."""
        self._rules = rules or AnswerRules()
        self._rate_hz = sample_rate_hz
        self._early = EarlyJudge(sample_rate_hz, self._rules)
        self._answered: AnsweredJudge | None = None
        self.verdict: Verdict | None = None
        """The latest."""

    @property
    def ringing(self) -> AnswerKind | None:
        """`ringback` or `music`, once it was heard before the answer."""
        return self._early.ringing

    @property
    def message_may_start(self) -> bool:
        """Whether a machine that has answered records by now."""
        return self._answered is not None and self._answered.message_may_start

    def answered(self) -> None:
        """The far end has sent 200: what early media said is settled by that, and times start anew."""
        self._answered = AnsweredJudge(self._rate_hz, self._rules)
        self.verdict = None

    def hear(self, samples: Samples, frame: Frame) -> Verdict | None:
        """Take one frame: 16-bit samples, and what a speech detector says of them. The verdict, if new."""
        return self._keep((self._answered or self._early).hear(samples, frame))

    def next_ask(self) -> Ask | None:
        """A stretch whose words are wanted now; each is named once."""
        return (self._answered or self._early).next_ask()

    def take_words(self, heard: WordsHeard) -> Verdict | None:
        """The words of a stretch are known. Those of early media are void once the call is answered."""
        if heard.ask.answered is (self._answered is None):
            return None
        return self._keep((self._answered or self._early).take_words(heard))

    def _keep(self, verdict: Verdict | None) -> Verdict | None:
        if verdict is None or (self.verdict is not None and self._answered is None):
            return None
        self.verdict = verdict
        return verdict
