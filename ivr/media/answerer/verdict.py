"""What the judge finds, and what it asks for."""

from dataclasses import dataclass

from ivr.calls.answer_kinds import Announcement, AnswerKind


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who or what is at the other end, as far as can be told by `at_ms`."""

    kind: AnswerKind
    confidence: float
    """0..1; of a human it is what is left of the doubt."""
    reasons: tuple[str, ...]
    """What speaks for it, for people to read; nothing of what was said."""
    at_ms: int
    """Since the answer; of an unanswered call since the dialling."""
    announcement: Announcement | None = None
    sit: str = ""
    """The code of a special information tone, or `unobtainable`; see `attempt_table`."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A stretch of the line whose words would help; in ms, as `Verdict.at_ms`."""

    begins_ms: int
    ends_ms: int
    answered: bool
    """Whether it was heard after the answer."""


@dataclass(frozen=True, slots=True)
class WordsHeard:
    """What a stretch that was asked for turned out to be."""

    ask: Ask
    announcement: Announcement | None
    """None where its words are no announcement, or could not be had."""
    confidence: float = 0.0
    is_machine: bool = False
    """Whether only a machine says so, though it is none of the announcements: a menu, half a sentence."""
    words: int | None = None
    """How many were read: characters of Chinese, words of other languages. None where none could be had."""
