"""What a caller has answered, kept from the moment when it is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.calls.answers import UNANSWERED
from ivr.calls.speech import SlotValue
from ivr.dialogue.script import Script
from ivr.dialogue.steps import NoteStep
from ivr.grammar.result import Match


@dataclass(frozen=True, slots=True)
class Note:
    """Keep this answer. `words` are the caller's own, empty where there were none."""

    item: str
    kind: str
    value: str = field(repr=False)
    words: str = field(default="", repr=False)
    confidence: float = 1.0
    survey: str = field(kw_only=True)
    version: str = field(kw_only=True)


def note_of(step: NoteStep, slots: Mapping[str, SlotValue], answer: Match | None, script: Script) -> Note:
    """What a step of `script` keeps, with the words by which it was answered if it was just now."""
    value = step.value if step.value is not None else str(slots.get(step.slot or "", UNANSWERED))
    words, confidence = (answer.text, answer.confidence) if answer is not None else ("", 1.0)
    return Note(
        step.item,
        step.kind,
        step.values.get(value, value),
        words,
        confidence,
        survey=script.script_id,
        version=script.version,
    )
