"""Whoever rings back: found by their number, and taken up as an attempt, each in one transaction."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import campaign_reads as reads
from ivr.adapters.store_sqlalchemy.campaign_rows import attempt_row, contact_of
from ivr.adapters.store_sqlalchemy.campaign_tables import attempts, contacts
from ivr.calls.ids import AttemptId, ContactId, WorkerId
from ivr.campaign.attempt import Attempt
from ivr.campaign.decision import Decision
from ivr.campaign.people import Contact, ContactState
from ivr.campaign.ring_back import decide_ring_back
from ivr.runtime.campaign_ports import Claimed, RungLately


class RingBackRound:
    """One look at a person's attempts, inside its transaction."""

    def __init__(self, connection: AsyncConnection, now: datetime, within: timedelta) -> None:
        self._connection = connection
        self._now = now
        self._within = within

    async def offer(self, phone: str) -> RungLately | None:
        """The contact that was rung last and may be asked; one probe of an index for those never rung."""
        return next((found for found, decision in await self._contacts(phone) if decision.dial), None)

    async def take_up(
        self, contact_id: ContactId, attempt_id: AttemptId, worker_id: WorkerId, lease: timedelta
    ) -> Claimed | None:
        """Lease it, as `attempt_id`. A commit whose answer was lost has done so already."""
        phone = await self._connection.scalar(
            select(contacts.c.phone).where(contacts.c.contact_id == contact_id)
        )
        if phone is None:
            return None
        await reads.lock_person(self._connection, phone)
        for found, decision in await self._contacts(phone, but=attempt_id):
            if found.contact.contact_id == contact_id:
                made = await reads.attempt_by_id(self._connection, attempt_id)
                if made is not None:
                    return Claimed(made, found.contact, found.campaign)
                return await self._lease(found, decision, attempt_id, worker_id, lease)
        return None

    async def _contacts(self, phone: str, but: AttemptId | None = None) -> list[tuple[RungLately, Decision]]:
        """Contacts with this number that were rung within the time, the last one first."""
        rows = await self._attempts(phone, but)
        if not rows:
            return []
        listed = (await reads.entries(self._connection, [phone])).get(phone)
        being_rung = any(row.dialled_at is not None and row.ended_at is None for row in rows)
        rung_at = {row.contact_id: row.dialled_at for row in reversed(rows) if row.dialled_at is not None}
        judged = []
        for contact_id in sorted(rung_at, key=lambda each: rung_at[each], reverse=True):
            query = select(contacts).where(contacts.c.contact_id == contact_id)
            contact = contact_of((await self._connection.execute(query)).one())
            campaign = await reads.campaign_by_id(self._connection, contact.campaign_id)
            decision = decide_ring_back(
                contact,
                campaign,
                rung_at=rung_at[contact_id],
                being_rung=being_rung,
                do_not_call=listed,
                within=self._within,
                now=self._now,
            )
            judged.append((RungLately(contact, campaign), decision))
        return judged

    async def _attempts(self, phone: str, but: AttemptId | None) -> list[Any]:
        """Of this person, the newest first."""
        c = attempts.c
        query = select(c.contact_id, c.dialled_at, c.ended_at).where(
            c.phone == phone, c.leased_at >= self._now - self._within
        )
        if but is not None:
            query = query.where(c.attempt_id != but)
        return list(await self._connection.execute(query.order_by(c.leased_at.desc())))

    async def _lease(
        self,
        found: RungLately,
        decision: Decision,
        attempt_id: AttemptId,
        worker_id: WorkerId,
        lease: timedelta,
    ) -> Claimed | None:
        if not decision.dial:
            return None
        await self._take_from_others(found.contact.phone)
        attempt = Attempt(
            attempt_id=attempt_id,
            contact_id=found.contact.contact_id,
            campaign_id=found.campaign.campaign_id,
            phone=found.contact.phone,
            worker_id=worker_id,
            leased_at=self._now,
            lease_until=self._now + lease,
            decision=decision,
            list_version=await reads.list_version(self._connection),
            dialled_at=self._now,
            answered_at=self._now,
            rang_back=True,
        )
        leased = replace(found.contact, state=ContactState.LEASED, attempt_id=attempt_id)
        await self._connection.execute(insert(attempts).values(attempt_row(attempt)))
        await reads.save_progress(self._connection, leased)
        return Claimed(attempt, leased, found.campaign)

    async def _take_from_others(self, phone: str) -> None:
        """Withdraw what was claimed for this person and not dialled yet."""
        undialled = (attempts.c.phone == phone, reads.IS_UNDER_WAY, attempts.c.dialled_at.is_(None))
        for contact_id in (
            await self._connection.execute(select(attempts.c.contact_id).where(*undialled))
        ).scalars():
            contact: Contact = await reads.contact_by_id(self._connection, contact_id)
            waiting = replace(contact, state=ContactState.WAITING, attempt_id=None)
            await reads.save_progress(self._connection, waiting)
        await self._connection.execute(delete(attempts).where(*undialled))
