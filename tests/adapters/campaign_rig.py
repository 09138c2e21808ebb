"""Campaigns, their contacts and the do-not-call list, in memory or on a database, as tests use them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from ivr.adapters.campaign_desk_memory import MemoryCampaignDesk
from ivr.adapters.campaign_store_memory import MemoryCampaignStore
from ivr.adapters.store_sqlalchemy import Database, SqlCampaignDesk, SqlCampaignStore, SqlDoNotCallList
from ivr.calls.attempts import AttemptResult as R
from ivr.calls.ids import CallId, CampaignId, ContactId, WorkerId
from ivr.campaign.pacing import TrunkLimits
from ivr.campaign.people import Contact, NumberFacts
from ivr.campaign.policy import Campaign, CampaignState
from ivr.runtime.campaign_ports import (
    CampaignDesk,
    CampaignStore,
    Claimed,
    DoNotCallList,
)

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in Shanghai."""

LEASE = timedelta(seconds=30)
W1, W2 = WorkerId("w-1"), WorkerId("w-2")
K = CampaignId("k")


class NoHolidays:
    def of(self, country: str, year: int) -> frozenset[date] | None:
        return frozenset()


@dataclass
class Rig:
    """A store with its desk and list, and a clock that the test sets."""

    store: CampaignStore
    desk: CampaignDesk
    people: DoNotCallList
    database: Database | None = None
    now: datetime = NOON
    trunk: TrunkLimits | None = None
    contacts: dict[str, Contact] = field(default_factory=dict)

    async def campaign(self, key: str = "k", *phones: int, run: bool = True, **changes: object) -> Campaign:
        wide = Campaign(CampaignId(key), f"name {key}", "s", "zh-CN", max_lines=10, calls_per_s=100)
        campaign = replace(wide, **changes)  # type: ignore[arg-type]
        await self.desk.create(campaign, self.now)
        if phones:
            await self.desk.add_contacts(campaign.campaign_id, [person(n, key) for n in phones])
        return await self.desk.change_state(campaign.campaign_id, CampaignState.RUNNING) if run else campaign

    async def claim(self, limit: int = 10, worker: WorkerId = W1) -> tuple[Claimed, ...]:
        return await self.store.claim(worker, limit=limit, now=self.now, lease=LEASE)

    async def ring(
        self, result: R, *, callback_at: datetime | None = None, key: str | None = None
    ) -> Claimed:
        """Claim one, dial it, and let it end."""
        (claimed,) = await self.claim(1)
        assert key is None or claimed.campaign.campaign_id == key
        assert await self.store.dialling(claimed.attempt.attempt_id, self.now)
        await self.finish(claimed, result, callback_at=callback_at)
        return claimed

    async def finish(self, claimed: Claimed, result: R, *, callback_at: datetime | None = None) -> None:
        await self.store.finish(
            claimed.attempt.attempt_id, result, sip_code=200, now=self.now, callback_at=callback_at,
            call_id=CallId("call-1"),
        )  # fmt: skip

    async def contact(self, n: int, key: str = "k") -> Contact:
        found = [case.contact for case in await self.desk.cases(phone(n))]
        (contact,) = (contact for contact in found if contact.campaign_id == key)
        return contact


def phone(n: int) -> str:
    return f"+86138{n:08}"


def person(n: int, key: str = "k", **changes: object) -> Contact:
    contact = Contact(
        ContactId(f"{key}-{n}"), CampaignId(key), phone(n),
        NumberFacts(True, "mobile", "CN", ("Asia/Shanghai",)), "zh-CN", NOON - timedelta(days=1),
        facts={"customer_name": "林晓雨", "amount": 3000.5},
    )  # fmt: skip
    return replace(contact, **changes)  # type: ignore[arg-type]


@asynccontextmanager
async def opened(place: str | None) -> AsyncIterator[Rig]:
    """On the database at this address, or in memory."""
    if place is None:
        desk = MemoryCampaignDesk(lambda: made.now)
        made = Rig(MemoryCampaignStore(desk, NoHolidays()), desk, desk.list)
        yield made
        return
    database = Database(place)
    made = Rig(
        SqlCampaignStore(database, NoHolidays()),
        SqlCampaignDesk(database, lambda: made.now),
        SqlDoNotCallList(database),
        database,
    )
    yield made
    await database.close()
