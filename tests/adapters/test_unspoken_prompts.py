"""Prompts that nothing speaks are told, so that no one words, records and hears them for nothing."""

from pathlib import Path

from ivr.adapters.intent_files import read_intents
from ivr.adapters.unspoken_prompts import unspoken_prompts
from ivr.adapters.voice import load_prompt_texts

ROOT = Path(__file__).resolve().parents[2]
FRAME = """\
script: test
steps:
  hello: {say: [greeting], next: which}
  which: {ask: which_ask, branches: {a: leftover}, confirm: {"*": sure}}
  leftover: {end: bye}
"""
SURVEY = "survey: s\nthanks: thanked\nitems: {first: {yes_no: first_ask}}\n"
SPOKEN = "greeting which_ask sure bye confirm_plan thanked first_ask faq_fees goodbye filler_checking"


def test_every_shipped_prompt_is_spoken() -> None:
    prompts = load_prompt_texts(ROOT / "prompts")
    intents = set(read_intents(ROOT / "grammars", "zh-CN").intents)
    assert unspoken_prompts(prompts, ROOT / "ivr/scripts", intents) == []


def test_a_prompt_that_only_shares_its_name_with_a_step_or_an_unknown_question_is_told(
    tmp_path: Path,
) -> None:
    scripts, texts = tmp_path / "scripts", tmp_path / "prompts/en-US/all.yaml"
    for folder in (scripts / "services", scripts / "surveys", texts.parent):
        folder.mkdir(parents=True)
    (scripts / "hotline.yaml").write_text(FRAME, "utf-8")
    (scripts / "services/plan.yaml").write_text("service: plan\nsteps: {}\n", "utf-8")
    (scripts / "surveys/s.yaml").write_text(SURVEY, "utf-8")
    names = [*SPOKEN.split(), "leftover", "faq_gone"]
    texts.write_text("".join(f"{name}: Words.\n" for name in names), "utf-8")
    found = unspoken_prompts(load_prompt_texts(tmp_path / "prompts"), scripts, {"plan", "faq_fees"})
    assert [(fault.kind, fault.name) for fault in found] == [
        ("unspoken", "faq_gone"),
        ("unspoken", "leftover"),
    ]
