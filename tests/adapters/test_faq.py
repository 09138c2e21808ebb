"""Questions as files: each has its answer in every locale, and faults are told with place and mend."""

from functools import cache
from pathlib import Path

import pytest

from ivr.adapters.intent_files import QUESTION_PREFIX, IntentFault, read_intents
from ivr.adapters.script_files import load_script
from ivr.adapters.voice import load_prompt_texts
from ivr.grammar.intents.example import IntentBook

ROOT = Path(__file__).parents[2]
SCRIPT = load_script(ROOT / "ivr" / "scripts" / "hotline.yaml")
PROMPTS = load_prompt_texts(ROOT / "prompts").by_locale
LONGEST = {"zh-CN": 40, "en-US": 120}
"""Characters of an answer: about eight seconds."""


@cache
def book(locale: str) -> IntentBook:
    return read_intents(ROOT / "grammars", locale)


def questions(locale: str) -> set[str]:
    return {name for name in book(locale).intents if name.startswith(QUESTION_PREFIX)}


@pytest.mark.parametrize("locale", SCRIPT.locales)
def test_every_question_has_its_answer_and_every_answer_its_question(locale: str) -> None:
    answers = {prompt_id for prompt_id in PROMPTS[locale] if prompt_id.startswith(QUESTION_PREFIX)}
    assert questions(locale) == answers
    assert len(answers) >= 30


@pytest.mark.parametrize("locale", SCRIPT.locales)
def test_answers_need_no_values_and_are_soon_told(locale: str) -> None:
    for name in questions(locale):
        (text,) = PROMPTS[locale][name].wording("first").parts
        assert isinstance(text, str)
        assert len(text) <= LONGEST[locale], name


def test_the_locales_have_the_same_questions() -> None:
    assert len({frozenset(questions(locale)) for locale in SCRIPT.locales}) == 1


@pytest.mark.parametrize("locale", SCRIPT.locales)
def test_the_hotline_answers_every_question(locale: str) -> None:
    assert SCRIPT.answered(questions(locale)) == questions(locale)


def write(root: Path, questions: str) -> Path:
    folder = root / "en-US"
    for name, text in (
        ("intents", "intents:\n  balance: {about: what is owed, examples: [balance, what I owe]}\n"),
        ("faq", questions),
    ):
        (folder / name).mkdir(parents=True)
        (folder / name / "loan.yaml").write_text(text, "utf-8")
    return folder / "faq" / "loan.yaml"


SIX = "[one, two, three, four, five, six]"


def test_six_wordings_make_a_question_and_its_intent_tells_that_it_is_one(tmp_path: Path) -> None:
    write(tmp_path, f"questions:\n  app: {{about: the app, examples: {SIX}}}\n")
    found = read_intents(tmp_path, "en-US", least_examples=2, prompt_ids={"faq_app"}).intents
    assert found["faq_app"].meaning == {"intent": "faq_app"}
    with pytest.raises(IntentFault, match=r"intent `balance` has 2 examples") as caught:
        read_intents(tmp_path, "en-US")
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            f"questions:\n  rate: {{about: a, examples: {SIX}}}\n",
            ":2: the question `rate` has no answer. Mend: add",
        ),
        ("questions:\n  app: {about: a, examples: [one]}\n", ":2: intent `faq_app` has 1 examples"),
        (f"questions:\n  app: {{examples: {SIX}}}\n", ":2: .* does not say what it is"),
        ("questions:\n  app:\n    about: a\n    examples: [balance]\n", ":4: .*an example of `balance`"),
        ("question: {}\n", ":1: `question` is not known here"),
    ],
)
def test_a_faulty_question_is_named_with_line_and_mend(tmp_path: Path, text: str, fault: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(IntentFault, match=fault) as caught:
        read_intents(tmp_path, "en-US", least_examples=2, prompt_ids={"faq_app"})
    assert all(line.startswith(str(path)) and "Mend: " in line for line in caught.value.faults)
