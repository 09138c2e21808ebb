"""The hotline's conversation, event by event, without audio."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from ivr.adapters.script_files import load_script
from ivr.calls.rung import Rung
from ivr.dialogue.advance import advance
from ivr.dialogue.ladder import Band, Form, LadderPolicy, band_of, form_after
from ivr.dialogue.script_data import ScriptFault, parse_script
from ivr.dialogue.state import (
    Amendment,
    Consult,
    Consulted,
    DialogueState,
    Hangup,
    Heard,
    Listen,
    LookedUp,
    LookUp,
    NoInput,
    OpenTicket,
    Play,
    Resume,
    Settle,
    Started,
    StepRung,
    TimeIsUp,
    Transfer,
    TransferFailed,
    Trouble,
    Waiting,
)
from ivr.dialogue.steps import AskStep
from ivr.grammar.result import Match, NoMatch

SCRIPT = load_script(Path("ivr/scripts/hotline.yaml"))
NO_MATCH = NoMatch("out_of_grammar")
POLICY = LadderPolicy()


class Talk:
    """Drives one conversation and keeps what it did."""

    def __init__(self, *, agent: bool = False, locale: str = "zh-CN") -> None:
        self.state = DialogueState(locale=locale, agent_reachable=agent)
        self.actions: list = []
        self.taken = None

    def on(self, event):
        step = advance(SCRIPT, POLICY, self.state, event)
        self.state, self.actions, self.taken = step.state, list(step.actions), step.taken
        return self

    def start(self):
        return self.on(Started())

    def says(self, confidence=0.9, source="speech", **meaning):
        return self.on(Heard(self.state.turn, source, Match(meaning, confidence, "words")))

    def mumbles(self, reason="out_of_grammar"):
        return self.on(Heard(self.state.turn, "speech", NoMatch(reason)))

    def silent(self):
        return self.on(NoInput(self.state.turn))

    def found(self, result, **slots):
        return self.on(LookedUp(self.state.turn, result, slots))

    @property
    def prompts(self):
        return [say.prompt_id for a in self.actions if isinstance(a, Play) for say in a.says]

    def acts(self, kind):
        return [a for a in self.actions if isinstance(a, kind)]


def at_id_tail(**kwargs) -> Talk:
    return Talk(**kwargs).start().says(intent="balance").found("known")


def test_a_verified_caller_is_told_the_balance_and_it_counts_as_settled():
    talk = at_id_tail()
    assert talk.prompts == ["id_tail_ask"]
    talk.says(id_tail="1234", source="keys")
    (lookup,) = talk.acts(LookUp)
    assert (lookup.service, lookup.secrets) == ("check_piece", {"id_tail": "1234"})
    assert "id_tail" not in lookup.slots
    talk.found("right")
    assert talk.prompts == ["verified"]
    talk.found("owing", balance=Decimal("100.00"))
    assert talk.prompts == ["balance_told", "next_due_told", "more_ask"]
    assert talk.acts(Settle) == [Settle("balance", Rung.SELF_SERVICE)]
    talk.says(answer="no")
    assert (talk.prompts, talk.state.outcome) == (["goodbye"], "settled")
    assert [h.cause for h in talk.acts(Hangup)] == ["completed"]


def test_the_greeting_says_what_we_are_before_the_first_question():
    assert Talk().start().prompts == ["greeting", "greeting_language", "wish_ask"]


def test_a_secret_is_neither_kept_nor_recorded():
    talk = at_id_tail().says(id_tail="1234")
    assert talk.taken.secret
    assert (talk.taken.meaning, talk.taken.text) == (None, None)
    talk.found("wrong")
    assert talk.state.secrets == {}
    assert "1234" not in str(talk.state)
    assert "id_tail" not in talk.state.slots


def test_three_wrong_tails_lead_to_a_person():
    talk = at_id_tail(agent=True)
    for _ in range(2):
        talk.says(id_tail="9999").found("wrong")
        assert talk.prompts == ["piece_wrong", "id_tail_ask"]
    talk.says(id_tail="9999").found("wrong")
    assert talk.prompts == ["piece_wrong", "verification_locked", "transferring"]
    assert talk.acts(Transfer)[0].reason == "verification_failed"


@pytest.mark.parametrize("confidence", [0.95, 0.5])
@pytest.mark.parametrize("step", [s for s, v in SCRIPT.steps.items() if isinstance(v, AskStep)])
def test_the_wish_for_a_person_is_honoured_at_once_in_every_item(step, confidence):
    state = replace(
        DialogueState(locale="zh-CN", agent_reachable=True), step=step, turn=7, waiting=Waiting.ANSWER
    )
    after = advance(SCRIPT, POLICY, state, Heard(7, "speech", Match({"command": "agent"}, confidence, "")))
    assert [type(a) for a in after.actions] == [StepRung, Play, Transfer]
    assert after.state.rung is Rung.LIVE_AGENT


def test_without_an_agent_a_callback_is_promised_and_ticketed():
    talk = at_id_tail().says(command="agent")
    assert talk.acts(OpenTicket) == [OpenTicket("callback", "asked_for_agent")]
    assert talk.prompts == ["callback_promised", "goodbye"]
    assert talk.acts(Hangup)
    assert talk.state.outcome == "ticket"


def test_a_transfer_that_fails_becomes_a_callback():
    talk = at_id_tail(agent=True).says(command="agent")
    talk.on(TransferFailed(talk.state.turn, 486))
    assert talk.prompts == ["transfer_failed", "callback_promised", "goodbye"]
    assert talk.acts(OpenTicket)


def test_not_understood_goes_up_the_ladder_in_order():
    talk = Talk(agent=True).start()
    assert talk.mumbles().prompts == ["wish_reprompt"]
    assert talk.acts(StepRung)[0].to_rung is Rung.ROBOT
    assert talk.mumbles().prompts == ["wish_choice"]
    assert talk.acts(StepRung) == []
    (consult,) = talk.mumbles().acts(Consult)
    assert (consult.item, consult.cause, talk.prompts) == ("wish", "out_of_grammar", [])
    assert talk.on(Consulted(talk.state.turn)).prompts == ["transferring"]
    assert talk.acts(StepRung)[0].cause == "out_of_grammar"


def test_pure_silence_ends_politely_and_bothers_nobody():
    talk = Talk(agent=True).start().silent().silent().silent()
    assert talk.prompts == ["goodbye"]
    assert talk.acts(Transfer) == []
    assert talk.acts(Hangup)


def test_half_sure_is_confirmed_and_yes_goes_on():
    talk = Talk().start().says(intent="balance", confidence=0.5)
    assert talk.prompts == ["confirm_balance"]
    assert talk.acts(Listen)[0].grammars[0] == "yes_no"
    talk.says(answer="yes")
    assert talk.taken.reason == "confirmed"
    assert talk.acts(LookUp)[0].service == "identify"


def test_a_rejected_confirmation_asks_again():
    talk = Talk().start().says(intent="balance", confidence=0.5).says(answer="no")
    assert (talk.taken.reason, talk.prompts) == ("confirm_rejected", ["wish_reprompt"])


def test_a_caller_may_say_the_right_thing_instead_of_yes_or_no():
    talk = Talk().start().says(intent="balance", confidence=0.5).says(intent="next_due")
    assert talk.state.slots["intent"] == "next_due"


def test_an_unclear_confirmation_offers_keys_once_then_asks_again():
    talk = Talk().start().says(intent="balance", confidence=0.5).mumbles()
    assert talk.prompts == ["confirm_choice"]
    assert talk.mumbles().prompts == ["wish_reprompt"]


def test_low_confidence_is_never_acted_on():
    talk = Talk().start().says(intent="balance", confidence=0.2)
    assert (talk.taken.result, talk.prompts) == ("no_match", ["wish_reprompt"])


@pytest.mark.parametrize(
    "event",
    [
        Heard(1, "speech", Match({"intent": "balance"}, 0.9, "")),
        NoInput(1),
        Trouble(1),
        LookedUp(2, "known"),
        TransferFailed(2, 486),
        Started(),
    ],
)
def test_events_of_another_turn_or_kind_change_nothing(event):
    talk = Talk().start().mumbles()
    before = talk.state
    talk.on(event)
    assert (talk.state, talk.actions) == (before, [])


def test_repeat_speaks_the_whole_last_prompt_again_and_costs_nothing():
    talk = at_id_tail().says(id_tail="1234").found("right").found("owing").says(command="repeat")
    assert talk.prompts == ["balance_told", "next_due_told", "more_ask"]
    assert talk.state.failures == 0
    assert talk.acts(Settle) == []


def cut_by_noise(talk: Talk) -> Talk:
    return talk.on(Heard(talk.state.turn, "speech", NoMatch("empty"), cut_prompt=True))


def test_a_prompt_that_a_noise_cut_off_goes_on_a_few_times_and_costs_nothing():
    talk = at_id_tail().says(id_tail="1234").found("right").found("owing")
    for _ in range(3):
        assert cut_by_noise(talk).acts(Resume) == [Resume(talk.state.turn)]
        assert talk.acts(Listen)[0].turn == talk.state.turn
        assert (talk.prompts, talk.taken.reason, talk.state.failures) == ([], "false_barge_in", 0)
    assert cut_by_noise(talk).prompts == ["more_reprompt"]


@pytest.mark.parametrize(("speech_ms", "reason", "failures"), [(300, "noise", 0), (900, "empty", 1)])
def test_only_a_brief_sound_without_words_is_no_attempt_at_an_answer(speech_ms, reason, failures):
    talk = at_id_tail()
    talk.on(Heard(talk.state.turn, "speech", NoMatch("empty"), speech_ms=speech_ms))
    assert (talk.taken.reason, talk.state.failures) == (reason, failures)


def goes_on(talk: Talk, amendment: Amendment | None, interpretation=NO_MATCH) -> Talk:
    """Speech that begins within the first moments of the reply to an answer."""
    return talk.on(Heard(talk.state.turn, "speech", interpretation, True, follows=True, amendment=amendment))


def test_an_answer_that_is_taken_back_is_replaced_and_the_call_goes_on_from_there():
    talk = Talk().start().says(intent="balance").found("known")
    goes_on(talk, Amendment(Match({"intent": "next_due"}, 0.9, ""), explicit=True))
    assert (talk.state.slots["intent"], talk.taken.item) == ("next_due", "wish")
    assert talk.acts(LookUp)[0].service == "identify"


def test_an_answer_that_was_cut_in_two_is_put_together_and_not_counted_as_a_failure():
    talk = at_id_tail().mumbles()
    assert talk.state.failures == 1
    goes_on(talk, Amendment(Match({"id_tail": "1234"}, 0.9, "")))
    assert talk.acts(LookUp)[0].secrets == {"id_tail": "1234"}


def test_a_guess_at_a_longer_answer_does_not_replace_an_answer_to_the_question():
    talk = Talk().start().says(intent="balance").found("known")
    goes_on(talk, Amendment(Match({"intent": "next_due"}, 0.9, "")), Match({"id_tail": "1234"}, 0.9, ""))
    assert talk.acts(LookUp)[0].secrets == {"id_tail": "1234"}
    talk = Talk().start().says(intent="balance").found("known")
    goes_on(talk, Amendment(Match({"intent": "next_due"}, 0.6, "")))
    assert talk.state.slots["intent"] == "balance"


def test_a_word_after_an_answer_that_adds_nothing_only_lets_the_reply_go_on():
    talk = Talk().start().says(intent="balance").found("known")
    assert goes_on(talk, None).acts(Resume)
    assert (talk.state.failures, talk.state.step) == (0, "id_tail")


def test_who_only_says_that_it_was_wrong_is_asked_again():
    talk = Talk().start().says(intent="balance").found("known")
    goes_on(talk, Amendment(NoMatch("taken_back"), explicit=True))
    assert (talk.prompts, talk.state.failures) == (["wish_ask"], 0)


def test_taking_an_answer_back_gives_no_further_tries():
    talk = at_id_tail().says(id_tail="0000").found("wrong")
    goes_on(talk, Amendment(Match({"id_tail": "0001"}, 0.9, ""), explicit=True)).found("wrong")
    goes_on(talk, Amendment(Match({"id_tail": "0002"}, 0.9, ""), explicit=True)).found("wrong")
    assert talk.state.human_reason == "verification_failed"


def test_a_caller_who_interrupts_with_strange_words_is_asked_again():
    talk = Talk().start()
    talk.on(Heard(1, "speech", NoMatch("out_of_grammar"), cut_prompt=True))
    assert talk.prompts == ["wish_reprompt"]


def test_language_switches_and_the_question_is_put_again():
    talk = Talk().start().says(command="language")
    assert talk.prompts == ["language_switched", "wish_ask"]
    assert talk.acts(Listen)[0].locale == talk.acts(Play)[0].locale == "en-US"


def test_our_own_trouble_is_not_the_callers_fault():
    talk = Talk(agent=True).start().on(Trouble(1))
    assert talk.prompts == ["trouble", "wish_ask"]
    assert talk.state.failures == 0
    assert talk.on(Trouble(2)).prompts == ["trouble", "wish_choice"]
    assert talk.on(Trouble(3)).acts(Transfer)[0].reason == "recogniser_lost"


def test_a_second_wish_of_a_verified_caller_needs_no_second_proof():
    talk = at_id_tail().says(id_tail="1234").found("right").found("owing").says(intent="next_due")
    assert talk.acts(LookUp)[0].service == "loan_summary"
    assert talk.found("owing").prompts == ["next_due_told", "more_ask"]


def test_a_number_that_nobody_has_is_followed_by_the_same_questions_as_a_customers():
    told = {}
    for found in ("known", "unknown"):
        talk = Talk().start().says(intent="balance").found("unknown")
        assert talk.prompts == ["phone_ask"]
        talk.says(phone="13900000000", source="keys").found(found)
        told[found] = [talk.prompts]
        for _ in range(3):
            told[found].append(talk.says(id_tail="1234").found("wrong").prompts)
    assert told["known"] == told["unknown"]
    assert talk.acts(OpenTicket)[0].reason == "verification_failed"


def test_a_number_that_was_not_heard_for_certain_is_read_back():
    talk = Talk().start().says(intent="balance").found("unknown").says(0.8, phone="13900000000")
    assert (talk.prompts, talk.acts(Play)[0].says[0].slots["phone"]) == (["phone_confirm"], "13900000000")


def test_a_service_that_is_down_is_told_and_leads_to_a_person():
    talk = at_id_tail().says(id_tail="1234").found("down")
    assert talk.prompts == ["service_down", "callback_promised", "goodbye"]
    assert talk.acts(OpenTicket)[0].reason == "check_piece_down"


@pytest.mark.parametrize(("reason", "cause"), [("draining", "drained"), ("max_duration", "max_duration")])
def test_when_time_is_up_the_caller_hears_so(reason, cause):
    talk = Talk().start().on(TimeIsUp(reason))
    assert talk.prompts == [f"{reason}_goodbye"]
    assert talk.acts(Hangup)[0].cause == cause


@pytest.mark.parametrize(
    ("confidence", "act", "band"),
    [(0.7, None, Band.ACT), (0.69, None, Band.CONFIRM), (0.4, None, Band.CONFIRM), (0.39, None, Band.HELP),
     (0.3, 0.3, Band.ACT), (0.29, 0.3, Band.HELP)],
)  # fmt: skip
def test_bands(confidence, act, band):
    assert band_of(confidence, POLICY, act=act) is band


@pytest.mark.parametrize(
    ("failures", "form"), [(0, Form.ASK), (1, Form.REPROMPT), (2, Form.CHOICE), (3, None), (9, None)]
)
def test_forms(failures, form):
    assert form_after(failures, POLICY) is form


def test_script_faults_are_all_named_with_their_place():
    data = {
        "script": "x", "version": "1", "start": "a", "menu": "b",
        "steps": {"a": {"say": "hello", "next": "gone"}, "c": {"say": "x", "next": "c", "colour": 1}},
    }  # fmt: skip
    with pytest.raises(ScriptFault) as fault:
        parse_script(data, "x.yaml")
    assert "x.yaml: steps.c: unknown key colour" in str(fault.value)
    del data["steps"]["c"]["colour"]
    with pytest.raises(ScriptFault) as fault:
        parse_script(data, "x.yaml")
    assert {f.split(":")[0] for f in fault.value.faults} == {"menu", "steps.a"}


def test_a_script_that_runs_in_circles_is_refused():
    data = {"script": "x", "version": "1", "start": "a", "menu": "a",
            "steps": {"a": {"say": "hello", "next": "b"}, "b": {"say": "x", "next": "a"}}}  # fmt: skip
    with pytest.raises(ScriptFault, match="without asking"):
        parse_script(data, "x.yaml")
