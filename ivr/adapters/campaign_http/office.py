"""What the API works with, and how it writes its answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse

from ivr.adapters.campaign_http.uploads import Uploads
from ivr.adapters.phone_numbers import to_e164
from ivr.campaign.calendar import PublicHolidays
from ivr.campaign.policy import Campaign
from ivr.dialogue.survey import Survey
from ivr.runtime.campaign_ports import CampaignDesk, DoNotCallList
from ivr.runtime.campaigns.planning import named
from ivr.runtime.campaigns.told import plain
from ivr.runtime.ports import Clock

NO_NUMBER = {"field": "phone", "reason": "is no telephone number: write 13800000001 or +8613800000001"}


@dataclass(frozen=True, slots=True)
class CampaignApiSettings:
    """Where the company is, who may ask, and how often."""

    zone: ZoneInfo
    """Of the company: moments without a zone are in it, and those of results."""
    region: str
    """ISO 3166, of numbers without a country code."""
    token: str = field(default="", repr=False)
    """The bearer token; empty lets everybody in, which only loopback may."""
    requests_per_minute: int = 300
    """From one address."""


@dataclass(frozen=True, slots=True)
class Office:
    """Desk, list, calendar and clock. `survey` finds one by its id or raises `ValueError`; it may block.

    So may `check_message`, which takes a prompt and a locale.
    """

    desk: CampaignDesk
    people: DoNotCallList
    holidays: PublicHolidays
    clock: Clock
    survey: Callable[[str], Survey]
    check_message: Callable[[str, str], None]
    settings: CampaignApiSettings
    uploads: Uploads

    async def campaign(self, request: Request) -> Campaign:
        """The one that the address names, by its id or its name. Raises `UnknownCampaign`."""
        return await named(self.desk, request.path_params["campaign"])

    def number(self, written: str) -> str | None:
        """A telephone number in E.164; None for what is none."""
        return to_e164(written, self.settings.region)


class Answer(JSONResponse):
    """JSON with moments, lengths of time and sets in it; see `plain`."""

    def render(self, content: Any) -> bytes:
        """The body."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=plain)
        return text.encode()
