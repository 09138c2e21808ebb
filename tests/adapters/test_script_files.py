"""The shipped script against what it refers to: prompts, grammars and services of every locale."""

from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.adapters.script_files import load_script
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.voice import load_prompt_texts
from ivr.dialogue.script_data import ScriptFault
from ivr.dialogue.steps import AskStep, LookupStep
from ivr.runtime.grammar_book import CompiledGrammarBook
from ivr.runtime.services.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
SCRIPT = load_script(ROOT / "ivr" / "scripts" / "hotline.yaml")


@pytest.mark.parametrize("locale", SCRIPT.locales)
def test_every_prompt_that_the_script_speaks_has_a_text(locale: str) -> None:
    texts = load_prompt_texts(ROOT / "prompts")
    assert [name for name in sorted(SCRIPT.prompt_ids()) if texts.find(locale, name) is None] == []


@pytest.mark.parametrize("locale", SCRIPT.locales)
def test_every_item_can_be_listened_to_by_speech_and_by_keys(locale: str) -> None:
    book = CompiledGrammarBook(read_grammar_texts(ROOT / "grammars"), SystemClock(), UTC)
    items = [step for step in SCRIPT.steps.values() if isinstance(step, AskStep)]
    confirming = replace(items[0], grammars=SCRIPT.confirm_grammars, keys=SCRIPT.confirm_keys)
    for item in (*items, confirming):
        assert book.prepare((*item.grammars, *SCRIPT.command_grammars), locale=locale).mode == "voice"
        assert book.prepare((*item.keys.grammars, *SCRIPT.command_keys), locale=locale).mode == "dtmf"


def test_every_lookup_asks_a_service_that_exists() -> None:
    asked = {step.service for step in SCRIPT.steps.values() if isinstance(step, LookupStep)}
    assert asked <= set(CATALOGUE)


@pytest.mark.parametrize("text", ["steps: [", "- a list", ""])
def test_a_file_that_is_no_script_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ScriptFault, match=r"broken\.yaml"):
        load_script(path)
