"""When to ring back, which days can be promised, and who is struck off the lists."""

from datetime import date, datetime, timedelta, timezone

import pytest

from ivr.adapters.store_memory import MemoryLoanBook, MemoryTicketDesk
from ivr.bootstrap.services import open_services
from ivr.config import Settings

HOME = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 23, 10, 5, tzinfo=HOME)


class StoppedClock:
    def now(self) -> datetime:
        return NOW


class List:
    def __init__(self) -> None:
        self.numbers: list[str] = []

    async def opt_out(self, phone: str, *, reason: str, source: str, now: datetime) -> None:
        self.numbers.append(phone)


def services(numbers: List | None = None):
    clock = StoppedClock()
    return open_services(Settings(), MemoryLoanBook(clock=clock), clock, MemoryTicketDesk(), numbers)


@pytest.mark.parametrize(
    ("named", "at"),
    [
        ("2026-11-23T15:00", "2026-11-23T15:00+08:00"),
        ("2026-11-24T08:00/12:00", "2026-11-24T10:00+08:00"),  # tomorrow morning
        ("2026-11-23T08:00/12:00", "2026-11-23T11:00+08:00"),  # what is left of this morning
        ("2026-11-23T18:00/24:00", "2026-11-23T21:00+08:00"),
        ("2026-11-25", "2026-11-25T13:30+08:00"),  # a day alone
        ("2026-12-24T21:30", "2026-12-24T21:30+08:00"),
    ],
)
async def test_a_moment_that_can_be_kept_is_told_with_its_zone_its_day_and_its_time(
    named: str, at: str
) -> None:
    found = await services().look_up("callback_moment", "", {"moment": named}, {})
    assert (found.result, found.slots["callback_at"]) == ("moment", at)
    assert (found.slots["callback_on"], found.slots["callback_time"]) == (
        date.fromisoformat(at[:10]),
        at[11:16],
    )


@pytest.mark.parametrize(
    "named",
    [
        "2026-11-23T10:00",
        "2026-11-22",
        "2026-11-23T07:59",
        "2026-11-23T21:31",
        "2026-11-24T02:00",
        "2027-01-01T15:00",
    ],
)
async def test_nobody_is_promised_a_call_in_the_past_at_night_or_in_a_far_month(named: str) -> None:
    found = await services().look_up("callback_moment", "", {"moment": named}, {})
    assert found.result == "not_then"


async def test_the_moment_said_last_counts_once() -> None:
    slots = {"moment": "2026-11-24T09:00", "wish_moment": "2026-11-23T15:00"}
    found = await services().look_up("callback_moment", "", slots, {})
    assert found.slots["callback_at"] == "2026-11-23T15:00+08:00"
    assert (await services().look_up("callback_moment", "", found.slots, {})).result == "none"


@pytest.mark.parametrize(
    ("day", "result"),
    [("2026-11-23", "coming"), ("2026-12-24", "coming"), ("2026-11-22", "past"), ("2026-12-25", "too_far")],
)
async def test_a_promised_day_lies_within_a_month_from_today(day: str, result: str) -> None:
    assert (await services().look_up("coming_day", "", {"date": day}, {})).result == result


async def test_who_wants_no_more_calls_is_on_the_list_when_it_is_confirmed() -> None:
    numbers = List()
    found = await services(numbers).look_up("do_not_call", "+8613800000001", {}, {})
    assert (found.result, numbers.numbers) == ("noted", ["+8613800000001"])
    await services(numbers).look_up("do_not_call", "sip-user", {"phone": "+8613800000002"}, {})
    assert numbers.numbers[-1] == "+8613800000002"


async def test_without_a_list_nothing_is_confirmed_as_kept_on_it() -> None:
    assert (await services().look_up("do_not_call", "+8613800000001", {}, {})).result == "down"
