"""The claims of outbound calling on the database: leased, dialled once, ended once."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import campaign_reads as reads
from ivr.adapters.store_sqlalchemy.campaign_changes import end_contact, save_attempt, withdraw
from ivr.adapters.store_sqlalchemy.campaign_claims import ClaimRound
from ivr.adapters.store_sqlalchemy.campaign_ring_backs import RingBackRound
from ivr.adapters.store_sqlalchemy.campaign_tables import attempts, campaigns, contacts
from ivr.adapters.store_sqlalchemy.database import Database
from ivr.adapters.store_sqlalchemy.do_not_call import add_entries
from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import AttemptId, CallId, ContactId, WorkerId
from ivr.campaign.attempt import Attempt
from ivr.campaign.calendar import PublicHolidays
from ivr.campaign.decision import Decision, DialRules
from ivr.campaign.pacing import TrunkLimits, next_start
from ivr.campaign.people import Contact, ContactState, DoNotCallEntry, LinesFree
from ivr.campaign.policy import Campaign, CampaignState
from ivr.campaign.transitions import is_news
from ivr.runtime.campaign_ports import Claimed, RungLately, TooSoon

_CLOSED_AT_ONCE = 5_000
"""Contacts of a campaign that is over that are closed in one transaction: about 0.1 s on SQLite."""

_ITSELF = LinesFree(1, 1)
"""The line and the start that an attempt was given when it was claimed."""


class SqlCampaignStore:
    """The `CampaignStore` on the database, for any number of workers at once."""

    def __init__(
        self, database: Database, holidays: PublicHolidays, *, trunk: TrunkLimits | None = None
    ) -> None:
        """`trunk`: what all campaigns and workers share; None where campaigns' own limits are enough."""
        self._database = database
        self._holidays = holidays
        self._trunk = trunk

    async def claim(
        self, worker_id: WorkerId, *, limit: int, now: datetime, lease: timedelta
    ) -> tuple[Claimed, ...]:
        """See `CampaignStore.claim`."""

        async def work(connection: AsyncConnection) -> tuple[Claimed, ...]:
            if self._trunk is not None:
                await reads.lock_claims(connection)
            return await ClaimRound(connection, worker_id, self._holidays, now, lease).claim(
                limit, self._trunk
            )

        return await self._database.write(work)

    async def dialling(self, attempt_id: AttemptId, now: datetime) -> bool:
        """See `CampaignStore.dialling`."""
        tried = False

        async def work(connection: AsyncConnection) -> bool:
            nonlocal tried
            await reads.lock_claims(connection)
            attempt = await reads.attempt_by_id(connection, attempt_id)
            # A commit whose answer was lost was ours all the same.
            ours = tried and attempt is not None and attempt.under_way and attempt.dialled_at == now
            tried = True
            if ours:
                return True
            if attempt is None or not attempt.under_way or attempt.dialled_at is not None:
                return False
            return await self._dial(connection, attempt, now)

        return await self._database.write(work)

    async def _dial(self, connection: AsyncConnection, attempt: Attempt, now: datetime) -> bool:
        contact = await reads.contact_by_id(connection, attempt.contact_id)
        campaign = await reads.campaign_by_id(connection, attempt.campaign_id)
        decision = await self._decide_again(connection, contact, campaign, attempt, now)
        if attempt.expired(now) or contact.attempt_id != attempt.attempt_id or not decision.dial:
            await withdraw(connection, attempt, contact, decision, now)
            return False
        if (until := await self._next_start(connection, campaign, now)) > now:
            raise TooSoon(until)
        version = await reads.list_version(connection)
        await save_attempt(
            connection, replace(attempt, dialled_at=now, decision=decision, list_version=version)
        )
        return True

    async def _next_start(self, connection: AsyncConnection, campaign: Campaign, now: datetime) -> datetime:
        own = await reads.recent_dialled(connection, now, campaign.calls_per_s, campaign.campaign_id)
        moments = [next_start(own, campaign.calls_per_s, now)]
        if (trunk := self._trunk) is not None:
            everybody = await reads.recent_dialled(connection, now, trunk.calls_per_s)
            moments.append(next_start(everybody, trunk.calls_per_s, now))
        return max(moments)

    async def _decide_again(
        self,
        connection: AsyncConnection,
        contact: Contact,
        campaign: Campaign,
        attempt: Attempt,
        now: datetime,
    ) -> Decision:
        person = await reads.history(connection, contact.phone, now, but=attempt.attempt_id)
        entry = (await reads.entries(connection, [contact.phone])).get(contact.phone)
        free = replace(contact, state=ContactState.WAITING)
        return DialRules(campaign, self._holidays, now).decide(free, person, entry, _ITSELF)

    async def answered(self, attempt_id: AttemptId, now: datetime) -> None:
        """See `CampaignStore.answered`."""
        await self._run(
            update(attempts)
            .where(
                attempts.c.attempt_id == attempt_id,
                attempts.c.dialled_at.is_not(None),
                attempts.c.answered_at.is_(None),
            )
            .values(answered_at=now)
        )

    async def renew(self, attempt_id: AttemptId, now: datetime, lease: timedelta) -> bool:
        """See `CampaignStore.renew`."""
        return await self._run(
            update(attempts)
            .where(attempts.c.attempt_id == attempt_id, reads.IS_UNDER_WAY)
            .values(lease_until=now + lease)
        )

    async def finish(
        self,
        attempt_id: AttemptId,
        result: AttemptResult,
        *,
        sip_code: int | None = None,
        now: datetime,
        callback_at: datetime | None = None,
        call_id: CallId | None = None,
    ) -> None:
        """See `CampaignStore.finish`."""

        async def work(connection: AsyncConnection) -> None:
            attempt = await reads.attempt_by_id(connection, attempt_id)
            if attempt is None or not is_news(attempt, result):
                return
            if attempt.dialled_at is None:
                await self._give_back(connection, attempt, now)
                return
            if result is AttemptResult.DO_NOT_CALL:
                await _opt_out(connection, DoNotCallEntry(attempt.phone, "asked", "call", now))
            await end_contact(connection, attempt, result, now, callback_at=callback_at)
            end = attempt.ended_at or now
            told = replace(attempt, result=result, ended_at=end, sip_code=sip_code, call_id=call_id)
            await save_attempt(connection, told)

        await self._database.write(work)

    async def opt_out(self, phone: str, *, reason: str, source: str, now: datetime) -> None:
        """See `CampaignStore.opt_out`."""
        await self._database.write(
            lambda connection: _opt_out(connection, DoNotCallEntry(phone, reason, source, now))
        )

    async def rung_lately(self, phone: str, *, now: datetime, within: timedelta) -> RungLately | None:
        """See `CampaignStore.rung_lately`."""
        return await self._database.read(
            lambda connection: RingBackRound(connection, now, within).offer(phone)
        )

    async def take_up(
        self,
        contact_id: ContactId,
        worker_id: WorkerId,
        *,
        now: datetime,
        lease: timedelta,
        within: timedelta,
    ) -> Claimed | None:
        """See `CampaignStore.take_up`."""
        attempt_id = AttemptId(secrets.token_hex(13))
        return await self._database.write(
            lambda connection: RingBackRound(connection, now, within).take_up(
                contact_id, attempt_id, worker_id, lease
            )
        )

    async def recover(self, now: datetime) -> int:
        """See `CampaignStore.recover`."""
        expired = select(attempts.c.attempt_id).where(reads.IS_UNDER_WAY, attempts.c.lease_until <= now)

        async def find(connection: AsyncConnection) -> list[str]:
            return list((await connection.execute(expired)).scalars())

        recovered = 0
        for attempt_id in await self._database.read(find):
            recovered += await self._database.write(self._recovery(AttemptId(attempt_id), now))
        await self._database.write(lambda connection: _close_what_is_over(connection, now))
        return recovered

    def _recovery(self, attempt_id: AttemptId, now: datetime) -> Callable[[AsyncConnection], Awaitable[int]]:
        async def work(connection: AsyncConnection) -> int:
            attempt = await reads.attempt_by_id(connection, attempt_id)
            if attempt is None or not attempt.expired(now):
                return 0
            if attempt.dialled_at is None:
                await self._give_back(connection, attempt, now)
            else:
                await end_contact(connection, attempt, AttemptResult.LOST, now, callback_at=None)
                await save_attempt(connection, replace(attempt, result=AttemptResult.LOST, ended_at=now))
            return 1

        return work

    async def _give_back(self, connection: AsyncConnection, attempt: Attempt, now: datetime) -> None:
        """An attempt that was never dialled leaves no trace."""
        contact = await reads.contact_by_id(connection, attempt.contact_id)
        campaign = await reads.campaign_by_id(connection, attempt.campaign_id)
        decision = await self._decide_again(connection, contact, campaign, attempt, now)
        await withdraw(connection, attempt, contact, decision, now)

    async def _run(self, statement: Any) -> bool:
        async def work(connection: AsyncConnection) -> bool:
            return bool((await connection.execute(statement)).rowcount)

        return await self._database.write(work)


async def _opt_out(connection: AsyncConnection, entry: DoNotCallEntry) -> None:
    await reads.lock_person(connection, entry.phone)
    await add_entries(connection, [entry])


async def _close_what_is_over(connection: AsyncConnection, now: datetime) -> None:
    """Contacts that nobody will ring any more are done; campaigns without others are finished."""
    over = or_(campaigns.c.state == CampaignState.STOPPED.value, campaigns.c.ends_at <= now)
    for campaign_id, state in await connection.execute(
        select(campaigns.c.campaign_id, campaigns.c.state).where(over)
    ):
        left = (
            select(contacts.c.contact_id)
            .where(contacts.c.campaign_id == campaign_id, reads.IS_WAITING)
            .limit(_CLOSED_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        why = "campaign stopped" if state == CampaignState.STOPPED.value else "campaign ended"
        await connection.execute(
            update(contacts)
            .where(contacts.c.contact_id.in_(left))
            .values(state=ContactState.DONE.value, why=why, promised=False)
        )
    unfinished = exists().where(
        contacts.c.campaign_id == campaigns.c.campaign_id,
        contacts.c.state.in_([ContactState.WAITING.value, ContactState.LEASED.value]),
    )
    await connection.execute(
        update(campaigns)
        .where(campaigns.c.state == CampaignState.RUNNING.value, ~unfinished)
        .values(state=CampaignState.FINISHED.value, version=campaigns.c.version + 1)
    )
