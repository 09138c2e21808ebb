"""What is drawn: a script with its texts, in one language, in parts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ivr.adapters.script_graph.graphviz import quoted
from ivr.adapters.script_graph.words import words_in
from ivr.adapters.voice import PromptTexts
from ivr.dialogue.script import Script, Service
from ivr.dialogue.script_edges import Edge, edges
from ivr.dialogue.steps import AskStep, GateStep, Step
from ivr.runtime.services.catalogue import CATALOGUE


@dataclass(frozen=True)
class DrawnScript:
    """A script in parts: each service by its id, and the frame, whose name is empty.

    `linked`: whether each part has a drawing of its own beside the others, so that they can lead there.
    """

    script: Script
    prompts: PromptTexts
    locale: str
    linked: bool = False

    @cached_property
    def edges(self) -> list[Edge]:
        """All ways through the script."""
        return edges(self.script, CATALOGUE, {})

    @cached_property
    def services(self) -> dict[str, Service]:
        """The services by their ids."""
        return {each.service_id: each for each in self.script.services}

    def part_of(self, step_id: str) -> str:
        """The part that a step belongs to."""
        part = step_id.partition(".")[0]
        return part if part in self.services else ""

    def steps_of(self, part: str) -> dict[str, Step]:
        """The steps of one part in the order of its file, its gate first."""
        own = {key: step for key, step in self.script.steps.items() if self.part_of(key) == part}
        gates = {key: step for key, step in own.items() if "." not in key and isinstance(step, GateStep)}
        return gates | own

    def ways_from(self, part: str) -> Iterator[Edge]:
        """The ways from the steps of a part that have to be told, one from step to step with all labels.

        Not told are those that are the same everywhere: from a gate to the verification, and from an item
        where anything may be asked for to every service.
        """
        labels: dict[tuple[str, str], list[str]] = {}
        for edge in self.edges:
            if self.part_of(edge.source) != part or (edge.label == "not yet" and part):
                continue
            if self.offers(edge.source) and not edge.label:
                continue
            said = words_in(self.locale).other if edge.label == "*" else edge.label
            labels.setdefault((edge.source, edge.target), []).append(said)
        for (source, target), all_labels in labels.items():
            yield Edge(source, target, " / ".join(filter(None, all_labels)))

    def offers(self, step_id: str) -> bool:
        """Whether every service may be asked for at a step."""
        step = self.script.steps[step_id]
        return isinstance(step, AskStep) and step.offers_services

    def name(self, part: str) -> str:
        """What people call a part."""
        return self.services[part].about.get(self.locale, part) if part else self.script.script_id

    def title(self, part: str) -> str:
        """The name with the id, by which its file is found."""
        return f"{self.name(part)}  ({part})" if part else self.script.script_id

    def link(self, drawing: str) -> list[str]:
        """The attributes that lead to the drawing of a part or to the overview, where each is a file."""
        file = f"{drawing or self.script.script_id}.svg"
        return [f"URL={quoted(file)}", 'target="_top"'] if self.linked else []

    def text(self, prompt_id: str) -> str:
        """A prompt as it is spoken, its slots in braces."""
        prompt = self.prompts.find(self.locale, prompt_id)
        if prompt is None:
            return f"[{prompt_id}]"
        return "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in prompt.parts)
