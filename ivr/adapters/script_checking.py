"""All that can be wrong with the scripts of a hotline, each with file, line, column and mend."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.grammar_files import read_examples
from ivr.adapters.script_files import load_script
from ivr.adapters.script_places import ScriptProblem, ScriptSources
from ivr.adapters.script_schema import schema_problems
from ivr.adapters.voice import PromptTexts
from ivr.dialogue.question import grammars_of, keys_of
from ivr.dialogue.script import Script
from ivr.dialogue.script_check import Knowledge, check_script
from ivr.dialogue.script_data import ScriptFault
from ivr.dialogue.steps import AskStep
from ivr.grammar.errors import GrammarError
from ivr.grammar.intents.example import IntentBook
from ivr.grammar.result import Alternative, Hypothesis, Match
from ivr.grammar.srgs import SUFFIXES
from ivr.runtime.grammar_book import CompiledGrammarBook
from ivr.runtime.services.catalogue import CATALOGUE

AGENT = {"command": "agent"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a script is checked against."""

    prompts: PromptTexts
    grammars: CompiledGrammarBook
    grammars_dir: Path
    intents: Mapping[str, IntentBook]
    """By locale."""


def read_checked(frame: Path) -> tuple[Script | None, list[ScriptProblem]]:
    """The script of this frame, or of this survey; or None and what keeps it from being one."""
    sources = ScriptSources(frame)
    problems = sources.read() or schema_problems(sources)
    if problems:
        return None, problems
    try:
        return load_script(frame), []
    except ScriptFault as fault:
        return None, [sources.told(each) for each in fault.faults]


def problems_of(script: Script, frame: Path, around: Surroundings) -> list[ScriptProblem]:
    """What callers would stumble over in a script that can be read."""
    sources = ScriptSources(frame)
    sources.read()
    found = [sources.problem(f.place, f.reason, f.mend) for f in check_script(script, _known(script, around))]
    return found or list(_humans_out_of_reach(script, sources, around))


def _known(script: Script, around: Surroundings) -> Knowledge:
    prompts = around.prompts.by_locale
    return Knowledge(
        prompts={
            locale: {name: frozenset(slot.name for slot in prompt.slots) for name, prompt in texts.items()}
            for locale, texts in prompts.items()
        },
        grammars={locale: _slots(script, locale, around) for locale in script.locales},
        intents={
            # Said along with a wish, a value comes as the slot wish_<kind>.
            locale: {
                name: frozenset(f"wish_{kind}" for kind in intent.slots)
                for name, intent in book.intents.items()
            }
            for locale, book in around.intents.items()
        },
        lookups=CATALOGUE,
    )


def _slots(script: Script, locale: str, around: Surroundings) -> dict[str, frozenset[str]]:
    """The slots of the grammars that items use; of the others only the names."""
    used = {
        name
        for step in script.steps.values()
        if isinstance(step, AskStep)
        for name in (*step.grammars, *step.keys.grammars)
    }
    there = {Path(file).stem for file in around.grammars.texts.get(locale, {}) if file.endswith(SUFFIXES)}
    return {
        name: around.grammars.prepare((name,), locale=locale).slots() if name in used else frozenset()
        for name in sorted(there)
    }


def _humans_out_of_reach(
    script: Script, sources: ScriptSources, around: Surroundings
) -> Iterator[ScriptProblem]:
    """Items at which the words for a person, or their key, mean something else."""
    for locale in script.locales:
        listed = read_examples(around.grammars_dir, locale)
        words = [
            example.text
            for name in script.command_grammars
            for example in listed.get(name, ())
            if example.meaning == AGENT
        ]
        for step in script.steps.values():
            if isinstance(step, AskStep):
                yield from _deaf(script, step, locale, words, sources, grammars=around.grammars)


def _deaf(
    script: Script,
    step: AskStep,
    locale: str,
    words: list[str],
    sources: ScriptSources,
    *,
    grammars: CompiledGrammarBook,
) -> Iterator[ScriptProblem]:
    try:
        for text in words[:1]:
            said = Hypothesis((Alternative(text, 1.0),))
            heard = grammars_of(script, step, confirming=False)
            found = grammars.interpret(said, heard, locale=locale, is_open=False)
            if not isinstance(found, Match) or dict(found.meaning) != AGENT:
                reason = f"whoever says {text} here in {locale} gets no person"
                mend = "take these words out of the item's own grammars"
                yield sources.problem((step.step_id, "grammars"), reason, mend)
        pressed = grammars.interpret_keys(
            "0", keys_of(script, step, confirming=False).grammars, locale=locale
        )
    except GrammarError as error:
        yield sources.problem((step.step_id, "grammars"), error.reason, error.mend)
        return
    if step.keys.max_keys == 1 and (not isinstance(pressed, Match) or dict(pressed.meaning) != AGENT):
        reason = f"key 0 brings no person here in {locale}"
        yield sources.problem((step.step_id, "keys"), reason, "leave key 0 to the commands")
