"""The API of campaigns on a desk in memory, served for real; and its document to check answers against."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import yaml
from jsonschema import Draft202012Validator

from ivr.adapters.campaign_desk_memory import MemoryCampaignDesk
from ivr.adapters.campaign_http import CampaignApiSettings, Office, Uploads, campaign_app
from ivr.adapters.campaign_store_memory import MemoryCampaignStore
from ivr.adapters.http_server import HttpServer
from ivr.adapters.machine_messages import check_message
from ivr.adapters.script_files import load_survey
from ivr.adapters.work_calendars import PublicHolidayBook
from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import CallId, WorkerId
from ivr.config import Settings

DOCUMENT: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parents[2] / "docs" / "campaigns.openapi.yaml").read_text("utf-8")
)
EXAMPLE = DOCUMENT["paths"]["/v1/campaigns"]["post"]["requestBody"]["content"]["application/json"]["example"]
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in Shanghai."""

CSV = {"Content-Type": "text/csv"}
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER = "phone,customer_id,customer_name,product,amount,first_due,due_amount"


def row(n: int, amount: str = "24000", name: str = "林晓雨") -> str:
    return f"{13800000000 + n},C{n},{name},安心贷,{amount},2026-12-05,1129.76"


def contacts(*rows: str) -> bytes:
    return "\n".join([HEADER, *rows]).encode()


def check(schema: str, value: object) -> None:
    Draft202012Validator({**DOCUMENT, "$ref": f"#/components/schemas/{schema}"}).validate(value)


def told(response: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """The problem, checked against the document."""
    body: dict[str, Any] = response.json()
    check("Problem", body)
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, body["type"]) == (status, f"urn:ivr:problem:{kind}"), body
    assert body["status"] == status
    assert body["mend"]
    assert "{" not in body["mend"]
    return body


def good(response: httpx.Response, status: int, schema: str) -> Any:
    """The answer, checked against the document."""
    assert response.status_code == status, response.text
    body = response.json()
    check(schema, body)
    return body


@cache
def survey(survey_id: str) -> Any:
    return load_survey(Settings().scripts_dir, survey_id)


@dataclass
class Api:
    """A running server, a client of it, and what it works on."""

    client: httpx.AsyncClient
    desk: MemoryCampaignDesk
    faults: list[str]
    now: datetime = NOON
    rung: int = field(default=0)

    async def make(self, **changes: object) -> str:
        """A draft; returns its address."""
        made = good(await self.client.post("/v1/campaigns", json={**EXAMPLE, **changes}), 201, "Campaign")
        return f"/v1/campaigns/{made['campaign_id']}"

    async def take_in(self, place: str, body: bytes, query: str = "", **headers: str) -> httpx.Response:
        return await self.client.post(f"{place}/contacts{query}", content=body, headers={**CSV, **headers})

    async def ring(self, result: AttemptResult) -> None:
        """Let a worker ring the next one."""
        store = MemoryCampaignStore(self.desk, PublicHolidayBook())
        self.now += timedelta(seconds=2)
        (claimed,) = await store.claim(WorkerId("w"), limit=1, now=self.now, lease=timedelta(minutes=1))
        attempt = claimed.attempt.attempt_id
        assert await store.dialling(attempt, self.now)
        self.rung += 1
        call = CallId(f"call-{self.rung}")
        await store.finish(attempt, result, sip_code=200, now=self.now, call_id=call)


@asynccontextmanager
async def serving(
    port: int,
    *,
    headers: Mapping[str, str] | None = None,
    most_mib: int = 1,
    within_s: int = 60,
    desk: object = None,
    **settings: Any,
) -> AsyncIterator[Api]:
    memory = MemoryCampaignDesk(lambda: api.now)
    faults: list[str] = []
    office = Office(
        desk=desk or memory,  # type: ignore[arg-type]
        people=memory.list,
        holidays=PublicHolidayBook(),
        clock=_HandClock(lambda: api.now),
        survey=survey,
        check_message=partial(check_message, Path("prompts")),
        settings=CampaignApiSettings(zone=ZoneInfo("Asia/Shanghai"), region="CN", **settings),
        uploads=Uploads(most_mib, within_s),
    )
    app = campaign_app(office, lambda what, error: faults.append(f"{what}: {error!r}"))
    async with (
        HttpServer(app, host="127.0.0.1", port=port, what="campaigns"),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, headers=headers) as client,
    ):
        api = Api(client, memory, faults)
        yield api


@dataclass
class _HandClock:
    """Shows what it is told."""

    read: Any

    def now(self) -> datetime:
        shown: datetime = self.read()
        return shown
