"""A script as a drawing: Graphviz text that people who do not program can read, and `dot` to draw it."""

import html
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ivr.adapters.voice import PromptTexts
from ivr.dialogue.script import Script
from ivr.dialogue.script_check import spoken
from ivr.dialogue.script_edges import Edge, edges
from ivr.dialogue.steps import (
    AnswerStep,
    AskStep,
    EndStep,
    GateStep,
    HumanStep,
    LookupStep,
    NoteStep,
    ProveStep,
    ReturnStep,
    RouteStep,
    SayStep,
    Step,
    TicketStep,
)
from ivr.grammar.text import is_chinese
from ivr.runtime.services.catalogue import CATALOGUE

_COLUMNS = 4
_DRAW_S = 120.0
_HEAD = """digraph script {
  graph [rankdir=TB, fontname="sans-serif", fontsize=16, nodesep=0.3, ranksep=0.45, compound=true,
    style="rounded", color="#9aa5b1", labeljust=l, pad=0.3];
  node [fontname="sans-serif", fontsize=11, style="filled", fillcolor="white", color="#52606d",
    margin="0.12,0.07"];
  edge [fontname="sans-serif", fontsize=10, color="#52606d", fontcolor="#334e68", arrowsize=0.7];
"""
_LOOKS: dict[type[Step], str] = {
    SayStep: 'shape=box, style="filled,rounded", fillcolor="#e3f8e6"',
    AnswerStep: 'shape=box, style="filled,rounded", fillcolor="#e3f8e6"',
    AskStep: 'shape=box, style="filled,rounded,bold", fillcolor="#dceefb"',
    LookupStep: 'shape=cylinder, fillcolor="#f0f4f8"',
    RouteStep: 'shape=diamond, fillcolor="#f0f4f8"',
    ProveStep: 'shape=diamond, fillcolor="#fffbea"',
    GateStep: 'shape=hexagon, fillcolor="#fff3c4"',
    HumanStep: 'shape=house, fillcolor="#ffd0d0"',
    NoteStep: 'shape=cds, fillcolor="#fff3c4"',
    TicketStep: 'shape=note, fillcolor="#fde8ff"',
    EndStep: 'shape=doubleoctagon, fillcolor="#e4e7eb"',
}
_PLAIN = 'shape=box, fillcolor="#f0f4f8"'


class DrawingFailed(Exception):
    """The drawing cannot be made. The message holds the mend."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn, in which language."""

    script: Script
    prompts: PromptTexts
    locale: str

    def dot(self, service: str = "") -> str:
        """Graphviz text of one service, or of all and the frame. Raises `KeyError` for an unknown service."""
        ids = [each.service_id for each in self.script.services]
        if service and service not in ids:
            raise KeyError(service)
        parts = [service] if service else ["", *ids]
        found = edges(self.script, CATALOGUE, {})
        lines = [_HEAD, *(line for part in parts for line in self._cluster(part, found))]
        return "\n".join([*lines, *self._grid(parts), "}\n"])

    def _cluster(self, service: str, found: Iterable[Edge]) -> Iterator[str]:
        own = {step_id for step_id in self.script.steps if self._part_of(step_id) == service}
        title = self._title(service)
        yield f"  subgraph {_quoted('cluster_' + service)} {{"
        yield f"    label={_quoted(title)};"
        yield f"    {_quoted(service + '.')} [shape=point, style=invis];"
        for step_id in own_first(self.script, own):
            yield f"    {_quoted(step_id)} [{self._node(step_id)}];"
        for number, edge in enumerate(found):
            # The way to the verification is the same at every gate, and its label would cross the drawing.
            if edge.source not in own or (edge.label == "not yet" and service):
                continue
            if self._part_of(edge.target) == service:
                yield self._arrow(edge, edge.target)
            elif not (isinstance(self.script.steps[edge.source], AskStep) and edge.fills == {"intent"}):
                exit_id = f"{service}.exit.{number}"
                look = 'shape=cds, fillcolor="#cbd2d9"'
                yield f"    {_quoted(exit_id)} [{look}, label={_quoted(self._exit(edge.target))}];"
                yield self._arrow(edge, exit_id)
        yield "  }"

    def _title(self, service: str) -> str:
        if not service:
            return self.script.script_id
        found = next(each for each in self.script.services if each.service_id == service)
        return f"{found.about.get(self.locale, '')}  ({service})"

    def _exit(self, target: str) -> str:
        part = self._part_of(target)
        return target if not part else self._title(part)

    def _part_of(self, step_id: str) -> str:
        part = step_id.partition(".")[0]
        return part if any(each.service_id == part for each in self.script.services) else ""

    def _node(self, step_id: str) -> str:
        step = self.script.steps[step_id]
        name = step_id.partition(".")[2] or step_id
        lines = [f"<B>{html.escape(name)}</B>", *(html.escape(line) for line in self._texts(step))]
        label = '<BR ALIGN="LEFT"/>'.join(lines)
        tail = '<BR ALIGN="LEFT"/>' if len(lines) > 1 else ""
        return f"{_LOOKS.get(type(step), _PLAIN)}, label=<{label}{tail}>"

    def _texts(self, step: Step) -> Iterator[str]:
        """What the node says below its name: prompts as they are spoken, else what is done."""
        match step:
            case GateStep():
                yield f"verify: {step.level}"
            case LookupStep():
                yield step.service
            case TicketStep():
                yield f"ticket: {step.kind}, {step.working_days} d"
            case NoteStep():
                yield f"{step.item}: {step.value or step.kind}"
            case HumanStep():
                yield step.reason
            case RouteStep():
                yield f"{step.slot}?"
            case AnswerStep():
                yield f"{{{step.slot}}}"
            case ReturnStep():
                yield f"back to {step.to}"
            case _:
                pass
        # The other forms of a question say the same in other words.
        said = [
            prompt for key, prompt in spoken(step) if key not in {"reprompt", "choice", "confirm", "filler"}
        ]
        for prompt in said:
            yield from _wrapped(self._text(prompt), self.locale)

    def _text(self, prompt_id: str) -> str:
        prompt = self.prompts.find(self.locale, prompt_id)
        if prompt is None:
            return f"[{prompt_id}]"
        return "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in prompt.parts)

    def _arrow(self, edge: Edge, target: str) -> str:
        other = "其他" if is_chinese(self.locale) else "else"
        shown = other if edge.label == "*" else edge.label
        label = f" [label={_quoted(f' {shown} ')}]" if shown else ""
        return f"    {_quoted(edge.source)} -> {_quoted(target)}{label};"

    def _grid(self, parts: list[str]) -> Iterator[str]:
        """Services below one another in columns, not all in one row."""
        services = [part for part in parts if part]
        frame = [step_id for step_id in self.script.steps if not self._part_of(step_id)]
        if "" in parts:
            for below in services[:_COLUMNS]:
                yield f"  {_quoted(frame[-1])} -> {_quoted(below)} [style=invis];"
        for above, below in zip(services, services[_COLUMNS:], strict=False):
            last = [step_id for step_id in self.script.steps if self._part_of(step_id) == above][-1]
            yield f"  {_quoted(last)} -> {_quoted(below)} [style=invis];"


def own_first(script: Script, own: set[str]) -> list[str]:
    """The steps of one part in the order of its file, its gate first."""
    gates = [step_id for step_id in own if "." not in step_id and isinstance(script.steps[step_id], GateStep)]
    return [*gates, *(step_id for step_id in script.steps if step_id in own and step_id not in gates)]


def draw_svg(dot_text: str) -> bytes:
    """The drawing as SVG, by Graphviz. Raises `DrawingFailed` with the mend."""
    program = shutil.which("dot")
    if program is None:
        raise DrawingFailed(
            "the drawing needs Graphviz, which is not installed. Mend: apt-get install graphviz, "
            "or write the text with --out FILE.dot and draw it elsewhere"
        )
    try:
        done = subprocess.run(
            [program, "-Tsvg"], input=dot_text.encode(), capture_output=True, check=True, timeout=_DRAW_S
        )
    except subprocess.CalledProcessError as error:
        raise DrawingFailed(f"dot cannot draw it: {error.stderr.decode('utf-8', 'replace')}") from None
    except subprocess.TimeoutExpired:
        raise DrawingFailed(f"dot took longer than {_DRAW_S:g} s. Mend: draw one service at a time") from None
    return done.stdout


def _wrapped(text: str, locale: str) -> list[str]:
    if is_chinese(locale):
        return [text[start : start + 18] for start in range(0, len(text), 18)]
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) > 34:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
