"""Campaigns made and found."""

from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from uuid import uuid4

from ivr.calls.ids import CampaignId, ContactId
from ivr.campaign.people import Contact, ContactState
from ivr.campaign.policy import Campaign, CampaignState
from ivr.runtime.campaign_ports import CampaignDesk, CampaignRefused


class UnknownCampaign(ValueError):
    """There is no campaign of this name or id. `near` is a name like it, or empty."""

    def __init__(self, name: str, near: str) -> None:
        mend = f": did you mean {near!r}?" if near else ""
        super().__init__(f"there is no campaign {name!r}{mend}")
        self.near = near


async def named(desk: CampaignDesk, name: str) -> Campaign:
    """The campaign of this name or id. Raises `UnknownCampaign`."""
    found = await desk.find(name)
    if found is None:
        names = [campaign.name for campaign in await desk.listed()]
        raise UnknownCampaign(name, next(iter(get_close_matches(name, names, n=1)), ""))
    return found


async def create(desk: CampaignDesk, campaign: Campaign, now: datetime) -> Campaign:
    """Keep a draft, and return it; one that was kept under this id before is returned as it is now.

    Raises `CampaignRefused` where the name is taken, or the id by a campaign that says something else.
    """
    known = await desk.find(campaign.campaign_id)
    if known is not None and known.campaign_id == campaign.campaign_id:
        if replace(known, state=CampaignState.DRAFT, version=campaign.version) != campaign:
            raise CampaignRefused(
                f"campaign {known.name!r} was created under this key, with other values: choose another key"
            )
        return known
    if campaign.ends_at is not None and campaign.ends_at <= now:
        raise CampaignRefused(f"campaign {campaign.name!r} ends before it begins: its ends_at is past")
    await desk.create(campaign, now)
    return campaign


async def clone(
    desk: CampaignDesk, old: Campaign, new_id: CampaignId, name: str, *, contacts: bool, now: datetime
) -> Campaign:
    """A draft with the rules of `old` and no beginning and end in time. Raises as `create` does.

    `contacts`: with its contacts, as if none had been rung. Done again it ends what was begun.
    """
    new = replace(
        old,
        campaign_id=new_id,
        name=name,
        state=CampaignState.DRAFT,
        starts_at=None,
        ends_at=None,
        cloned_from=old.campaign_id,
        version=1,
    )
    made = await create(desk, new, now)
    if contacts and not (await desk.status(new_id)).contacts:
        fresh = [_fresh(contact, new_id, now) async for contact in desk.contacts(old.campaign_id)]
        await desk.add_contacts(new_id, fresh)
    return made


def _fresh(contact: Contact, campaign_id: CampaignId, now: datetime) -> Contact:
    return replace(
        contact,
        contact_id=ContactId(uuid4().hex),
        campaign_id=campaign_id,
        due_at=now,
        promised=False,
        state=ContactState.WAITING,
        tries={},
        final=None,
        why="",
        attempt_id=None,
    )
