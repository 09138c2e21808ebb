"""Where campaigns are planned, fed and looked at, on the database."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import campaign_reads as reads
from ivr.adapters.store_sqlalchemy import tables
from ivr.adapters.store_sqlalchemy.campaign_rows import (
    attempt_of,
    campaign_of,
    campaign_row,
    contact_of,
    contact_row,
    zones_key,
)
from ivr.adapters.store_sqlalchemy.campaign_tables import attempts, campaign_zones, campaigns, contacts
from ivr.adapters.store_sqlalchemy.database import Database
from ivr.adapters.store_sqlalchemy.loan_rows import KEYS_AT_ONCE, chunks
from ivr.calls.ids import CampaignId, ContactId
from ivr.campaign.attempt import Attempt
from ivr.campaign.people import NOBODY, Contact, ContactState
from ivr.campaign.policy import Campaign, CampaignState, check_change
from ivr.runtime.campaign_ports import CampaignRefused, CampaignStatus, Case, Imported

_ROWS_AT_ONCE = 1_000
_PAGE = 2_000

_REPLACED = (
    "number_valid",
    "number_kind",
    "region",
    "zones",
    "locale",
    "customer_id",
    "facts",
    "consent",
    "wish",
)
"""What an import changes about a contact that the campaign has already."""


class SqlCampaignDesk:
    """The `CampaignDesk` on the database."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """`now` tells which attempts still matter to a case."""
        self._database = database
        self._now = now

    async def create(self, campaign: Campaign, now: datetime) -> None:
        """See `CampaignDesk.create`."""

        async def work(connection: AsyncConnection) -> None:
            dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
            row = {**campaign_row(campaign), "created_at": now}
            kept = await connection.execute(dialect.insert(campaigns).on_conflict_do_nothing().values(row))
            if not kept.rowcount:
                raise CampaignRefused(f"there is a campaign {campaign.name!r} already: choose another name")

        await self._database.write(work)

    async def find(self, name: str) -> Campaign | None:
        """See `CampaignDesk.find`."""
        query = select(campaigns).where(or_(campaigns.c.name == name, campaigns.c.campaign_id == name))

        async def work(connection: AsyncConnection) -> Campaign | None:
            row = (await connection.execute(query.order_by(campaigns.c.name != name))).first()
            return campaign_of(row) if row is not None else None

        return await self._database.read(work)

    async def listed(self) -> Sequence[Campaign]:
        """See `CampaignDesk.listed`."""
        query = select(campaigns).order_by(campaigns.c.created_at.desc(), campaigns.c.campaign_id)

        async def work(connection: AsyncConnection) -> Sequence[Campaign]:
            return [campaign_of(row) for row in await connection.execute(query)]

        return await self._database.read(work)

    async def change_state(self, campaign_id: CampaignId, state: CampaignState) -> Campaign:
        """See `CampaignDesk.change_state`."""

        async def work(connection: AsyncConnection) -> Campaign:
            own = select(campaigns).where(campaigns.c.campaign_id == campaign_id).with_for_update()
            campaign = campaign_of((await connection.execute(own)).one())
            if campaign.state is state:
                return campaign
            waiting = select(contacts.c.contact_id).where(
                contacts.c.campaign_id == campaign_id, contacts.c.state != ContactState.DONE.value
            )
            somebody = (await connection.execute(waiting.limit(1))).first() is not None
            try:
                check_change(campaign, state, somebody=somebody)
            except ValueError as error:
                raise CampaignRefused(str(error)) from None
            changed = replace(campaign, state=state, version=campaign.version + 1)
            await connection.execute(
                update(campaigns)
                .where(campaigns.c.campaign_id == campaign_id)
                .values(state=state.value, version=changed.version)
            )
            return changed

        return await self._database.write(work)

    async def add_contacts(
        self,
        campaign_id: CampaignId,
        contacts_: Sequence[Contact],
        wrote: Callable[[int], None] = lambda _: None,
    ) -> Imported:
        """See `CampaignDesk.add_contacts`."""
        if not contacts_:
            return Imported(0, 0)

        async def work(connection: AsyncConnection) -> Imported:
            before = await _count(connection, campaign_id)
            await _note_zones(connection, campaign_id, contacts_)
            done = 0
            for some in chunks(contacts_, _ROWS_AT_ONCE):
                await connection.execute(_merge(connection), [contact_row(contact) for contact in some])
                done += len(some)
                wrote(done)
            added = await _count(connection, campaign_id) - before
            return Imported(added, len(contacts_) - added)

        return await self._database.write(work)

    async def status(self, campaign_id: CampaignId) -> CampaignStatus:
        """See `CampaignDesk.status`."""
        of_campaign = contacts.c.campaign_id == campaign_id

        async def work(connection: AsyncConnection) -> CampaignStatus:
            states: dict[str, int] = {}
            done: dict[str, int] = {}
            progress = select(contacts.c.state, contacts.c.final, func.count()).where(of_campaign)
            for state, final, count in await connection.execute(
                progress.group_by(contacts.c.state, contacts.c.final)
            ):
                states[state] = states.get(state, 0) + count
                if state == ContactState.DONE.value:
                    done[final or "not rung"] = count
            results = (
                select(attempts.c.result, func.count())
                .where(attempts.c.campaign_id == campaign_id)
                .group_by(attempts.c.result)
            )
            made = {result or "under way": count for result, count in await connection.execute(results)}
            due = select(func.min(contacts.c.due_at)).where(of_campaign, reads.IS_WAITING)
            return CampaignStatus(states, done, made, (await connection.execute(due)).scalar_one())

        return await self._database.read(work)

    async def contacts(self, campaign_id: CampaignId) -> AsyncIterator[Contact]:
        """See `CampaignDesk.contacts`."""
        last = ""
        while True:
            page = (
                select(contacts)
                .where(contacts.c.campaign_id == campaign_id, contacts.c.phone > last)
                .order_by(contacts.c.phone)
                .limit(_PAGE)
            )

            async def work(connection: AsyncConnection, page: Any = page) -> list[Contact]:
                return [contact_of(row) for row in await connection.execute(page)]

            found = await self._database.read(work)
            for contact in found:
                yield contact
            if len(found) < _PAGE:
                return
            last = found[-1].phone

    async def cases(self, who: str) -> Sequence[Case]:
        """See `CampaignDesk.cases`."""
        query = (
            select(contacts)
            .where(or_(contacts.c.phone == who, contacts.c.contact_id == who))
            .order_by(contacts.c.campaign_id)
        )

        async def work(connection: AsyncConnection) -> Sequence[Case]:
            found = [contact_of(row) for row in await connection.execute(query)]
            cases: list[Case] = []
            for contact in found:
                campaign = await reads.campaign_by_id(connection, contact.campaign_id)
                cases += await self._cases(connection, [contact], campaign)
            return cases

        return await self._database.read(work)

    async def cases_of(self, contacts_: Sequence[Contact], campaign: Campaign) -> Sequence[Case]:
        """See `CampaignDesk.cases_of`."""
        return await self._database.read(lambda connection: self._cases(connection, contacts_, campaign))

    async def _cases(
        self, connection: AsyncConnection, found: Sequence[Contact], campaign: Campaign
    ) -> list[Case]:
        now = self._now()
        in_use = (await reads.lines_in_use(connection)).get(campaign.campaign_id, 0)
        started = await reads.recent_starts(connection, now, campaign.calls_per_s, campaign.campaign_id)
        cases: list[Case] = []
        for some in chunks(found, KEYS_AT_ONCE):
            phones = [contact.phone for contact in some]
            people = await reads.histories(connection, phones, now)
            listed = await reads.entries(connection, phones)
            cases += [
                Case(
                    contact,
                    campaign,
                    people.get(contact.phone, NOBODY),
                    listed.get(contact.phone),
                    in_use,
                    started,
                )
                for contact in some
            ]
        return cases

    async def attempts(
        self, campaign_id: CampaignId, contact_id: ContactId | None = None
    ) -> Sequence[Attempt]:
        """See `CampaignDesk.attempts`."""
        columns = attempts.c
        query = select(attempts).where(columns.campaign_id == campaign_id)
        if contact_id is not None:
            query = query.where(columns.contact_id == contact_id)

        async def work(connection: AsyncConnection) -> Sequence[Attempt]:
            rows = await connection.execute(query.order_by(columns.leased_at, columns.attempt_id))
            return [attempt_of(row) for row in rows]

        return await self._database.read(work)

    async def answers_of(self, campaign_id: CampaignId) -> Sequence[Mapping[str, Any]]:
        """See `CampaignDesk.answers_of`."""
        answers = tables.survey_answers
        query = (
            select(answers).where(answers.c.campaign_id == campaign_id).order_by(answers.c.at, answers.c.id)
        )

        async def work(connection: AsyncConnection) -> Sequence[Mapping[str, Any]]:
            rows = await connection.execute(query)
            return [dict(row) for row in rows.mappings()]

        return await self._database.read(work)


async def _count(connection: AsyncConnection, campaign_id: CampaignId) -> int:
    query = select(func.count()).select_from(contacts).where(contacts.c.campaign_id == campaign_id)
    return int((await connection.execute(query)).scalar_one())


async def _note_zones(connection: AsyncConnection, campaign_id: CampaignId, found: Sequence[Contact]) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    keys = {zones_key(contact.number.zones) for contact in found}
    await connection.execute(
        dialect.insert(campaign_zones).on_conflict_do_nothing(),
        [{"campaign_id": campaign_id, "zones": zones} for zones in sorted(keys)],
    )


def _merge(connection: AsyncConnection) -> Any:
    """Insert, or replace the facts of the contact with this number; one never rung waits again."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(contacts)
    new = statement.excluded
    given_up_unrung = (contacts.c.state == ContactState.DONE.value) & contacts.c.final.is_(None)
    return statement.on_conflict_do_update(
        index_elements=["campaign_id", "phone"],
        set_={
            **{name: new[name] for name in _REPLACED},
            "state": case((given_up_unrung, ContactState.WAITING.value), else_=contacts.c.state),
            "due_at": case((given_up_unrung, new.due_at), else_=contacts.c.due_at),
            "why": case((given_up_unrung, ""), else_=contacts.c.why),
        },
    )
