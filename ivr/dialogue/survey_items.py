"""One item of a survey as the steps that it is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.calls.answers import DECLINED, UNANSWERED
from ivr.dialogue.survey import FULL, QUOTA, ItemKind

Steps = dict[str, dict[str, Any]]

BANDS: Mapping[ItemKind, Mapping[str, range]] = {
    ItemKind.CSAT: {"low": range(1, 3), "middle": range(3, 4), "high": range(4, 6)},
    ItemKind.NPS: {"low": range(7), "middle": range(7, 9), "high": range(9, 11)},
    ItemKind.CES: {"low": range(1, 4), "middle": range(4, 5), "high": range(5, 8)},
}
"""What `low`, `middle` and `high` mean: for NPS detractors, passives and promoters (Reichheld 2003)."""

GIVEN = "given"
"""As a branch: any answer at all."""
_FIGURES = tuple(f"{figure}*" for figure in range(10))
_DATES = ("2*",)
_RATED = "rating"


@dataclass(frozen=True, slots=True)
class Listening:
    """What every item takes beside its own answer: questions, wishes, refusals."""

    grammars: list[str] = field(default_factory=list)
    branches: Mapping[str, str] = field(default_factory=dict)
    half_sure: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ItemPlan:
    """An item as it is written, with what it becomes part of. `follows` is the step after it."""

    item_id: str
    kind: ItemKind
    raw: Mapping[str, Any]
    follows: str
    listening: Listening

    def steps(self) -> Steps:
        """The steps by name. The first has the name of the item, so that others can lead to it."""
        first = self._told() if self.kind is ItemKind.STATEMENT else self._question()
        tests = self._tests()
        names = [self.item_id, *(f"{self.item_id}.if{number}" for number in range(2, len(tests) + 1))]
        if tests:
            names.append(f"{self.item_id}.ask")
        built: Steps = {}
        for name, following, (slot, values, target) in zip(names, names[1:], tests, strict=False):
            branches = {**dict.fromkeys(values, target), "*": following}
            built[name] = {"route": slot, "branches": branches}
        built[names[-1]] = first
        built |= self._got_it() if self.kind is ItemKind.STATEMENT else self._outcomes()
        return built | self._after()

    def _tests(self) -> list[tuple[str, list[str], str]]:
        """Whether it is put at all: slots, the values with which it is not, and where these lead."""
        tests = [(slot, _texts(values), self.follows) for slot, values in self.raw.get("skip_if", {}).items()]
        if "quota" in self.raw:
            tests.insert(0, (f"{QUOTA}{self.item_id}", [FULL], self.follows))
        if self.kind is ItemKind.STATEMENT:
            tests.append((self.item_id, ["yes", "no", UNANSWERED], self._done))
        return tests

    def _told(self) -> dict[str, Any]:
        return {"say": self.raw["say"], "next": f"{self.item_id}.got_it"}

    def _question(self) -> dict[str, Any]:
        """The item's own question."""
        kind, item = self.kind, self.item_id
        question: dict[str, Any] = {
            "ask": self.raw["ask"],
            "reprompt": self.raw.get("reprompt", f"survey_{kind}_reprompt"),
            "choice": self.raw.get("by_key", f"survey_{kind}_choice"),
            "skips": {item: self._done},
            "unanswered": f"{item}.unanswered",
        }
        noted = self._checked if self.raw.get("coming") else f"{item}.noted"
        if kind is ItemKind.OPEN:
            open_item = {"keys": {"grammars": ["keys_go_on"]}, "branch_on": "answer", "dictation": "words"}
            times = {"no_input_ms": 7000, "end_silence_ms": 1800}
            return question | open_item | times | {"branches": {"go_on": f"{item}.declined", "*": noted}}
        grammar = self.raw.get("grammar", _GRAMMARS[kind])
        branches = {**self.listening.branches, "dont_know": f"{item}.declined"}
        branches |= dict.fromkeys(self._values(), noted)
        return question | {
            "grammars": [*_texts(grammar), "no_answer", *self.listening.grammars],
            "keys": _KEYS[kind],
            "branch_on": [self._slot, "answer", "intent"] if self._slot != "answer" else ["answer", "intent"],
            "branches": branches,
            "half_sure": dict(self.listening.half_sure),
            "confirm": {value: f"survey_{kind}_confirm" for value in self._values() if kind in _ASKED_BACK},
            "open": True,
        }

    @property
    def _slot(self) -> str:
        return {
            ItemKind.YES_NO: "answer",
            ItemKind.STATEMENT: "answer",
            ItemKind.CHOICE: "choice",
            ItemKind.NUMBER: "number",
            ItemKind.DATE: "date",
            ItemKind.OPEN: "words",
        }.get(self.kind, _RATED)

    @property
    def _checked(self) -> str:
        return f"{self.item_id}.checked"

    def _values(self) -> tuple[str, ...]:
        """What an answer's slot may hold."""
        if self.kind in BANDS:
            return tuple(str(value) for band in BANDS[self.kind].values() for value in band)
        options = self.raw.get("options", [])
        places = tuple(str(place) for place in range(1, len(options) + 1))
        return {
            ItemKind.CHOICE: (*options, *places, "-1"),
            ItemKind.NUMBER: _FIGURES,
            ItemKind.DATE: _DATES,
            ItemKind.OPEN: ("*",),
        }.get(self.kind, ("yes", "no"))

    def _outcomes(self) -> Steps:
        """Answered, declined, or not understood: each is noted."""
        item, following = self.item_id, f"{self.item_id}.after"
        note = {"note": item, "kind": self.kind.value, "next": following}
        noted: dict[str, Any] = {**note, "slot": self._slot}
        if self.kind is ItemKind.CHOICE:
            options = self.raw["options"]
            noted["values"] = {str(place): option for place, option in enumerate(options, 1)}
            noted["values"]["-1"] = options[-1]
        steps: Steps = {
            f"{item}.noted": noted,
            f"{item}.declined": {**note, "value": DECLINED},
            f"{item}.unanswered": {**note, "value": UNANSWERED},
        }
        if self.raw.get("coming"):
            results = {"coming": f"{item}.noted", "past": f"{item}.not_then", "too_far": f"{item}.not_then"}
            steps[self._checked] = {"lookup": "coming_day", "branches": results}
            again = {"ask": "survey_date_not_then", "skips": {}}
            steps[f"{item}.not_then"] = self._question() | again
        return steps

    def _got_it(self) -> Steps:
        """Whether what was told was understood: told again if not, and then by a person."""
        item, yes = self.item_id, f"{self.item_id}.noted"
        note = {"note": item, "kind": self.kind.value, "next": f"{item}.after"}
        again = ["survey_again", *_texts(self.raw["say"])]
        return {
            f"{item}.got_it": self._understood(yes, no=f"{item}.again"),
            f"{item}.again": {"say": again, "next": f"{item}.got_it2"},
            f"{item}.got_it2": self._understood(yes, no=f"{item}.unclear"),
            yes: {**note, "value": "yes"},
            f"{item}.unclear": {**note, "value": "no", "next": f"{item}.explain"},
            f"{item}.explain": {"ticket": "explain", "keep": [item], "next": f"{item}.explained"},
            f"{item}.explained": {"say": "survey_will_explain", "next": f"{item}.after"},
            f"{item}.unanswered": {**note, "value": UNANSWERED},
        }

    def _understood(self, yes: str, *, no: str) -> dict[str, Any]:
        return {
            "ask": "survey_statement_ask",
            "reprompt": "survey_statement_reprompt",
            "choice": "survey_yes_no_choice",
            "grammars": ["yes_no", "got_it", *self.listening.grammars],
            "keys": _KEYS[ItemKind.YES_NO],
            "branch_on": ["answer", "intent"],
            "branches": {**self.listening.branches, "yes": yes, "no": no},
            "half_sure": dict(self.listening.half_sure),
            "skips": {self.item_id: self._done},
            "unanswered": f"{self.item_id}.unanswered",
            "open": True,
        }

    @property
    def _done(self) -> str:
        """The step of an item that was answered before: its tickets were filed then."""
        return f"{self.item_id}.on" if self.raw.get("tickets") else f"{self.item_id}.after"

    def _after(self) -> Steps:
        """What follows from an answer: tickets, then the way on."""
        item, tickets = self.item_id, self.raw.get("tickets", {})
        on = self._route(self.raw.get("branches", {}), self.follows)
        if not tickets:
            return {f"{item}.after": on}
        steps: Steps = {f"{item}.on": on}
        kinds = list(dict.fromkeys(tickets.values()))
        filed = {kind: f"{item}.file{number}" for number, kind in enumerate(kinds, 1)}
        steps[f"{item}.after"] = self._route(
            {value: filed[kind] for value, kind in tickets.items()}, f"{item}.on"
        )
        for kind, step in filed.items():
            following = f"{item}.told" if "told" in self.raw else f"{item}.on"
            keep = self.raw.get("keep", [item])
            steps[step] = {"ticket": kind, "keep": keep, "working_days": 2, "next": following}
        if "told" in self.raw:
            steps[f"{item}.told"] = {"say": self.raw["told"], "next": f"{item}.on"}
        return steps

    def _route(self, wanted: Mapping[str, str], other: str) -> dict[str, Any]:
        if not wanted:
            return {"say": [], "next": other}
        branches: dict[str, str] = {}
        for value, target in wanted.items():
            if value in BANDS.get(self.kind, {}):
                branches |= {str(each): target for each in BANDS[self.kind][value]}
            elif value == GIVEN:
                branches |= dict.fromkeys((DECLINED, UNANSWERED), other)
                branches |= dict.fromkeys(self._values(), target)
            else:
                branches[value] = target
        return {"route": self.item_id, "branches": {"*": other} | branches}


_ASKED_BACK = frozenset({*BANDS, ItemKind.NUMBER, ItemKind.DATE})
"""Kinds of which an answer that is half sure is read back; others are asked again."""

_GRAMMARS: Mapping[ItemKind, str | tuple[str, ...]] = {
    ItemKind.CSAT: "rating_5",
    ItemKind.NPS: "rating_10",
    ItemKind.CES: "rating_7",
    ItemKind.YES_NO: ("yes_no", "echo"),
    ItemKind.CHOICE: "choice",
    ItemKind.NUMBER: "count",
    ItemKind.DATE: "date",
}
_KEYS: Mapping[ItemKind, Mapping[str, Any]] = {
    ItemKind.CSAT: {"grammars": ["keys_rating_5"]},
    ItemKind.NPS: {"grammars": ["keys_rating_10"], "max_keys": 2},
    ItemKind.CES: {"grammars": ["keys_rating_7"]},
    ItemKind.YES_NO: {"grammars": ["keys_yes_no"]},
    ItemKind.CHOICE: {"grammars": ["keys_choice"]},
    ItemKind.NUMBER: {"grammars": ["keys_count"], "max_keys": 2},
    ItemKind.DATE: {"grammars": ["keys_date"], "max_keys": 4},
}


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
