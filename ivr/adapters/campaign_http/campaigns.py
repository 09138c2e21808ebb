"""Campaigns: made, looked at, started and stopped."""

import asyncio
from dataclasses import replace
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from ivr.adapters.campaign_files import CampaignFileFault, new_campaign
from ivr.adapters.campaign_http.office import Answer, Office
from ivr.adapters.campaign_http.requests import CloneCampaign, id_of_key
from ivr.adapters.http_api import Handler, Problem, parse_json, read_json, read_raw
from ivr.adapters.http_api.problems import BAD_VALUE
from ivr.calls.ids import CampaignId
from ivr.campaign.policy import Campaign, CampaignState
from ivr.runtime.campaigns import planning
from ivr.runtime.campaigns.preview import preview
from ivr.runtime.campaigns.told import campaign_told, preview_told, status_told


class CampaignPlaces:
    """The handlers of `/v1/campaigns` and what is under it, but for files."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def listed(self, _request: Request) -> Response:
        """All of them, the newest first, with the counts of their contacts."""
        desk = self._office.desk
        found = [
            {**campaign_told(each), "contacts": dict((await desk.status(each.campaign_id)).contacts)}
            for each in await desk.listed()
        ]
        return Answer({"campaigns": found})

    async def create(self, request: Request) -> Response:
        """Make a draft."""
        office = self._office
        own_id = id_of_key(request)
        values = parse_json(await read_raw(request))
        try:
            campaign = new_campaign(values, office.settings.zone, "")
            await asyncio.to_thread(office.survey, campaign.script_id)
        except CampaignFileFault as fault:
            errors = [{"field": key, "reason": reason} for key, reason in fault.faults]
            raise Problem(BAD_VALUE, errors=errors) from None
        except ValueError as error:
            raise Problem(BAD_VALUE, errors=[{"field": "survey", "reason": str(error)}]) from None
        try:
            await asyncio.to_thread(office.check_message, campaign.message_on_machine, campaign.locale)
        except ValueError as error:
            raise Problem(BAD_VALUE, errors=[{"field": "message_on_machine", "reason": str(error)}]) from None
        if own_id is not None:
            campaign = replace(campaign, campaign_id=own_id)
        return _made(await planning.create(office.desk, campaign, office.clock.now()))

    async def clone(self, request: Request) -> Response:
        """Make a draft with the rules of another."""
        office = self._office
        new_id = id_of_key(request) or CampaignId(uuid4().hex)
        asked = await read_json(request, CloneCampaign)
        old, now = await office.campaign(request), office.clock.now()
        return _made(
            await planning.clone(office.desk, old, new_id, asked.name, contacts=asked.contacts, now=now)
        )

    async def view(self, request: Request) -> Response:
        """What it says."""
        return Answer(campaign_told(await self._office.campaign(request)))

    async def status(self, request: Request) -> Response:
        """How far it has come."""
        campaign = await self._office.campaign(request)
        return Answer(status_told(campaign, await self._office.desk.status(campaign.campaign_id)))

    async def preview(self, request: Request) -> Response:
        """Whom it would ring now."""
        office = self._office
        campaign = await office.campaign(request)
        return Answer(preview_told(await preview(office.desk, campaign, office.holidays, office.clock.now())))

    def change(self, state: CampaignState) -> Handler:
        """The handler that brings a campaign into a state, in which it may be already."""

        async def handle(request: Request) -> Response:
            campaign = await self._office.campaign(request)
            return Answer(campaign_told(await self._office.desk.change_state(campaign.campaign_id, state)))

        return handle


def _made(campaign: Campaign) -> Response:
    return Answer(campaign_told(campaign), 201, {"Location": f"/v1/campaigns/{campaign.campaign_id}"})
