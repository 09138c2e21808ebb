"""Prompts that nothing speaks are told, so that no one words, records and hears them for nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from ivr.adapters.intent_files import read_intents
from ivr.adapters.script_files import load_script, survey_files
from ivr.adapters.unspoken_prompts import unspoken_prompts
from ivr.adapters.voice import PromptTexts, load_prompt_texts
from ivr.dialogue.script import Script

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "ivr/scripts"


@pytest.fixture(scope="module")
def prompts() -> PromptTexts:
    return load_prompt_texts(ROOT / "prompts")


@pytest.fixture(scope="module")
def scripts() -> list[Script]:
    return [load_script(SCRIPTS / "hotline.yaml"), *map(load_script, survey_files(SCRIPTS))]


@pytest.fixture(scope="module")
def intents() -> set[str]:
    return set(read_intents(ROOT / "grammars", "zh-CN").intents)


def test_every_shipped_prompt_is_spoken(
    prompts: PromptTexts, scripts: list[Script], intents: set[str]
) -> None:
    assert unspoken_prompts(prompts, scripts, intents) == []


def test_what_only_a_step_that_is_gone_spoke_is_told(
    prompts: PromptTexts, scripts: list[Script], intents: set[str]
) -> None:
    hotline, *surveys = scripts
    left = {name: step for name, step in hotline.steps.items() if name != "repay_reminder.nothing_due"}
    fewer = replace(hotline, steps=left)
    (fault,) = unspoken_prompts(prompts, [fewer, *surveys], intents)
    assert (fault.kind, fault.name) == ("unspoken", "reminder_nothing_due")


def test_the_answer_to_a_question_that_nobody_knows_any_more_is_told(
    prompts: PromptTexts, scripts: list[Script], intents: set[str]
) -> None:
    found = unspoken_prompts(prompts, scripts, intents - {"faq_licence"})
    assert [fault.name for fault in found] == ["faq_licence"]
