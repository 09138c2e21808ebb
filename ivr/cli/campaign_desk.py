"""What the commands of `ivr campaign` share: the desk, the named campaign, moments as people read them."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer

from ivr.adapters.machine_messages import check_message
from ivr.adapters.script_files import load_survey
from ivr.adapters.store_sqlalchemy import Database, SqlCampaignDesk
from ivr.adapters.system_clock import SystemClock
from ivr.campaign.policy import Campaign
from ivr.cli.database_option import database_address, run_on_store
from ivr.cli.settings import settings_or_exit
from ivr.dialogue.survey import Survey
from ivr.runtime.campaigns.planning import UnknownCampaign
from ivr.runtime.campaigns.planning import named as find_named
from ivr.runtime.campaigns.told import plain

T = TypeVar("T")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CampaignArgument = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its name or id.")]


def ask(given: str | None, question: Callable[[SqlCampaignDesk], Awaitable[T]]) -> T:
    """The answer of the campaigns' desk; what it refuses ends the command with code 1 and the mend."""

    async def work() -> T:
        database = Database(database_address(given), retry_s=5.0)
        try:
            return await question(SqlCampaignDesk(database, SystemClock().now))
        finally:
            await database.close()

    return run_on_store(work())


async def named(desk: SqlCampaignDesk, name: str) -> Campaign:
    """The campaign of this name or id. Raises `ValueError` with the mend."""
    try:
        return await find_named(desk, name)
    except UnknownCampaign as unknown:
        raise ValueError(str(unknown) if unknown.near else f"{unknown}: see `ivr campaign list`") from None


def survey_named(survey_id: str) -> Survey:
    """The survey that a campaign rings with. Raises `ValueError` with the known ones, or with its fault."""
    return load_survey(settings_or_exit().scripts_dir, survey_id)


def check_left_message(campaign: Campaign) -> None:
    """Raises `ValueError` with the mend where what a campaign leaves on machines is no message."""
    check_message(settings_or_exit().prompts_dir, campaign.message_on_machine, campaign.locale)


def company_zone() -> ZoneInfo:
    """Where the company's clocks are."""
    return ZoneInfo(settings_or_exit().hotline.timezone)


def clock(moment: datetime | None, zone: ZoneInfo) -> str:
    """A moment as people of that zone read it; empty for none."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment is not None else ""


def as_json(value: object) -> str:
    """JSON for programs; see `plain`."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=plain)
