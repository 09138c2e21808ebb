"""Who is at the other end of a number: drawn by weights and a seed, the same people on every run."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate


class Role(StrEnum):
    """What somebody, or something, does when it is rung."""

    COOPERATES = "cooperates"
    HESITATES = "hesitates"
    """Answers everything, but begins each answer with an "er", and says hello twice."""
    REFUSES = "refuses"
    BUSY_NOW = "busy_now"
    """Wants to be rung tomorrow at three."""
    STOP_CALLING = "stop_calling"
    WRONG_PARTY = "wrong_party"
    HANGS_UP = "hangs_up"
    MACHINE = "machine"
    SWITCHED_OFF = "switched_off"
    INVALID_NUMBER = "invalid_number"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAX = "fax"


PEOPLE = frozenset({
    Role.COOPERATES, Role.HESITATES, Role.REFUSES, Role.BUSY_NOW, Role.STOP_CALLING, Role.WRONG_PARTY,
    Role.HANGS_UP,
})  # fmt: skip

LASTING = frozenset({Role.STOP_CALLING, Role.WRONG_PARTY, Role.INVALID_NUMBER, Role.FAX})
"""What a number is once, it is on every call; others may be somebody else's turn the next time."""

_AVERAGE: Mapping[Role, float] = {
    Role.COOPERATES: 40, Role.HESITATES: 10, Role.REFUSES: 5, Role.BUSY_NOW: 6, Role.STOP_CALLING: 3,
    Role.WRONG_PARTY: 3, Role.HANGS_UP: 3, Role.MACHINE: 6, Role.SWITCHED_OFF: 6, Role.INVALID_NUMBER: 3,
    Role.BUSY: 6, Role.NO_ANSWER: 8, Role.FAX: 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Population:
    """Weights need not sum to anything. Raises `ValueError` where nobody is left or a weight is negative."""

    weights: Mapping[Role, float] = field(default_factory=lambda: dict(_AVERAGE))
    seed: int = 1

    def __post_init__(self) -> None:
        if any(weight < 0 for weight in self.weights.values()) or not sum(self.weights.values()):
            raise ValueError("weights must be 0 or more, and one of them more than 0")

    def role(self, number: str, nth_call: int) -> Role:
        """Who answers the `nth_call` (from 1) to this number. Somebody who was busy talks when rung again."""
        first = self._drawn(number, 1)
        if nth_call == 1 or first in LASTING:
            return first
        if first is Role.BUSY_NOW:
            return Role.COOPERATES
        return self._drawn(number, nth_call)

    def _drawn(self, number: str, nth_call: int) -> Role:
        roles = [role for role in Role if self.weights.get(role, 0) > 0]
        at = share(f"{self.seed}:{number}:{nth_call}") * sum(self.weights[role] for role in roles)
        sums = accumulate(self.weights[role] for role in roles)
        return next(role for role, total in zip(roles, sums, strict=True) if at < total)


def share(text: str) -> float:
    """A number from 0 up to 1 that a text always gets: chance without a state."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) / 2**48


def parse_weights(text: str) -> dict[Role, float]:
    """`cooperates=6,busy=1` as weights. Raises `ValueError` with the roles there are."""
    weights: dict[Role, float] = {}
    for part in text.split(","):
        name, _, number = part.partition("=")
        try:
            weights[Role(name.strip())] = float(number or 1)
        except ValueError:
            raise ValueError(f"{part.strip()}: write ROLE=WEIGHT; roles are {', '.join(Role)}") from None
    return weights
