"""Prompts into audio: texts, recordings, joining, and synthesis for what nobody recorded."""

from ivr.adapters.voice.errors import PromptFilesError, VoiceError
from ivr.adapters.voice.memory import InMemoryPrompter
from ivr.adapters.voice.prompt_files import PromptTexts, load_prompt_texts
from ivr.adapters.voice.prompter import RecordedPrompter, open_prompter
from ivr.adapters.voice.speaking import speak

__all__ = [
    "InMemoryPrompter",
    "PromptFilesError",
    "PromptTexts",
    "RecordedPrompter",
    "VoiceError",
    "load_prompt_texts",
    "open_prompter",
    "speak",
]
