"""The JSON Schema of script files, made from the steps themselves so that it cannot lie."""

import ast
import inspect
import textwrap
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import yaml
from jsonschema import Draft202012Validator

from ivr.adapters.script_places import ScriptProblem, ScriptSources
from ivr.adapters.survey_schema import survey_schema
from ivr.dialogue.script import StandardPrompts
from ivr.dialogue.step_data import KINDS
from ivr.dialogue.steps import KeyRule
from ivr.dialogue.survey import ItemKind
from ivr.dialogue.verification import Level, VerificationRules

_TEXT = {"type": "string"}
_TEXTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_BRANCHES = {"anyOf": [_TEXT, {"type": "object", "additionalProperties": _TEXT}]}
_OPTIONAL = {"human": {"prompts"}, "ask": {"grammars", "branch_on", "branches", "keys"}}
"""Fields without a default that a file may leave out all the same."""


def script_schema() -> dict[str, Any]:
    """The schema of both kinds of files: the frame, and a service."""
    steps = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"$ref": "#/$defs/step"},
        "description": "Steps, each under a name of its own. The first of a service is where it begins.",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A script of the hotline: its frame, or one of its services",
        "type": "object",
        "if": {"required": ["service"]},
        "then": {"$ref": "#/$defs/service"},
        "else": {"$ref": "#/$defs/frame"},
        "$defs": {
            "service": _object(
                {
                    "service": {**_TEXT, "pattern": "^[a-z][a-z0-9_]*$", "description": "Its name."},
                    "about": {
                        "type": "object",
                        "additionalProperties": _TEXT,
                        "description": "Locale to what people call it.",
                    },
                    "intents": {**_TEXTS, "description": "What callers want who are led here."},
                    "verify": {"enum": [*Level], "description": "What has to be proved first."},
                    "steps": steps,
                },
                ("service", "steps"),
            ),
            "frame": _object(
                {
                    "script": {**_TEXT, "description": "Its name."},
                    "version": {**_TEXT, "description": "For people; calls also keep a hash of all content."},
                    "start": {**_TEXT, "description": "The first step of a call."},
                    "menu": {**_TEXT, "description": 'Where "main menu" leads.'},
                    "commands": {**_TEXTS, "description": "Grammars that are heard at every item."},
                    "command_steps": {**_BRANCHES, "description": "Commands that are wishes of their own."},
                    "confirm_commands": {
                        **_BRANCHES,
                        "description": "Command to the prompt that asks whether it was meant.",
                    },
                    "prompts": _of(StandardPrompts),
                    "items": {
                        **_object({"grammars": _TEXTS, "branches": _BRANCHES, "half_sure": _BRANCHES}, ()),
                        "description": "What every item of a survey takes beside its own answer.",
                    },
                    "verification": _of(VerificationRules),
                    "steps": steps,
                },
                ("script", "version", "start", "menu", "steps"),
            ),
            "step": {
                "type": "object",
                "oneOf": [{"required": [kind]} for kind in KINDS],
                "allOf": [
                    {"if": {"required": [kind]}, "then": {"$ref": f"#/$defs/{kind}"}} for kind in KINDS
                ],
            },
            **{kind: _of(cls, kind, main) for kind, (cls, main) in KINDS.items()},
        },
    }


def schema_problems(sources: ScriptSources) -> list[ScriptProblem]:
    """What the schema has against each file."""
    scripts, surveys = Draft202012Validator(script_schema()), Draft202012Validator(survey_schema())
    problems = []
    for path in sources.files:
        validator = surveys if sources.is_survey and path == sources.frame else scripts
        data = yaml.safe_load(path.read_text("utf-8"))
        for error in sorted(validator.iter_errors(data), key=lambda error: [str(p) for p in error.path]):
            keys = [str(part) for part in error.path]
            told = _reason(error.validator, error.message, error.instance, keys[0] if keys else "")
            reason = f"{'.'.join(keys) or 'the file'}: {told}"
            problems.append(sources.at(path, keys, reason, _mend(error.schema)))
    return problems


def _reason(rule: object, message: str, instance: object, place: str) -> str:
    if rule == "oneOf":
        kinds = list(ItemKind) if place == "items" else list(KINDS)
        found = [kind for kind in kinds if isinstance(instance, Mapping) and kind in instance]
        what = "an item" if place == "items" else "a step"
        return f"{what} has exactly one of {', '.join(kinds)}; found {', '.join(found) or 'none'}"
    if rule == "anyOf":
        return f"{instance!r} is of the wrong kind"
    return message[0].lower() + message[1:]


def _mend(schema: object) -> str:
    described = schema.get("description", "") if isinstance(schema, Mapping) else ""
    return described.rstrip(".") or "docs/scripts.md shows how each kind of step is written"


def _of(cls: type, kind: str = "", main: str = "") -> dict[str, Any]:
    told, hints = _docstrings(cls), get_type_hints(cls)
    properties, required = {}, []
    for spec in fields(cls):
        if spec.name == "step_id":
            continue
        key = kind if spec.name == main else spec.name
        properties[key] = dict(_type(hints[spec.name]))
        if told.get(spec.name):
            properties[key]["description"] = told[spec.name]
        if _is_required(spec) and spec.name not in _OPTIONAL.get(kind, set()):
            required.append(key)
    described = {"description": inspect.cleandoc(cls.__doc__ or "").replace("\n", " ")}
    return {**_object(properties, required), **described}


def _is_required(spec: "Field[Any]") -> bool:
    return spec.default is MISSING and spec.default_factory is MISSING


def _type(hint: Any) -> dict[str, Any]:
    if hint is KeyRule:
        return _of(KeyRule)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"enum": [*hint]}
    if get_origin(hint) is tuple:
        return _TEXTS
    if get_origin(hint) in {Union, types.UnionType}:
        return _type(next(arg for arg in get_args(hint) if arg is not type(None)))
    plain = {str: "string", int: "integer", float: "number", bool: "boolean"}
    return {"type": plain[hint]} if hint in plain else _BRANCHES


def _object(properties: Mapping[str, Any], required: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _docstrings(cls: type) -> dict[str, str]:
    """Field to the text below it."""
    body = ast.parse(Path(inspect.getfile(cls)).read_text("utf-8")).body
    found = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == cls.__name__)
    told: dict[str, str] = {}
    for field, text in zip(found.body, found.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            told[field.target.id] = " ".join(textwrap.dedent(str(text.value.value)).split())
    return told
