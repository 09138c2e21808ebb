"""Prompts as they are written rather than spoken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr.calls.speech import Say
from ivr.dialogue.prompt_filling import Names, fill
from ivr.dialogue.prompt_text import Prompt
from ivr.runtime.ports import PromptMissing

Texts = Mapping[str, Mapping[str, Prompt]]
"""Locale, then prompt id."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something that the bot writes."""

    text: str
    locale: str
    """The locale of its words."""


class Wording:
    """The texts of all prompts. `written` goes before `spoken`, where a prompt only suits the telephone.

    `names` are the words for what slots may hold, such as products, by locale.
    """

    def __init__(self, spoken: Texts, written: Texts, names: Mapping[str, Names]) -> None:
        self._names = names
        self._spoken = spoken
        self._written = written

    def message(self, say: Say, *, locale: str) -> Message:
        """One prompt with its slots filled. Raises `PromptMissing`, `PromptTextError`."""
        texts = (self._written.get(locale, {}), self._spoken.get(locale, {}))
        prompt = next((found[say.prompt_id] for found in texts if say.prompt_id in found), None)
        if prompt is None:
            raise PromptMissing(f"no text for {say.prompt_id} in {locale}")
        wording = prompt.wording(say.variant)
        return Message(fill(wording, say.slots, self._names.get(wording.spoken_in)).text, wording.spoken_in)

    def messages(self, says: Sequence[Say], *, locale: str) -> tuple[Message, ...]:
        """Several prompts, one message each. Raises as `message` does."""
        return tuple(self.message(say, locale=locale) for say in says)
