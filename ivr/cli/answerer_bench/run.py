"""Plays a trial to the judge as a line would, frame by frame."""

from dataclasses import dataclass

from ivr.bootstrap.answering import answer_detector
from ivr.cli.answerer_bench.answerers import HUMAN
from ivr.cli.answerer_bench.hearing import WordsEar
from ivr.cli.answerer_bench.trials import Trial
from ivr.media.answerer.judge import AnswerJudge
from ivr.media.answerer.verdict import Verdict, WordsHeard

RATE_HZ = 8000
FRAME = RATE_HZ // 50
WORDS_TAKE_MS = 500
"""From asking to having the words, as a recogniser under load takes."""
FOUND_BY_MS = (2000, 4000, 6000, 10_000)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the judge made of a trial."""

    trial: Trial
    first: Verdict | None
    last: Verdict | None
    ringing: str
    message_ms: int | None
    """When a message could have been left."""
    asks: int

    @property
    def found(self) -> str:
        """The last word, as a column of the matrix."""
        if self.trial.early and self.last is None:
            return self.ringing or "nothing"
        if self.last is None:
            return "nothing"
        if self.last.announcement is not None:
            return self.last.announcement.value
        return "unobtainable" if self.last.sit == "unobtainable" else self.last.kind.value

    @property
    def is_machine(self) -> bool:
        """Whether it ended as anything but a person to speak to."""
        return self.last is not None and not self.last.kind.is_person

    @property
    def is_right(self) -> bool:
        """Whether the attempt would have been treated rightly."""
        scene = self.trial.scene
        if scene.label == HUMAN:
            return not self.is_machine
        if not self.trial.early:
            return self.is_machine
        return self.found == scene.label


def judge(trial: Trial, ear: WordsEar) -> Outcome:
    """Play it all."""
    judging, detector = AnswerJudge(RATE_HZ), answer_detector()
    if not trial.early:
        judging.answered()
    samples = trial.scene.samples
    first: Verdict | None = None
    due: list[tuple[int, WordsHeard]] = []
    asks, message_ms = 0, None
    for at in range(0, samples.size - FRAME + 1, FRAME):
        now_ms = (at + FRAME) * 1000 // RATE_HZ
        found = None
        while due and due[0][0] <= now_ms:
            found = judging.take_words(due.pop(0)[1]) or found
        frame = samples[at : at + FRAME]
        found = judging.hear(frame, detector.judge(frame.tobytes(), RATE_HZ)) or found
        first = first or found
        if (ask := judging.next_ask()) is not None:
            asks += 1
            stretch = samples[ask.begins_ms * 8 : ask.ends_ms * 8]
            due.append((now_ms + WORDS_TAKE_MS, ear.words(ask, stretch, trial.scene.locale)))
        if message_ms is None and judging.message_may_start:
            message_ms = now_ms
    ringing = judging.ringing.value if judging.ringing else ""
    return Outcome(trial, first, judging.verdict, ringing, message_ms, asks)
