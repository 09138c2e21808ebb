"""What decisions look at, read inside the transaction that acts on them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy.campaign_rows import attempt_of, campaign_of, contact_of, progress_row
from ivr.adapters.store_sqlalchemy.campaign_tables import (
    attempts,
    campaigns,
    contacts,
    do_not_call,
    do_not_call_changes,
)
from ivr.calls.ids import AttemptId, CampaignId
from ivr.campaign.attempt import Attempt
from ivr.campaign.pacing import pace_window
from ivr.campaign.people import NOBODY, Contact, ContactState, DoNotCallEntry, PersonHistory
from ivr.campaign.policy import SLOWEST_PACE, Campaign
from ivr.campaign.transitions import REMEMBERED

_CLAIMS_LOCK = 4_914_208
_SLOWEST_STRETCH = pace_window(SLOWEST_PACE)[1]
_LONGEST_PREPARED = timedelta(hours=1)
"""From a claim to its call at most: what is older need not be looked through."""

# A partial index serves only conditions that are written out as its own is.
IS_WAITING = contacts.c.state == literal(ContactState.WAITING.value, literal_execute=True)
IS_UNDER_WAY = attempts.c.ended_at.is_(None)


async def lock_claims(connection: AsyncConnection) -> None:
    """One claim at a time where the trunk has limits of its own. SQLite has one writer anyway."""
    if connection.dialect.name != "sqlite":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CLAIMS_LOCK})


async def lock_person(connection: AsyncConnection, phone: str) -> None:
    """Let nothing else be decided about this person until the transaction ends."""
    if connection.dialect.name != "sqlite":
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:phone, 0))"), {"phone": phone}
        )


async def lock_people(connection: AsyncConnection, phones: Sequence[str]) -> frozenset[str]:
    """As `lock_person`, but leaves those out that another transaction decides about."""
    if connection.dialect.name == "sqlite" or not phones:
        return frozenset(phones)
    rows = await connection.execute(
        text(
            "SELECT phone FROM unnest(CAST(:phones AS text[])) AS phone"
            " WHERE pg_try_advisory_xact_lock(hashtextextended(phone, 0))"
        ),
        {"phones": list(phones)},
    )
    return frozenset(row.phone for row in rows)


async def histories(
    connection: AsyncConnection,
    phones: Iterable[str],
    now: datetime,
    *,
    but: AttemptId | None = None,
) -> Mapping[str, PersonHistory]:
    """What happened with these people over all campaigns. Lock them first. `but`: an attempt not to count."""
    since = now - REMEMBERED
    columns = attempts.c
    query = select(columns.phone, columns.dialled_at, columns.ended_at, columns.rang_back).where(
        columns.phone.in_(list(phones)), columns.leased_at > since
    )
    if but is not None:
        query = query.where(columns.attempt_id != but)
    found: dict[str, list[Any]] = defaultdict(list)
    for row in await connection.execute(query):
        found[row.phone].append(row)
    return {phone: _history(rows) for phone, rows in found.items()}


def _history(rows: Sequence[Any]) -> PersonHistory:
    dialled = [row for row in rows if row.dialled_at is not None]
    return PersonHistory(
        tuple(row.dialled_at for row in dialled if not row.rang_back),
        max((max(row.ended_at or row.dialled_at, row.dialled_at) for row in dialled), default=None),
        any(row.ended_at is None for row in rows),
    )


async def history(
    connection: AsyncConnection, phone: str, now: datetime, *, but: AttemptId | None = None
) -> PersonHistory:
    """`histories` of one person."""
    return (await histories(connection, [phone], now, but=but)).get(phone, NOBODY)


async def entries(connection: AsyncConnection, phones: Iterable[str]) -> Mapping[str, DoNotCallEntry]:
    """Who of these is on the do-not-call list."""
    rows = await connection.execute(select(do_not_call).where(do_not_call.c.phone.in_(list(phones))))
    return {row.phone: entry_of(row) for row in rows}


def entry_of(row: Row[Any]) -> DoNotCallEntry:
    """The entry of a row of `do_not_call`."""
    return DoNotCallEntry(row.phone, row.reason, row.source, row.added_at)


async def list_version(connection: AsyncConnection) -> int:
    """Of the do-not-call list; it grows with every change."""
    newest = func.coalesce(func.max(do_not_call_changes.c.version), 0)
    return int((await connection.execute(select(newest))).scalar_one())


async def lines_in_use(connection: AsyncConnection) -> Mapping[CampaignId, int]:
    """Attempts under way, by campaign. Who has rung back takes no line of ours."""
    campaign_id = attempts.c.campaign_id
    rows = await connection.execute(
        select(campaign_id, func.count())
        .where(IS_UNDER_WAY, attempts.c.rang_back.is_(False))
        .group_by(campaign_id)
    )
    return {CampaignId(row[0]): row[1] for row in rows}


async def recent_starts(
    connection: AsyncConnection, now: datetime, calls_per_s: float, campaign_id: CampaignId | None = None
) -> tuple[datetime, ...]:
    """Claims that count against this pace; of all campaigns where none is named."""
    leased_at = attempts.c.leased_at
    query = select(leased_at).where(leased_at > now - _stretch(calls_per_s), attempts.c.rang_back.is_(False))
    if campaign_id is not None:
        query = query.where(attempts.c.campaign_id == campaign_id)
    return tuple((await connection.execute(query)).scalars())


async def recent_dialled(
    connection: AsyncConnection, now: datetime, calls_per_s: float, campaign_id: CampaignId | None = None
) -> tuple[datetime, ...]:
    """As `recent_starts`, the moments at which was dialled."""
    dialled_at, since = attempts.c.dialled_at, now - _stretch(calls_per_s)
    query = select(dialled_at).where(
        dialled_at > since,
        attempts.c.leased_at > since - _LONGEST_PREPARED,
        attempts.c.rang_back.is_(False),
    )
    if campaign_id is not None:
        query = query.where(attempts.c.campaign_id == campaign_id)
    return tuple((await connection.execute(query)).scalars())


def _stretch(calls_per_s: float) -> timedelta:
    return min(pace_window(calls_per_s)[1], _SLOWEST_STRETCH)


async def campaign_by_id(connection: AsyncConnection, campaign_id: CampaignId) -> Campaign:
    """A campaign that is known to exist."""
    query = select(campaigns).where(campaigns.c.campaign_id == campaign_id)
    return campaign_of((await connection.execute(query)).one())


async def contact_by_id(connection: AsyncConnection, contact_id: str) -> Contact:
    """A contact that is known to exist, locked."""
    query = select(contacts).where(contacts.c.contact_id == contact_id).with_for_update()
    return contact_of((await connection.execute(query)).one())


async def attempt_by_id(connection: AsyncConnection, attempt_id: AttemptId) -> Attempt | None:
    """An attempt, locked with all that is decided about its person; None where it was withdrawn."""
    phone = select(attempts.c.phone).where(attempts.c.attempt_id == attempt_id)
    found = (await connection.execute(phone)).scalar_one_or_none()
    if found is None:
        return None
    await lock_person(connection, found)
    row = (await connection.execute(_locked(attempts, attempts.c.attempt_id == attempt_id))).one_or_none()
    return attempt_of(row) if row is not None else None


def _locked(table: Table, condition: ColumnElement[bool]) -> Any:
    return select(table).where(condition).with_for_update()


async def save_progress(connection: AsyncConnection, contact: Contact) -> None:
    """Write what has changed about a contact that is being rung."""
    await connection.execute(
        contacts.update().where(contacts.c.contact_id == contact.contact_id).values(progress_row(contact))
    )
