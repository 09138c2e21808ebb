"""`ivr campaign-api` on a real database: from a list to results, beside a worker, with its health told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from campaign_api import EXAMPLE, contacts, good, row, told
from pydantic import SecretStr

from ivr.adapters.store_sqlalchemy import Database, SqlCampaignStore, StoreError
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.work_calendars import PublicHolidayBook
from ivr.bootstrap.campaign_api import serve_campaigns
from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import WorkerId
from ivr.config import Settings
from ivr.config.campaign_api import CampaignApi
from ivr.config.sections import Store, Workers

TOKEN = "a token of the company"


def day_somewhere() -> str:
    """A zone where it is about noon now, so that the test may ring at any hour."""
    offset = 12 - SystemClock().now().hour
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    stopping = asyncio.Event()
    serving = asyncio.create_task(serve_campaigns(settings, stopping))
    base = f"http://127.0.0.1:{settings.campaign_api.port}"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(base_url=base, timeout=20, headers=headers) as client:
        async with asyncio.timeout(10):
            while not serving.done():
                try:
                    await client.get("/")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.02)
        yield client
    stopping.set()
    await serving


def settings_for(url: str, port: int, health_port: int) -> Settings:
    return Settings(
        store=Store(url=url),
        workers=Workers(http_host="127.0.0.1"),
        campaign_api=CampaignApi(port=port, health_port=health_port, token=SecretStr(TOKEN)),
    )


async def ring(url: str, result: AttemptResult) -> None:
    database, now = Database(url), SystemClock().now()
    store = SqlCampaignStore(database, PublicHolidayBook())
    (claimed,) = await store.claim(WorkerId("w"), limit=1, now=now, lease=timedelta(minutes=1))
    assert await store.dialling(claimed.attempt.attempt_id, now)
    await store.finish(claimed.attempt.attempt_id, result, sip_code=200, now=now)
    await database.close()


async def test_from_a_list_to_results_on_a_database(sqlite_url: str, free_port: Callable[[], int]) -> None:
    settings = settings_for(sqlite_url, free_port(), free_port())
    health = f"http://127.0.0.1:{settings.campaign_api.health_port}"
    zone = day_somewhere()
    header, *rows = contacts(row(1), row(2)).decode().splitlines()
    body = "\n".join([f"{header},time_zone", *(f"{each},{zone}" for each in rows)])
    async with running(settings) as client:
        told(await client.get("/v1/campaigns", headers={"Authorization": ""}), 401, "unauthorised")
        key = {"Idempotency-Key": "a-key-of-the-bank"}
        every_day = {**EXAMPLE, "window": {"opens": "08:00", "closes": "22:00"}}
        first = await client.post("/v1/campaigns", json=every_day, headers=key)
        draft = good(first, 201, "Campaign")
        assert (await client.post("/v1/campaigns", json=every_day, headers=key)).json() == draft
        told(await client.post("/v1/campaigns", json=every_day), 409, "refused")
        place = first.headers["location"]
        csv_type = {"Content-Type": "text/csv"}
        for added in (2, 0):
            done = await client.post(f"{place}/contacts", content=body.encode(), headers=csv_type)
            assert good(done, 200, "ContactsImported")["added"] == added
        assert good(await client.get(f"{place}/preview"), 200, "Preview")["now"] == 2
        assert good(await client.post(f"{place}/start"), 200, "Campaign")["version"] == 2
        await ring(sqlite_url, AttemptResult.COMPLETED)
        good(await client.post("/v1/do-not-call", json={"phone": "13800000002"}), 201, "Added")
        status = good(await client.get(f"{place}/status"), 200, "Status")
        assert status["done"] == {"completed": 1, "not rung": 1}
        results = await client.get(f"{place}/results?format=json")
        assert [(each["result"], each["why"]) for each in good(results, 200, "Results")] == [
            ("completed", "completed"),
            (None, "do_not_call"),
        ]
        explained = await client.post("/v1/explain", json={"phone": "13800000001"})
        assert good(explained, 200, "Explanations")["contacts"][0]["attempts"][0]["sip_code"] == 200
        clone = await client.post(f"{place}/clone", json={"name": "april", "contacts": True})
        assert good(clone, 201, "Campaign")["state"] == "draft"
        assert len(good(await client.get("/v1/campaigns"), 200, "Campaigns")["campaigns"]) == 2
        page = good(await client.get("/v1/do-not-call?limit=1"), 200, "Page")
        assert (len(page["entries"]), page["next"]) == (1, None)
        well = await client.get(f"{health}/healthz")
        assert (well.status_code, well.json()["process"]) == (200, "campaign-api")
        assert (await client.get(f"{health}/metrics")).status_code == 200


async def test_a_database_that_is_not_up_to_date_keeps_it_from_starting(
    tmp_path: object, free_port: Callable[[], int]
) -> None:
    settings = settings_for(f"sqlite:///{tmp_path}/empty.db", free_port(), free_port())
    with pytest.raises(StoreError, match="ivr db upgrade"):
        await serve_campaigns(settings, asyncio.Event())
