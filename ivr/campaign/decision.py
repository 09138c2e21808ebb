"""May this contact be rung now? One pure answer that carries every rule with its value and limit.

All rules are evaluated, and whatever is unknown counts against the call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from ivr.campaign.calendar import OpenTimes, PublicHolidays, is_kept, open_times, zone_named
from ivr.campaign.people import (
    Contact,
    ContactState,
    DoNotCallEntry,
    Hours,
    LinesFree,
    NumberFacts,
    PersonHistory,
)
from ivr.campaign.policy import CallWindow, Campaign, CampaignState
from ivr.campaign.shown import clock_there, hours_shown, window_shown

WEEK = timedelta(days=7)
_LOOK_AGAIN = timedelta(days=1)
"""Where no opening is in sight, such as in a year of unknown holidays."""

_BUSY_FOR = timedelta(minutes=1)

PEOPLE_ANSWER = frozenset({"mobile", "fixed_line", "fixed_line_or_mobile", "voip", "personal_number"})
"""Kinds of number that a person may answer without paying for it."""

Shown = str | int | float | bool | datetime | None


class Rule(StrEnum):
    """One thing that must be right before somebody is rung."""

    NUMBER = "number"
    REGION = "region"
    TIME_ZONE = "time_zone"
    WINDOW = "window"
    HOLIDAY = "holiday"
    WISH = "wish"
    NOT_BEFORE = "not_before"
    DAY_CAP = "day_cap"
    WEEK_CAP = "week_cap"
    GAP = "gap"
    ONE_AT_A_TIME = "one_at_a_time"
    DO_NOT_CALL = "do_not_call"
    CONSENT = "consent"
    CONTACT = "contact"
    CAMPAIGN = "campaign"
    LINES = "lines"
    PACE = "pace"
    RUNG_LATELY = "rung_lately"
    """Asked of those who ring us alone: see `ivr.campaign.ring_back`."""


FOR_GOOD = frozenset({Rule.NUMBER, Rule.REGION, Rule.TIME_ZONE, Rule.DO_NOT_CALL, Rule.CONSENT})
"""Waiting does not mend these: the contact is done with."""


class Reason(NamedTuple):
    """What one rule found. `retry_at`: when it may have changed by itself; None where time does not help."""

    rule: Rule
    value: Shown
    limit: Shown
    ok: bool
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to dial, and why. `not_before`: when time alone may have changed the answer."""

    dial: bool
    reasons: tuple[Reason, ...]
    not_before: datetime | None

    @property
    def for_good(self) -> Rule | None:
        """The first rule that will never let this contact be rung; None where it is a matter of waiting."""
        return next(
            (reason.rule for reason in self.reasons if not reason.ok and reason.rule in FOR_GOOD), None
        )


class _Fixed(NamedTuple):
    """What all contacts with the same facts of their number and the same wish have in common at a moment."""

    reasons: tuple[Reason, ...]
    ok: bool
    open: OpenTimes | None


class DialRules:
    """The rules of one campaign at one moment, for many contacts: what they share is worked out once."""

    def __init__(self, campaign: Campaign, holidays: PublicHolidays, now: datetime) -> None:
        """`now` is aware."""
        self._campaign = campaign
        self._holidays = holidays
        self._now = now
        self._week_ago = now - WEEK
        self._of_campaign = campaign_reason(campaign, now)
        self._open: dict[tuple[str, ...], bool] = {}
        self._fixed: dict[tuple[NumberFacts, Hours | None], _Fixed] = {}
        self._nowhere: Mapping[bool, Reason] = {
            ok: Reason(Rule.DO_NOT_CALL, not ok, False, ok) for ok in (True, False)
        }
        self._alone = Reason(Rule.ONE_AT_A_TIME, False, False, True)
        self._taken = Reason(Rule.ONE_AT_A_TIME, True, False, False, now + _BUSY_FOR)
        self._waiting = Reason(Rule.CONTACT, ContactState.WAITING.value, ContactState.WAITING.value, True)

    def decide(
        self,
        contact: Contact,
        person: PersonHistory,
        do_not_call: DoNotCallEntry | None,
        lines: LinesFree,
    ) -> Decision:
        """The answer for one contact of this campaign."""
        key = contact.number, contact.wish
        fixed = self._fixed.get(key)
        if fixed is None:
            fixed = self._fixed[key] = self._fix(*key)
        reasons = (
            *fixed.reasons,
            self._not_before(contact),
            *self._caps(contact, person, fixed.open),
            self._taken if person.under_way else self._alone,
            self._nowhere[do_not_call is None],
            self._consent(contact),
            self._waiting
            if contact.state is ContactState.WAITING
            else Reason(Rule.CONTACT, contact.state.value, ContactState.WAITING.value, False),
            self._of_campaign,
            Reason(Rule.LINES, lines.lines, 1, lines.lines > 0),
            Reason(Rule.PACE, lines.starts, 1, lines.starts > 0),
        )
        for reason in reasons:
            if not reason.ok:
                return Decision(False, reasons, self._later(reasons, fixed.open))
        return Decision(True, reasons, None)

    def may_be_open(self, zones: tuple[str, ...]) -> bool:
        """Whether contacts in these zones are worth a look now, as those in unknown zones always are."""
        open_now = self._open.get(zones)
        if open_now is None:
            known = [zone for zone in map(zone_named, zones) if zone is not None]
            open_now = len(known) < len(zones) or not zones
            if not open_now:
                opened = open_times(known, self._campaign.window, None, self._holidays, self._now)
                open_now = opened.at(self._now) is not None
            self._open[zones] = open_now
        return open_now

    def _fix(self, number: NumberFacts, wish: Hours | None) -> _Fixed:
        campaign = self._campaign
        zones = [zone_named(name) for name in number.zones]
        known = [zone for zone in zones if zone is not None]
        reasons = [
            Reason(Rule.NUMBER, number.kind if number.valid else "not valid", "a person's",
                   number.valid and number.kind in PEOPLE_ANSWER),
            Reason(Rule.REGION, number.region or "unknown", " ".join(sorted(campaign.regions)),
                   number.region in campaign.regions),
            Reason(Rule.TIME_ZONE, " ".join(number.zones) or "unknown", "known",
                   bool(zones) and len(known) == len(zones)),
        ]  # fmt: skip
        window = campaign.window
        if not zones or len(known) < len(zones):
            reasons += [
                Reason(Rule.WINDOW, "unknown", window_shown(window), False),
                Reason(Rule.HOLIDAY, "unknown", _holiday_limit(window), not window.keep_holidays),
                Reason(Rule.WISH, "unknown", hours_shown(wish), wish is None),
            ]
            return _Fixed(tuple(reasons), False, None)
        now = self._now
        opened = open_times(known, window, wish, self._holidays, now)
        there = [now.astimezone(zone) for zone in known]
        is_open = opened.at(now) is not None
        next_open = opened.first_open(now) or now + _LOOK_AGAIN
        free_of_holidays = not any(is_kept(moment.date(), window, self._holidays) for moment in there)
        wished = wish is None or all(wish.opens <= moment.time() < wish.closes for moment in there)
        in_window = is_open if free_of_holidays and wished else _in_hours(window, there)
        days = " ".join(sorted({f"{moment:%Y-%m-%d}" for moment in there}))
        clocks = clock_there(there)
        reasons += [
            _timed(Rule.WINDOW, clocks, window_shown(window), in_window, next_open),
            _timed(Rule.HOLIDAY, days, _holiday_limit(window), free_of_holidays, next_open),
            _timed(Rule.WISH, clocks, hours_shown(wish), wished, next_open),
        ]
        return _Fixed(tuple(reasons), all(reason.ok for reason in reasons), opened)

    def _not_before(self, contact: Contact) -> Reason:
        due_at = contact.due_at
        if due_at <= self._now:
            return Reason(Rule.NOT_BEFORE, due_at, self._now, True)
        return Reason(Rule.NOT_BEFORE, due_at, self._now, False, due_at)

    def _caps(
        self, contact: Contact, person: PersonHistory, opened: OpenTimes | None
    ) -> tuple[Reason, Reason, Reason]:
        caps = self._campaign.caps
        day = week = 0
        # Without a zone nobody knows when their day began: all of the week counts.
        since = opened.day_started_at if opened is not None else self._week_ago
        for moment in person.dialled_at:
            if moment > self._week_ago:
                week += 1
                day += moment >= since
        day_ok, week_ok = day < caps.per_day, week < caps.per_week
        gap_over = person.last_at + caps.least_gap if person.last_at is not None else None
        # Who asked to be rung in ten minutes is rung in ten minutes.
        gap_ok = contact.promised or gap_over is None or gap_over <= self._now
        return (
            Reason(Rule.DAY_CAP, day, caps.per_day, day_ok,
                   None if day_ok or opened is None else opened.next_day_at),
            Reason(Rule.WEEK_CAP, week, caps.per_week, week_ok,
                   None if week_ok else self._week_over(person)),
            Reason(Rule.GAP, person.last_at, caps.least_gap.total_seconds(), gap_ok,
                   None if gap_ok else gap_over),
        )  # fmt: skip

    def _week_over(self, person: PersonHistory) -> datetime:
        counted = sorted(moment for moment in person.dialled_at if moment > self._week_ago)
        return counted[len(counted) - self._campaign.caps.per_week] + WEEK

    def _consent(self, contact: Contact) -> Reason:
        needed = self._campaign.needs_consent
        given = contact.consent
        ok = given is not False and (given is True or not needed)
        return Reason(Rule.CONSENT, given, "needed" if needed else "not refused", ok)

    def _later(self, reasons: tuple[Reason, ...], opened: OpenTimes | None) -> datetime | None:
        moments: list[datetime] = []
        for reason in reasons:
            if not reason.ok:
                if reason.rule in FOR_GOOD:
                    return None
                if reason.retry_at is not None:
                    moments.append(reason.retry_at)
        if not moments or opened is None:
            return None
        earliest = max(moments)
        return opened.first_open(earliest) or earliest


def decide(
    contact: Contact,
    campaign: Campaign,
    *,
    person: PersonHistory,
    do_not_call: DoNotCallEntry | None,
    lines: LinesFree,
    holidays: PublicHolidays,
    now: datetime,
) -> Decision:
    """Whether `contact` may be rung at `now` (aware), with every rule's value and limit.

    For many contacts of one campaign at one moment, `DialRules` gives the same answers sooner.
    """
    return DialRules(campaign, holidays, now).decide(contact, person, do_not_call, lines)


def campaign_reason(campaign: Campaign, now: datetime) -> Reason:
    """Whether the campaign rings people at `now` (aware)."""
    running = CampaignState.RUNNING.value
    if campaign.state is not CampaignState.RUNNING:
        return Reason(Rule.CAMPAIGN, campaign.state.value, running, False)
    if campaign.starts_at is not None and now < campaign.starts_at:
        return Reason(Rule.CAMPAIGN, campaign.starts_at, now, False, campaign.starts_at)
    if campaign.ends_at is not None and now >= campaign.ends_at:
        return Reason(Rule.CAMPAIGN, now, campaign.ends_at, False)
    return Reason(Rule.CAMPAIGN, running, running, True)


def _timed(rule: Rule, value: str, limit: str, ok: bool, next_open: datetime) -> Reason:
    return Reason(rule, value, limit, ok, None if ok else next_open)


def _in_hours(window: CallWindow, there: list[datetime]) -> bool:
    return all(
        window.opens <= moment.time() < window.closes and moment.weekday() in window.weekdays
        for moment in there
    )


def _holiday_limit(window: CallWindow) -> str:
    return f"no public holiday of {window.country}" if window.keep_holidays else "rung on any day"
