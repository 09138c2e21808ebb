"""The dialler: claims what is due, keeps its leases, writes down what came of it, and outlives what fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial

from ivr.adapters.campaign_desk_memory import MemoryCampaignDesk
from ivr.adapters.campaign_store_memory import MemoryCampaignStore
from ivr.calls.attempts import AttemptResult as R
from ivr.calls.ids import CallId, CampaignId, ContactId, WorkerId
from ivr.campaign.people import Contact, ContactState, NumberFacts
from ivr.campaign.policy import Campaign, CampaignState
from ivr.runtime.campaign_ports import Claimed
from ivr.runtime.dialler import LEASE, AttemptEnd, Dialler, OnAnswer, Ring
from ivr.runtime.ports import NoFreeLine

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in Shanghai."""
SHANGHAI = NumberFacts(True, "mobile", "CN", ("Asia/Shanghai",))


class NoHolidays:
    def of(self, country: str, year: int) -> frozenset[date] | None:
        return frozenset()


class LoopClock:
    def now(self) -> datetime:
        return NOON + timedelta(seconds=asyncio.get_running_loop().time())


@dataclass
class Rig:
    """A dialler over a store in memory; calls take as long as told and come to what is told."""

    lasts_s: float = 30.0
    came: AttemptEnd | Exception = field(
        default_factory=lambda: AttemptEnd(R.COMPLETED, 200, None, CallId("call-1"))
    )
    lines: int = 2
    prepares_s: float = 0.0
    goodbye_s: float = 3.0
    cannot: Exception | None = None
    placed: list[str] = field(default_factory=list)
    at_once: int = 0
    faults: list[str] = field(default_factory=list)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.desk = MemoryCampaignDesk(lambda: LoopClock().now())
        self.store = MemoryCampaignStore(self.desk, NoHolidays())
        self.dialler = Dialler(
            self.store,
            self,
            worker_id=WorkerId("w-1"),
            clock=LoopClock(),
            free_lines=lambda: self.lines - self.dialler.calls,
            report=lambda what, error: self.faults.append(f"{what}: {error}"),
        )

    async def prepare(self, claimed: Claimed) -> Ring:
        await asyncio.sleep(self.prepares_s)
        if self.cannot is not None:
            raise self.cannot
        return partial(self.ring, claimed)

    def time_is_up(self) -> None:
        self.hurry.set()

    async def ring(self, claimed: Claimed, answered: OnAnswer) -> AttemptEnd:
        self.placed.append(claimed.contact.phone)
        self.at_once = max(self.at_once, self.dialler.calls)
        await answered()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.lasts_s):
                await self.hurry.wait()
            await asyncio.sleep(self.goodbye_s)
        if isinstance(self.came, Exception):
            raise self.came
        return self.came

    async def campaign(self, people: int) -> None:
        campaign = Campaign(CampaignId("k"), "k", "s", "zh-CN", max_lines=10, calls_per_s=50)
        await self.desk.create(campaign, NOON)
        contacts = [
            Contact(ContactId(f"c{n}"), CampaignId("k"), f"+86138{n:08}", SHANGHAI, "zh-CN", due_at=NOON)
            for n in range(people)
        ]
        await self.desk.add_contacts(CampaignId("k"), contacts)
        await self.desk.change_state(CampaignId("k"), CampaignState.RUNNING)

    async def contacts(self) -> list[Contact]:
        return [contact async for contact in self.desk.contacts(CampaignId("k"))]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.dialler.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_everybody_is_rung_once_and_never_on_more_lines_than_are_free() -> None:
    rig = Rig()
    await rig.campaign(5)
    async with rig.running():
        await asyncio.sleep(120)
    assert sorted(rig.placed) == [f"+86138{n:08}" for n in range(5)]
    assert rig.at_once == 2
    assert {(each.state, each.final) for each in await rig.contacts()} == {(ContactState.DONE, R.COMPLETED)}
    assert rig.faults == []


async def test_a_call_longer_than_the_lease_is_not_taken_for_lost() -> None:
    rig = Rig(lasts_s=4 * LEASE.total_seconds())
    await rig.campaign(1)
    async with rig.running():
        await asyncio.sleep(5 * LEASE.total_seconds())
    (contact,) = await rig.contacts()
    assert contact.final is R.COMPLETED
    assert dict(contact.tries) == {R.COMPLETED: 1}


async def test_a_promised_callback_is_kept_with_its_moment() -> None:
    at = NOON + timedelta(hours=3)
    rig = Rig(lasts_s=5, came=AttemptEnd(R.CALLBACK_PROMISED, 200, at))
    await rig.campaign(1)
    async with rig.running():
        await asyncio.sleep(20)
    (contact,) = await rig.contacts()
    assert (contact.state, contact.promised, contact.due_at) == (ContactState.WAITING, True, at)


async def test_a_call_that_fails_is_an_attempt_that_failed_and_the_dialler_goes_on() -> None:
    rig = Rig(lasts_s=1, came=RuntimeError("no media"))
    await rig.campaign(2)
    async with rig.running():
        await asyncio.sleep(10)
    assert [contact.final for contact in await rig.contacts()] == [R.FAILED, R.FAILED]
    assert len(rig.faults) == 2


async def test_no_free_line_at_the_last_moment_is_no_fault_of_the_program() -> None:
    rig = Rig(lasts_s=0.1, came=NoFreeLine("all lines are in use"))
    await rig.campaign(1)
    async with rig.running():
        await asyncio.sleep(5)
    assert [contact.final for contact in await rig.contacts()] == [R.FAILED]
    assert rig.faults == []


async def test_who_opts_out_while_their_call_is_prepared_is_not_rung() -> None:
    rig = Rig(prepares_s=10)
    await rig.campaign(1)
    async with rig.running():
        await asyncio.sleep(5)
        await rig.store.opt_out("+8613800000000", reason="asked", source="test", now=LoopClock().now())
        await asyncio.sleep(30)
    assert rig.placed == []
    assert rig.faults == []


async def test_a_contact_that_cannot_be_rung_is_given_up_by_policy_and_not_tried_every_second() -> None:
    rig = Rig(cannot=ValueError("there is no survey s"))
    await rig.campaign(1)
    async with rig.running():
        await asyncio.sleep(30)
    (contact,) = await rig.contacts()
    assert contact.final is R.FAILED
    assert rig.faults == ["preparing a call: there is no survey s"]
    assert rig.placed == []


async def test_attempts_that_are_prepared_count_as_lines_that_will_be_wanted() -> None:
    rig = Rig(prepares_s=10)
    await rig.campaign(3)
    async with rig.running():
        await asyncio.sleep(5)
        assert (rig.dialler.calls, rig.dialler.without_line) == (2, 2)
        await asyncio.sleep(10)
        assert (rig.dialler.calls, rig.dialler.without_line) == (2, 0)
    await rig.dialler.drain(60)


async def test_nobody_is_hung_up_on_because_their_answer_cannot_be_noted() -> None:
    rig = Rig(lasts_s=5)
    await rig.campaign(1)

    async def away(*_: object) -> None:
        raise ConnectionError("the store is away")

    rig.store.answered = away  # type: ignore[method-assign]
    async with rig.running():
        await asyncio.sleep(10)
    assert [contact.final for contact in await rig.contacts()] == [R.COMPLETED]
    assert rig.faults == ["noting an answer: the store is away"]


async def test_a_store_that_is_away_for_a_while_stops_nobody() -> None:
    rig = Rig(lasts_s=1)
    await rig.campaign(1)
    claim, away = rig.store.claim, 3

    async def sometimes(*arguments: object, **named: object) -> tuple[Claimed, ...]:
        nonlocal away
        away -= 1
        if away >= 0:
            raise ConnectionError("the store is away")
        return await claim(*arguments, **named)  # type: ignore[arg-type]

    rig.store.claim = sometimes  # type: ignore[method-assign,assignment]
    async with rig.running():
        await asyncio.sleep(20)
    assert rig.placed == ["+8613800000000"]
    assert rig.faults == ["claiming contacts: the store is away"] * 3


async def test_at_a_stop_calls_in_hand_finish() -> None:
    rig = Rig(lasts_s=20)
    await rig.campaign(2)
    async with rig.running():
        await asyncio.sleep(2)
    await rig.dialler.drain(60)
    assert [contact.final for contact in await rig.contacts()] == [R.COMPLETED, R.COMPLETED]
    assert not rig.hurry.is_set()


async def test_longer_ones_get_a_goodbye() -> None:
    rig = Rig(lasts_s=300, came=AttemptEnd(R.PARTIAL, 200))
    await rig.campaign(1)
    async with rig.running():
        await asyncio.sleep(2)
    await rig.dialler.drain(10)
    assert rig.hurry.is_set()
    assert [contact.final for contact in await rig.contacts()] == [R.PARTIAL]


async def test_what_is_cut_off_even_then_is_found_lost() -> None:
    rig = Rig(lasts_s=300, goodbye_s=300)
    await rig.campaign(1)
    async with rig.running():
        await asyncio.sleep(2)
    await rig.dialler.drain(10)
    await rig.store.recover(LoopClock().now() + 2 * LEASE)
    assert [contact.final for contact in await rig.contacts()] == [R.LOST]
