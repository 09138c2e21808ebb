"""Whatever happens in whatever order: nobody is rung who must not be, and nobody is forgotten.

A machine of random events: claims, dialling, ends, people who ring back, deaths of workers, opt-outs, stops,
and a clock that jumps both ways. What it checks is worked out from a log of its own, not from the store's
records.
"""

import asyncio
import tempfile
from collections.abc import Coroutine
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ivr.adapters.campaign_desk_memory import MemoryCampaignDesk
from ivr.adapters.campaign_store_memory import MemoryCampaignStore
from ivr.adapters.store_sqlalchemy import Database, SqlCampaignDesk, SqlCampaignStore
from ivr.calls.attempts import AttemptResult as R
from ivr.calls.ids import CampaignId, ContactId, WorkerId
from ivr.campaign.people import Contact, ContactState, NumberFacts
from ivr.campaign.policy import (
    ALWAYS_FINAL,
    CallWindow,
    Campaign,
    CampaignState,
    Caps,
    RetryPolicy,
    RetryRule,
)
from ivr.runtime.campaign_ports import CampaignDesk, CampaignStore, Claimed, TooSoon

START = datetime(2026, 3, 6, 6, 0, tzinfo=UTC)
"""A Friday, 14:00 in Shanghai."""

LEASE = timedelta(seconds=60)
CAPS = Caps(per_day=2, per_week=3, least_gap=timedelta(minutes=45))
ZONES = {0: "Asia/Shanghai", 1: "Asia/Kolkata", 2: "Asia/Shanghai"}
WINDOW = CallWindow(time(9), time(21), frozenset(range(6)))
LINES = 2
PACE = 2
AGAIN = RetryPolicy(
    {result: RetryRule((timedelta(minutes=5),) * 9) for result in R if result not in ALWAYS_FINAL}, 10
)
"""Tries so soon that caps and gap have something to do."""

WITHIN = timedelta(hours=48)
KEYS = ("a", "b")
PEOPLE = st.sampled_from(sorted(ZONES))
RESULTS = st.sampled_from(list(R))


class NoHolidays:
    def of(self, country: str, year: int) -> frozenset[date] | None:
        return frozenset()


def phone(n: int) -> str:
    return f"+86138{n:08}"


def contact(key: str, n: int) -> Contact:
    number = NumberFacts(True, "mobile", "CN", (ZONES[n],))
    return Contact(ContactId(f"{key}{n}"), CampaignId(key), phone(n), number, "zh-CN", START)


class Calls(RuleBasedStateMachine):
    """Two campaigns for the same three people, in two zones, on two workers."""

    store: CampaignStore
    desk: CampaignDesk

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.loop = asyncio.new_event_loop()
        self.held: list[Claimed] = []
        self.dialled_at: dict[str, list[datetime]] = {}
        self.ringing: dict[str, Claimed] = {}
        """Calls that are really on the line, by number."""
        self.talking: dict[str, Claimed] = {}
        """People who have rung back, by number."""
        self.rung: dict[int, list[tuple[datetime, datetime]]] = {n: [] for n in ZONES}
        self.opted_out: set[str] = set()
        self.had_enough: set[str] = set()
        """Contacts who have said their last word."""
        self.open_store()

    def open_store(self) -> None:
        desk = MemoryCampaignDesk(lambda: self.now)
        self.desk, self.store = desk, MemoryCampaignStore(desk, NoHolidays())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def fill(self) -> None:
        for key in KEYS:
            campaign = Campaign(
                CampaignId(key),
                key,
                "s",
                "zh-CN",
                window=WINDOW,
                caps=CAPS,
                retry=AGAIN,
                max_lines=LINES,
                calls_per_s=PACE,
            )
            self.run(self.desk.create(campaign, self.now))
            self.run(self.desk.add_contacts(campaign.campaign_id, [contact(key, n) for n in ZONES]))
            self.run(self.desk.change_state(campaign.campaign_id, CampaignState.RUNNING))

    @rule(worker=st.sampled_from(["w-1", "w-2"]), limit=st.integers(1, 4))
    def claim(self, worker: str, limit: int) -> None:
        claimed = self.run(self.store.claim(WorkerId(worker), limit=limit, now=self.now, lease=LEASE))
        self.held += claimed
        for key in KEYS:
            under_way = [a for a in self.run(self.desk.attempts(CampaignId(key))) if a.under_way]
            assert sum(not a.rang_back for a in under_way) <= LINES

    @rule(minutes=st.sampled_from([0, 3, 6, 20, 44, 46]))
    def ring(self, minutes: int) -> None:
        """What workers do most of the time."""
        self.time_passes(minutes)
        self.claim("w-1", LINES)
        while self.held:
            self.dial(0)

    @rule(minutes=st.sampled_from([0, 6, 44]), result=st.sampled_from([R.BUSY, R.NO_ANSWER, R.PARTIAL]))
    def ring_in_vain(self, minutes: int, result: R) -> None:
        """And what mostly comes of it."""
        self.ring(minutes)
        for who in ZONES:
            self.end(who, result, 0, again=False)

    @rule(pick=st.integers(0, 10))
    def dial(self, pick: int) -> None:
        if not self.held:
            return
        claimed = self.held.pop(pick % len(self.held))
        try:
            may = self.run(self.store.dialling(claimed.attempt.attempt_id, self.now))
        except TooSoon:
            self.held.append(claimed)
            return
        if may:
            self.check(claimed)
            self.ringing[claimed.contact.phone] = claimed

    def check(self, claimed: Claimed) -> None:
        """Everything that must hold at the moment at which an INVITE goes out."""
        number = claimed.contact.phone
        n = int(number[-1])
        assert number not in self.opted_out, "on the do-not-call list"
        assert number not in self.ringing, "rung twice at once"
        assert number not in self.talking, "rung while they are on the line to us"
        assert claimed.contact.contact_id not in self.had_enough, "rung after the last word"
        there = self.now.astimezone(ZoneInfo(ZONES[n]))
        assert WINDOW.opens <= there.time() < WINDOW.closes, "outside the window"
        assert there.weekday() in WINDOW.weekdays, "on a day of rest"
        earlier = [start for start, _ in self.rung[n]]
        today = [start for start in earlier if start.astimezone(there.tzinfo).date() == there.date()]
        assert len(today) < CAPS.per_day, "too often in a day"
        week = [start for start in earlier if self.now - timedelta(days=7) < start <= self.now]
        assert len(week) < CAPS.per_week, "too often in a week"
        if not claimed.contact.promised and self.rung[n]:
            assert self.now - self.rung[n][-1][1] >= CAPS.least_gap, "too soon"
        key = claimed.campaign.campaign_id
        assert self.state_of(key) is CampaignState.RUNNING
        dialled = self.dialled_at.setdefault(key, [])
        assert sum(moment > self.now - timedelta(seconds=1) for moment in dialled) < PACE, "too fast"
        dialled.append(self.now)
        self.rung[n].append((self.now, self.now))

    def state_of(self, key: str) -> CampaignState:
        found = self.run(self.desk.find(key))
        assert found is not None
        return CampaignState(found.state)

    @rule(who=PEOPLE, result=RESULTS, minutes=st.integers(-5, 300), again=st.booleans())
    def end(self, who: int, result: R, minutes: int, again: bool) -> None:
        if result is R.LOST or phone(who) not in self.ringing:
            return
        claimed = self.ringing.pop(phone(who))
        start, _ = self.rung[who][-1]
        self.rung[who][-1] = start, self.now
        callback_at = self.now + timedelta(minutes=minutes)
        # The second word of a worker that did not hear the answer to its first changes nothing.
        for told in (result, R.BUSY)[: 1 + again]:
            self.run(
                self.store.finish(claimed.attempt.attempt_id, told, now=self.now, callback_at=callback_at)
            )
        if result in ALWAYS_FINAL:
            self.had_enough.add(claimed.contact.contact_id)
        if result is R.DO_NOT_CALL:
            self.opted_out.add(phone(who))

    @rule(who=PEOPLE)
    def ring_back(self, who: int) -> None:
        found = self.run(self.store.rung_lately(phone(who), now=self.now, within=WITHIN))
        if found is None:
            return
        assert phone(who) not in self.opted_out, "asked although they want no calls"
        assert found.contact.contact_id not in self.had_enough, "asked after the last word"
        assert self.state_of(found.campaign.campaign_id) is CampaignState.RUNNING
        taken = self.run(
            self.store.take_up(
                found.contact.contact_id, WorkerId("w-2"), now=self.now, lease=LEASE, within=WITHIN
            )
        )
        assert taken is not None, "nothing has happened between the two"
        assert phone(who) not in self.ringing
        assert phone(who) not in self.talking
        self.talking[phone(who)] = taken

    @rule(who=PEOPLE, result=RESULTS, minutes=st.integers(0, 300))
    def ring_back_ends(self, who: int, result: R, minutes: int) -> None:
        taken = self.talking.pop(phone(who), None)
        if result is R.LOST or taken is None:
            return
        callback_at = self.now + timedelta(minutes=minutes)
        self.run(self.store.finish(taken.attempt.attempt_id, result, now=self.now, callback_at=callback_at))
        if result in ALWAYS_FINAL:
            self.had_enough.add(taken.contact.contact_id)
        if result is R.DO_NOT_CALL:
            self.opted_out.add(phone(who))

    @rule(who=PEOPLE)
    def renew(self, who: int) -> None:
        if phone(who) in self.ringing:
            attempt_id = self.ringing[phone(who)].attempt.attempt_id
            if not self.run(self.store.renew(attempt_id, self.now, LEASE)):
                # Taken for lost: the worker hangs up.
                self.ringing.pop(phone(who))

    @rule()
    def workers_die(self) -> None:
        """kill -9: what they held is forgotten, what they dialled falls silent."""
        self.held = []
        self.ringing = {}
        self.talking = {}

    @rule(minutes=st.sampled_from([0, 1, 2, 30, 90, 300, 700, 1440, 4000]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes, seconds=1)
        # A worker that lives has renewed all along.
        for claimed in (*self.ringing.values(), *self.talking.values()):
            self.run(self.store.renew(claimed.attempt.attempt_id, self.now, LEASE))

    @rule(minutes=st.sampled_from([1, 30, 600]))
    def clock_is_put_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)

    @rule()
    def recover(self) -> None:
        self.run(self.store.recover(self.now))

    @rule(who=PEOPLE)
    def opt_out(self, who: int) -> None:
        self.run(self.store.opt_out(phone(who), reason="asked", source="people", now=self.now))
        self.opted_out.add(phone(who))

    @rule(key=st.sampled_from(KEYS))
    def pause_or_resume(self, key: str) -> None:
        match self.state_of(key):
            case CampaignState.RUNNING:
                self.run(self.desk.change_state(CampaignId(key), CampaignState.PAUSED))
            case CampaignState.PAUSED:
                campaign = self.run(self.desk.status(CampaignId(key)))
                if set(campaign.contacts) - {"done"}:
                    self.run(self.desk.change_state(CampaignId(key), CampaignState.RUNNING))

    @invariant()
    def nobody_is_lost(self) -> None:
        """Everybody waits, is in hands with an attempt under way, or is done with a reason."""
        for key in KEYS:
            for each in self.people(key):
                if each.state is ContactState.LEASED:
                    own = self.run(self.desk.attempts(CampaignId(key), each.contact_id))
                    assert [a.attempt_id for a in own if a.under_way] == [each.attempt_id]
                else:
                    assert each.attempt_id is None
                    assert each.state is ContactState.WAITING or each.why

    def people(self, key: str) -> list[Contact]:
        async def work() -> list[Contact]:
            return [each async for each in self.desk.contacts(CampaignId(key))]

        found: list[Contact] = self.run(work())
        return found

    def teardown(self) -> None:
        try:
            self.ring_all_through()
        finally:
            self.close_store()
            self.loop.close()

    def ring_all_through(self) -> None:
        """In the end everybody is done."""
        self.ringing = {}
        self.talking = {}
        self.held = []
        for key in KEYS:
            if self.state_of(key) is CampaignState.PAUSED and self.people(key):
                self.pause_or_resume(key)
        for _ in range(80):
            if all(each.state is ContactState.DONE for key in KEYS for each in self.people(key)):
                break
            self.now += timedelta(hours=7)
            self.recover()
            for claimed in self.run(self.store.claim(WorkerId("w-3"), limit=9, now=self.now, lease=LEASE)):
                if self.run(self.store.dialling(claimed.attempt.attempt_id, self.now)):
                    self.check(claimed)
                    self.run(self.store.finish(claimed.attempt.attempt_id, R.COMPLETED, now=self.now))
        else:
            raise AssertionError("somebody was never rung and never given up")

    def close_store(self) -> None:
        """Nothing to close in memory."""


class CallsOnSqlite(Calls):
    """The same on a database."""

    template: Path

    def open_store(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "store.db"
        file.write_bytes(self.template.read_bytes())
        self.database = Database(f"sqlite:///{file}")
        self.desk = SqlCampaignDesk(self.database, lambda: self.now)
        self.store = SqlCampaignStore(self.database, NoHolidays())

    def close_store(self) -> None:
        self.run(self.database.close())
        self.folder.cleanup()


def test_no_sequence_of_events_rings_the_wrong_person_or_loses_one_in_memory() -> None:
    run_state_machine_as_test(
        Calls, settings=settings(max_examples=60, stateful_step_count=60, deadline=None, database=None)
    )


@pytest.mark.slow
def test_no_sequence_of_events_rings_the_wrong_person_or_loses_one_on_sqlite(
    upgraded_sqlite_file: Path,
) -> None:
    CallsOnSqlite.template = upgraded_sqlite_file
    run_state_machine_as_test(
        CallsOnSqlite,
        settings=settings(
            max_examples=5,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
