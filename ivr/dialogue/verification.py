"""How much somebody has proved of who they are, and what to ask for next. Values, to be replayed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

PROOF_LEVEL = "proof_level"
"""The slot by which services know what has been proved: they guard what they tell by themselves."""


class Level(StrEnum):
    """What has been proved, least first. Caller id proposes a customer and proves nothing."""

    NONE = "none"
    LIGHT = "light"
    """One piece of knowledge: enough to be told about one's own loan."""
    STRONG = "strong"
    """Two pieces: enough to change where money goes or where codes are sent."""


@dataclass(frozen=True, slots=True)
class VerificationRules:
    """What counts as proof. `pieces` are asked for in this order."""

    step: str = ""
    """The step where a gate sends those who have not proved enough."""
    pieces: tuple[str, ...] = ()
    light: int = 1
    strong: int = 2
    tries: int = 3
    """Wrong answers in one call, over all pieces, after which nothing more is asked."""

    def __post_init__(self) -> None:
        if not 1 <= self.light <= self.strong:
            raise ValueError(f"verification needs 1 <= light ({self.light}) <= strong ({self.strong})")
        if self.tries < 1:
            raise ValueError("verification needs at least one try")
        if self.pieces and self.strong > len(self.pieces):
            raise ValueError(f"strong needs {self.strong} pieces, but only {len(self.pieces)} are named")


@dataclass(frozen=True, slots=True)
class Proof:
    """What has become of the pieces on this call; names of pieces only, never what was said."""

    passed: tuple[str, ...] = ()
    forgone: tuple[str, ...] = ()
    """Not known to the caller, or not held by the book."""
    wrong: int = 0
    locked: bool = False

    def right(self, piece: str) -> "Proof":
        """The piece was told rightly."""
        return self if piece in self.passed else replace(self, passed=(*self.passed, piece))

    def forgo(self, piece: str) -> "Proof":
        """The piece cannot be had."""
        return self if piece in self.forgone else replace(self, forgone=(*self.forgone, piece))


@dataclass(frozen=True, slots=True)
class Due:
    """What comes next: a piece's name, `enough` or `locked`, and why."""

    value: str
    reason: str


ENOUGH, LOCKED = "enough", "locked"


def level_of(proof: Proof, rules: VerificationRules) -> Level:
    """What this proof is good for; a locked one for nothing."""
    if proof.locked or len(proof.passed) < rules.light:
        return Level.NONE
    return Level.STRONG if len(proof.passed) >= rules.strong else Level.LIGHT


def meets(level: Level, needed: Level) -> bool:
    """Whether `level` is at least `needed`."""
    order: Sequence[Level] = tuple(Level)
    return order.index(level) >= order.index(needed)


def due(needed: Level, proof: Proof, rules: VerificationRules) -> Due:
    """Which piece to ask for so that `needed` is reached, if it still can be."""
    if meets(level_of(proof, rules), needed):
        return Due(ENOUGH, f"{len(proof.passed)} of the pieces passed")
    if proof.locked:
        return Due(LOCKED, "the book has locked this customer's checks")
    if proof.wrong >= rules.tries:
        return Due(LOCKED, f"{proof.wrong} wrong answers of {rules.tries}")
    left = [piece for piece in rules.pieces if piece not in {*proof.passed, *proof.forgone}]
    wanted = rules.light if needed is Level.LIGHT else rules.strong
    if len(proof.passed) + len(left) < wanted:
        return Due(LOCKED, "not enough pieces are left to ask for")
    return Due(left[0], f"piece {len(proof.passed) + 1} of {wanted}")
