"""Graphviz: the looks that all drawings share, text as it wants it, and `dot` to draw it."""

import re
import shutil
import subprocess

from ivr.dialogue.steps import (
    AnswerStep,
    AskStep,
    EndStep,
    GateStep,
    HumanStep,
    LeaveStep,
    LookupStep,
    NoteStep,
    ProveStep,
    RouteStep,
    SayStep,
    Step,
    SurveyStep,
    TicketStep,
)
from ivr.grammar.text import is_chinese

SAID, ASKED, PROOF, TICKET, PEOPLE, PLAIN = "#e3f8e6", "#dceefb", "#fff3c4", "#fde8ff", "#ffd0d0", "#f0f4f8"
HEAD = """digraph script {
  graph [rankdir=TB, fontname="sans-serif", fontsize=16, nodesep=0.3, ranksep=0.45, compound=true,
    style="rounded", color="#9aa5b1", labeljust=l, pad=0.3];
  node [fontname="sans-serif", fontsize=11, style="filled", fillcolor="white", color="#52606d",
    margin="0.12,0.07"];
  edge [fontname="sans-serif", fontsize=10, color="#52606d", fontcolor="#334e68", arrowsize=0.7];
"""
_LOOKS: dict[type[Step], str] = {
    SayStep: f'shape=box, style="filled,rounded", fillcolor="{SAID}"',
    AnswerStep: f'shape=box, style="filled,rounded", fillcolor="{SAID}"',
    AskStep: f'shape=box, style="filled,rounded,bold", fillcolor="{ASKED}"',
    LookupStep: f'shape=cylinder, fillcolor="{PLAIN}"',
    RouteStep: f'shape=diamond, fillcolor="{PLAIN}"',
    ProveStep: 'shape=diamond, fillcolor="#fffbea"',
    GateStep: f'shape=hexagon, fillcolor="{PROOF}"',
    HumanStep: f'shape=house, fillcolor="{PEOPLE}"',
    NoteStep: f'shape=cds, fillcolor="{PROOF}"',
    TicketStep: f'shape=note, fillcolor="{TICKET}"',
    SurveyStep: 'shape=rarrow, fillcolor="#e4e7eb"',
    LeaveStep: 'shape=larrow, fillcolor="#e4e7eb"',
    EndStep: 'shape=doubleoctagon, fillcolor="#e4e7eb"',
}
_PLAIN_LOOK = f'shape=box, fillcolor="{PLAIN}"'
_DRAW_S = 120.0


class DrawingFailed(Exception):
    """The drawing cannot be made. The message holds the mend."""


def look_of(step: Step) -> str:
    """Shape and colour of a step."""
    return _LOOKS.get(type(step), _PLAIN_LOOK)


def quoted(text: str) -> str:
    """Text as an id or label of Graphviz."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def arrow(source: str, target: str, label: str = "", look: str = "") -> str:
    """The line of a drawing that leads from one node to another."""
    said = [f"label={quoted(f' {label} ')}"] if label else []
    attributes = ", ".join([*said, *([look] if look else [])])
    return f"    {quoted(source)} -> {quoted(target)}{f' [{attributes}]' if attributes else ''};"


def wrapped(text: str, locale: str) -> list[str]:
    """Text in lines of about one width."""
    if is_chinese(locale):
        return _wrapped_chinese(text)
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) > 34:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _wrapped_chinese(text: str) -> list[str]:
    lines = [""]
    for piece in re.findall(r"\{[^}]*\}|.", text):
        # A letter of a slot's name is about half as wide as a Chinese character; no line begins with a mark.
        if lines[-1] and _columns(lines[-1] + piece) > 36 and piece not in "，。？！；：、）":
            lines.append(piece)
        else:
            lines[-1] += piece
    return lines


def _columns(text: str) -> int:
    return sum(1 if char.isascii() else 2 for char in text)


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
