"""What came of every contact, with what was answered, as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from ivr.calls.ids import CampaignId
from ivr.campaign.attempt import Attempt
from ivr.campaign.people import Contact, ContactState
from ivr.runtime.campaign_ports import CampaignDesk

_COLUMNS = (
    "phone", "customer_id", "state", "result", "why", "attempts", "rang_back", "first_rung_at",
    "last_rung_at", "call_id", "next_at", "promised",
)  # fmt: skip

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Harvest:
    """All that is known of a campaign's contacts."""

    contacts: Sequence[Contact]
    attempts: Sequence[Attempt]
    answers: Sequence[Mapping[str, Any]]


async def harvest(desk: CampaignDesk, campaign_id: CampaignId) -> Harvest:
    """Read it from the desk."""
    contacts = [contact async for contact in desk.contacts(campaign_id)]
    return Harvest(contacts, await desk.attempts(campaign_id), await desk.answers_of(campaign_id))


def tabulate(found: Harvest, zone: tzinfo, *, facts: bool) -> tuple[Sequence[str], Sequence[Record]]:
    """Columns, and a record for each contact with a column for each item that was answered.

    Moments are in `zone`. `facts`: with the facts of each contact, too. A second for 100,000 contacts.
    """
    made: dict[str, list[Attempt]] = {}
    for attempt in found.attempts:
        if attempt.dialled_at is not None:
            made.setdefault(attempt.contact_id, []).append(attempt)
    said: dict[str, dict[str, Any]] = {}
    for answer in found.answers:
        said.setdefault(str(answer["contact_id"]), {})[f"answer {answer['item']}"] = answer["value"]
    records = [
        {
            **_progress(contact, made.get(contact.contact_id, []), zone),
            **({f"fact {name}": value for name, value in contact.facts.items()} if facts else {}),
            **said.get(contact.contact_id, {}),
        }
        for contact in found.contacts
    ]
    return list(dict.fromkeys([*_COLUMNS, *(name for record in records for name in record)])), records


def _progress(contact: Contact, made: Sequence[Attempt], zone: tzinfo) -> dict[str, Any]:
    rung = [
        attempt.dialled_at.astimezone(zone)
        for attempt in made
        if attempt.dialled_at is not None and not attempt.rang_back
    ]
    waits = contact.state is not ContactState.DONE
    return {
        "phone": contact.phone,
        "customer_id": contact.customer_id,
        "state": contact.state.value,
        "result": contact.final.value if contact.final is not None else None,
        "why": contact.why,
        "attempts": len(rung),
        "rang_back": len(made) - len(rung),
        "first_rung_at": f"{rung[0]:%Y-%m-%d %H:%M:%S}" if rung else None,
        "last_rung_at": f"{rung[-1]:%Y-%m-%d %H:%M:%S}" if rung else None,
        "call_id": made[-1].call_id if made else None,
        "next_at": f"{contact.due_at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if waits else None,
        "promised": "yes" if waits and contact.promised else None,
    }
