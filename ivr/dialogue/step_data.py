"""One step of a script, from a mapping as read from YAML."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from ivr.dialogue.steps import (
    AnswerStep,
    AskStep,
    EndStep,
    ForgoStep,
    GateStep,
    HumanStep,
    KeyRule,
    LeaveStep,
    LookupStep,
    NoteStep,
    ProveStep,
    ReturnStep,
    ReturnTo,
    RouteStep,
    SayStep,
    Step,
    SurveyStep,
    TicketStep,
)
from ivr.dialogue.verification import Level

KINDS: dict[str, tuple[type[Step], str]] = {
    "say": (SayStep, "prompts"),
    "answer": (AnswerStep, "slot"),
    "ask": (AskStep, "ask"),
    "lookup": (LookupStep, "service"),
    "route": (RouteStep, "slot"),
    "human": (HumanStep, "reason"),
    "end": (EndStep, "prompts"),
    "gate": (GateStep, "level"),
    "prove": (ProveStep, "prove"),
    "forgo": (ForgoStep, "piece"),
    "return": (ReturnStep, "to"),
    "ticket": (TicketStep, "kind"),
    "note": (NoteStep, "item"),
    "survey": (SurveyStep, "slot"),
    "leave": (LeaveStep, "slot"),
}
"""The key that makes a step what it is, its type, and the field that the key's value goes to."""


def parse_step(step_id: str, raw: Any) -> Step:
    """Build a step. Raises `ValueError` with what is wrong and what is known."""
    if not isinstance(raw, Mapping):
        raise ValueError("not a mapping; write `say: ...`, `ask: ...` or another kind under it")
    kinds = [kind for kind in KINDS if kind in raw]
    if len(kinds) != 1:
        raise ValueError(f"must have exactly one of {', '.join(KINDS)}; found {', '.join(kinds) or 'none'}")
    kind = kinds[0]
    cls, main = KINDS[kind]
    values = dict(raw)
    values[main] = values.pop(kind)
    known = {spec.name for spec in fields(cls)} - {"step_id"}
    if unknown := sorted(set(values) - known):
        readable = sorted((known - {main}) | {kind})
        raise ValueError(f"unknown key {', '.join(unknown)}; a `{kind}` step knows {', '.join(readable)}")
    converted = {name: _CONVERT.get(name, _same)(name, value) for name, value in values.items()}
    if kind == "human":
        converted.setdefault("prompts", ())
    if kind == "ask":
        converted.setdefault("branches", {})
        converted.setdefault("keys", KeyRule())
        converted.setdefault("grammars", ())
        converted.setdefault("branch_on", ())
    try:
        return cls(step_id=step_id, **converted)
    except TypeError as missing:
        raise ValueError(f"incomplete: {missing}".replace(f"{cls.__name__}.__init__() ", "")) from None


def targets(step: Step) -> tuple[str, ...]:
    """Every step that this one may lead to by itself; services and gates lead further by the script."""
    match step:
        case SayStep() | AnswerStep() | GateStep() | ForgoStep() | TicketStep() | NoteStep():
            return (step.next,)
        case AskStep():
            last = (step.unanswered,) if step.unanswered else ()
            return (*step.branches.values(), *step.half_sure.values(), *step.skips.values(), *last)
        case RouteStep() | ProveStep():
            return tuple(step.branches.values())
        case LookupStep():
            extra = (step.exhausted,) if step.exhausted else ()
            return (*step.branches.values(), *extra)
        case _:
            return ()


def texts(name: str, value: Any) -> tuple[str, ...]:
    """A text or a list of texts. Raises `ValueError`."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    raise ValueError(f"{name}: must be a text or a list of texts")


def branches(name: str, value: Any) -> dict[str, str]:
    """A mapping of value to step, or a step for every value. Raises `ValueError`."""
    if isinstance(value, str):
        return {"*": value}
    if isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values()):
        return {str(key): target for key, target in value.items()}
    raise ValueError(f"{name}: must be a step's name, or a mapping of value to name")


def level(name: str, value: Any) -> Level:
    """A level of verification. Raises `ValueError`."""
    try:
        return Level(value)
    except ValueError:
        raise ValueError(f"{name}: must be one of {', '.join(Level)}; found {value!r}") from None


def _return_to(name: str, value: Any) -> ReturnTo:
    try:
        return ReturnTo(value)
    except ValueError:
        raise ValueError(f"{name}: must be one of {', '.join(ReturnTo)}; found {value!r}") from None


def _keys(name: str, value: Any) -> KeyRule:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name}: must be a mapping with `grammars`, `max_keys`, ...")
    known = {spec.name for spec in fields(KeyRule)}
    if unknown := sorted(set(value) - known):
        raise ValueError(f"{name}: unknown key {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    plain = {key: item for key, item in value.items() if key != "grammars"}
    return KeyRule(grammars=texts("keys.grammars", value.get("grammars", [])), **plain)


def _same(_name: str, value: Any) -> Any:
    return value


_CONVERT: dict[str, Callable[[str, Any], Any]] = {
    "prompts": texts,
    "closed": texts,
    "grammars": texts,
    "branch_on": texts,
    "keep": texts,
    "branches": branches,
    "confirm": branches,
    "half_sure": branches,
    "skips": branches,
    "level": level,
    "to": _return_to,
    "values": branches,
    "keys": _keys,
}
