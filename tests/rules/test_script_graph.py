"""What holds in every state of the hotline's script, and after whatever may happen in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from script_explorer import (
    ACT,
    CONFIRM,
    POLICY,
    SCRIPT,
    SECRET,
    Caller,
    Figure,
    agent_wish,
    explore,
    private_slots,
    what_can_happen,
)

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.dialogue.question import grammars_of, keys_of
from ivr.dialogue.state import (
    DialogueState,
    Hangup,
    Heard,
    Listen,
    LookUp,
    NoInput,
    OpenTicket,
    Play,
    StepRung,
    Transfer,
    Waiting,
)
from ivr.dialogue.steps import AskStep
from ivr.grammar.result import Alternative, Hypothesis, Match, NoMatch
from ivr.runtime.grammar_book import CompiledGrammarBook

PRIVATE = private_slots()
ITEMS = [step for step in SCRIPT.steps.values() if isinstance(step, AskStep)]
PERSON = {"zh-CN": ("转人工", "我要找人工客服", "人工"), "en-US": ("agent", "I want to speak to a person")}


@pytest.fixture(scope="module")
def everywhere() -> Sequence[Caller]:
    """A conversation in each state that the script can wait in."""
    return explore()


@pytest.fixture(scope="module")
def asked(everywhere: Sequence[Caller]) -> Sequence[Caller]:
    """Those in which the caller is to say something."""
    return [caller for caller in everywhere if caller.state.waiting is Waiting.ANSWER]


def test_every_item_is_reached_in_every_form(asked: Sequence[Caller]) -> None:
    met = {(caller.state.step, str(caller.state.form)) for caller in asked}
    wanted = {(item.step_id, form) for item in ITEMS for form in ("ask", "reprompt", "choice")}
    assert wanted <= met, sorted(wanted - met)
    assert {step for step, form in met if form == "confirm"} >= {SCRIPT.menu, "done"}


@pytest.mark.parametrize("source", ["speech", "keys"])
@pytest.mark.parametrize("confidence", [ACT, CONFIRM])
def test_the_wish_for_a_person_is_honoured_at_once_in_every_state(
    asked: Sequence[Caller], confidence: float, source: str
) -> None:
    refused = []
    for caller in asked:
        after = caller.meet(agent_wish(caller, confidence, source))
        if not any(isinstance(action, Transfer) for action in after.actions):
            refused.append(caller.key)
    assert refused == []


def test_where_nobody_is_there_the_wish_for_a_person_leaves_a_ticket_and_ends_the_call(
    asked: Sequence[Caller],
) -> None:
    for caller in asked:
        alone = replace(caller, state=replace(caller.state, agent_reachable=False))
        kinds = {type(action) for action in alone.meet(agent_wish(alone, CONFIRM, "speech")).actions}
        assert {OpenTicket, Play, Hangup} <= kinds, caller.key


def test_the_wish_for_a_person_is_honoured_while_the_caller_is_upset_or_cuts_the_prompt_off(
    asked: Sequence[Caller],
) -> None:
    for caller in asked:
        found = Match({"command": "agent"}, CONFIRM, "转人工")
        heard = Heard(
            caller.state.turn, "speech", found, cut_prompt=True, follows=True, speech_ms=300, agitated=True
        )
        assert any(isinstance(action, Transfer) for action in caller.meet(heard).actions), caller.key


@pytest.fixture(scope="module")
def book() -> CompiledGrammarBook:
    class Clock:
        def now(self) -> datetime:
            return datetime(2030, 3, 10, 4, 0, tzinfo=UTC)

    return CompiledGrammarBook(read_grammar_texts(Path("grammars")), Clock(), ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("confirming", [False, True])
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.step_id)
def test_every_item_hears_words_and_the_key_for_a_person(
    book: CompiledGrammarBook, item: AskStep, confirming: bool
) -> None:
    grammars = grammars_of(SCRIPT, item, confirming=confirming)
    for locale in SCRIPT.locales:
        for words in PERSON[locale]:
            heard = Hypothesis((Alternative(words, 0.9),), "test")
            found = book.interpret(heard, grammars, locale=locale, is_open=False)
            assert isinstance(found, Match), (item.step_id, locale, words, found)
            assert found.meaning == {"command": "agent"}
        rule = keys_of(SCRIPT, item, confirming=confirming)
        pressed = book.interpret_keys("0", rule.grammars, locale=locale)
        assert isinstance(pressed, Match)
        assert pressed.meaning == {"command": "agent"}


def test_no_state_is_a_dead_end(everywhere: Sequence[Caller]) -> None:
    for caller in everywhere:
        for event in what_can_happen(caller):
            after = caller.meet(event)
            stands = after.state == caller.state and not after.actions
            assert after.waits or stands, (caller.key, event)


def test_silence_ends_every_call_and_so_does_talk_that_means_nothing(everywhere: Sequence[Caller]) -> None:
    for caller in everywhere:
        for quiet in (True, False):
            here = caller
            for _ in range(60):
                if here.state.waiting in {Waiting.OVER, Waiting.TRANSFER}:
                    break
                here = here.meet(_patient(here, quiet))
            else:
                pytest.fail(f"the call never ends from {caller.key} when the caller says nothing of use")


def _patient(caller: Caller, quiet: bool) -> object:
    """What happens to somebody who says nothing, or nothing that is understood."""
    turn = caller.state.turn
    if caller.state.waiting is Waiting.ANSWER:
        return NoInput(turn) if quiet else Heard(turn, "speech", NoMatch("out_of_grammar"), speech_ms=900)
    return next(iter(what_can_happen(caller)))


def test_an_item_can_always_be_answered_by_voice_and_by_keys(everywhere: Sequence[Caller]) -> None:
    for caller in everywhere:
        for action in caller.actions:
            if isinstance(action, Listen):
                item = SCRIPT.steps[caller.state.step]
                assert isinstance(item, AskStep)
                by_voice = item.open or item.dictation or len(action.grammars) > len(SCRIPT.command_grammars)
                assert by_voice, caller.key
                assert item.keys.grammars or item.dictation or action.open, caller.key


# --- whatever happens -----------------------------------------------------------------------------------


@given(choices=st.lists(st.integers(0, 10_000), min_size=1, max_size=60), agent=st.booleans())
@settings(max_examples=250, deadline=None, derandomize=True)
def test_whatever_happens_the_dialogue_waits_or_ends_and_keeps_its_promises(
    choices: list[int], agent: bool
) -> None:
    caller = Caller(DialogueState("zh-CN", agent_reachable=agent))
    for choice in choices:
        events = list(what_can_happen(caller))
        if not events:
            break
        # Sudden ends are for one event in fifty, or no walk would come far.
        likely = events[:-2] if choice % 50 and len(events) > 2 else events
        after = caller.meet(likely[choice % len(likely)])
        assert_promises(caller, after)
        caller = after
    if caller.state.waiting is Waiting.OVER:
        assert not caller.meet(NoInput(caller.state.turn)).actions


def assert_promises(before: Caller, after: Caller) -> None:
    """What no event may break."""
    state = after.state
    unmoved = state == before.state and not after.actions
    assert after.waits or unmoved, before.key
    assert state.turn >= before.state.turn
    assert unmoved or state.turn > before.state.turn or state.waiting in {Waiting.TRANSFER, Waiting.OVER}
    assert_nothing_private(after)
    for action in after.actions:
        if isinstance(action, Listen | LookUp):
            assert action.turn == state.turn
        if isinstance(action, StepRung):
            assert action.from_rung is not action.to_rung
    assert_no_secret(after)


def assert_nothing_private(caller: Caller) -> None:
    """What is told may be told to this caller."""
    for action in caller.actions:
        if isinstance(action, Play):
            for say in action.says:
                assert_for_these_ears(say.prompt_id, say.slots, caller)


def assert_for_these_ears(prompt_id: str, slots: Mapping[str, object], caller: Caller) -> None:
    """What only the customer may hear is told to a caller who has proved to be this very customer."""
    told = {name: slots[name] for name in PRIVATE.get(prompt_id, ()) if name in slots}
    if caller.state.survey:
        # Who rings back is asked for by name, as whoever we ring is: see ADR 15.
        told.pop("customer_name", None)
    customer = str(caller.state.slots.get("customer_id"))
    if told:
        assert customer in caller.proved, f"{prompt_id} tells {sorted(told)} without proof"
    for value in told.values():
        if isinstance(value, Figure):
            assert value.customer == customer, f"{prompt_id} tells {value} to {customer}"


def assert_no_secret(caller: Caller) -> None:
    """A secret is in the hands of its lookup and nowhere else, and there only until it has answered."""
    state = asdict(caller.state)
    held = state.pop("secrets")
    if caller.state.waiting is not Waiting.LOOKUP:
        assert not held, (caller.key, caller.actions)
    assert not any(SECRET in text for text in texts_in(state)), caller.key
    for action in caller.actions:
        told = asdict(action)
        told.pop("secrets", None)
        assert not any(SECRET in text for text in texts_in(told)), action


def texts_in(value: object) -> Iterator[str]:
    """All texts in nested data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from (*texts_in(key), *texts_in(part))
    elif isinstance(value, tuple | list | set | frozenset):
        for part in value:
            yield from texts_in(part)


def test_no_state_tells_what_is_private_without_proof(everywhere: Sequence[Caller]) -> None:
    for caller in everywhere:
        for event in what_can_happen(caller):
            assert_nothing_private(caller.meet(event))


def test_there_is_something_private_to_be_kept() -> None:
    assert PRIVATE["balance_told"] == {"balance"}
    assert POLICY.act > POLICY.confirm
