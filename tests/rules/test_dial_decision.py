"""May this contact be rung now: every rule by itself, and what the answer says about later."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.calls.ids import CampaignId, ContactId
from ivr.campaign.decision import Decision, DialRules, Reason, Rule, decide
from ivr.campaign.people import (
    NOBODY,
    Contact,
    ContactState,
    DoNotCallEntry,
    Hours,
    LinesFree,
    NumberFacts,
    PersonHistory,
)
from ivr.campaign.policy import CallWindow, Campaign, CampaignState, Caps

SHANGHAI = "Asia/Shanghai"
NEW_YORK = "America/New_York"
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in Shanghai."""

CAMPAIGN = Campaign(
    CampaignId("k"), "after signing", "after_signing", "zh-CN", state=CampaignState.RUNNING,
    regions=frozenset({"CN", "US"}),
)  # fmt: skip
MOBILE = NumberFacts(True, "mobile", "CN", (SHANGHAI,))
CONTACT = Contact(ContactId("c"), CampaignId("k"), "+8613800000001", MOBILE, "zh-CN", NOON)
FREE = LinesFree(lines=1, starts=1)


class Known:
    """Holidays of CN in 2026 only."""

    def of(self, country: str, year: int) -> frozenset[date] | None:
        if (country, year) != ("CN", 2026):
            return None
        return frozenset({date(2026, 10, day) for day in range(1, 8)})


def answer(  # noqa: PLR0917
    contact: Contact = CONTACT,
    campaign: Campaign = CAMPAIGN,
    person: PersonHistory = NOBODY,
    listed: DoNotCallEntry | None = None,
    lines: LinesFree = FREE,
    now: datetime = NOON,
) -> Decision:
    return decide(
        contact, campaign, person=person, do_not_call=listed, lines=lines, holidays=Known(), now=now
    )


def against(decision: Decision) -> list[Rule]:
    return [reason.rule for reason in decision.reasons if not reason.ok]


def reason_of(decision: Decision, rule: Rule) -> Reason:
    (reason,) = (reason for reason in decision.reasons if reason.rule is rule)
    return reason


def at(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def number(*zones: str, valid: bool = True, kind: str = "mobile", region: str = "CN") -> NumberFacts:
    return NumberFacts(valid, kind, region, zones)


def test_whoever_nothing_speaks_against_is_rung_and_every_rule_is_shown() -> None:
    decision = answer()
    assert decision.dial
    assert [reason.rule for reason in decision.reasons] == [
        rule for rule in Rule if rule is not Rule.RUNG_LATELY
    ]
    assert decision.not_before is None
    assert decision.for_good is None


WINDOWS = [
    # zone, local time, hours, rung?, when next
    (SHANGHAI, "2026-03-04 07:59:59", ("08:00", "22:00"), False, "2026-03-04 08:00"),
    (SHANGHAI, "2026-03-04 08:00", ("08:00", "22:00"), True, None),
    (SHANGHAI, "2026-03-04 21:59:59", ("08:00", "22:00"), True, None),
    (SHANGHAI, "2026-03-04 22:00", ("08:00", "22:00"), False, "2026-03-05 08:00"),
    (SHANGHAI, "2026-03-04 00:00", ("08:00", "22:00"), False, "2026-03-04 08:00"),
    (SHANGHAI, "2026-03-04 12:30", ("13:00", "13:30"), False, "2026-03-04 13:00"),
    (SHANGHAI, "2026-12-31 23:30", ("08:00", "22:00"), False, "2027-01-01 08:00"),
    # Midnight in UTC falls into the window.
    (NEW_YORK, "2026-03-04 19:30", ("08:00", "22:00"), True, None),
    ("Pacific/Auckland", "2026-03-04 12:59", ("08:00", "22:00"), True, None),
    # Clocks go forward in the night before 8 March and back in that before 1 November.
    (NEW_YORK, "2026-03-07 22:00", ("08:00", "22:00"), False, "2026-03-08 08:00"),
    (NEW_YORK, "2026-03-08 07:59", ("08:00", "22:00"), False, "2026-03-08 08:00"),
    (NEW_YORK, "2026-10-31 22:00", ("08:00", "22:00"), False, "2026-11-01 08:00"),
    (NEW_YORK, "2026-11-01 21:59", ("08:00", "22:00"), True, None),
    # Half and three quarters of an hour.
    ("Asia/Kathmandu", "2026-03-04 08:00", ("08:00", "22:00"), True, None),
    ("Australia/Lord_Howe", "2026-04-05 07:59", ("08:00", "22:00"), False, "2026-04-05 08:00"),
    # Samoa had no 30 December 2011.
    ("Pacific/Apia", "2011-12-29 23:00", ("08:00", "22:00"), False, "2011-12-31 08:00"),
]


@pytest.mark.parametrize(("zone", "local", "hours", "rung", "then"), WINDOWS)
def test_the_window_counts_by_the_clock_of_whoever_is_rung(
    zone: str, local: str, hours: tuple[str, str], rung: bool, then: str | None
) -> None:
    now = at(zone, local)
    window = CallWindow(time.fromisoformat(hours[0]), time.fromisoformat(hours[1]))
    contact = replace(CONTACT, number=number(zone), due_at=now)
    decision = answer(contact, replace(CAMPAIGN, window=window), now=now)
    assert decision.dial is rung
    assert against(decision) == ([] if rung else [Rule.WINDOW])
    assert decision.not_before == (None if then is None else at(zone, then))
    assert reason_of(decision, Rule.WINDOW).limit == f"{hours[0]}-{hours[1]} Mon-Sun"


@pytest.mark.parametrize(
    ("opens", "closes"),
    [("07:59", "22:00"), ("08:00", "22:01"), ("20:00", "09:00"), ("22:00", "08:00"), ("09:00", "09:00")],
)
def test_no_campaign_can_have_hours_at_night_or_over_midnight(opens: str, closes: str) -> None:
    with pytest.raises(ValueError, match="within 08:00-22:00"):
        CallWindow(time.fromisoformat(opens), time.fromisoformat(closes))


def test_a_number_that_may_be_in_several_zones_is_rung_when_it_is_day_in_all_of_them() -> None:
    free = replace(CONTACT, number=number(NEW_YORK, "America/Los_Angeles", region="US"), due_at=NOON)
    early, fine = at(NEW_YORK, "2026-03-04 10:59"), at(NEW_YORK, "2026-03-04 11:00")
    late = at(NEW_YORK, "2026-03-04 22:00")
    decision = answer(replace(free, due_at=early), now=early)
    assert (decision.dial, decision.not_before) == (False, fine)
    assert answer(free, now=fine).dial
    assert not answer(free, now=late).dial
    assert (
        reason_of(decision, Rule.WINDOW).value
        == "Wed 07:59 America/Los_Angeles to Wed 10:59 America/New_York"
    )


def test_days_of_the_week_and_holidays_are_kept_and_the_next_day_is_named() -> None:
    window = CallWindow(weekdays=frozenset(range(5)), keep_holidays=True)
    campaign = replace(CAMPAIGN, window=window)
    saturday = at(SHANGHAI, "2026-03-07 12:00")
    decision = answer(campaign=campaign, now=saturday)
    assert (against(decision), decision.not_before) == ([Rule.WINDOW], at(SHANGHAI, "2026-03-09 08:00"))
    golden_week = at(SHANGHAI, "2026-10-01 12:00")
    decision = answer(campaign=campaign, now=golden_week)
    assert (against(decision), decision.not_before) == ([Rule.HOLIDAY], at(SHANGHAI, "2026-10-08 08:00"))
    assert reason_of(decision, Rule.HOLIDAY)[1:3] == ("2026-10-01", "no public holiday of CN")
    assert answer(now=golden_week).dial


def test_a_year_of_unknown_holidays_is_one_long_holiday_where_holidays_are_kept() -> None:
    campaign = replace(CAMPAIGN, window=CallWindow(keep_holidays=True))
    now = at(SHANGHAI, "2027-03-03 12:00")
    decision = answer(campaign=campaign, now=now)
    assert against(decision) == [Rule.HOLIDAY]
    assert decision.not_before == now + timedelta(days=1)
    abroad = replace(campaign, window=CallWindow(keep_holidays=True, country="XX"))
    assert against(answer(campaign=abroad)) == [Rule.HOLIDAY]


def test_the_persons_own_hours_are_kept() -> None:
    wish = Hours(time(14), time(16))
    decision = answer(replace(CONTACT, wish=wish))
    assert (against(decision), decision.not_before) == ([Rule.WISH], at(SHANGHAI, "2026-03-04 14:00"))
    assert answer(replace(CONTACT, wish=wish), now=at(SHANGHAI, "2026-03-04 15:59")).dial
    past = answer(replace(CONTACT, wish=wish), now=at(SHANGHAI, "2026-03-04 16:00"))
    assert past.not_before == at(SHANGHAI, "2026-03-05 14:00")


FACTS = [
    (number(SHANGHAI, valid=False), [Rule.NUMBER]),
    (number(SHANGHAI, kind="premium_rate"), [Rule.NUMBER]),
    (number(SHANGHAI, kind="toll_free"), [Rule.NUMBER]),
    (number(SHANGHAI, kind="unknown"), [Rule.NUMBER]),
    (number("Asia/Hong_Kong", region="HK"), [Rule.REGION]),
    (number(SHANGHAI, region=""), [Rule.REGION]),
    (number(), [Rule.TIME_ZONE, Rule.WINDOW]),
    (number("Etc/Unknown"), [Rule.TIME_ZONE, Rule.WINDOW]),
    (number("../../etc/passwd"), [Rule.TIME_ZONE, Rule.WINDOW]),
    (number(SHANGHAI, "Mars/Olympus"), [Rule.TIME_ZONE, Rule.WINDOW]),
]


@pytest.mark.parametrize(("facts", "rules"), FACTS)
def test_what_is_unknown_or_unfit_about_a_number_is_for_good(facts: NumberFacts, rules: list[Rule]) -> None:
    decision = answer(replace(CONTACT, number=facts))
    assert (decision.dial, against(decision), decision.for_good) == (False, rules, rules[0])
    assert decision.not_before is None


CONSENTS = [(True, True, True), (True, False, True), (None, False, True), (None, True, False)]
CONSENTS += [(False, False, False), (False, True, False)]


@pytest.mark.parametrize(("given", "needed", "rung"), CONSENTS)
def test_consent_that_is_needed_must_be_known_and_a_refusal_always_counts(
    given: bool | None, needed: bool, rung: bool
) -> None:
    decision = answer(replace(CONTACT, consent=given), replace(CAMPAIGN, needs_consent=needed))
    assert decision.dial is rung
    assert decision.for_good is (None if rung else Rule.CONSENT)


def test_whoever_is_on_the_list_is_never_rung() -> None:
    entry = DoNotCallEntry("+8613800000001", "asked", "call", NOON)
    decision = answer(listed=entry)
    assert (against(decision), decision.for_good) == ([Rule.DO_NOT_CALL], Rule.DO_NOT_CALL)


def ago(**before: float) -> datetime:
    return NOON - timedelta(**before)


CAPS = [
    # moments of earlier attempts, rules against, when next in Shanghai
    ([ago(hours=1), ago(hours=2)], [], None),
    ([ago(hours=1), ago(hours=2), ago(hours=3)], [Rule.DAY_CAP], "2026-03-05 08:00"),
    ([ago(hours=1), ago(hours=2), ago(hours=12)], [Rule.DAY_CAP], "2026-03-05 08:00"),
    ([ago(hours=1), ago(hours=2), ago(hours=12, seconds=1)], [], None),
    ([ago(days=d) for d in range(1, 6)], [Rule.WEEK_CAP], "2026-03-06 12:00"),
    ([ago(days=d) for d in range(1, 7)], [Rule.WEEK_CAP], "2026-03-06 12:00"),
    ([ago(days=d) for d in range(3, 8)], [], None),
    ([ago(minutes=29, seconds=59)], [Rule.GAP], "2026-03-04 12:00:01"),
    ([ago(minutes=30)], [], None),
    # The clock was put back after they were rung: fails closed.
    ([NOON + timedelta(hours=2)], [Rule.GAP], "2026-03-04 14:30"),
]


@pytest.mark.parametrize(("moments", "rules", "then"), CAPS)
def test_nobody_is_rung_more_often_than_caps_and_gap_allow(
    moments: list[datetime], rules: list[Rule], then: str | None
) -> None:
    campaign = replace(CAMPAIGN, caps=Caps(per_day=3, per_week=5, least_gap=timedelta(minutes=30)))
    decision = answer(campaign=campaign, person=PersonHistory(tuple(moments), max(moments)))
    assert against(decision) == rules
    assert decision.not_before == (None if then is None else at(SHANGHAI, then))


def test_a_gap_that_ends_at_night_ends_in_the_morning() -> None:
    late = at(SHANGHAI, "2026-03-04 21:45")
    decision = answer(person=PersonHistory((late,), late), now=late + timedelta(minutes=5))
    assert (against(decision), decision.not_before) == ([Rule.GAP], at(SHANGHAI, "2026-03-05 08:00"))


def test_whoever_asked_to_be_rung_in_ten_minutes_is_but_for_caps() -> None:
    just_now = NOON - timedelta(minutes=10)
    promised = replace(CONTACT, promised=True)
    assert answer(promised, person=PersonHistory((just_now,), just_now)).dial
    often = PersonHistory((just_now,) * 3, just_now)
    assert against(answer(promised, person=often)) == [Rule.DAY_CAP]


def test_nobody_is_rung_twice_at_once_or_before_the_time_that_was_promised() -> None:
    assert against(answer(person=PersonHistory(under_way=True))) == [Rule.ONE_AT_A_TIME]
    early = answer(replace(CONTACT, due_at=NOON + timedelta(minutes=1)))
    assert (against(early), early.not_before) == ([Rule.NOT_BEFORE], NOON + timedelta(minutes=1))
    assert against(answer(replace(CONTACT, state=ContactState.DONE))) == [Rule.CONTACT]


CAMPAIGNS = [({"state": state}, None) for state in CampaignState if state is not CampaignState.RUNNING] + [
    ({"starts_at": NOON + timedelta(hours=1)}, NOON + timedelta(hours=1)),
    ({"ends_at": NOON}, None),
]


@pytest.mark.parametrize(("changes", "then"), CAMPAIGNS)
def test_only_a_campaign_that_runs_rings_anybody(changes: dict[str, object], then: datetime | None) -> None:
    decision = answer(campaign=replace(CAMPAIGN, **changes))  # type: ignore[arg-type]
    assert (against(decision), decision.not_before) == ([Rule.CAMPAIGN], then)
    assert decision.for_good is None


def test_lines_and_pace_must_be_free() -> None:
    assert against(answer(lines=LinesFree(0, 1))) == [Rule.LINES]
    assert against(answer(lines=LinesFree(1, 0))) == [Rule.PACE]


def test_all_rules_are_told_even_when_the_first_already_speaks_against() -> None:
    entry = DoNotCallEntry("+8613800000001", "asked", "call", NOON)
    contact = replace(CONTACT, number=number(valid=False, region=""), consent=False)
    rules = against(answer(contact, listed=entry, lines=LinesFree(0, 0)))
    assert {Rule.NUMBER, Rule.REGION, Rule.TIME_ZONE, Rule.DO_NOT_CALL, Rule.CONSENT, Rule.LINES} <= set(
        rules
    )


def test_the_quick_way_for_many_contacts_gives_the_same_answers() -> None:
    quick = DialRules(CAMPAIGN, Known(), NOON)
    contacts = [replace(CONTACT, number=facts) for facts, _ in FACTS] + [CONTACT] * 2
    for contact in contacts:
        assert quick.decide(contact, NOBODY, None, FREE) == answer(contact)


@pytest.mark.parametrize("per_day", [0, 4])
def test_a_campaign_cannot_ring_anybody_more_than_three_times_a_day(per_day: int) -> None:
    with pytest.raises(ValueError, match="per_day must be 1 to 3"):
        Caps(per_day=per_day)
