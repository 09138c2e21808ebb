"""Small words and big ones: back, slower, own words, tickets, the silent seat, and people who are upset."""

from dataclasses import replace
from typing import Any

import pytest

from ivr.calls.rung import Rung
from ivr.dialogue.advance import Advance, advance
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.script_data import ScriptFault, parse_script
from ivr.dialogue.state import (
    Consult,
    Consulted,
    DialogueState,
    FileTicket,
    Heard,
    Listen,
    LookedUp,
    Play,
    Started,
    StepRung,
    Transfer,
    Waiting,
)
from ivr.grammar.result import Match, NoMatch

ASK = {"reprompt": "again", "choice": "keys", "grammars": ["g"]}
FRAME = {
    "script": "s", "version": "1", "start": "wish", "menu": "wish",
    "verification": {"step": "who", "pieces": ["tail", "birth"]},
    "command_steps": {"stop_calling": "stop"},
    "steps": {
        "wish": {"ask": "what", **ASK, "branch_on": "intent", "branches": {"*": "bye"},
                 "offers_services": True},
        "done": {"ask": "more", **ASK, "branch_on": "answer", "branches": {"no": "bye", "*": "wish"}},
        "who": {"lookup": "identify", "branches": {"known": "prove"}},
        "prove": {"prove": "goal",
                  "branches": {"tail": "tail", "birth": "tail", "enough": "back", "locked": "bye"}},
        "tail": {"ask": "tail_ask", **ASK, "branch_on": "tail", "branches": {"*": "check"}, "secret": True},
        "check": {"lookup": "check_piece", "proves": "tail",
                  "branches": {"right": "prove", "wrong": "prove"}},
        "back": {"return": "goal"},
        "bye": {"end": "goodbye"},
    },
}  # fmt: skip
SETTLE = {
    "service": "settle", "intents": ["early"], "verify": "light",
    "steps": {
        "day": {"ask": "day_ask", **ASK, "branch_on": "day", "branches": {"*": "how"},
                "skips": {"wish_day": "how"}},
        "how": {"ask": "how_ask", **ASK, "branch_on": "how", "branches": {"*": "file"}},
        "file": {"ticket": "early", "keep": ["day", "how"], "working_days": 3, "next": "told"},
        "told": {"say": "told", "settles": "settle", "next": "done"},
    },
}  # fmt: skip
COMPLAIN = {
    "service": "complain", "intents": ["complaint"],
    "steps": {
        "words": {"ask": "words_ask", **ASK, "dictation": "own_words", "branches": {"*": "file"}},
        "file": {"ticket": "complaint", "keep": ["own_words"], "care": True, "next": "done"},
    },
}  # fmt: skip
STOP = {"service": "stop", "steps": {"told": {"say": "stopped", "settles": "stop", "next": "done"}}}
SERVICES = {"settle.yaml": SETTLE, "complain.yaml": COMPLAIN, "stop.yaml": STOP}
SCRIPT = parse_script(FRAME, "s.yaml", SERVICES)


class Talk:
    """Drives one conversation and keeps what the last event led to."""

    def __init__(self) -> None:
        self.state = DialogueState(locale="zh-CN", agent_reachable=True)
        self.last = Advance(self.state)
        self.on(Started())

    def on(self, event: Any) -> "Talk":
        self.last = advance(SCRIPT, LadderPolicy(), self.state, event)
        self.state = self.last.state
        return self

    def says(self, confidence: float = 0.9, *, agitated: bool = False, **meaning: str) -> "Talk":
        found = Match(meaning, confidence, "words")
        return self.on(Heard(self.state.turn, "speech", found, agitated=agitated))

    def mumbles(self, text: str = "", *, agitated: bool = False) -> "Talk":
        found = NoMatch("out_of_grammar", text)
        return self.on(Heard(self.state.turn, "speech", found, agitated=agitated))

    def found(self, result: str, **slots: Any) -> "Talk":
        return self.on(LookedUp(self.state.turn, result, slots))

    def proves(self) -> "Talk":
        return self.found("known", customer_id="c1").says(tail="1234").found("right")

    @property
    def prompts(self) -> list[str]:
        return [say.prompt_id for action in self.acts(Play) for say in action.says]

    def acts(self, kind: type) -> list[Any]:
        return [action for action in self.last.actions if isinstance(action, kind)]


def test_a_service_that_needs_proof_is_reached_by_way_of_the_verification() -> None:
    talk = Talk().says(intent="early")
    assert talk.state.goal == "settle"
    assert talk.proves().prompts == ["day_ask"]
    assert talk.state.slots["proof_level"] == "light"


def test_another_customer_has_proved_nothing_yet() -> None:
    talk = Talk().says(intent="early").proves()
    state = replace(talk.state, step="who", waiting=Waiting.LOOKUP, goal="settle")
    found = advance(SCRIPT, LadderPolicy(), state, LookedUp(state.turn, "known", {"customer_id": "c2"}))
    assert (found.state.proof.passed, found.state.slots["proof_level"]) == ((), "none")
    assert found.state.step == "tail"


def test_what_was_said_in_the_same_breath_is_not_asked_for_again() -> None:
    assert Talk().says(intent="early", wish_day="5").proves().prompts == ["how_ask"]


def test_back_leads_to_the_item_before_and_forgets_its_answer() -> None:
    talk = Talk().says(intent="early").proves().says(day="5")
    assert talk.prompts == ["how_ask"]
    talk.says(command="back")
    assert (talk.prompts, "day" in talk.state.slots) == (["day_ask"], False)
    assert talk.says(day="6").says(how="app").acts(FileTicket)[0].details == {"day": "6", "how": "app"}


def test_back_from_the_first_item_is_the_menu() -> None:
    assert Talk().says(command="back").prompts == ["what"]


def test_slower_repeats_and_stays_slow() -> None:
    talk = Talk().says(command="slower")
    assert (talk.prompts, talk.acts(Play)[0].pace) == (["what"], 0.8)
    assert talk.says(intent="complaint").acts(Play)[0].pace == 0.8


def test_what_is_heard_again_is_put_in_other_words_and_then_shorter() -> None:
    talk = Talk()
    variants = [talk.acts(Play)[0].says[0].variant]
    for _ in range(3):
        variants.append(talk.says(command="main_menu").acts(Play)[0].says[0].variant)
    assert variants == ["first", "repeated", "short", "short"]


def test_own_words_are_kept_as_they_were_said_and_go_with_the_ticket() -> None:
    talk = Talk().says(intent="complaint")
    assert talk.acts(Listen)[0].open
    talk.mumbles("你们的人骂我")
    (ticket,) = talk.acts(FileTicket)
    assert (ticket.kind, ticket.details, ticket.care) == ("complaint", {"own_words": "你们的人骂我"}, True)
    assert (talk.last.taken.result, talk.last.taken.reason) == ("match", "dictated")


def test_words_that_mean_something_are_own_words_too_but_a_command_is_obeyed() -> None:
    talk = Talk().says(intent="complaint").says(intent="early")
    assert talk.acts(FileTicket)[0].details == {"own_words": "words"}
    assert Talk().says(intent="complaint").says(command="agent").acts(Transfer)


def test_nothing_said_is_no_dictation() -> None:
    assert Talk().says(intent="complaint").mumbles("").prompts == ["again"]


def test_a_ticket_waits_for_its_number_before_it_is_told() -> None:
    talk = Talk().says(intent="early").proves().says(day="5").says(how="app")
    assert (talk.prompts, talk.state.waiting) == ([], Waiting.LOOKUP)
    assert talk.found("filed", ticket_number="100017").prompts == ["told", "more"]
    assert talk.state.outcome == "settled"


def test_a_ticket_that_cannot_be_filed_gets_a_person_rather_than_a_promise() -> None:
    talk = Talk().says(intent="early").proves().says(day="5").says(how="app").found("down")
    assert talk.prompts == ["service_down", "transferring"]


def test_a_command_may_be_a_wish_of_its_own_at_any_item() -> None:
    talk = Talk().says(intent="early").found("known").says(command="stop_calling")
    assert talk.prompts == ["stopped", "more"]
    assert Talk().says(command="not_me").acts(Transfer)[0].reason == "not_me"


def test_a_service_half_understood_is_confirmed_by_its_own_prompt() -> None:
    talk = Talk().says(0.5, intent="early")
    assert talk.prompts == ["confirm_settle"]
    assert talk.says(answer="yes").state.goal == "settle"


def at_consult() -> Talk:
    return Talk().mumbles().mumbles().mumbles()


def test_when_the_robot_is_at_its_end_the_silent_seat_is_asked() -> None:
    (consult,) = at_consult().acts(Consult)
    assert (consult.item, consult.cause) == ("wish", "out_of_grammar")


def test_what_the_seat_picks_goes_on_as_if_the_caller_had_said_it() -> None:
    talk = at_consult()
    talk.on(Consulted(talk.state.turn, {"intent": "complaint"}))
    assert (talk.prompts, talk.state.rung) == (["words_ask"], Rung.SILENT_SEAT)


def test_what_the_seat_types_is_spoken_and_the_question_is_put_again() -> None:
    talk = at_consult()
    talk.on(Consulted(talk.state.turn, words="请您带上身份证"))
    (play,) = talk.acts(Play)
    assert [say.prompt_id for say in play.says] == ["seat_words", "what"]
    assert play.says[0].slots["seat_words"] == "请您带上身份证"


@pytest.mark.parametrize("meaning", [None, {"answer": "yes"}])
def test_a_seat_without_a_useful_answer_is_the_next_rung(meaning: dict[str, str] | None) -> None:
    talk = at_consult()
    talk.on(Consulted(talk.state.turn, meaning))
    assert [step.to_rung for step in talk.acts(StepRung)] == [Rung.LIVE_AGENT]
    assert talk.acts(Transfer)[0].reason == "out_of_grammar"


def test_a_late_answer_of_the_seat_changes_nothing() -> None:
    talk = at_consult()
    late = Consulted(talk.state.turn, {"intent": "complaint"})
    talk.on(Consulted(talk.state.turn))
    before = talk.state
    assert (talk.on(late).state, talk.last.actions) == (before, ())


def test_nobody_in_a_seat_sees_a_secret() -> None:
    talk = Talk().says(intent="early").found("known").mumbles().mumbles().mumbles()
    assert (talk.acts(Consult), len(talk.acts(Transfer))) == ([], 1)


def test_an_upset_caller_is_met_with_understanding_and_easier_words_first() -> None:
    talk = Talk().mumbles(agitated=True)
    assert talk.prompts == ["empathy", "keys"]
    assert talk.acts(StepRung)[0].cause == "upset"


def test_an_upset_caller_who_is_understood_is_served() -> None:
    assert Talk().says(intent="complaint", agitated=True).prompts == ["empathy", "words_ask"]


def test_a_caller_who_stays_upset_gets_a_person() -> None:
    talk = Talk().mumbles(agitated=True).mumbles(agitated=True)
    assert talk.acts(Transfer)[0].reason == "upset"
    assert talk.last.taken.reason == "upset"


@pytest.mark.parametrize(
    ("services", "fault"),
    [
        ({"a.yaml": {"service": "wish", "steps": {"x": {"end": "bye"}}}}, "has a step 'wish' already"),
        ({"a.yaml": STOP, "b.yaml": STOP}, "b.yaml: service: stop has a file already"),
        ({"a.yaml": {**STOP, "intents": ["early"]}, "b.yaml": SETTLE}, "early already leads to stop"),
        ({"a.yaml": {**STOP, "verify": "lots"}}, "verify: must be one of none, light, strong; found 'lots'"),
        ({"a.yaml": {**STOP, "steps": {"x": {"say": "hi", "next": "gone"}}}}, "leads to 'gone', which is no"),
        ({"a.yaml": {"service": "stop"}}, "a.yaml: steps: missing"),
        ({"a.yaml": {**STOP, "colour": 1}}, "a.yaml: colour: unknown key"),
    ],
)  # fmt: skip
def test_a_wrong_service_is_named_with_its_file(services: dict[str, Any], fault: str) -> None:
    frame = {**FRAME, "command_steps": {}}
    with pytest.raises(ScriptFault) as found:
        parse_script(frame, "s.yaml", services)
    assert fault in str(found.value)


def test_a_gate_without_rules_of_verification_is_refused() -> None:
    frame = {key: value for key, value in FRAME.items() if key != "verification"}
    with pytest.raises(ScriptFault, match="verification: missing"):
        parse_script(frame, "s.yaml", SERVICES)
