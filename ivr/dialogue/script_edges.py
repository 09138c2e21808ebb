"""A script as a graph: where each step leads, on what, and which slots are filled on the way."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr.dialogue.script import Script
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
    TicketStep,
)
from ivr.dialogue.verification import Level

Answers = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Lookup to its results to the slots that each fills."""

_PROVED = frozenset({"customer_id", "proof_level"})
_FILED = frozenset({"ticket_number", "ticket_due_on"})


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one step to another. `label` is what leads there; empty where nothing has to be chosen."""

    source: str
    target: str
    label: str = ""
    fills: frozenset[str] = frozenset()


def edges(script: Script, answers: Answers, filled_by: Mapping[str, frozenset[str]]) -> list[Edge]:
    """All ways through a script, each once. `filled_by` are the slots that a grammar may fill, by its id."""
    return [edge for step_id in script.steps for edge in _of(script, step_id, answers, filled_by)]


def _of(
    script: Script, step_id: str, answers: Answers, filled_by: Mapping[str, frozenset[str]]
) -> Iterator[Edge]:
    step = script.steps[step_id]
    match step:
        case SayStep() | AnswerStep() | ForgoStep():
            yield Edge(step_id, step.next)
        case TicketStep():
            yield Edge(step_id, step.next, "", _FILED)
        case NoteStep():
            # What was not answered is noted as well, and no prompt can speak it.
            yield Edge(step_id, step.next, "", frozenset({step.item} if step.slot else ()))
        case GateStep(level=Level.NONE):
            yield Edge(step_id, step.next)
        case GateStep():
            yield Edge(step_id, step.next, step.level, _PROVED)
            if script.verification.step:
                yield Edge(step_id, script.verification.step, "not yet")
        case RouteStep():
            for value, target in step.branches.items():
                fills = frozenset({step.slot} if value not in {"", "*"} else ())
                yield Edge(step_id, target, value, fills)
        case ProveStep():
            yield from (Edge(step_id, target, value) for value, target in step.branches.items())
        case LookupStep():
            yield from _of_lookup(step, answers.get(step.service, {}))
        case AskStep():
            yield from _of_ask(script, step, filled_by)
        case _:
            pass


def _of_lookup(step: LookupStep, results: Mapping[str, tuple[str, ...]]) -> Iterator[Edge]:
    for result, target in step.branches.items():
        if result == "*":
            left = [frozenset(slots) for name, slots in results.items() if name not in step.branches]
            yield Edge(step.step_id, target, "*", frozenset.intersection(*left) if left else frozenset())
        else:
            yield Edge(step.step_id, target, result, frozenset(results.get(result, ())))
    if step.exhausted is not None:
        yield Edge(step.step_id, step.exhausted, f"{step.retry_on} x {step.tries}")


def asked_slots(step: AskStep, filled_by: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The slots that the answer to an item may fill; none where it is a secret, which no slot keeps."""
    if step.secret:
        return frozenset()
    heard = (filled_by.get(name, frozenset()) for name in (*step.grammars, *step.keys.grammars))
    said = frozenset({step.dictation} if step.dictation else ())
    return said.union(step.branch_on, *heard)


def _of_ask(script: Script, step: AskStep, filled_by: Mapping[str, frozenset[str]]) -> Iterator[Edge]:
    fills = asked_slots(step, filled_by)
    for value, target in step.branches.items():
        yield Edge(step.step_id, target, value, fills)
    for value, target in step.half_sure.items():
        yield Edge(step.step_id, target, f"{value}?", fills)
    if step.unanswered is not None:
        yield Edge(step.step_id, step.unanswered, "?")
    for slot, target in step.skips.items():
        yield Edge(step.step_id, target, f"{slot} known", frozenset({slot}))
    if step.offers_services:
        for service in script.services:
            if service.intents:
                yield Edge(step.step_id, service.service_id, "", frozenset({"intent"}))


def roots(script: Script) -> tuple[str, ...]:
    """Where a caller may come in: the start, the menu, and what commands lead to."""
    return tuple(dict.fromkeys((script.start, script.menu, *script.command_steps.values())))


def ways(starts: Iterable[str], found: Iterable[Edge], *, without: str = "") -> dict[str, tuple[str, ...]]:
    """Every step that can be reached and a shortest way to it, `without` a slot being filled on it."""
    following: dict[str, list[str]] = {}
    for edge in found:
        if not without or without not in edge.fills:
            following.setdefault(edge.source, []).append(edge.target)
    reached: dict[str, tuple[str, ...]] = {start: (start,) for start in starts}
    todo = list(reached)
    for here in todo:
        for target in following.get(here, ()):
            if target not in reached:
                reached[target] = (*reached[here], target)
                todo.append(target)
    return reached
