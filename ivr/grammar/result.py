"""What a recogniser heard and what it means: the types between recognition and dialogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Alternative:
    """One reading of an utterance. `confidence` is 0..1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The recogniser's words, best reading first. No alternatives means it heard no speech it could read."""

    alternatives: tuple[Alternative, ...] = ()
    engine: str = ""

    @property
    def best(self) -> Alternative | None:
        """The best reading, or None."""
        return self.alternatives[0] if self.alternatives else None


@dataclass(frozen=True, slots=True)
class Match:
    """The utterance or the keys mean this in the grammar."""

    meaning: Mapping[str, str]
    confidence: float
    text: str = field(repr=False)
    listed: bool = True
    """Whether a grammar lists it; a free sentence was only taken for it."""


@dataclass(frozen=True, slots=True)
class NoMatch:
    """The utterance has no meaning in the grammar."""

    reason: str
    """`empty`, `out_of_grammar`, `low_confidence`, `ambiguous`, `bad_keys`, `back_channel`."""
    text: str = field(default="", repr=False)
    confidence: float = 0.0

    @property
    def is_wordless(self) -> bool:
        """Whether nothing was said by it: a noise, or an "uh-huh" under a statement."""
        return self.reason in {"empty", "back_channel"}


Interpretation = Match | NoMatch
