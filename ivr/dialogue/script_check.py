"""What is wrong with a script that can be read: against its prompts, grammars, intents and lookups."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from ivr.dialogue.script import Script
from ivr.dialogue.script_edges import Answers, Edge, asked_slots, edges, roots, ways
from ivr.dialogue.state import SERVICE_DOWN
from ivr.dialogue.steps import (
    AnswerStep,
    AskStep,
    EndStep,
    HumanStep,
    LeaveStep,
    LookupStep,
    ProveStep,
    RouteStep,
    SayStep,
    Step,
    SurveyStep,
    TicketStep,
)
from ivr.dialogue.verification import ENOUGH, LOCKED


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a script may refer to."""

    prompts: Mapping[str, Mapping[str, frozenset[str]]]
    """Locale to prompt to the slots that it speaks."""
    grammars: Mapping[str, Mapping[str, frozenset[str]]]
    """Locale to grammar to the slots that it may fill."""
    intents: Mapping[str, Mapping[str, frozenset[str]]]
    """Locale to intent to the slots that may come with it."""
    lookups: Answers


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `place` is a path in the script, its first part a step, or `services`."""

    place: tuple[str, ...]
    reason: str
    mend: str


def check_script(script: Script, known: Knowledge) -> list[Finding]:
    """Everything that a caller would stumble over, in the order of the script."""
    filled_by = {
        name: frozenset().union(*(of[name] for of in known.grammars.values() if name in of))
        for name in {name for of in known.grammars.values() for name in of}
    }
    found = edges(script, known.lookups, filled_by)
    reached = ways(roots(script), found)
    findings = [
        Finding((step_id,), "no caller ever gets here", "link it from a step that is reached, or remove it")
        for step_id, step in script.steps.items()
        if step_id not in reached and not _is_gate_of_service(script, step_id)
    ]
    findings += _services(script, known, reached)
    findings += _commands(script, known)
    for step_id, step in script.steps.items():
        findings += _prompts(step_id, step, known)
        findings += _grammars(step_id, step, known)
        findings += _branches(script, step_id, step, known)
        findings += _unknown_slots(script, step_id, known, found)
    return findings + _unfilled(script, known, found, filled_by)


def _is_gate_of_service(script: Script, step_id: str) -> bool:
    return any(service.service_id == step_id for service in script.services)


def _services(script: Script, known: Knowledge, reached: Mapping[str, object]) -> Iterator[Finding]:
    for service in script.services:
        here = ("services", service.service_id)
        if service.service_id not in reached:
            mend = "give it `intents`, name it in command_steps, or lead a step to it"
            yield Finding(here, f"nothing leads to the service {service.service_id}", mend)
        for locale in script.locales:
            for intent in service.intents:
                if intent not in known.intents.get(locale, {}):
                    mend = f"add {intent} with examples to grammars/{locale}/intents/"
                    yield Finding((*here, "intents"), f"nobody teaches the intent {intent} in {locale}", mend)
            if locale not in service.about:
                yield Finding((*here, "about"), f"it has no name in {locale}", f"add `{locale}: ...`")
            if service.intents and service.confirm not in known.prompts.get(locale, {}):
                mend = (
                    f"add the prompt, which asks whether that is what the caller wants, to prompts/{locale}/"
                )
                yield Finding(here, f"there is no prompt {service.confirm} in {locale}", mend)


def _commands(script: Script, known: Knowledge) -> Iterator[Finding]:
    for locale in script.locales:
        for name in (*script.command_grammars, *script.command_keys, *script.confirm_grammars):
            if name not in known.grammars.get(locale, {}):
                yield _no_grammar(("commands",), name, locale, known)
        standard = [getattr(script.prompts, field) for field in script.prompts.__slots__]
        for prompt in (*standard, *script.confirm_commands.values()):
            if prompt not in known.prompts.get(locale, {}):
                mend = f"add `{prompt}: ...` to prompts/{locale}/"
                yield Finding(("script",), f"there is no prompt {prompt} in {locale}", mend)


def spoken(step: Step) -> Iterator[tuple[str, str]]:
    """The prompts that a step names, each with the key that names it."""
    match step:
        case SayStep():
            yield from (("say", prompt) for prompt in step.prompts)
        case EndStep():
            yield from (("end", prompt) for prompt in step.prompts)
        case HumanStep():
            yield from (("prompts", prompt) for prompt in step.prompts)
            yield from (("closed", prompt) for prompt in step.closed)
        case AskStep():
            yield from (("ask", step.ask), ("reprompt", step.reprompt), ("choice", step.choice))
            yield from (("confirm", prompt) for prompt in step.confirm.values())
        case LookupStep(filler=str(filler)):
            yield "filler", filler
        case _:
            pass


def _prompts(step_id: str, step: Step, known: Knowledge) -> Iterator[Finding]:
    for key, prompt in spoken(step):
        lacking = sorted(locale for locale, texts in known.prompts.items() if prompt not in texts)
        if lacking:
            every = {name for texts in known.prompts.values() for name in texts}
            mend = _near(prompt, every) or f"add `{prompt}: ...` to prompts/{lacking[0]}/"
            yield Finding((step_id, key), f"there is no prompt {prompt} in {', '.join(lacking)}", mend)


def _grammars(step_id: str, step: Step, known: Knowledge) -> Iterator[Finding]:
    if not isinstance(step, AskStep):
        return
    for key, names in (("grammars", step.grammars), ("keys", step.keys.grammars)):
        for name in names:
            for locale, there in known.grammars.items():
                if name not in there:
                    yield _no_grammar((step_id, key), name, locale, known)


def _no_grammar(place: tuple[str, ...], name: str, locale: str, known: Knowledge) -> Finding:
    mend = _near(name, known.grammars.get(locale, {})) or f"write grammars/{locale}/{name}.gram"
    return Finding(place, f"there is no grammar {name} in {locale}", mend)


def _branches(script: Script, step_id: str, step: Step, known: Knowledge) -> Iterator[Finding]:
    match step:
        case LookupStep():
            results = known.lookups.get(step.service)
            if results is None:
                mend = _near(step.service, known.lookups) or f"known are {', '.join(sorted(known.lookups))}"
                yield Finding((step_id, "lookup"), f"there is no lookup {step.service}", mend)
                return
            yield from _results(step_id, step.service, step.branches, results)
        case ProveStep():
            expected = {name: () for name in (*script.verification.pieces, ENOUGH, LOCKED)}
            yield from _results(step_id, "the verification", step.branches, expected)
        case _:
            return


def _results(
    step_id: str, who: str, branches: Mapping[str, str], results: Mapping[str, tuple[str, ...]]
) -> Iterator[Finding]:
    place = (step_id, "branches")
    for result in results:
        if result not in branches and "*" not in branches:
            mend = f"add `{result}: STEP` to its branches"
            yield Finding(place, f"the result {result} of {who} leads nowhere", mend)
    for value in branches:
        if value not in results and value not in {"*", SERVICE_DOWN, "not_verified"}:
            mend = _near(value, results) or f"its results are {', '.join(results)}"
            yield Finding((*place, value), f"{who} never answers {value}", mend)


def _unknown_slots(script: Script, step_id: str, known: Knowledge, found: list[Edge]) -> Iterator[Finding]:
    step = script.steps[step_id]
    filled = script.given.union(*(edge.fills for edge in found))
    filled |= {slot for of in known.intents.values() for slots in of.values() for slot in slots}
    match step:
        case TicketStep():
            used = [("keep", slot) for slot in step.keep]
        case RouteStep():
            used = [("route", step.slot)]
        case SurveyStep():
            used = [("survey", step.slot)]
        case LeaveStep():
            used = [("leave", step.slot)]
        case AnswerStep():
            used = [("answer", step.slot)]
        case AskStep():
            used = [("skips", slot) for slot in step.skips]
        case _:
            used = []
    for key, slot in used:
        if slot not in filled:
            mend = _near(slot, filled) or "name a slot of a grammar, a lookup or an intent"
            yield Finding((step_id, key), f"nothing ever fills the slot {slot}", mend)


def _unfilled(
    script: Script, known: Knowledge, found: list[Edge], filled_by: Mapping[str, frozenset[str]]
) -> list[Finding]:
    """Slots of prompts that are empty on some way to the step that speaks them."""
    used: dict[str, list[tuple[str, str, str]]] = {}
    for step_id, step in script.steps.items():
        for key, prompt in spoken(step):
            slots = frozenset().union(*(texts.get(prompt, frozenset()) for texts in known.prompts.values()))
            if key == "confirm" and isinstance(step, AskStep):
                slots -= asked_slots(step, filled_by)
            for slot in sorted(slots - script.given):
                used.setdefault(slot, []).append((step_id, key, prompt))
    findings = []
    for slot, places in used.items():
        reached = ways(roots(script), found, without=slot)
        for step_id, key, prompt in places:
            if step_id in reached:
                way = " > ".join(reached[step_id][-4:])
                reason = f"the prompt {prompt} speaks {slot}, which nothing has filled on the way {way}"
                mend = f"fill it before, by a lookup or an item, or take {{{slot}}} out of the prompt"
                findings.append(Finding((step_id, key), reason, mend))
    return findings


def _near(name: str, known: "Mapping[str, object] | frozenset[str] | set[str]") -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.84)
    return f"write {near[0]}, if that is meant" if near else ""
