"""What becomes of attempts and their contacts, inside the transaction that decided it."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import campaign_reads as reads
from ivr.adapters.store_sqlalchemy.campaign_rows import attempt_row
from ivr.adapters.store_sqlalchemy.campaign_tables import attempts
from ivr.calls.attempts import AttemptResult
from ivr.campaign.attempt import Attempt
from ivr.campaign.decision import Decision
from ivr.campaign.people import Contact, ContactState
from ivr.campaign.transitions import ended, put_off


async def save_attempt(connection: AsyncConnection, attempt: Attempt) -> None:
    """Write all of an attempt that is there."""
    row = attempt_row(attempt)
    await connection.execute(
        update(attempts).where(attempts.c.attempt_id == row.pop("attempt_id")).values(row)
    )


async def withdraw(
    connection: AsyncConnection, attempt: Attempt, contact: Contact, decision: Decision, now: datetime
) -> None:
    """Undo an attempt that was never dialled. `decision` is what the rules say of its contact now."""
    await connection.execute(delete(attempts).where(attempts.c.attempt_id == attempt.attempt_id))
    if contact.attempt_id == attempt.attempt_id:
        back = replace(contact, state=ContactState.WAITING, attempt_id=None)
        await reads.save_progress(connection, back if decision.dial else put_off(contact, decision, now))


async def end_contact(
    connection: AsyncConnection,
    attempt: Attempt,
    result: AttemptResult,
    now: datetime,
    *,
    callback_at: datetime | None,
) -> None:
    """Let the contact know, unless it has come into other hands since this attempt was taken for lost."""
    contact = await reads.contact_by_id(connection, attempt.contact_id)
    if contact.attempt_id not in (None, attempt.attempt_id):
        other = await reads.attempt_by_id(connection, contact.attempt_id)
        if other is not None and other.dialled_at is not None:
            return
        await connection.execute(delete(attempts).where(attempts.c.attempt_id == contact.attempt_id))
    campaign = await reads.campaign_by_id(connection, attempt.campaign_id)
    listed = await reads.entries(connection, [contact.phone])
    after = ended(
        contact,
        attempt,
        result,
        campaign.retry,
        now,
        callback_at=callback_at,
        do_not_call=contact.phone in listed,
    )
    await reads.save_progress(connection, after)
