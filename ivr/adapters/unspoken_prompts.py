"""Prompts that nothing speaks: no script, question or campaign, and not the robot itself."""

from collections.abc import Iterable

from ivr.adapters.intent_files import QUESTION_PREFIX
from ivr.adapters.machine_messages import MESSAGE_PREFIX
from ivr.adapters.voice import PromptTexts
from ivr.adapters.voice.checking import Fault
from ivr.dialogue.script import Script
from ivr.runtime.filler import FILLER_PROMPT


def unspoken_prompts(prompts: PromptTexts, scripts: Iterable[Script], intents: Iterable[str]) -> list[Fault]:
    """A fault for each prompt that neither a script nor an intent nor the robot itself has spoken.

    Messages may be left by any campaign.
    """
    spoken = {FILLER_PROMPT, *(intent for intent in intents if intent.startswith(QUESTION_PREFIX))}
    spoken.update(prompt for script in scripts for prompt in script.prompt_ids())
    written = {prompt for texts in prompts.by_locale.values() for prompt in texts}
    spoken.update(prompt for prompt in written if prompt.startswith(MESSAGE_PREFIX))
    return [
        Fault("unspoken", prompt, "nothing has it spoken", "delete its text in every locale, or use it")
        for prompt in sorted(written - spoken)
    ]
