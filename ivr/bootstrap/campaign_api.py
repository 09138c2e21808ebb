"""The process that serves the API of campaigns."""

import asyncio
import os
from contextlib import AsyncExitStack
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from ivr.adapters.campaign_http import CampaignApiSettings, Office, Uploads, campaign_app
from ivr.adapters.http_health import CheckResult, HealthServer
from ivr.adapters.http_server import HttpServer
from ivr.adapters.machine_messages import check_message
from ivr.adapters.script_files import load_survey
from ivr.adapters.store_sqlalchemy import Database, SqlCampaignDesk, SqlDoNotCallList
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.work_calendars import PublicHolidayBook
from ivr.bootstrap.faults import report_error
from ivr.config import Settings

log = structlog.get_logger(__name__)

_RETRY_S = 5.0
"""Clients would rather hear of a store that is away than wait for it."""


async def serve_campaigns(settings: Settings, stopping: asyncio.Event) -> None:
    """Serve the API until `stopping`. Raises what keeps it from starting."""
    own = settings.campaign_api
    database = Database(settings.database_url, retry_s=_RETRY_S)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        office = _office(settings, database)
        await office.desk.listed()  # a database that is not up to date is told now

        async def store_check() -> CheckResult:
            await office.desk.find("")
            return CheckResult(ok=True)

        health = HealthServer(
            process="campaign-api",
            host=settings.workers.http_host,
            port=own.health_port,
            checks={"store": store_check},
        )
        server = HttpServer(
            campaign_app(office, report_error),
            host=own.host,
            port=own.port,
            what="the campaign API",
            proxies=[str(network) for network in own.proxies],
        )
        await stack.enter_async_context(server)
        await stack.enter_async_context(health)
        log.info("campaign_api_ready", pid=os.getpid())
        await stopping.wait()


def _office(settings: Settings, database: Database) -> Office:
    own, clock = settings.campaign_api, SystemClock()
    return Office(
        desk=SqlCampaignDesk(database, clock.now),
        people=SqlDoNotCallList(database),
        holidays=PublicHolidayBook(),
        clock=clock,
        survey=partial(load_survey, settings.scripts_dir),
        check_message=partial(check_message, settings.prompts_dir),
        uploads=Uploads(own.max_upload_mib),
        settings=CampaignApiSettings(
            zone=ZoneInfo(settings.hotline.timezone),
            region=settings.hotline.country,
            token=own.token.get_secret_value() if own.token else "",
            requests_per_minute=own.requests_per_minute,
        ),
    )
