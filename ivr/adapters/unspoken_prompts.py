"""Prompts that nothing speaks: what scripts name, what answers a question, and what the robot itself says."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from ivr.adapters.intent_files import QUESTION_PREFIX
from ivr.adapters.voice import PromptTexts
from ivr.adapters.voice.checking import Fault
from ivr.dialogue.script import Service, StandardPrompts
from ivr.runtime.filler import FILLER_PROMPT

_LEADS = frozenset({"start", "menu", "next", "branches", "half_sure", "skips", "exhausted", "command_steps"})
"""Keys of a script whose values are steps, which may have the name of a prompt."""


def unspoken_prompts(prompts: PromptTexts, scripts_dir: Path, intents: Iterable[str]) -> list[Fault]:
    """A fault for each prompt that neither a script nor an intent nor the robot itself has spoken.

    Raises `OSError` or `yaml.YAMLError` where a script cannot be read.
    """
    standard = StandardPrompts()
    spoken = {FILLER_PROMPT, *(getattr(standard, name) for name in standard.__slots__)}
    spoken.update(intent for intent in intents if intent.startswith(QUESTION_PREFIX))
    for path in sorted(scripts_dir.rglob("*.yaml")):
        script = yaml.safe_load(path.read_text("utf-8"))
        spoken.update(_named(script))
        if isinstance(script, dict) and "service" in script:
            spoken.add(Service(str(script["service"]), ()).confirm)
    written = {prompt for texts in prompts.by_locale.values() for prompt in texts}
    return [
        Fault("unspoken", prompt, "nothing has it spoken", "delete its text in every locale, or use it")
        for prompt in sorted(written - spoken)
    ]


def _named(node: object) -> Iterator[str]:
    match node:
        case str():
            yield node
        case list():
            for each in node:
                yield from _named(each)
        case dict():
            for key, each in node.items():
                if key not in _LEADS:
                    yield from _named(each)
        case _:
            pass
