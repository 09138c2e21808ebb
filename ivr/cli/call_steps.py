"""The steps of `ivr call` in the order in which they stand on the command line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand

STEP_OPTIONS = frozenset({"say", "keys", "wav", "expect", "barge_in"})

_WRITTEN = "ivr.call.written"
_KEYS = frozenset("0123456789*#ABCD")
MOST_KEYS = 32
"""What a SIP stack queues for one sending."""


class StepError(ValueError):
    """The steps make no sense in this order; the message has the mend."""


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """A step as it was asked for: `kind` is `say`, `keys` or `wav`."""

    kind: str
    value: str
    barge_in: bool
    expects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """All steps; texts expected before the first step are for the greeting."""

    greeting_expects: tuple[str, ...]
    steps: tuple[WrittenStep, ...]


class OptionsInOrder(TyperCommand):
    """A command that remembers the order of its step options, which parsing into parameters loses."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse as ever, and keep (option, value) pairs in their order in the context."""
        values, _, order = self.make_parser(ctx).parse_args(args=list(args))
        ctx.meta[_WRITTEN] = list(_pairs(values, [str(param.name) for param in order]))
        return super().parse_args(ctx, args)


def written_call(ctx: typer.Context) -> WrittenCall:
    """The steps given to a command of class `OptionsInOrder`. Raises `StepError`."""
    return arrange(ctx.meta[_WRITTEN])


def _pairs(values: dict[str, Any], names: Iterable[str]) -> Iterable[tuple[str, str]]:
    taken: dict[str, int] = {}
    for name in names:
        if name not in STEP_OPTIONS:
            continue
        position = taken.get(name, 0)
        taken[name] = position + 1
        value = values[name]
        yield name, value[position] if isinstance(value, list) else ""


def arrange(written: Sequence[tuple[str, str]]) -> WrittenCall:
    """Join options into steps: `barge_in` belongs to the step after it, `expect` to the one before it.

    Raises `StepError` where an option has no step to belong to, or a value that cannot be sent.
    """
    greeting: list[str] = []
    steps: list[tuple[str, str, bool, list[str]]] = []
    barge_in = False
    for name, value in written:
        if name == "barge_in":
            if barge_in:
                raise StepError("--barge-in stands twice before the same step: once is enough")
            barge_in = True
        elif name == "expect":
            if barge_in:
                raise StepError("--barge-in must stand right before --say, --keys or --wav, not --expect")
            if not value.strip():
                raise StepError("--expect needs a text that the reply must say")
            (steps[-1][3] if steps else greeting).append(value)
        else:
            steps.append((name, _checked(name, value), barge_in, []))
            barge_in = False
    if barge_in:
        raise StepError("--barge-in starts the step after it: put it before a --say, --keys or --wav")
    return WrittenCall(
        tuple(greeting), tuple(WrittenStep(kind, value, cut, tuple(e)) for kind, value, cut, e in steps)
    )


def _checked(name: str, value: str) -> str:
    if name == "keys":
        return _checked_keys(value.upper())
    if name == "say" and not value.strip():
        raise StepError("--say needs a text to speak")
    return value


def _checked_keys(keys: str) -> str:
    wrong = "".join(sorted(set(keys) - _KEYS))
    if wrong or not keys:
        raise StepError(f"--keys {keys}: keys are 0-9, *, # and A-D" + (f", not {wrong!r}" if wrong else ""))
    if len(keys) > MOST_KEYS:
        raise StepError(f"--keys takes up to {MOST_KEYS} keys at once: split them over several --keys")
    return keys
