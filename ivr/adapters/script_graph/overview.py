"""The overview: the frame step by step, and one box a service with all that matters of it to people."""

import html
from collections.abc import Iterator

from ivr.adapters.script_graph.drawn_script import DrawnScript
from ivr.adapters.script_graph.graphviz import (
    HEAD,
    PEOPLE,
    PLAIN,
    PROOF,
    SAID,
    TICKET,
    arrow,
    look_of,
    quoted,
)
from ivr.adapters.script_graph.words import Words, words_in
from ivr.dialogue.steps import AnswerStep, GateStep, HumanStep, ReturnStep, SayStep, Step, TicketStep
from ivr.dialogue.verification import Level

OVERVIEW = "overview"
_ORDER = (PROOF, SAID, TICKET, PEOPLE)
_COLUMNS = 6
_PAGE = 'graph [size="16.6,50"];'
"""Inches: 1,600 pixels of a screen in width."""
_ARROWS = 4
"""A service that hands over to more than these says how many; as many arrows would cross all others."""
_SERVICES = "services."
"""The node that stands for all services, where the frame leads to them and they lead back."""


def overview_of(drawn: DrawnScript) -> str:
    """Graphviz text of the whole script on one page."""
    lines = [HEAD, _PAGE, *_frame(drawn), *_services(drawn), *_hand_overs(drawn)]
    return "\n".join([*lines, "}\n"])


def _frame(drawn: DrawnScript) -> Iterator[str]:
    yield "  subgraph cluster_ {"
    yield f"    {'; '.join([f'label={quoted(drawn.script.script_id)}', *drawn.link('')])};"
    for step_id, step in drawn.steps_of("").items():
        yield f"    {quoted(step_id)} [{look_of(step)}, label={quoted(step_id)}];"
    words = words_in(drawn.locale)
    count = words.services.format(len(drawn.services))
    yield f'    {quoted(_SERVICES)} [shape=folder, fillcolor="{SAID}", fontsize=14, label={quoted(count)}];'
    for edge in drawn.ways_from(""):
        yield arrow(edge.source, edge.target, edge.label)
    yield from _to_and_from_services(drawn, words)
    yield "  }"


def _to_and_from_services(drawn: DrawnScript, words: Words) -> Iterator[str]:
    for step_id, step in drawn.steps_of("").items():
        if drawn.offers(step_id) or isinstance(step, ReturnStep):
            yield arrow(step_id, _SERVICES)
    back = {
        edge.target
        for service in drawn.services
        for edge in drawn.ways_from(service)
        if not drawn.part_of(edge.target) and not drawn.offers(edge.source)
    }
    for target in sorted(back):
        yield arrow(_SERVICES, target, "", "constraint=false")
    if drawn.script.verification.step:
        yield arrow(_SERVICES, drawn.script.verification.step, words.prove, "constraint=false")


def _services(drawn: DrawnScript) -> Iterator[str]:
    yield "  node [shape=plain];"
    ids = list(drawn.services)
    for service in ids:
        look = ", ".join([f"label=<{_box(drawn, service)}>", *drawn.link(service)])
        yield f"  {quoted(service)} [{look}];"
    for above, below in zip(ids, ids[_COLUMNS:], strict=False):
        yield arrow(above, below, "", "style=invis")
    for first in ids[:_COLUMNS]:
        # Below the frame, but not all below this one node.
        yield arrow(_SERVICES, first, "", "style=invis, weight=0")


def _box(drawn: DrawnScript, service: str) -> str:
    rows = [("#ffffff", f"<B>{html.escape(drawn.name(service))}</B>")]
    rows += [(colour, html.escape(text)) for colour, text in _facts(drawn, service)]
    cells = "".join(f'<TR><TD ALIGN="LEFT" BGCOLOR="{colour}">{text}</TD></TR>' for colour, text in rows)
    return f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">{cells}</TABLE>'


def _facts(drawn: DrawnScript, service: str) -> Iterator[tuple[str, str]]:
    """The rows of a service's box below its name: colour and text, each once."""
    words = words_in(drawn.locale)
    if service in drawn.script.command_steps.values():
        yield PLAIN, words.any_time
    steps = list(drawn.steps_of(service).values())
    rows = dict.fromkeys(row for step in steps for row in _facts_of(step, words))
    yield from sorted(rows, key=lambda row: _ORDER.index(row[0]))
    if len(targets := _led_to(drawn, service)) > _ARROWS:
        yield PLAIN, words.hands_over.format(len(targets))


def _facts_of(step: Step, words: Words) -> Iterator[tuple[str, str]]:
    match step:
        case GateStep() if step.level != Level.NONE:
            yield PROOF, words.proof[step.level]
        case SayStep(settles=str(wish)) | AnswerStep(settles=str(wish)):
            yield SAID, words.settles.format(wish)
        case TicketStep():
            yield TICKET, words.ticket.format(step.kind, step.working_days)
        case HumanStep():
            yield PEOPLE, words.people.format(step.reason)
        case _:
            pass


def _led_to(drawn: DrawnScript, service: str) -> list[str]:
    """The other services that a service hands over to."""
    targets = (drawn.part_of(edge.target) for edge in drawn.ways_from(service))
    return [target for target in dict.fromkeys(targets) if target not in {"", service}]


def _hand_overs(drawn: DrawnScript) -> Iterator[str]:
    for service in drawn.services:
        if len(targets := _led_to(drawn, service)) <= _ARROWS:
            for target in targets:
                yield arrow(service, target, "", 'constraint=false, penwidth=2, color="#0b69a3"')
