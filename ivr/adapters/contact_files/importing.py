"""What a file came to, written or not: all or nothing, unless bad rows may be left out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ivr.adapters.contact_files.numbers import NumberFile
from ivr.adapters.contact_files.reading import BadRow, ContactFile
from ivr.calls.ids import CampaignId
from ivr.campaign.people import DoNotCallEntry
from ivr.runtime.campaign_ports import CampaignDesk, DoNotCallList


@dataclass(frozen=True, slots=True)
class ContactsImported:
    """What an import of contacts did, or would do."""

    rows: int
    contacts: int
    added: int
    merged_with_campaign: int
    merged_in_file: int
    written: bool
    bad_rows: tuple[BadRow, ...]


@dataclass(frozen=True, slots=True)
class NumbersImported:
    """What an import into the do-not-call list did."""

    rows: int
    added: int
    written: bool
    bad_rows: tuple[BadRow, ...]


async def write_contacts(
    desk: CampaignDesk,
    campaign_id: CampaignId,
    found: ContactFile,
    *,
    dry_run: bool,
    skip_bad: bool,
    wrote: Callable[[int], None] = lambda _: None,
) -> ContactsImported:
    """Add the contacts to the campaign. `wrote` is told their number from time to time."""
    added = merged = 0
    writes = bool(found.contacts) and not dry_run and (skip_bad or not found.bad_rows)
    if writes:
        done = await desk.add_contacts(campaign_id, list(found.contacts.values()), wrote)
        added, merged = done.added, done.merged
    return ContactsImported(
        rows=found.rows,
        contacts=len(found.contacts),
        added=added,
        merged_with_campaign=merged,
        merged_in_file=found.merged,
        written=writes,
        bad_rows=tuple(found.bad_rows),
    )


async def write_numbers(
    people: DoNotCallList, found: NumberFile, *, reason: str, source: str, now: datetime, skip_bad: bool
) -> NumbersImported:
    """Put the numbers on the do-not-call list."""
    added = 0
    writes = bool(found.phones) and (skip_bad or not found.bad_rows)
    if writes:
        added = await people.add([DoNotCallEntry(phone, reason, source, now) for phone in found.phones])
    return NumbersImported(found.rows, added, writes, tuple(found.bad_rows))
