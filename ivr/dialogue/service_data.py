"""A service from its file: steps of its own, named after it, behind a gate that has its name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ivr.dialogue.script import Service
from ivr.dialogue.step_data import level, parse_step, texts
from ivr.dialogue.steps import (
    AnswerStep,
    AskStep,
    ForgoStep,
    GateStep,
    LookupStep,
    NoteStep,
    ProveStep,
    RouteStep,
    SayStep,
    Step,
    TicketStep,
)

_KEYS = ("service", "about", "intents", "verify", "steps")


@dataclass(frozen=True, slots=True)
class ServicePart:
    """A service and the steps that it adds to the script."""

    service: Service
    steps: Mapping[str, Step]


def parse_service(data: Mapping[str, Any], frame: Mapping[str, Step]) -> tuple[ServicePart | None, list[str]]:
    """Build a service; what its steps lead to is a step of its own, else one of the frame's.

    Returns None instead where it cannot be read, and what is wrong with it.
    """
    faults = [f"{key}: unknown key; known are {', '.join(_KEYS)}" for key in sorted(set(data) - set(_KEYS))]
    name, raw_steps, about = data.get("service"), data.get("steps"), data.get("about", {})
    if not isinstance(name, str):
        faults.append("service: missing; write `service: ...` as text")
    if not isinstance(raw_steps, Mapping) or not raw_steps:
        faults.append("steps: missing; write at least one step under `steps:`")
    if not isinstance(about, Mapping):
        faults.append("about: must be a mapping of locale to text")
    if faults:
        return None, faults
    assert isinstance(name, str)
    assert isinstance(raw_steps, Mapping)
    steps: dict[str, Step] = {}
    own = {step_id: f"{name}.{step_id}" for step_id in raw_steps}
    for step_id, raw in raw_steps.items():
        try:
            steps[own[step_id]] = _renamed(parse_step(own[step_id], raw), own)
        except ValueError as fault:
            faults.append(f"steps.{step_id}: {fault}")
    try:
        intents = texts("intents", data.get("intents", []))
        needed = level("verify", data.get("verify", "none"))
    except ValueError as fault:
        return None, [*faults, str(fault)]
    if name in frame:
        faults.append(f"service: the frame has a step {name!r} already")
    steps[name] = GateStep(name, needed, next(iter(own.values())))
    return ServicePart(Service(name, intents, dict(about)), steps), faults


def _renamed(step: Step, own: Mapping[str, str]) -> Step:
    def to(target: str) -> str:
        return own.get(target, target)

    def all_to(branches: Mapping[str, str]) -> dict[str, str]:
        return {value: to(target) for value, target in branches.items()}

    match step:
        case SayStep() | AnswerStep() | GateStep() | ForgoStep() | TicketStep() | NoteStep():
            return replace(step, next=to(step.next))
        case RouteStep() | ProveStep():
            return replace(step, branches=all_to(step.branches))
        case LookupStep():
            exhausted = to(step.exhausted) if step.exhausted else None
            return replace(step, branches=all_to(step.branches), exhausted=exhausted)
        case AskStep():
            return replace(
                step,
                branches=all_to(step.branches),
                half_sure=all_to(step.half_sure),
                skips=all_to(step.skips),
                unanswered=to(step.unanswered) if step.unanswered else None,
            )
        case _:
            return step
