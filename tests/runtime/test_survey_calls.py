"""A survey as a call: what is answered is kept at once, under the name of whom it is for."""

from pathlib import Path

import pytest
from phone_call import hear_out, phone, press, speak

from ivr.adapters.script_files import load_script
from ivr.calls.answers import Respondent
from ivr.calls.events import AnswerGiven, CallEnded, RecordingSaved, TicketOpened, WishSettled
from ivr.calls.ids import AttemptId, CampaignId, ContactId
from ivr.runtime.survey_record import slots_of

SURVEY = load_script(Path("ivr/scripts/surveys/agent_satisfaction.yaml"))
WHOSE = Respondent(ContactId("contact-1"), CampaignId("campaign-1"), AttemptId("attempt-1"))


def planned(**before: str) -> dict[str, object]:
    assert SURVEY.survey is not None
    slots = SURVEY.survey.opening_slots(SURVEY.survey.samples, answers=before)
    return {"script": SURVEY, "slots": slots | slots_of(WHOSE)}


def says(times: int):
    def caller(line):
        for _ in range(times):
            yield from hear_out(line)
            yield from speak()
        yield from hear_out(line)

    return caller


async def test_what_was_answered_before_the_caller_hung_up_is_kept_with_words_and_names() -> None:
    words = ["我是", "方便", "解决了", "非常满意"]
    call = await phone(says(4), [(text, 0.9) for text in words], planned=planned())
    assert call.errors == []
    mark, settled, satisfied = call.of(AnswerGiven)
    assert (mark.item, mark.item_kind, mark.value) == ("right_party", "mark", "yes")
    assert (settled.item, settled.item_kind, settled.value) == ("settled", "yes_no", "yes")
    assert (satisfied.item, satisfied.value, satisfied.words) == ("satisfied", "5", "非常满意")
    assert satisfied.confidence == 0.9
    assert (satisfied.survey, satisfied.version) == ("agent_satisfaction", "1")
    assert (satisfied.contact_id, satisfied.campaign_id, satisfied.attempt_id) == (
        "contact-1", "campaign-1", "attempt-1",
    )  # fmt: skip
    # Each is told before the next question: a crash then loses nothing that was given.
    assert call.events.index(satisfied) < call.events.index(call.of(RecordingSaved)[0])
    assert call.of(WishSettled) == []


async def test_a_call_that_goes_on_where_the_last_one_broke_off_ends_settled() -> None:
    words = ["我是", "方便", "七分", "十分"]
    call = await phone(
        says(4), [(text, 0.9) for text in words], planned=planned(settled="yes", satisfied="5")
    )
    assert [(e.item, e.value) for e in call.of(AnswerGiven)] == [
        ("right_party", "yes"), ("easy", "7"), ("recommend", "10"),
    ]  # fmt: skip
    (settled,) = call.of(WishSettled)
    assert settled.wish == "agent_satisfaction"
    assert call.of(CallEnded)[0].outcome == "settled"


async def test_keys_answer_as_words_do_and_leave_no_words() -> None:
    def caller(line):
        for key in ("1", "1", "2"):
            yield from hear_out(line)
            yield from press(key)
        yield from hear_out(line)

    call = await phone(caller, planned=planned())
    (_, settled) = call.of(AnswerGiven)
    assert (settled.item, settled.value) == ("settled", "no")


@pytest.mark.parametrize("words", ["别再打了", "以后不要再打了"])
async def test_the_wish_for_no_more_calls_is_noted_first_and_left_to_people_without_a_list(
    words: str,
) -> None:
    call = await phone(says(1), [(words, 0.9)], planned=planned())
    (mark,) = call.of(AnswerGiven)
    assert (mark.item, mark.value) == ("opted_out", "yes")
    assert [ticket.ticket_kind for ticket in call.of(TicketOpened)] == ["do_not_call"]
    assert call.prompts[-1] == "struck_off_told"
