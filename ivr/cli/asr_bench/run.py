"""Puts every trial to the recogniser and keeps what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import Progress

from ivr.adapters.recogniser.engine import BadRequest
from ivr.adapters.system_clock import SystemClock
from ivr.cli.asr_bench.figures import Outcome, Verdict
from ivr.cli.asr_bench.hearing import Hearer, Hearing
from ivr.cli.asr_bench.line import TelephoneLine, UnusableAudio
from ivr.cli.asr_bench.trials import Task, Trial, same_words
from ivr.grammar.interpret import interpret, meanings_as_written
from ivr.grammar.result import Match
from ivr.runtime.ports import RecogniserLost

_LOST_IN_A_ROW = 3


@dataclass
class Results:
    """What a run came to."""

    outcomes: list[Outcome] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """What could not be measured, and why."""


class Bench:
    """A recogniser at the end of a line."""

    def __init__(self, hearer: Hearer, line: TelephoneLine, *, by_sound: bool, console: Console) -> None:
        """With `by_sound`, another phrase of the same toneless sound counts as right."""
        self._hearer = hearer
        self._line = line
        self._by_sound = by_sound
        self._console = console
        self._lost = 0

    def run(self, tasks: Iterable[Task]) -> Results:
        """Measure all tasks. Raises `RecogniserLost` when the recogniser stays away."""
        results = Results()
        for task in tasks:
            try:
                self._warm(task)
                self._measure(task, results)
            except BadRequest as error:
                results.skipped.append(f"{task.name} ({task.language}): {error}")
        return results

    def _warm(self, task: Task) -> None:
        """Have the model loaded and the grammar compiled before anything is timed."""
        self._console.print(f"preparing {task.name} ({task.language}) ...")
        silence = bytes(self._line.codec.sample_rate_hz)  # half a second
        self._hearer.hear(
            silence,
            self._line.codec.sample_rate_hz,
            language=task.language,
            grammar=task.grammar.source if task.grammar else "",
        )

    def _measure(self, task: Task, results: Results) -> None:
        with Progress(console=self._console) as progress:
            total = len(task.trials) + len(task.outside)
            bar = progress.add_task(f"{task.name} ({task.language})", total=total)
            for in_grammar, trials in ((True, task.trials), (False, task.outside)):
                for trial in trials:
                    try:
                        results.outcomes.append(self._outcome(task, trial, in_grammar=in_grammar))
                        self._lost = 0
                    except UnusableAudio as error:
                        results.skipped.append(str(error))
                    except RecogniserLost as error:
                        self._lost += 1
                        if self._lost >= _LOST_IN_A_ROW:
                            raise
                        results.skipped.append(f"{trial.name}: {error}")
                    progress.advance(bar)

    def _outcome(self, task: Task, trial: Trial, *, in_grammar: bool) -> Outcome:
        samples = self._line.carry(trial)
        rate_hz = self._line.codec.sample_rate_hz
        hearing = self._hearer.hear(
            samples.astype("<i2").tobytes(),
            rate_hz,
            language=task.language,
            grammar=task.grammar.source if task.grammar else "",
        )
        heard, confidence, verdict = self._judge(task, trial, hearing, in_grammar=in_grammar)
        return Outcome(
            f"{task.name} ({task.language})",
            trial.name,
            trial.category,
            trial.speaker,
            trial.language,
            in_grammar,
            trial.said,
            heard,
            confidence,
            verdict,
            samples.size * 1000 // rate_hz,
            round(hearing.latency_ms, 2),
            None if hearing.cpu_ms is None else round(hearing.cpu_ms, 2),
        )

    def _judge(
        self, task: Task, trial: Trial, hearing: Hearing, *, in_grammar: bool
    ) -> tuple[str, float, Verdict]:
        """What was heard, how surely, and whether that is what was said (in a grammar: what was meant)."""
        best = hearing.hypothesis.best
        same = same_words(task.language, by_sound=self._by_sound)
        if task.grammar is None:
            if best is None or not best.text.strip():
                return "", 0.0, Verdict.NO_MATCH
            right = same(best.text, trial.said)
            return best.text, best.confidence, Verdict.RIGHT if right else Verdict.WRONG
        now = SystemClock().now().astimezone()
        found = interpret(hearing.hypothesis, task.grammar, now)
        if not isinstance(found, Match):
            return found.text, 0.0, Verdict.NO_MATCH
        meanings = meanings_as_written(trial.said, task.grammar, now) if in_grammar else ()
        right = dict(found.meaning) in meanings or (
            in_grammar and self._by_sound and same(found.text, trial.said)
        )
        return found.text, found.confidence, Verdict.RIGHT if right else Verdict.WRONG
