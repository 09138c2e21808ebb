"""Days counted from a given day."""

from calendar import monthrange
from datetime import date, timedelta


def day_of(year: int, month: int, day: int) -> date | None:
    """That day; None when the calendar has none (31 February)."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def months_on(today: date, months: int, day: int | None = None) -> date | None:
    """A day so many months on: the given, or today's kept within the month (31 January gives 28 February)."""
    count = today.year * 12 + today.month - 1 + months
    year, month = count // 12, count % 12 + 1
    if day is None:
        return day_of(year, month, min(today.day, monthrange(year, month)[1])) if year > 0 else None
    return day_of(year, month, day)


def month_end(today: date, months: int) -> date:
    """The last day of the month so many months on."""
    following = months_on(today, months + 1, 1)
    assert following is not None, "a month always has a first day"
    return following - timedelta(days=1)


def weekday_of(today: date, weeks: int, weekday: int) -> date:
    """A weekday (0 is Monday) of the week so many weeks on; weeks begin on Monday (ISO 8601)."""
    return today + timedelta(days=weekday - today.weekday(), weeks=weeks)


def coming_weekday(today: date, weekday: int) -> date:
    """The next such weekday after today: people call today by its name."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def coming_day(today: date, day: int) -> date | None:
    """The next day with this number, today included, in the first month that has it."""
    for months in range(3):
        found = months_on(today, months, day)
        if found and found >= today:
            return found
    return None


def coming_date(today: date, month: int, day: int) -> date | None:
    """The next such day, today included; 29 February waits for its year."""
    for year in range(today.year, today.year + 9):
        found = day_of(year, month, day)
        if found and found >= today:
            return found
    return None


def iso(day: date | None) -> str | None:
    """The day as ISO 8601."""
    return day.isoformat() if day else None
