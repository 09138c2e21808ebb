"""What follows from how an attempt ended, and how many calls may start."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.calls.attempts import AttemptResult as R
from ivr.calls.ids import CampaignId, ContactId
from ivr.campaign.pacing import lines_free, starts_free
from ivr.campaign.people import Contact, ContactState, NumberFacts
from ivr.campaign.policy import RetryPolicy, RetryRule
from ivr.campaign.retrying import after, settled

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
CONTACT = Contact(
    ContactId("c"), CampaignId("k"), "+8613800000001", NumberFacts(True, "mobile", "CN", ("Asia/Shanghai",)),
    "zh-CN", NOW,
)  # fmt: skip
POLICY = RetryPolicy()

TABLE = [
    # result, minutes until each next try, in order
    (R.COMPLETED, []),
    (R.PARTIAL, [120]),
    (R.REFUSED, []),
    (R.DO_NOT_CALL, []),
    (R.WRONG_PARTY, []),
    (R.CALLBACK_PROMISED, [240, 240, 240, 240]),
    (R.NO_ANSWER, [120, 240, 1200]),
    (R.BUSY, [30, 60, 240]),
    (R.MACHINE, [240, 1200]),
    (R.MESSAGE_LEFT, []),
    (R.SWITCHED_OFF, [240, 1200]),
    (R.OUT_OF_SERVICE, [2880]),
    (R.INVALID_NUMBER, []),
    (R.UNREACHABLE, [60, 240]),
    (R.FAX, []),
    (R.CONGESTION, [5, 15, 60, 240]),
    (R.FAILED, [15, 60, 240]),
    (R.ABANDONED, [240]),
    (R.LOST, [5, 60]),
]


def test_the_table_names_every_result() -> None:
    assert [result for result, _ in TABLE] == list(R)


@pytest.mark.parametrize(("result", "minutes"), TABLE)
def test_each_result_is_tried_again_as_the_table_says_and_then_given_up(
    result: R, minutes: list[int]
) -> None:
    contact, waited = CONTACT, []
    while contact.state is ContactState.WAITING:
        contact = settled(contact, result, POLICY, NOW)
        if contact.state is ContactState.WAITING:
            waited.append(int((contact.due_at - NOW).total_seconds() / 60))
    assert waited == minutes
    assert contact.final is result
    given_up = f"given up: {result.value} {len(minutes) + 1} times"
    assert contact.why == (given_up if minutes else result.value)


def test_a_callback_is_due_when_it_was_promised_and_never_in_the_past() -> None:
    at_three = NOW + timedelta(hours=3)
    comes = after(R.CALLBACK_PROMISED, CONTACT, POLICY, NOW, at_three)
    assert (comes.again_at, comes.promised) == (at_three, True)
    assert after(R.CALLBACK_PROMISED, CONTACT, POLICY, NOW, NOW - timedelta(hours=1)).again_at == NOW
    assert not after(R.NO_ANSWER, CONTACT, POLICY, NOW, at_three).promised


def test_results_count_apart_but_all_attempts_have_a_limit() -> None:
    contact = CONTACT
    for result in (R.BUSY, R.NO_ANSWER, R.BUSY, R.NO_ANSWER):
        contact = settled(contact, result, POLICY, NOW)
        assert contact.state is ContactState.WAITING
    short = replace(POLICY, most_attempts=5)
    contact = settled(contact, R.MACHINE, short, NOW)
    assert (contact.state, contact.why) == (ContactState.DONE, "given up: 5 attempts, the last machine")


def test_an_opt_out_ends_it_whatever_came_of_the_attempt() -> None:
    contact = settled(CONTACT, R.BUSY, POLICY, NOW, do_not_call=True)
    assert (contact.state, contact.final, contact.why) == (ContactState.DONE, R.BUSY, "do_not_call")


def test_nobody_can_be_rung_again_after_a_refusal() -> None:
    with pytest.raises(ValueError, match="nobody is rung again after refused"):
        RetryPolicy({R.REFUSED: RetryRule((timedelta(hours=1),))})


@pytest.mark.parametrize("calls_per_s", [0.1, 0.5, 1, 2.5, 7, 30])
def test_calls_per_second_are_never_exceeded_however_often_it_is_asked(calls_per_s: float) -> None:
    started: list[datetime] = []
    for tick in range(2000):
        now = NOW + timedelta(milliseconds=37 * tick)
        started += [now] * starts_free(started[-200:], calls_per_s, now)
    for place, moment in enumerate(started):
        within = [later for later in started[place:] if later < moment + timedelta(seconds=1)]
        assert len(within) <= max(1, calls_per_s)
    assert len(started) <= 74 * calls_per_s + max(1, calls_per_s)
    assert len(started) >= 74 * int(max(calls_per_s, 1)) * min(calls_per_s, 1) * 0.9


def test_a_clock_put_back_starts_no_more_calls() -> None:
    assert starts_free([NOW + timedelta(hours=1)] * 2, 2, NOW) == 0


@pytest.mark.parametrize(("in_use", "most", "free"), [(0, 3, 3), (3, 3, 0), (5, 3, 0)])
def test_lines_above_the_limit_are_not_given(in_use: int, most: int, free: int) -> None:
    assert lines_free(in_use, most) == free
