"""What the commands of `ivr campaign` share: the desk, the named campaign, moments as people read them."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer

from ivr.adapters.script_files import load_script, survey_file
from ivr.adapters.store_sqlalchemy import Database, SqlCampaignDesk
from ivr.adapters.system_clock import SystemClock
from ivr.campaign.policy import Campaign
from ivr.cli.database_option import database_address, run_on_store
from ivr.cli.settings import settings_or_exit
from ivr.dialogue.script_data import ScriptFault
from ivr.dialogue.survey import Survey

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
    found = await desk.find(name)
    if found is None:
        names = [campaign.name for campaign in await desk.listed()]
        near = get_close_matches(name, names, n=1)
        mend = f"did you mean {near[0]!r}?" if near else "see `ivr campaign list`"
        raise ValueError(f"there is no campaign {name!r}: {mend}")
    return found


def survey_named(survey_id: str) -> Survey:
    """The survey that a campaign rings with. Raises `ValueError` with the known ones, or with its fault."""
    try:
        script = load_script(survey_file(settings_or_exit().scripts_dir, survey_id))
    except ScriptFault as fault:
        raise ValueError(str(fault)) from None
    if script.survey is None:
        raise ValueError(f"{survey_id} is no survey")
    return script.survey


def company_zone() -> ZoneInfo:
    """Where the company's clocks are."""
    return ZoneInfo(settings_or_exit().hotline.timezone)


def clock(moment: datetime | None, zone: ZoneInfo) -> str:
    """A moment as people of that zone read it; empty for none."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment is not None else ""


def as_json(value: object) -> str:
    """JSON for programs: moments in ISO 8601, lengths of time in seconds."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def campaign_json(campaign: Campaign) -> dict[str, Any]:
    """All that is known of a campaign."""
    told = asdict(campaign)
    told["retry"] = {
        "most_attempts": campaign.retry.most_attempts,
        "after": {result.value: list(rule.waits) for result, rule in campaign.retry.rules.items()},
    }
    return told


def _plain(value: object) -> object:
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
