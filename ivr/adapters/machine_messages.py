"""The prompts that campaigns may leave on machines: those whose id begins with `message_`."""

from pathlib import Path

from ivr.adapters.voice import load_prompt_texts

MESSAGE_PREFIX = "message_"


def check_message(prompts_dir: Path, prompt_id: str, locale: str) -> None:
    """Raises `ValueError` with the mend where it is none, and `PromptFilesError`. Empty is no message."""
    if not prompt_id:
        return
    texts = load_prompt_texts(prompts_dir).by_locale.get(locale, {})
    known = sorted(name for name in texts if name.startswith(MESSAGE_PREFIX))
    if prompt_id not in known:
        raise ValueError(
            f"there is no message {prompt_id} in {locale}; known are {', '.join(known) or 'none'}"
        )
    if slots := [slot.name for slot in texts[prompt_id].slots]:
        raise ValueError(f"the message {prompt_id} speaks {slots[0]}: anybody may hear it, take the slot out")
