"""What a call goes by, whole: script, prompts, grammars, intents, policy, opening hours; with a version."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.adapters.intent_files import read_intents
from ivr.adapters.learned_speech import learned_speech
from ivr.adapters.script_checking import Surroundings, problems_of, read_checked
from ivr.adapters.script_files import survey_files
from ivr.adapters.script_places import ScriptProblems
from ivr.adapters.sentence_vectors import shared_vectors
from ivr.adapters.voice import PromptTexts, load_prompt_texts
from ivr.bootstrap.hours import opening_hours
from ivr.calls.opening_hours import OpeningHours
from ivr.config import Settings
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.question import all_grammars
from ivr.dialogue.script import Script
from ivr.grammar.compiled import CompiledGrammar
from ivr.grammar.open_item import OpenSpeech
from ivr.runtime.grammar_book import CompiledGrammarBook
from ivr.runtime.ports import Clock

LIVE_SETTINGS = ("ladder", "hours", "hotline")
"""Sections that take effect without a restart."""
FIXED_SETTINGS = (("hotline", "timezone"), ("hotline", "drain_s"))
"""Keys of theirs that do not."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What a call goes by: loaded, checked and compiled once, before the first call that uses it."""

    settings: Settings
    script: Script
    """The hotline's."""
    surveys: Mapping[str, Script]
    """The scripts of the calls that we place, by name."""
    prompts: PromptTexts
    grammars: CompiledGrammarBook
    policy: LadderPolicy
    hours: OpeningHours
    locales: tuple[str, ...]
    version: str

    def voice_sources(self, *scripts: Script) -> Iterator[tuple[str, str]]:
        """Locale and SRGS text of everything that these scripts can listen with."""
        for locale in self.locales:
            for grammar_ids in dict.fromkeys(ids for script in scripts for ids in all_grammars(script)):
                yield locale, self.grammars.source(grammar_ids, locale=locale)


@dataclass(frozen=True, slots=True)
class Words:
    """Everything of a rulebook that takes long to make: what is handed from process to process."""

    script: Script
    surveys: Mapping[str, Script]
    prompts: PromptTexts
    texts: Mapping[str, Mapping[str, str]]
    speech: Mapping[str, OpenSpeech]
    compiled: Mapping[tuple[str, tuple[str, ...]], CompiledGrammar]


def load_rulebook(settings: Settings, clock: Clock) -> Rulebook:
    """Read script, prompts, grammars and intents, compile and learn.

    What was not learned at an earlier start takes some seconds, and minutes on a new machine. Raises
    `ScriptProblems`, `GrammarError`, `PromptFilesError` and `IntentFault`, also for a question without
    its answer: better no worker than a caller who is told nothing.
    """
    version = rulebook_version(settings)
    frame = settings.scripts_dir / "hotline.yaml"
    script = _readable(frame)
    surveys = {file: _readable(file) for file in survey_files(settings.scripts_dir)}
    prompts = load_prompt_texts(settings.prompts_dir)
    books = {
        locale: read_intents(settings.grammars_dir, locale, prompt_ids=prompts.by_locale.get(locale, {}))
        for locale in _locales(settings, script)
    }
    vectors = shared_vectors()
    words = Words(
        script=script,
        surveys={survey.script_id: survey for survey in surveys.values()},
        prompts=prompts,
        texts=read_grammar_texts(settings.grammars_dir),
        speech={locale: learned_speech(book, vectors) for locale, book in books.items()},
        compiled={},
    )
    rulebook = assemble(words, settings, clock, version)
    around = Surroundings(prompts, rulebook.grammars, settings.grammars_dir, books)
    checked = {frame: script, **surveys}
    if problems := [each for file, of in checked.items() for each in problems_of(of, file, around)]:
        raise ScriptProblems(problems)
    for _ in rulebook.voice_sources(script, *words.surveys.values()):
        pass  # compiled and kept
    return rulebook


def _readable(frame: Path) -> Script:
    script, problems = read_checked(frame)
    if script is None:
        raise ScriptProblems(problems)
    return script


def assemble(words: Words, settings: Settings, clock: Clock, version: str) -> Rulebook:
    """Words that are read and compiled, with the policy and the hours of the settings."""
    ladder = settings.ladder
    return Rulebook(
        settings=settings,
        script=replace(words.script, surveys=words.surveys),
        surveys=words.surveys,
        prompts=words.prompts,
        grammars=CompiledGrammarBook(
            words.texts, clock, ZoneInfo(settings.hotline.timezone), words.speech, words.compiled
        ),
        policy=LadderPolicy(
            act=ladder.act, confirm=ladder.confirm, reprompts=ladder.reprompts, choices=ladder.choices
        ),
        hours=opening_hours(settings),
        locales=_locales(settings, words.script),
        version=version,
    )


def _locales(settings: Settings, script: Script) -> tuple[str, ...]:
    hotline = settings.hotline
    return tuple(sorted({hotline.default_locale, *hotline.numbers.values(), *script.locales}))


def rulebook_version(settings: Settings) -> str:
    """12 characters that change with any file or live setting that a call goes by."""
    digest = hashlib.sha256()
    for root in (settings.scripts_dir, settings.prompts_dir, settings.grammars_dir):
        for path in sorted(path for path in root.rglob("*") if _counts(path)):
            digest.update(f"{root.name}/{path.relative_to(root)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    for section in LIVE_SETTINGS:
        digest.update(getattr(settings, section).model_dump_json().encode())
    return digest.hexdigest()[:12]


def _counts(path: Path) -> bool:
    """Whether it is one of our files: no half-written copy, no editor's backup, no byte code."""
    return path.suffix in {".yaml", ".gram", ".grxml", ".flac", ".opus", ".wav", ".json"} and path.is_file()


def with_live_settings(running: Settings, new: Settings) -> Settings:
    """The running settings with those of the new that need no restart."""
    live = {section: getattr(new, section) for section in LIVE_SETTINGS}
    for section, key in FIXED_SETTINGS:
        live[section] = live[section].model_copy(update={key: getattr(getattr(running, section), key)})
    return running.model_copy(update=live)


def settings_for_restart(running: Settings, new: Settings) -> tuple[str, ...]:
    """Dotted keys that differ and only count at start, such as `sip.port`."""
    then, now = with_live_settings(running, new).model_dump(), new.model_dump()
    return tuple(
        f"{section}.{key}"
        for section in now
        for key in now[section]
        if then[section][key] != now[section][key]
    )
