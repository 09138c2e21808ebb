"""A customer's story: who calls, what they want, say and press, and what must have come of it. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

KEYS = frozenset("0123456789*#ABCD")
"""Of a telephone."""


class Ending(StrEnum):
    """How a call may end."""

    COMPLETED = "completed"
    TRANSFERRED = "transferred"
    CALLBACK = "callback"
    """Nobody was there: somebody will ring back."""
    HUNG_UP = "hung_up"
    """The caller had enough."""


@dataclass(frozen=True, slots=True)
class StoryTurn:
    """What the caller does once, and what they hear then. Exactly one of the first four is given."""

    says: str | None = None
    keys: str | None = None
    silence: bool = False
    noise: bool = False
    """A sound without words."""
    heard: str | None = None
    """What the recogniser makes of `says`, where it mishears."""
    follows: bool = False
    """Whether it comes within a moment after the turn before, and may belong to it."""
    means: str | None = None
    """The wish in these words: to "is it ... that you want?" the caller answers truly, whatever was heard."""
    again: tuple[str, ...] = ()
    """Other words for it, one after the other while the hotline asks again; what is all keys is pressed."""
    hears: tuple[str, ...] = ()
    """Words that are among what the hotline says before the next turn."""
    line: int = 0

    def put(self, words: str) -> "StoryTurn":
        """This turn in these words, or by these keys."""
        if set(words) <= KEYS:
            return replace(self, says=None, keys=words)
        return replace(self, says=words)


@dataclass(frozen=True, slots=True)
class Story:
    """One call as it should go."""

    name: str
    locale: str
    wants: str
    caller: str
    """A customer of the stories' book by name, or a telephone number."""
    turns: tuple[StoryTurn, ...]
    ends: Ending
    settled: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    hears: tuple[str, ...] = ()
    never_hears: tuple[str, ...] = ()
    agents: bool = True
    """Whether people are there to take the call over."""
    survey: str = ""
    """The survey with which they are rung; empty where they ring the hotline."""
    rings_back: bool = False
    """Whether they were rung with it in vain, and now ring the hotline."""
    before: Mapping[str, str] = field(default_factory=dict)
    """What they have answered on a call that broke off, by item."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What must have been noted, by item."""
    result: str = ""
    """What the attempt must have come to: an `AttemptResult`."""
    callback_at: str = ""
    """The moment for which a call must have been promised, such as 2026-11-23T15:00."""
    source: str = ""

    @property
    def is_for_the_robot(self) -> bool:
        """Whether the customer wants what the robot should settle by itself."""
        return bool(self.settled) and self.ends in {Ending.COMPLETED, Ending.HUNG_UP}


@dataclass(slots=True)
class Told:
    """What came of a story when it was told to the hotline."""

    replies: list[str] = field(default_factory=list)
    """Everything said: first the greeting, then after each turn."""
    settled: list[str] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    result: str = ""
    callback_at: str = ""
    ending: Ending = Ending.HUNG_UP
    turns: int = 0
    faults: list[str] = field(default_factory=list)
    """What may happen in no story, such as a prompt without a value for its slot."""
    path: list[str] = field(default_factory=list)
    """For each turn the item it answered, and how that was taken."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a story went."""

    story: Story
    told: Told
    problems: tuple[str, ...]

    @property
    def wrongly_settled(self) -> tuple[str, ...]:
        """What the customer got and never wanted; twice is right for whoever asks for another day."""
        return tuple(wish for wish in self.told.settled if wish not in self.story.settled)

    @property
    def left_unsettled(self) -> tuple[str, ...]:
        """What the customer wanted and did not get."""
        return tuple((Counter(self.story.settled) - Counter(self.told.settled)).elements())

    @property
    def robot_settled(self) -> bool:
        """Whether everything wanted was settled, and no person was needed for it."""
        return not self.left_unsettled and self.told.ending in {Ending.COMPLETED, Ending.HUNG_UP}


def judge(story: Story, told: Told) -> Verdict:
    """Compare what came of it with what should have."""
    problems = [*told.faults]
    if told.turns < len(story.turns):
        problems.append(f"over after turn {told.turns} of {len(story.turns)}")
    verdict = Verdict(story, told, ())
    problems += [f"never settled {wish}" for wish in verdict.left_unsettled]
    problems += [f"wrongly settled {wish}" for wish in verdict.wrongly_settled]
    if Counter(story.tickets) != Counter(told.tickets):
        problems.append(f"tickets: {_listed(told.tickets)} instead of {_listed(story.tickets)}")
    if told.ending is not story.ends:
        problems.append(f"ends {told.ending} instead of {story.ends}")
    problems += _of_survey(story, told) if story.survey else []
    for number, turn in enumerate(story.turns, 1):
        reply = told.replies[number] if number < len(told.replies) else ""
        problems += [
            f"turn {number} (line {turn.line}): hears {reply!r}, not {words!r}"
            for words in turn.hears
            if words not in reply
        ]
    everything = "\n".join(told.replies)
    problems += [f"never hears {words!r}" for words in story.hears if words not in everything]
    problems += [f"hears {words!r}" for words in story.never_hears if words in everything]
    return replace(verdict, problems=tuple(problems))


def _of_survey(story: Story, told: Told) -> Iterator[str]:
    for item in {**story.answers, **told.answers}:
        wanted, noted = story.answers.get(item, "nothing"), told.answers.get(item, "nothing")
        if wanted != noted:
            yield f"noted {noted!r} for {item} instead of {wanted!r}"
    if story.result != told.result:
        yield f"came to {told.result} instead of {story.result or 'nothing'}"
    if story.callback_at != told.callback_at:
        yield f"promised a call at {told.callback_at or 'no time'} instead of {story.callback_at or 'none'}"


@dataclass(frozen=True, slots=True)
class Score:
    """How all stories went together."""

    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> int:
        """Stories in which everything came as it should."""
        return sum(not verdict.problems for verdict in self.verdicts)

    @property
    def robot_share(self) -> float:
        """Of the stories that are for the robot, those that it settled without a person; 1.0 for none."""
        for_robot = [verdict for verdict in self.verdicts if verdict.story.is_for_the_robot]
        return sum(v.robot_settled for v in for_robot) / len(for_robot) if for_robot else 1.0

    @property
    def wrongly_settled(self) -> tuple[tuple[str, str], ...]:
        """Story and wish, for everything that was settled without being wanted."""
        return tuple((v.story.name, wish) for v in self.verdicts for wish in v.wrongly_settled)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
