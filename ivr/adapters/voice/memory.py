"""A `Prompter` without audio, for tests of everything that plays prompts."""

from collections.abc import Sequence

from ivr.adapters.voice.pace import checked_pace
from ivr.adapters.voice.prompt_files import PromptTexts
from ivr.adapters.voice.prompter import fill_prompts
from ivr.calls.speech import Clip, Say

_MS_PER_CHARACTER = {"zh": 200, "en": 65}


class InMemoryPrompter:
    """Clips as long as a person would take for the text, whose files do not exist."""

    def __init__(self, texts: PromptTexts) -> None:
        self._texts = texts

    async def render(self, says: Sequence[Say], *, locale: str, pace: float = 1.0) -> Clip:
        """Fill the texts and reckon their length. Raises `PromptMissing`."""
        text = " ".join(prompt.text for prompt in fill_prompts(self._texts, says, locale))
        ms = round(len(text) * _MS_PER_CHARACTER.get(locale.partition("-")[0], 65) / checked_pace(pace))
        return Clip(f"memory:{'+'.join(say.prompt_id for say in says)}", ms, text)
