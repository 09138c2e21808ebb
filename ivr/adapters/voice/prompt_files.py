"""Prompt texts from `prompts/<locale>/*.yaml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ivr.adapters.voice.errors import PromptFilesError
from ivr.dialogue.prompt_text import PromptText, PromptTextError, parse

_LOCALE = re.compile(r"[a-z]{2,3}-[A-Z]{2}")
_PROMPT_ID = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class PromptTexts:
    """All prompts, by locale and id."""

    by_locale: Mapping[str, Mapping[str, PromptText]]

    def find(self, locale: str, prompt_id: str) -> PromptText | None:
        """The prompt, or None."""
        return self.by_locale.get(locale, {}).get(prompt_id)

    def differences(self) -> list[str]:
        """Prompts that not every locale has, or whose slots differ between locales."""
        faults = []
        for prompt_id in sorted({prompt_id for texts in self.by_locale.values() for prompt_id in texts}):
            having = {
                locale: texts[prompt_id] for locale, texts in self.by_locale.items() if prompt_id in texts
            }
            lacking = sorted(set(self.by_locale) - set(having))
            faults += [f"{locale}: no text for {prompt_id}" for locale in lacking]
            if len({frozenset(prompt.slots) for prompt in having.values()}) > 1:
                faults.append(f"{prompt_id}: the slots differ between {', '.join(sorted(having))}")
        return faults


def load_prompt_texts(prompts_dir: Path) -> PromptTexts:
    """Read every locale's files. Raises `PromptFilesError` with all faults at once."""
    faults: list[str] = []
    by_locale: dict[str, dict[str, PromptText]] = {}
    for directory in sorted(prompts_dir.iterdir()) if prompts_dir.is_dir() else []:
        if _LOCALE.fullmatch(directory.name):
            by_locale[directory.name] = _load_locale(directory, faults)
    if not by_locale:
        faults.append(f"{prompts_dir}: no locale with prompts, such as {prompts_dir / 'zh-CN'}")
    if faults:
        raise PromptFilesError("\n".join(faults))
    return PromptTexts(by_locale)


def _load_locale(directory: Path, faults: list[str]) -> dict[str, PromptText]:
    prompts: dict[str, PromptText] = {}
    for path in sorted(directory.glob("*.yaml")):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            faults.append(f"{path}: {error}")
            continue
        if not isinstance(content, dict):
            faults.append(f"{path}: write each prompt as `id: text`")
            continue
        for prompt_id, body in content.items():
            try:
                if prompt_id in prompts:
                    raise PromptTextError(f"prompt {prompt_id} is there twice")
                prompts[prompt_id] = _prompt(prompt_id, body, directory.name)
            except PromptTextError as error:
                faults.append(f"{path}: {error}")
    return prompts


def _prompt(prompt_id: Any, body: Any, locale: str) -> PromptText:
    if not isinstance(prompt_id, str) or not _PROMPT_ID.fullmatch(prompt_id):
        raise PromptTextError(f"the prompt id {prompt_id!r} must be lower-case words joined by underscores")
    match body:
        case str():
            return parse(prompt_id, body, locale)
        case {"text": str(text), "spoken_in": str(spoken_in), **others} if not others:
            return parse(prompt_id, text, locale, spoken_in)
    raise PromptTextError(f"prompt {prompt_id}: write `id: text` or `id: {{text: ..., spoken_in: locale}}`")
