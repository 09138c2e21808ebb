"""The JSON Schema of survey files, made from what an item can be."""

from typing import Any

from ivr.dialogue.survey import FactKind, ItemKind
from ivr.dialogue.survey_data import ITEM_KEYS
from ivr.dialogue.survey_items import BANDS, GIVEN

_TEXT = {"type": "string"}
_TEXTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}
_NAME = "^[a-z][a-z0-9_]*$"

_KINDS: dict[ItemKind, str] = {
    ItemKind.CSAT: "The prompt that asks how satisfied somebody is, 1 to 5.",
    ItemKind.NPS: "The prompt that asks how likely somebody is to recommend us, 0 to 10.",
    ItemKind.CES: "The prompt that asks how easy it was, 1 to 7; 7 is the easiest.",
    ItemKind.YES_NO: "The prompt of a question that yes or no answers.",
    ItemKind.CHOICE: "The prompt of a question that reads out its options.",
    ItemKind.NUMBER: "The prompt of a question for a number from 0 to 99.",
    ItemKind.DATE: "The prompt of a question for a day.",
    ItemKind.OPEN: "The prompt of a question that is answered in the customer's own words.",
    ItemKind.STATEMENT: 'The prompts that tell something; "did you get that?" follows by itself.',
}
_BANDS = "; ".join(
    f"{kind}: " + ", ".join(f"{name} {each[0]}-{each[-1]}" for name, each in bands.items())
    for kind, bands in BANDS.items()
)
_VALUES = f"Values are the answers, `{GIVEN}` (any), `declined`, `unanswered`; of ratings also ({_BANDS})."
_KEYS: dict[str, dict[str, Any]] = {
    "reprompt": {**_TEXT, "description": "The question in other words. Each kind has one of its own."},
    "by_key": {**_TEXT, "description": "The question with keys. Each kind has one of its own."},
    "grammar": {**_TEXTS, "description": "What is understood, if not what the kind understands."},
    "options": {
        "type": "array",
        "items": _TEXT,
        "minItems": 2,
        "maxItems": 8,
        "description": "Names of the options, in the order in which they are read out.",
    },
    "coming": {"type": "boolean", "description": "Whether the day has to lie within a month from today."},
    "skip_if": {
        "type": "object",
        "additionalProperties": _TEXTS,
        "description": "Fact or item to the values with which this item is left out.",
    },
    "quota": {
        "type": "integer",
        "minimum": 1,
        "description": "How many answers are enough, over all contacts.",
    },
    "branches": {
        "type": "object",
        "additionalProperties": _TEXT,
        "description": f"Answer to the item, or `finished`, that it leads to. {_VALUES}",
    },
    "tickets": {
        "type": "object",
        "additionalProperties": _TEXT,
        "description": f"Answer to the kind of ticket that it leaves for people. {_VALUES}",
    },
    "keep": {**_TEXTS, "description": "Items and facts that go with the ticket; by itself this item."},
    "told": {**_TEXTS, "description": "Prompts that are said when a ticket was left."},
    "next": {**_TEXT, "description": "The item after it, or `finished`. By itself the one below."},
}


def survey_schema() -> dict[str, Any]:
    """The schema of a survey's file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A survey: what is asked on a call that we place",
        "type": "object",
        "required": ["survey", "version", "purpose", "thanks", "items"],
        "additionalProperties": False,
        "properties": {
            "survey": {**_TEXT, "pattern": _NAME, "description": "Its name."},
            "version": {**_TEXT, "description": "For people, and kept with each answer."},
            "about": {
                "type": "object",
                "additionalProperties": _TEXT,
                "description": "Locale to what people call it.",
            },
            "ring_back": {
                "type": "object",
                "additionalProperties": _TEXT,
                "description": "Locale to what anybody may hear that it is about. Whoever rings back after a "
                "call that did not reach them is asked to go through it now; without this key nobody is.",
            },
            "facts": {
                "type": "object",
                "propertyNames": {"pattern": _NAME},
                "additionalProperties": {"$ref": "#/$defs/fact"},
                "description": "What has to be known of each contact, with a sample for trials.",
            },
            "purpose": {
                **_TEXTS,
                "description": "Why we call and how long it takes; only the customer hears it.",
            },
            "thanks": {**_TEXTS, "description": "The goodbye once all is answered."},
            "items": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": _NAME},
                "additionalProperties": {"$ref": "#/$defs/item"},
                "description": "The items in their order, each under a name of its own.",
            },
        },
        "$defs": {
            "fact": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": {
                    kind.value: {"description": f"A sample: {_sample(kind)}."} for kind in FactKind
                },
                "description": "One kind and a sample, such as {text: Lin Xiaoyu}.",
            },
            "item": {
                "type": "object",
                "oneOf": [{"required": [kind.value]} for kind in ItemKind],
                "additionalProperties": False,
                "properties": {kind.value: _kind(kind) for kind in ItemKind}
                | {key: _KEYS[key] for key in ITEM_KEYS},
                "description": f"An item has exactly one of {', '.join(ItemKind)}.",
            },
        },
    }


def _kind(kind: ItemKind) -> dict[str, Any]:
    return {**(_TEXTS if kind is ItemKind.STATEMENT else _TEXT), "description": _KINDS[kind]}


def _sample(kind: FactKind) -> str:
    return {
        FactKind.TEXT: "words, such as a name",
        FactKind.MONEY: "yuan, such as 1129.76",
        FactKind.NUMBER: "a whole number",
        FactKind.DATE: "a day, such as 2026-12-05",
    }[kind]
