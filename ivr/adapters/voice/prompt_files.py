"""Prompt texts from `prompts/<locale>/*.yaml`, and the words of `names.yaml` beside them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ivr.adapters.voice.errors import PromptFilesError
from ivr.calls.speech import Variant
from ivr.dialogue.prompt_filling import Names
from ivr.dialogue.prompt_text import VARIANTS, Prompt, PromptText, PromptTextError, parse
from ivr.dialogue.spoken import Piece

NAMES_FILE = "names.yaml"

_LOCALE = re.compile(r"[a-z]{2,3}-[A-Z]{2}")
_PROMPT_ID = re.compile(r"[a-z][a-z0-9_]*")
_WAYS = (
    "write `id: text`, `id: {text: ..., spoken_in: locale}`, or "
    "`id: {first: ..., repeated: ..., short: ...}` of which only `first` must be there"
)


@dataclass(frozen=True, slots=True)
class PromptTexts:
    """All prompts, by locale and id, and the recorded names of each locale."""

    by_locale: Mapping[str, Mapping[str, Prompt]]
    names: Mapping[str, Names] = field(default_factory=dict)

    def find(self, locale: str, prompt_id: str, variant: Variant = "first") -> PromptText | None:
        """The prompt in this wording or the next longer one it has, or None."""
        prompt = self.by_locale.get(locale, {}).get(prompt_id)
        return prompt.wording(variant) if prompt else None

    def wordings(self, locale: str) -> Iterator[PromptText]:
        """Every text of a locale."""
        for prompt in self.by_locale[locale].values():
            yield from prompt.wordings.values()

    def differences(self) -> list[str]:
        """Prompts and names that not every locale has, and slots that differ between locales."""
        faults = []
        for prompt_id in sorted({prompt_id for texts in self.by_locale.values() for prompt_id in texts}):
            having = {
                locale: texts[prompt_id] for locale, texts in self.by_locale.items() if prompt_id in texts
            }
            lacking = sorted(set(self.by_locale) - set(having))
            faults += [f"{locale}: no text for {prompt_id}" for locale in lacking]
            if len({frozenset(prompt.slots) for prompt in having.values()}) > 1:
                shown = "; ".join(f"{locale} has {_shown_slots(p)}" for locale, p in sorted(having.items()))
                faults.append(f"{prompt_id}: the slots differ: {shown}")
        named = {locale: {piece.name for piece in names.values()} for locale, names in self.names.items()}
        for name in sorted(set().union(*named.values())):
            lacking = sorted(locale for locale in self.by_locale if name not in named.get(locale, set()))
            key = name.removeprefix(_NAME_PREFIX)
            faults += [f"{locale}: no words for the name {key} in {NAMES_FILE}" for locale in lacking]
        return faults


_NAME_PREFIX = "name_"


def load_prompt_texts(prompts_dir: Path) -> PromptTexts:
    """Read every locale's files. Raises `PromptFilesError` with all faults at once."""
    faults: list[str] = []
    by_locale: dict[str, dict[str, Prompt]] = {}
    names: dict[str, Names] = {}
    for directory in sorted(prompts_dir.iterdir()) if prompts_dir.is_dir() else []:
        if _LOCALE.fullmatch(directory.name):
            by_locale[directory.name] = _load_locale(directory, faults)
            names[directory.name] = _load_names(directory / NAMES_FILE, faults)
    if not by_locale:
        faults.append(f"{prompts_dir}: no locale with prompts, such as {prompts_dir / 'zh-CN'}")
    if faults:
        raise PromptFilesError("\n".join(faults))
    return PromptTexts(by_locale, names)


def _load_locale(directory: Path, faults: list[str]) -> dict[str, Prompt]:
    prompts: dict[str, Prompt] = {}
    found_in: dict[str, str] = {}
    for path in sorted(directory.glob("*.yaml")):
        if path.name == NAMES_FILE:
            continue
        for prompt_id, body in _table(path, "write each prompt as `id: text`", faults).items():
            try:
                if prompt_id in prompts:
                    raise PromptTextError(
                        f"prompt {prompt_id} is there twice: remove it here or from {found_in[prompt_id]}"
                    )
                prompts[prompt_id] = _prompt(prompt_id, body, directory.name)
                found_in[prompt_id] = path.name
            except PromptTextError as error:
                faults.append(f"{path}: {error}")
    return prompts


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice, of which YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for (key_node, _), key in zip(node.value, keys, strict=True):
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key} is there twice: remove one", key_node.start_mark
                )
        return super().construct_mapping(node, deep)


def _table(path: Path, mend: str, faults: list[str]) -> dict[Any, Any]:
    try:
        # A SafeLoader, which ruff's rule does not see through the subclass.
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        faults.append(f"{path}: {error}")
        return {}
    if not isinstance(content, dict):
        faults.append(f"{path}: {mend}")
        return {}
    return content


def _prompt(prompt_id: Any, body: Any, locale: str) -> Prompt:
    if not isinstance(prompt_id, str) or not _PROMPT_ID.fullmatch(prompt_id):
        mend = (
            ": write it in quotes, YAML takes it for another thing" if not isinstance(prompt_id, str) else ""
        )
        raise PromptTextError(
            f"the prompt id {prompt_id!r} must be lower-case words joined by underscores{mend}"
        )
    if not isinstance(body, dict) or "text" in body:
        return Prompt({"first": _wording(prompt_id, body, locale, "first")})
    if unknown := sorted(str(key) for key in body if key not in VARIANTS):
        raise PromptTextError(f"prompt {prompt_id}: {', '.join(unknown)} is no wording: {_WAYS}")
    if "first" not in body:
        raise PromptTextError(f"prompt {prompt_id}: `first` is missing: {_WAYS}")
    wordings = {v: _wording(prompt_id, body[v], locale, v) for v in VARIANTS if v in body}
    prompt = Prompt(wordings)
    if surplus := prompt.surplus_slots():
        slots = ", ".join(f"{{{slot.name}:{slot.kind}}}" for slot in surplus)
        raise PromptTextError(f"prompt {prompt_id}: {slots} must be in `first` too, or go")
    return prompt


def _wording(prompt_id: str, body: Any, locale: str, variant: Variant) -> PromptText:
    match body:
        case str():
            return parse(prompt_id, body, locale, variant=variant)
        case {"text": str(text), **others} if not others:
            return parse(prompt_id, text, locale, variant=variant)
        case {"text": str(text), "spoken_in": str(spoken_in), **others} if not others:
            return parse(prompt_id, text, locale, spoken_in, variant)
    raise PromptTextError(f"prompt {prompt_id}, {variant}: {_WAYS}")


def _load_names(path: Path, faults: list[str]) -> Names:
    """`id: words`, or `id: {text: words, also: [...]}` with further values that are said with these words."""
    mend = "write each name as `id: words` or `id: {text: words, also: [other values]}`"
    names: dict[str, Piece] = {}
    for key, body in (_table(path, mend, faults) if path.exists() else {}).items():
        match body:
            case str(text) | {"text": str(text)} if text.strip() and _is_name(key, body):
                also = body.get("also", []) if isinstance(body, dict) else []
            case _:
                faults.append(f"{path}: name {key}: {mend}; the id lower-case words joined by underscores")
                continue
        piece = Piece(f"{_NAME_PREFIX}{key}", text.strip())
        for value in dict.fromkeys(v.strip().lower() for v in (key, text, *also)):
            if names.setdefault(value, piece) != piece:
                faults.append(f"{path}: name {key}: `{value}` belongs to two names: remove it from one")
    return names


def _is_name(key: Any, body: Any) -> bool:
    if not isinstance(key, str) or not _PROMPT_ID.fullmatch(key):
        return False
    if isinstance(body, str):
        return True
    also = body.get("also", [])
    return set(body) <= {"text", "also"} and isinstance(also, list) and all(isinstance(v, str) for v in also)


def _shown_slots(prompt: Prompt) -> str:
    return " ".join(sorted(f"{{{slot.name}:{slot.kind}}}" for slot in prompt.slots)) or "none"
