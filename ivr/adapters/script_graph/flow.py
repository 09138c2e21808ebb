"""The flow of one part: what is said and asked, where each answer leads, where people take over."""

import html
from collections.abc import Iterator

from ivr.adapters.script_graph.drawn_script import DrawnScript
from ivr.adapters.script_graph.graphviz import HEAD, arrow, look_of, quoted, wrapped
from ivr.adapters.script_graph.overview import OVERVIEW
from ivr.adapters.script_graph.words import words_in
from ivr.dialogue.script_check import spoken
from ivr.dialogue.script_edges import Edge
from ivr.dialogue.steps import (
    AnswerStep,
    GateStep,
    HumanStep,
    LookupStep,
    NoteStep,
    ReturnStep,
    RouteStep,
    Step,
    TicketStep,
)

_SIGN = 'shape=cds, fillcolor="#cbd2d9"'
_SIGNS = 6
"""More than these side by side make a drawing that is too wide to read."""


def flow_of(drawn: DrawnScript, part: str) -> str:
    """Graphviz text of one service, or of the frame (the empty name)."""
    return "\n".join([HEAD, *_lines(drawn, part), "}\n"])


def _lines(drawn: DrawnScript, part: str) -> Iterator[str]:
    yield f"  subgraph {quoted('cluster_' + part)} {{"
    yield f"    {'; '.join([f'label={quoted(drawn.title(part))}', *drawn.link(OVERVIEW)])};"
    for step_id, step in drawn.steps_of(part).items():
        yield f"    {quoted(step_id)} [{_node(drawn, step_id, step)}];"
    ways = list(drawn.ways_from(part))
    for step_id in drawn.steps_of(part):
        own = [edge for edge in ways if edge.source == step_id]
        yield from (
            arrow(step_id, edge.target, edge.label) for edge in own if drawn.part_of(edge.target) == part
        )
        yield from _exits(drawn, step_id, [edge for edge in own if drawn.part_of(edge.target) != part])
    yield "  }"


def _exits(drawn: DrawnScript, step_id: str, ways: list[Edge]) -> Iterator[str]:
    """Where a step leads out of its part: a sign for each way, or one for all where they are many."""
    if len(ways) > _SIGNS:
        node = f"{step_id}.exits"
        yield f"    {quoted(node)} [shape=plain, label=<{_list_of_exits(drawn, ways)}>];"
        yield arrow(step_id, node)
        return
    for edge in ways:
        node = f"{step_id}.exit.{edge.target}"
        part = drawn.part_of(edge.target)
        look = [_SIGN, f"label={quoted(_name_of_exit(drawn, edge))}", *drawn.link(part)]
        yield f"    {quoted(node)} [{', '.join(look)}];"
        yield arrow(step_id, node, edge.label)


def _list_of_exits(drawn: DrawnScript, ways: list[Edge]) -> str:
    rows = []
    for edge in ways:
        # In a table, the attribute of Graphviz that leads somewhere has another name.
        link = " ".join(drawn.link(drawn.part_of(edge.target))).replace("URL=", "HREF=")
        label, name = html.escape(edge.label), html.escape(_name_of_exit(drawn, edge))
        rows.append(f'<TR><TD ALIGN="LEFT">{label}</TD><TD ALIGN="LEFT" {link}>{name}</TD></TR>')
    return f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" BGCOLOR="#cbd2d9">{"".join(rows)}</TABLE>'


def _name_of_exit(drawn: DrawnScript, edge: Edge) -> str:
    part = drawn.part_of(edge.target)
    return drawn.title(part) if part else edge.target


def _node(drawn: DrawnScript, step_id: str, step: Step) -> str:
    name = step_id.partition(".")[2] or step_id
    lines = [f"<B>{html.escape(name)}</B>", *(html.escape(line) for line in _texts(drawn, step))]
    label = '<BR ALIGN="LEFT"/>'.join(lines)
    tail = '<BR ALIGN="LEFT"/>' if len(lines) > 1 else ""
    return f"{look_of(step)}, label=<{label}{tail}>"


def _texts(drawn: DrawnScript, step: Step) -> Iterator[str]:
    """What the node says below its name: what is done, and prompts as they are spoken."""
    words = words_in(drawn.locale)
    match step:
        case GateStep():
            yield words.proof[step.level]
        case LookupStep():
            yield step.service
        case TicketStep():
            yield words.ticket.format(step.kind, step.working_days)
        case NoteStep():
            yield f"{step.item}: {step.value or step.kind}"
        case HumanStep():
            yield words.people.format(step.reason)
        case RouteStep():
            yield f"{step.slot}?"
        case AnswerStep():
            yield f"{{{step.slot}}}"
        case ReturnStep():
            yield words.back.format(step.to)
        case _:
            pass
    # The other forms of a question say the same in other words.
    said = [prompt for key, prompt in spoken(step) if key not in {"reprompt", "choice", "confirm", "filler"}]
    for prompt in said:
        yield from wrapped(drawn.text(prompt), drawn.locale)
