"""The ladder: when to act, confirm or ask again, and when a person is due; a value, to be replayed."""

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How an item is put, easiest for the caller last."""

    ASK = "ask"
    REPROMPT = "reprompt"
    CHOICE = "choice"
    CONFIRM = "confirm"


class Band(StrEnum):
    """What a confidence allows."""

    ACT = "act"
    CONFIRM = "confirm"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class LadderPolicy:
    """Thresholds and counts. `version` goes into the rung ledger with every step."""

    version: str = "1"
    act: float = 0.70
    confirm: float = 0.40
    reprompts: int = 1
    choices: int = 1

    def __post_init__(self) -> None:
        if not 0.0 <= self.confirm <= self.act <= 1.0:
            raise ValueError(f"need 0 <= confirm ({self.confirm}) <= act ({self.act}) <= 1")
        if self.reprompts < 0 or self.choices < 0:
            raise ValueError("reprompts and choices cannot be negative")


def band_of(confidence: float, policy: LadderPolicy, *, act: float | None = None) -> Band:
    """The band a confidence falls in; `act` is an item's own threshold, if it has one."""
    act_from = policy.act if act is None else act
    if confidence >= act_from:
        return Band.ACT
    return Band.CONFIRM if confidence >= min(policy.confirm, act_from) else Band.HELP


def form_after(failures: int, policy: LadderPolicy) -> Form | None:
    """How to put an item that has failed so many times; None when a person is due."""
    if failures <= 0:
        return Form.ASK
    if failures <= policy.reprompts:
        return Form.REPROMPT
    if failures <= policy.reprompts + policy.choices:
        return Form.CHOICE
    return None
