"""The dialler: claims what is due, keeps its leases, writes down what came of it, and outlives what fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from ivr.adapters.campaign_desk_memory import MemoryCampaignDesk
from ivr.adapters.campaign_store_memory import MemoryCampaignStore
from ivr.calls.attempts import AttemptResult as R
from ivr.calls.ids import CallId, CampaignId, ContactId, WorkerId
from ivr.campaign.people import Contact, ContactState, NumberFacts
from ivr.campaign.policy import Campaign, CampaignState
from ivr.runtime.campaign_ports import Claimed
from ivr.runtime.dialler import LEASE, Came, Dialler, OnAnswer
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
    came: Came | Exception = field(default_factory=lambda: Came(R.COMPLETED, 200, None, CallId("call-1")))
    lines: int = 2
    placed: list[str] = field(default_factory=list)
    at_once: int = 0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = MemoryCampaignDesk(lambda: LoopClock().now())
        self.store = MemoryCampaignStore(self.desk, NoHolidays())
        self.dialler = Dialler(
            self.store,
            self.place,
            worker_id=WorkerId("w-1"),
            clock=LoopClock(),
            free_lines=lambda: self.lines - self.dialler.calls,
            report=lambda what, error: self.faults.append(f"{what}: {error}"),
        )

    async def place(self, claimed: Claimed, answered: OnAnswer) -> Came:
        self.placed.append(claimed.contact.phone)
        self.at_once = max(self.at_once, self.dialler.calls)
        await answered()
        await asyncio.sleep(self.lasts_s)
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
    rig = Rig(lasts_s=5, came=Came(R.CALLBACK_PROMISED, 200, at))
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


async def test_who_opted_out_between_claim_and_call_is_not_rung() -> None:
    rig = Rig()
    await rig.campaign(1)
    claim = rig.store.claim

    async def claim_then_opt_out(*arguments: object, **named: object) -> tuple[Claimed, ...]:
        claimed = await claim(*arguments, **named)  # type: ignore[arg-type]
        for each in claimed:
            await rig.store.opt_out(each.contact.phone, reason="asked", source="test", now=LoopClock().now())
        return claimed

    rig.store.claim = claim_then_opt_out  # type: ignore[method-assign,assignment]
    async with rig.running():
        await asyncio.sleep(30)
    assert rig.placed == []
    assert rig.faults == []


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


async def test_at_a_stop_calls_in_hand_finish_and_longer_ones_are_found_lost() -> None:
    rig = Rig(lasts_s=20)
    await rig.campaign(2)
    async with rig.running():
        await asyncio.sleep(2)
    await rig.dialler.drain(60)
    assert [contact.final for contact in await rig.contacts()] == [R.COMPLETED, R.COMPLETED]

    late = Rig(lasts_s=300)
    await late.campaign(1)
    async with late.running():
        await asyncio.sleep(2)
    await late.dialler.drain(10)
    await late.store.recover(LoopClock().now() + 2 * LEASE)
    (contact,) = await late.contacts()
    assert contact.final is R.LOST
