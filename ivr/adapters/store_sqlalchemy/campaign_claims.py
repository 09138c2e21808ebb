"""Who is rung next: due contacts, looked at in order and leased, in one transaction."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Select, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import campaign_reads as reads
from ivr.adapters.store_sqlalchemy.campaign_rows import attempt_row, campaign_of, contact_of
from ivr.adapters.store_sqlalchemy.campaign_tables import attempts, campaign_zones, campaigns, contacts
from ivr.calls.ids import AttemptId, CampaignId, WorkerId
from ivr.campaign.attempt import Attempt
from ivr.campaign.calendar import PublicHolidays
from ivr.campaign.decision import Decision, DialRules
from ivr.campaign.pacing import TrunkLimits, lines_free, starts_free
from ivr.campaign.people import NOBODY, Contact, ContactState, LinesFree
from ivr.campaign.policy import Campaign, CampaignState
from ivr.campaign.transitions import put_off
from ivr.runtime.campaign_ports import Claimed

_LOOKS = 5
"""Times that more due contacts are looked at in one claim when those before could not be rung."""

_SPARE = 20
"""Contacts looked at beyond those that could be rung, since some will not be."""


class ClaimRound:
    """One claim, inside its transaction."""

    def __init__(
        self,
        connection: AsyncConnection,
        worker_id: WorkerId,
        holidays: PublicHolidays,
        now: datetime,
        lease: timedelta,
    ) -> None:
        self._connection = connection
        self._worker_id = worker_id
        self._holidays = holidays
        self._now = now
        self._lease = lease
        self._in_use: Mapping[CampaignId, int] = {}
        self._room: dict[CampaignId, int] = {}
        self._zones: dict[CampaignId, list[str]] = {}
        self._rules: dict[CampaignId, DialRules] = {}
        self._version = 0
        self._claimed: list[Claimed] = []

    async def claim(self, limit: int, trunk: TrunkLimits | None) -> tuple[Claimed, ...]:
        """Up to `limit` contacts: promised callbacks of all campaigns first."""
        running = await self._running()
        limit = min(limit, await self._trunk_room(trunk)) if running else 0
        self._version = await reads.list_version(self._connection) if limit else 0
        for promised in (True, False):
            for campaign in running:
                left = min(limit - len(self._claimed), await self._campaign_room(campaign))
                if left > 0:
                    await self._claim_of(campaign, left, promised=promised)
        return tuple(self._claimed)

    async def _running(self) -> list[Campaign]:
        query = (
            select(campaigns)
            .where(campaigns.c.state == CampaignState.RUNNING.value)
            .order_by(campaigns.c.priority.desc(), campaigns.c.campaign_id)
            .with_for_update()
        )
        found = [campaign_of(row) for row in await self._connection.execute(query)]
        return [
            campaign
            for campaign in found
            if (campaign.starts_at is None or campaign.starts_at <= self._now)
            and (campaign.ends_at is None or self._now < campaign.ends_at)
        ]

    async def _trunk_room(self, trunk: TrunkLimits | None) -> int:
        self._in_use = await reads.lines_in_use(self._connection)
        if trunk is None:
            return 1_000_000
        started = await reads.recent_starts(self._connection, self._now, trunk.calls_per_s)
        return min(
            lines_free(sum(self._in_use.values()), trunk.lines),
            starts_free(started, trunk.calls_per_s, self._now),
        )

    async def _campaign_room(self, campaign: Campaign) -> int:
        """Attempts that the campaign may still start in this claim."""
        key = campaign.campaign_id
        if key not in self._room:
            pace = campaign.calls_per_s
            started = await reads.recent_starts(self._connection, self._now, pace, key)
            self._room[key] = min(
                lines_free(self._in_use.get(key, 0), campaign.max_lines),
                starts_free(started, pace, self._now),
            )
        return self._room[key]

    async def _claim_of(self, campaign: Campaign, limit: int, *, promised: bool) -> None:
        rules = self._rules.get(campaign.campaign_id)
        if rules is None:
            rules = self._rules[campaign.campaign_id] = DialRules(campaign, self._holidays, self._now)
        zones = await self._open_zones(campaign, rules)
        for _ in range(_LOOKS):
            wanted = limit + _SPARE
            due = await self._due(campaign, zones, wanted, promised=promised)
            limit -= await self._take(campaign, rules, due, limit)
            if limit <= 0 or len(due) < wanted:
                return

    async def _open_zones(self, campaign: Campaign, rules: DialRules) -> list[str]:
        key = campaign.campaign_id
        if key not in self._zones:
            query = select(campaign_zones.c.zones).where(campaign_zones.c.campaign_id == key)
            found = (await self._connection.execute(query)).scalars()
            self._zones[key] = [zones for zones in found if rules.may_be_open(tuple(zones.split()))]
        return self._zones[key]

    async def _due(
        self, campaign: Campaign, zones: Sequence[str], most: int, *, promised: bool
    ) -> list[Contact]:
        """Due contacts in the order of their time; each zone is one stretch of the index."""
        due: list[Contact] = []
        for key in zones:
            rows = await self._connection.execute(
                due_query(campaign.campaign_id, key, self._now, most, promised)
            )
            due += map(contact_of, rows)
        return sorted(due, key=lambda contact: contact.due_at)[:most]

    async def _take(self, campaign: Campaign, rules: DialRules, due: Sequence[Contact], limit: int) -> int:
        """Lease up to `limit` of these and put off those that may not be rung; returns how many it leased."""
        phones = await reads.lock_people(self._connection, [contact.phone for contact in due])
        people = await reads.histories(self._connection, phones, self._now)
        listed = await reads.entries(self._connection, phones)
        taken = 0
        for contact in due:
            if taken == limit:
                break
            phone = contact.phone
            if phone not in phones:
                continue
            left = self._room[campaign.campaign_id]
            decision = rules.decide(
                contact, people.get(phone, NOBODY), listed.get(phone), LinesFree(left, left)
            )
            if decision.dial:
                await self._lease_one(contact, campaign, decision)
                taken += 1
            else:
                await reads.save_progress(self._connection, put_off(contact, decision, self._now))
        return taken

    async def _lease_one(self, contact: Contact, campaign: Campaign, decision: Decision) -> None:
        attempt = Attempt(
            attempt_id=AttemptId(secrets.token_hex(13)),
            contact_id=contact.contact_id,
            campaign_id=campaign.campaign_id,
            phone=contact.phone,
            worker_id=self._worker_id,
            leased_at=self._now,
            lease_until=self._now + self._lease,
            decision=decision,
            list_version=self._version,
        )
        leased = replace(contact, state=ContactState.LEASED, attempt_id=attempt.attempt_id)
        await self._connection.execute(insert(attempts).values(attempt_row(attempt)))
        await reads.save_progress(self._connection, leased)
        self._room[campaign.campaign_id] -= 1
        self._claimed.append(Claimed(attempt, leased, campaign))


def due_query(
    campaign_id: CampaignId, zones: str, now: datetime, most: int, promised: bool
) -> Select[tuple[object, ...]]:
    """The first contacts that are due; one range of `ix_contacts_due`, whatever else the table holds."""
    return (
        select(contacts)
        .where(
            contacts.c.campaign_id == campaign_id,
            contacts.c.promised.is_(promised),
            contacts.c.zones == zones,
            reads.IS_WAITING,
            contacts.c.due_at <= now,
        )
        .order_by(contacts.c.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
