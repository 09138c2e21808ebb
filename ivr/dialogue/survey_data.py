"""A survey's file and the frame of dialled calls into one script; every fault is reported at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ivr.calls.answers import DECLINED, UNANSWERED
from ivr.dialogue.script import Script
from ivr.dialogue.script_data import ScriptFault, parse_script
from ivr.dialogue.step_data import branches, texts
from ivr.dialogue.survey import (
    ATTEMPT,
    CAMPAIGN,
    CONTACT,
    RESUMED,
    RUNG_BACK,
    Fact,
    FactKind,
    ItemKind,
    Survey,
    SurveyItem,
)
from ivr.dialogue.survey_items import BANDS, GIVEN, ItemPlan, Listening, Steps

FINISHED = "finished"
"""The frame's step after the last item."""
SURVEYS = "surveys"
"""The folder of the surveys, beside the frame."""

KEYS = ("survey", "version", "about", "ring_back", "facts", "purpose", "thanks", "items")
ITEM_KEYS = (
    "reprompt", "by_key", "grammar", "options", "coming", "skip_if", "quota", "branches", "tickets", "keep",
    "told", "next",
)  # fmt: skip
TAKEN = frozenset({
    "answer", "choice", "date", "intent", "number", "rating", "words", "moment", "wish_moment", "phone",
    "customer_id", "right_party", "opted_out", "wrong_party", "refused", "callback", RESUMED, RUNG_BACK,
    CONTACT, CAMPAIGN, ATTEMPT,
})  # fmt: skip
"""Slots that the frame fills: no item and no fact can have such a name."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def parse_survey(data: Mapping[str, Any], file: str, frame: Mapping[str, Any], frame_file: str) -> Script:
    """Build the script of a survey. Raises `ScriptFault` with all faults, those of the survey first."""
    reader = _Reader(data)
    survey = reader.survey()
    listening = _listening(frame.get("items", {}))
    if reader.faults:
        raise ScriptFault(file, reader.faults)
    steps = reader.steps(survey, listening)
    filled = {
        "$survey": survey.survey_id,
        "$version": str(data["version"]),
        "$first": survey.survey_id,
        "$purpose": texts("purpose", data["purpose"]),
        "$thanks": texts("thanks", data["thanks"]),
    }
    frame_data = {key: _fill(value, filled) for key, value in frame.items() if key != "items"}
    part = {"service": survey.survey_id, "about": survey.about, "steps": steps}
    script = parse_script(frame_data, frame_file, {file: part})
    return replace(script, survey=survey)


def _listening(raw: Mapping[str, Any]) -> Listening:
    return Listening(
        list(texts("items.grammars", raw.get("grammars", []))),
        branches("items.branches", raw.get("branches", {})),
        branches("items.half_sure", raw.get("half_sure", {})),
    )


def _fill(value: Any, filled: Mapping[str, Any]) -> Any:
    """The frame with what it leaves to each survey."""
    if isinstance(value, str) and value in filled:
        found = filled[value]
        return list(found) if isinstance(found, tuple) else found
    if isinstance(value, Mapping):
        return {key: _fill(item, filled) for key, item in value.items()}
    return [_fill(item, filled) for item in value] if isinstance(value, list) else value


class _Reader:
    """Reads a survey's file and gathers what is wrong with it."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.faults: list[str] = []
        self._data = data

    def survey(self) -> Survey:
        """The survey as far as it can be read."""
        data = self._data
        self.faults += [
            f"{key}: unknown key; known are {', '.join(KEYS)}" for key in sorted(set(data) - set(KEYS))
        ]
        for key in ("survey", "version", "purpose", "thanks", "items"):
            if not data.get(key):
                self.faults.append(f"{key}: missing; write `{key}: ...`")
        if not isinstance(data.get("ring_back", {}), Mapping):
            self.faults.append("ring_back: must be a mapping of locale to text")
        if not isinstance(data.get("items", {}), Mapping):
            self.faults.append("items: must be a mapping; write each item under a name of its own")
        if self.faults:
            return Survey("", ())
        facts = dict(self._facts(data.get("facts", {})))
        items = tuple(self._items(facts))
        about, ring_back = dict(data.get("about", {})), dict(data.get("ring_back", {}))
        return Survey(str(data["survey"]), items, facts, about, ring_back)

    def steps(self, survey: Survey, listening: Listening) -> Steps:
        """All items as steps."""
        raw_items: Mapping[str, Any] = self._data["items"]
        steps: Steps = {}
        ids = [item.item_id for item in survey.items]
        for item, following in zip(survey.items, [*ids[1:], FINISHED], strict=True):
            raw = raw_items[item.item_id]
            asked = {"say" if item.kind is ItemKind.STATEMENT else "ask": raw[item.kind]}
            follows = raw.get("next", following)
            steps |= ItemPlan(item.item_id, item.kind, {**raw, **asked}, follows, listening).steps()
        return steps

    def _facts(self, raw: Any) -> Iterator[tuple[str, Fact]]:
        for name, spec in raw.items() if isinstance(raw, Mapping) else ():
            place = f"facts.{name}"
            self._check_name(name, place)
            if not isinstance(spec, Mapping) or len(spec) != 1 or set(spec) - set(FactKind):
                mend = f"write a kind and a sample, such as {{text: ...}}; kinds are {', '.join(FactKind)}"
                self.faults.append(f"{place}: no kind of fact; {mend}")
                continue
            ((kind, sample),) = spec.items()
            written = sample.isoformat() if isinstance(sample, date) else sample
            try:
                yield name, Fact(FactKind(kind), Fact(FactKind(kind), sample).value(written))
            except ValueError as fault:
                self.faults.append(f"{place}: its sample {fault}")

    def _items(self, facts: Mapping[str, Fact]) -> Iterator[SurveyItem]:
        for item_id, raw in self._data["items"].items():
            place, before = f"items.{item_id}", len(self.faults)
            self._check_name(item_id, place)
            if item_id in facts:
                self.faults.append(f"{place}: a fact has this name already; give the item another")
            kinds = [kind for kind in ItemKind if isinstance(raw, Mapping) and kind in raw]
            if len(kinds) != 1:
                found = ", ".join(kinds) or "none"
                self.faults.append(f"{place}: must have exactly one of {', '.join(ItemKind)}; found {found}")
                continue
            kind = kinds[0]
            if unknown := sorted(set(raw) - {kind.value, *ITEM_KEYS}):
                known = ", ".join((kind, *ITEM_KEYS))
                self.faults.append(f"{place}: unknown key {', '.join(unknown)}; an item knows {known}")
            self.faults += [f"{place}: {fault}" for fault in _misused(kind, raw)]
            if len(self.faults) == before:
                yield SurveyItem(item_id, kind, raw.get("quota"))

    def _check_name(self, name: object, place: str) -> None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.faults.append(f"{place}: is no name; use small letters, digits and _")
        elif name in TAKEN:
            self.faults.append(f"{place}: the name {name} is taken by the frame; give it another")


def _misused(kind: ItemKind, raw: Mapping[str, Any]) -> Iterator[str]:
    """Keys that do not go with the kind of an item, and values that none of its answers has."""
    if kind is ItemKind.CHOICE and not (isinstance(raw.get("options"), list) and len(raw["options"]) > 1):
        yield "a choice needs its options; write `options: [one, other]`"
    if kind is ItemKind.CHOICE and not {"reprompt", "by_key"} <= set(raw):
        yield "a choice needs wordings of its own; write `reprompt: ...` and `by_key: ...`"
    if "options" in raw and kind is not ItemKind.CHOICE:
        yield "options belong to a choice; take them out"
    if "coming" in raw and kind is not ItemKind.DATE:
        yield "coming belongs to a date; take it out"
    if "told" in raw and "tickets" not in raw:
        yield "told is said when a ticket is left; name it under `tickets`"
    quota = raw.get("quota", 1)
    if not isinstance(quota, int) or isinstance(quota, bool) or quota < 1:
        yield "quota: must be a whole number from 1 on"
    for key in ("branches", "tickets", "skip_if"):
        wanted = raw.get(key, {})
        if not isinstance(wanted, Mapping):
            yield f"{key}: must be a mapping; write `{key}: {{value: ...}}`"
        elif key != "skip_if":
            yield from _no_values(kind, key, wanted, raw)


def _no_values(kind: ItemKind, key: str, wanted: Mapping[str, Any], raw: Mapping[str, Any]) -> Iterator[str]:
    known: tuple[str, ...] = ("yes", "no")
    if kind in BANDS:
        known = (*BANDS[kind], *(str(value) for band in BANDS[kind].values() for value in band))
    elif kind is ItemKind.CHOICE:
        known = tuple(map(str, raw.get("options", [])))
    elif kind in {ItemKind.OPEN, ItemKind.NUMBER, ItemKind.DATE}:
        return
    known = (*known, GIVEN, DECLINED, UNANSWERED)
    for value in wanted:
        if str(value) not in known:
            yield f"{key}: no answer is {value}; its answers are {', '.join(known)}"
