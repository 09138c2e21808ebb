"""What chats go by, read from the same files as calls."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.adapters.intent_files import read_intents
from ivr.adapters.learned_speech import learned_speech
from ivr.adapters.script_files import load_script
from ivr.adapters.sentence_vectors import shared_vectors
from ivr.adapters.voice.prompt_files import load_prompt_texts
from ivr.config import Settings
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.script import Script
from ivr.grammar.intents.example import IntentBook
from ivr.grammar.open_item import OpenSpeech
from ivr.runtime.chat.choices import ChoiceBook
from ivr.runtime.chat.wording import Wording
from ivr.runtime.grammar_book import CompiledGrammarBook
from ivr.runtime.ports import Clock

SCRIPT = Path(__file__).parents[1] / "scripts" / "hotline.yaml"
_LABEL = "choice_"
"""How the ids of written prompts begin that name a choice, such as `choice_agent`."""


class LearnedSpeech(Mapping[str, OpenSpeech]):
    """What free sentences mean, by locale; each locale is learned when it is first needed, and once."""

    def __init__(self, books: Mapping[str, IntentBook]) -> None:
        self._books = books
        self._learned: dict[str, OpenSpeech] = {}
        self._lock = threading.Lock()

    def __getitem__(self, locale: str) -> OpenSpeech:
        with self._lock:
            if locale not in self._learned:
                self._learned[locale] = learned_speech(self._books[locale], shared_vectors())
            return self._learned[locale]

    def __contains__(self, locale: object) -> bool:
        return locale in self._books

    def __iter__(self) -> Iterator[str]:
        return iter(self._books)

    def __len__(self) -> int:
        return len(self._books)


@dataclass(frozen=True, slots=True)
class ChatKit:
    """What a chat goes by, read from the same files as calls."""

    script: Script
    policy: LadderPolicy
    grammars: CompiledGrammarBook
    wording: Wording
    choices: ChoiceBook
    speech: LearnedSpeech


def load_chat(settings: Settings, clock: Clock, script_file: Path = SCRIPT) -> ChatKit:
    """Read script, prompts, grammars and intents; nothing is learned yet.

    Raises `ScriptFault`, `GrammarError`, `PromptFilesError`, `IntentFault`.
    """
    script = load_script(script_file)
    ladder, home = settings.ladder, ZoneInfo(settings.hotline.timezone)
    texts = load_prompt_texts(settings.prompts_dir)
    spoken = texts.by_locale
    written = load_prompt_texts(settings.prompts_dir / "text").by_locale
    books = {
        locale: read_intents(settings.grammars_dir, locale, prompt_ids=spoken.get(locale, {}))
        for locale in script.locales
    }
    speech = LearnedSpeech(books)
    grammars = CompiledGrammarBook(read_grammar_texts(settings.grammars_dir), clock, home, speech)
    labels = {
        locale: {name: intent.about for name, intent in book.intents.items()}
        | {
            intent: service.about[locale]
            for service in script.services
            if locale in service.about
            for intent in service.intents
        }
        | {
            prompt_id.removeprefix(_LABEL): "".join(map(str, prompt.wording("first").parts))
            for prompt_id, prompt in written.get(locale, {}).items()
            if prompt_id.startswith(_LABEL)
        }
        for locale, book in books.items()
    }
    return ChatKit(
        script=script,
        policy=LadderPolicy(
            act=ladder.act, confirm=ladder.confirm, reprompts=ladder.reprompts, choices=ladder.choices
        ),
        grammars=grammars,
        wording=Wording(spoken, written, texts.names),
        choices=ChoiceBook(grammars, labels),
        speech=speech,
    )
