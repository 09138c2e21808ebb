"""Script data (mappings, as read from YAML) into a checked Script; every fault is reported at once."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from ivr.dialogue.script import Script, Service, StandardPrompts
from ivr.dialogue.service_data import ServicePart, parse_service
from ivr.dialogue.step_data import branches, parse_step, targets, texts
from ivr.dialogue.steps import (
    AnswerStep,
    AskStep,
    ForgoStep,
    GateStep,
    NoteStep,
    ProveStep,
    RouteStep,
    SayStep,
    Step,
)
from ivr.dialogue.verification import Level, VerificationRules


class ScriptFault(ValueError):
    """The script data cannot be used; `faults` names each place and its mend."""

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        self.source = source
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{source}: {fault}" for fault in faults))


_KEYS = (
    "script", "version", "start", "menu", "steps", "commands", "command_steps", "confirm_commands",
    "prompts", "verification",
)  # fmt: skip


def parse_script(
    data: Mapping[str, Any], source: str, services: Mapping[str, Mapping[str, Any]] | None = None
) -> Script:
    """Build a Script from its frame and the services, file name to data.

    Raises `ScriptFault` with all faults: unknown keys, missing keys, dangling branches, unused steps.
    """
    faults: list[str] = []
    steps = _steps(data, source, faults)
    parts = _parts(services or {}, steps, faults)
    for part in parts:
        steps |= part.steps
    for key in ("script", "version", "start", "menu"):
        if not isinstance(data.get(key), str):
            faults.append(f"{key}: missing; write `{key}: ...` as text")
    faults.extend(
        f"{key}: unknown key; known are {', '.join(_KEYS)}" for key in sorted(set(data) - set(_KEYS))
    )
    verification = _verification(data.get("verification", {}), steps, faults)
    prompts = _prompts(data.get("prompts", {}), faults)
    command_steps: dict[str, str] = {}
    confirm_commands: dict[str, str] = {}
    commands: tuple[str, ...] = ()
    try:
        command_steps = branches("command_steps", data.get("command_steps", {}))
        confirm_commands = branches("confirm_commands", data.get("confirm_commands", {}))
        commands = texts("commands", data.get("commands", ["commands"]))
    except ValueError as fault:
        faults.append(str(fault))
    offered = tuple(part.service for part in parts)
    if not faults:
        roots = {"start": data["start"], "menu": data["menu"]}
        roots |= {f"command_steps.{name}": target for name, target in command_steps.items()}
        roots |= {"verification.step": verification.step} if verification.step else {}
        faults.extend(_dangling(steps, roots, offered))
    if faults:
        raise ScriptFault(source, faults)
    return Script(
        script_id=data["script"],
        version=data["version"],
        start=data["start"],
        menu=data["menu"],
        steps=steps,
        services=offered,
        verification=verification,
        command_steps=command_steps,
        confirm_commands=confirm_commands,
        prompts=prompts,
        command_grammars=commands,
    )


def _steps(data: Mapping[str, Any], source: str, faults: list[str]) -> dict[str, Step]:
    raw_steps = data.get("steps")
    if not isinstance(raw_steps, Mapping) or not raw_steps:
        raise ScriptFault(source, ["steps: missing; write at least one step under `steps:`"])
    steps: dict[str, Step] = {}
    for step_id, raw in raw_steps.items():
        try:
            steps[step_id] = parse_step(step_id, raw)
        except ValueError as fault:
            faults.append(f"steps.{step_id}: {fault}")
    return steps


def _parts(
    services: Mapping[str, Mapping[str, Any]], frame: Mapping[str, Step], faults: list[str]
) -> list[ServicePart]:
    parts: list[ServicePart] = []
    taught: dict[str, str] = {}
    for name, data in services.items():
        part, wrong = parse_service(data, frame)
        faults.extend(f"{name}: {fault}" for fault in wrong)
        if part is None:
            continue
        for intent in part.service.intents:
            if intent in taught:
                faults.append(f"{name}: intents: {intent} already leads to {taught[intent]}")
            taught[intent] = part.service.service_id
        if any(other.service.service_id == part.service.service_id for other in parts):
            faults.append(f"{name}: service: {part.service.service_id} has a file already")
        parts.append(part)
    return parts


def _verification(raw: Any, steps: Mapping[str, Step], faults: list[str]) -> VerificationRules:
    known = {spec.name for spec in fields(VerificationRules)}
    if not isinstance(raw, Mapping) or set(raw) - known:
        faults.append(f"verification: must be a mapping of {', '.join(sorted(known))}")
        return VerificationRules()
    try:
        rules = VerificationRules(**{**raw, "pieces": texts("pieces", raw.get("pieces", []))})
    except (TypeError, ValueError) as fault:
        faults.append(f"verification: {fault}")
        return VerificationRules()
    gates = [step for step in steps.values() if isinstance(step, GateStep) and step.level is not Level.NONE]
    if gates and not rules.step:
        faults.append("verification: missing; a gate needs `verification: {step: ..., pieces: [...]}`")
    return rules


def _prompts(raw: Any, faults: list[str]) -> StandardPrompts:
    known = StandardPrompts.__slots__
    if not isinstance(raw, Mapping) or set(raw) - set(known):
        faults.append(f"prompts: must be a mapping of {', '.join(known)} to prompts")
        return StandardPrompts()
    return StandardPrompts(**raw)


def _dangling(steps: Mapping[str, Step], roots: Mapping[str, str], services: Sequence[Service]) -> list[str]:
    faults = [f"{key}: there is no step {root!r}" for key, root in roots.items() if root not in steps]
    reached = {*roots.values(), *(service.service_id for service in services)}
    for step_id, step in steps.items():
        for target in targets(step):
            reached.add(target)
            if target not in steps:
                faults.append(f"steps.{step_id}: leads to {target!r}, which is no step")
    faults.extend(
        f"steps.{step_id}: nothing leads here; remove it or link it"
        for step_id in steps
        if step_id not in reached
    )
    return faults or _circles(steps)


_RESTLESS = (SayStep, AnswerStep, NoteStep, RouteStep, ForgoStep, GateStep, ProveStep)


def _circles(steps: Mapping[str, Step]) -> list[str]:
    """Steps that lead back to themselves without ever waiting for anything would never end."""
    restless = {key: targets(step) for key, step in steps.items() if isinstance(step, _RESTLESS)}
    restless |= {
        key: tuple(step.skips.values())
        for key, step in steps.items()
        if isinstance(step, AskStep) and step.skips
    }
    faults = []
    for start, following in restless.items():
        seen: set[str] = set()
        todo = list(following)
        while todo:
            here = todo.pop()
            if here in restless and here not in seen:
                seen.add(here)
                todo.extend(restless[here])
        if start in seen:
            faults.append(f"steps.{start}: comes back to itself without asking or looking up anything")
    return faults
