"""Script data (a mapping, as read from YAML) into a checked Script; every fault is reported at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from ivr.dialogue.script import (
    AnswerStep,
    AskStep,
    EndStep,
    HumanStep,
    KeyRule,
    LookupStep,
    RouteStep,
    SayStep,
    Script,
    Step,
)

_KINDS: dict[str, type[Step]] = {
    "say": SayStep,
    "answer": AnswerStep,
    "ask": AskStep,
    "lookup": LookupStep,
    "route": RouteStep,
    "human": HumanStep,
    "end": EndStep,
}

_RENAMED = {
    "say": ("say", "prompts"),
    "answer": ("answer", "slot"),
    "human": ("human", "reason"),
    "end": ("end", "prompts"),
    "lookup": ("lookup", "service"),
    "route": ("route", "slot"),
}


class ScriptFault(ValueError):
    """The script data cannot be used; `faults` names each place and its mend."""

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        self.source = source
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{source}: {fault}" for fault in faults))


def parse_script(data: Mapping[str, Any], source: str) -> Script:
    """Build a Script. Raises `ScriptFault` with all faults: unknown keys, missing keys, dangling branches."""
    faults: list[str] = []
    steps: dict[str, Step] = {}
    raw_steps = data.get("steps")
    if not isinstance(raw_steps, Mapping) or not raw_steps:
        raise ScriptFault(source, ["steps: missing; write at least one step under `steps:`"])
    for step_id, raw in raw_steps.items():
        try:
            steps[step_id] = _step(step_id, raw)
        except ValueError as fault:
            faults.append(f"steps.{step_id}: {fault}")
    for key in ("script", "version", "start", "menu"):
        if not isinstance(data.get(key), str):
            faults.append(f"{key}: missing; write `{key}: ...` as text")
    unknown = set(data) - {"script", "version", "start", "menu", "steps", "commands"}
    faults.extend(
        f"{key}: unknown key; known are script, version, start, menu, commands, steps"
        for key in sorted(unknown)
    )
    if not faults:
        faults.extend(_dangling(data, steps))
    if faults:
        raise ScriptFault(source, faults)
    commands = data.get("commands", ["commands"])
    return Script(
        script_id=data["script"],
        version=data["version"],
        start=data["start"],
        menu=data["menu"],
        steps=steps,
        command_grammars=_texts("commands", commands),
    )


def _step(step_id: str, raw: Any) -> Step:
    if not isinstance(raw, Mapping):
        raise ValueError("not a mapping; write `say: ...`, `ask: ...` or another kind under it")
    kinds = [kind for kind in _KINDS if kind in raw]
    if len(kinds) != 1:
        raise ValueError(f"must have exactly one of {', '.join(_KINDS)}; found {', '.join(kinds) or 'none'}")
    kind = kinds[0]
    cls = _KINDS[kind]
    values = dict(raw)
    if kind in _RENAMED:
        old, new = _RENAMED[kind]
        values[new] = values.pop(old)
    known = {spec.name for spec in fields(cls)} - {"step_id"}
    if unknown := sorted(set(values) - known):
        raise ValueError(
            f"unknown key {', '.join(unknown)}; a `{kind}` step knows {', '.join(sorted(known))}"
        )
    converted = {name: _CONVERT.get(name, _same)(name, value) for name, value in values.items()}
    if kind == "human":
        converted.setdefault("prompts", ())
    if kind == "ask":
        converted.setdefault("branches", {})
        converted.setdefault("keys", KeyRule())
    try:
        return cls(step_id=step_id, **converted)
    except TypeError as missing:
        raise ValueError(f"incomplete: {missing}".replace(f"{cls.__name__}.__init__() ", "")) from None


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    raise ValueError(f"{name}: must be a text or a list of texts")


def _branches(name: str, value: Any) -> dict[str, str]:
    if isinstance(value, str):
        return {"*": value}
    if isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values()):
        return {str(key): target for key, target in value.items()}
    raise ValueError(f"{name}: must be a step's name, or a mapping of value to name")


def _keys(name: str, value: Any) -> KeyRule:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name}: must be a mapping with `grammars`, `max_keys`, ...")
    known = {spec.name for spec in fields(KeyRule)}
    if unknown := sorted(set(value) - known):
        raise ValueError(f"{name}: unknown key {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    plain = {key: item for key, item in value.items() if key != "grammars"}
    return KeyRule(grammars=_texts("keys.grammars", value.get("grammars", [])), **plain)


def _same(_name: str, value: Any) -> Any:
    return value


_CONVERT: dict[str, Callable[[str, Any], Any]] = {
    "prompts": _texts,
    "grammars": _texts,
    "branch_on": _texts,
    "branches": _branches,
    "confirm": _branches,
    "half_sure": _branches,
    "keys": _keys,
}


def _targets(step: Step) -> tuple[str, ...]:
    match step:
        case SayStep() | AnswerStep():
            return (step.next,)
        case AskStep():
            return (*step.branches.values(), *step.half_sure.values())
        case RouteStep():
            return tuple(step.branches.values())
        case LookupStep():
            extra = (step.exhausted,) if step.exhausted else ()
            return (*step.branches.values(), *extra)
        case _:
            return ()


def _dangling(data: Mapping[str, Any], steps: Mapping[str, Step]) -> list[str]:
    faults = [f"{key}: there is no step {data[key]!r}" for key in ("start", "menu") if data[key] not in steps]
    reached = {data["start"], data["menu"]}
    for step_id, step in steps.items():
        for target in _targets(step):
            reached.add(target)
            if target not in steps:
                faults.append(f"steps.{step_id}: leads to {target!r}, which is no step")
    faults.extend(
        f"steps.{step_id}: nothing leads here; remove it or link it"
        for step_id in steps
        if step_id not in reached
    )
    return faults or _circles(steps)


_RESTLESS = (SayStep, AnswerStep, RouteStep)


def _circles(steps: Mapping[str, Step]) -> list[str]:
    """Steps that lead back to themselves without ever waiting for anything would never end."""
    restless = {key: _targets(step) for key, step in steps.items() if isinstance(step, _RESTLESS)}
    faults = []
    for start, targets in restless.items():
        seen: set[str] = set()
        todo = list(targets)
        while todo:
            here = todo.pop()
            if here in restless and here not in seen:
                seen.add(here)
                todo.extend(restless[here])
        if start in seen:
            faults.append(f"steps.{start}: comes back to itself without asking or looking up anything")
    return faults
