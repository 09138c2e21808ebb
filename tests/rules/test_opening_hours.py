"""When people answer: weekdays, holidays, single days, nights, and clocks that are put back and forward."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.calls.opening_hours import (
    Closed,
    DayKind,
    Open,
    OpeningHours,
    Span,
    desk_open,
    parse_spans,
)
from ivr.calls.working_days import WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


CALENDAR = WorkCalendar(holidays={date(2026, 1, 1)}, worked_weekend_days={date(2026, 1, 4)})
NO_HOLIDAYS = WorkCalendar()


def week(working: Sequence[str], weekend: Sequence[str] = ()) -> tuple[tuple[Span, ...], ...]:
    return (parse_spans(working),) * 5 + (parse_spans(weekend),) * 2


OFFICE = OpeningHours(
    zone=SHANGHAI,
    weekly=week(["09:00-12:00", "13:30-18:00"]),
    holiday=parse_spans(["10:00-12:00"]),
    exceptions={date(2026, 1, 5): (), date(2026, 1, 10): parse_spans(["08:00-09:00"])},
)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-01-06 08:59:59", Closed(at("2026-01-06 09:00"), DayKind.WEEKDAY)),
        ("2026-01-06 09:00", Open(at("2026-01-06 12:00"), DayKind.WEEKDAY)),
        ("2026-01-06 11:59:59", Open(at("2026-01-06 12:00"), DayKind.WEEKDAY)),
        ("2026-01-06 12:00", Closed(at("2026-01-06 13:30"), DayKind.WEEKDAY)),
        ("2026-01-06 18:00", Closed(at("2026-01-07 09:00"), DayKind.WEEKDAY)),
        ("2026-01-09 20:00", Closed(at("2026-01-10 08:00"), DayKind.WEEKDAY)),
        ("2026-01-01 11:00", Open(at("2026-01-01 12:00"), DayKind.HOLIDAY)),
        ("2026-01-01 14:00", Closed(at("2026-01-02 09:00"), DayKind.HOLIDAY)),
        ("2026-01-03 10:00", Closed(at("2026-01-04 09:00"), DayKind.WEEKDAY)),
        ("2026-01-04 10:00", Open(at("2026-01-04 12:00"), DayKind.WORKED_INSTEAD)),
        ("2026-01-05 10:00", Closed(at("2026-01-06 09:00"), DayKind.EXCEPTION)),
        ("2026-01-10 08:30", Open(at("2026-01-10 09:00"), DayKind.EXCEPTION)),
    ],
)
def test_a_desk_is_open_by_the_day_rule_that_goes_first(now: str, expected: Open | Closed) -> None:
    assert desk_open(at(now), OFFICE, CALENDAR) == expected


def test_the_time_zone_of_the_clock_does_not_matter() -> None:
    assert desk_open(datetime(2026, 1, 6, 1, 0, tzinfo=UTC), OFFICE, CALENDAR) == Open(
        at("2026-01-06 12:00"), DayKind.WEEKDAY
    )


def test_hours_written_to_midnight_and_on_from_it_are_one_opening() -> None:
    night = OpeningHours(SHANGHAI, (parse_spans(["00:00-06:00", "22:00-24:00"]),) * 7)
    assert desk_open(at("2026-01-06 23:00"), night, NO_HOLIDAYS) == Open(
        at("2026-01-07 06:00"), DayKind.WEEKDAY
    )


def test_a_desk_that_never_closes_says_no_end_and_one_that_never_opens_no_beginning() -> None:
    always = OpeningHours(SHANGHAI, (parse_spans(["00:00-24:00"]),) * 7)
    never = OpeningHours(SHANGHAI, ((),) * 7)
    assert desk_open(at("2026-01-06 23:00"), always, NO_HOLIDAYS) == Open(None, DayKind.WEEKDAY)
    assert desk_open(at("2026-01-06 23:00"), never, NO_HOLIDAYS) == Closed(None, DayKind.WEEKDAY)


# In Berlin, 2026-03-29 has no hour from two to three, and 2026-10-25 has it twice.
@pytest.mark.parametrize(
    ("spans", "now", "expected"),
    [
        (["01:00-04:00"], "2026-03-29T00:30Z", Open(at("2026-03-29 04:00", BERLIN), DayKind.WEEKDAY)),
        (["01:00-04:00"], "2026-03-29T02:00Z", Closed(at("2026-03-30 01:00", BERLIN), DayKind.WEEKDAY)),
        (["02:30-04:00"], "2026-03-29T01:15Z", Closed(at("2026-03-29 03:30", BERLIN), DayKind.WEEKDAY)),
        (["02:30-02:45"], "2026-03-29T01:40Z", Closed(at("2026-03-30 02:30", BERLIN), DayKind.WEEKDAY)),
        (["02:00-03:00"], "2026-10-25T00:30Z", Open(at("2026-10-25 03:00", BERLIN), DayKind.WEEKDAY)),
        (["02:00-03:00"], "2026-10-25T01:30Z", Open(at("2026-10-25 03:00", BERLIN), DayKind.WEEKDAY)),
        (["08:00-09:00"], "2026-10-25T07:30Z", Open(at("2026-10-25 09:00", BERLIN), DayKind.WEEKDAY)),
    ],
)
def test_hours_follow_the_wall_clock_over_changes_of_the_clock(
    spans: list[str], now: str, expected: Open | Closed
) -> None:
    hours = OpeningHours(BERLIN, (parse_spans(spans),) * 7)
    assert desk_open(datetime.fromisoformat(now), hours, NO_HOLIDAYS) == expected


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        (["8-22"], "such as 08:00-22:00"),
        (["22:00-06:00"], "22:00-24:00 and"),
        (["09:00-24:30"], "does not end after it begins"),
        (["09:00-12:00", "11:00-13:00"], "put them in order"),
    ],
)
def test_hours_that_cannot_be_meant_are_refused_with_the_mend(written: list[str], mend: str) -> None:
    with pytest.raises(ValueError, match=mend):
        parse_spans(written)
