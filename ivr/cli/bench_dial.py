"""`ivr bench dial` and `claim`: how fast it is decided whom to ring, and found."""

import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.adapters.store_sqlalchemy import Database, SqlCampaignDesk, SqlCampaignStore, upgrade
from ivr.adapters.store_sqlalchemy.campaign_claims import due_query
from ivr.adapters.work_calendars import PublicHolidayBook
from ivr.calls.ids import CampaignId, ContactId, WorkerId
from ivr.campaign.decision import DialRules
from ivr.campaign.people import NOBODY, Contact, DoNotCallEntry, LinesFree, NumberFacts, PersonHistory
from ivr.campaign.policy import CallWindow, Campaign, CampaignState
from ivr.cli.database_option import run_on_store

_NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in Shanghai: most contacts may be rung, so that no rule is spared."""

_SHANGHAI = NumberFacts(True, "mobile", "CN", ("Asia/Shanghai",))
_ELSEWHERE = (
    NumberFacts(True, "mobile", "CN", ("Asia/Urumqi",)),
    NumberFacts(True, "fixed_line_or_mobile", "US", ("America/New_York",)),
    NumberFacts(True, "fixed_line_or_mobile", "US", ("America/Los_Angeles", "America/Chicago")),
    NumberFacts(False, "unknown", "", ()),
)
_FREE = LinesFree(1, 1)
_BATCH = 20_000


def dial(
    contacts: Annotated[int, typer.Option(min=1, help="How many are decided about each time.")] = 100_000,
    rounds: Annotated[int, typer.Option(min=1, help="Times; the median counts.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed, the same contacts.")] = 1,
) -> None:
    """Decide about invented contacts, all rules with their reasons, and tell how many a second as JSON.

    Processor time of one core. A fifth is in other zones or has a bad number, a twentieth is on the
    do-not-call list, and half have been rung before. The zones' hours are worked out anew each time.

    Example: ivr bench dial --contacts 100000
    """
    rng = Random(seed)
    cases = [(_contact(n, rng), _person(rng), _entry(n, rng)) for n in range(contacts)]
    campaign = _campaign(window=CallWindow(keep_holidays=True))
    holidays = PublicHolidayBook()
    taken: list[float] = []
    dialled = 0
    for _ in range(rounds):
        start = time.process_time()
        rules = DialRules(campaign, holidays, _NOW)
        dialled = sum(rules.decide(contact, person, entry, _FREE).dial for contact, person, entry in cases)
        taken.append(time.process_time() - start)
    told = {
        "contacts": contacts,
        "rounds": rounds,
        "to_be_rung": dialled,
        "decisions_per_s": round(contacts / median(taken)),
        "slowest_round_per_s": round(contacts / max(taken)),
    }
    typer.echo(json.dumps(told, indent=2))


def claim(
    contacts: Annotated[int, typer.Option(min=1, help="How many the store holds.")] = 1_000_000,
    claims: Annotated[int, typer.Option(min=10, help="Claims of one contact each.")] = 200,
    database: Annotated[
        str | None,
        typer.Option("--database", metavar="URL", help="An empty database. Default: a new SQLite file."),
    ] = None,
) -> None:
    """Fill a store with contacts, claim one after the other, and tell times and the index plan as JSON.

    `find_ms` is the query for the due contacts alone; `claim_ms` is all of a claim, from the empty hand to
    the lease on disk, with the decision. It writes into the database that is named: take an empty one.

    Example: ivr bench claim --contacts 1000000
    """
    with tempfile.TemporaryDirectory() as folder:
        url = database or f"sqlite:///{Path(folder) / 'bench.db'}"
        typer.echo(json.dumps(run_on_store(_claim(url, contacts, claims)), indent=2))


async def _claim(url: str, count: int, claims: int) -> dict[str, Any]:
    await upgrade(url)
    database = Database(url)
    try:
        desk = SqlCampaignDesk(database, lambda: _NOW)
        campaign = _campaign(max_lines=claims + 1, calls_per_s=1000)
        await desk.create(campaign, _NOW)
        filled_s = await _fill(desk, campaign, count)
        await desk.change_state(campaign.campaign_id, CampaignState.RUNNING)
        await _analyse(database)
        finds = [await _timed(database, campaign) for _ in range(claims)]
        store = SqlCampaignStore(database, PublicHolidayBook())
        took: list[float] = []
        for n in range(claims):
            start = time.perf_counter()
            now = _NOW + timedelta(seconds=n)
            found = await store.claim(WorkerId("bench"), limit=1, now=now, lease=timedelta(hours=1))
            took.append((time.perf_counter() - start) * 1000)
            assert len(found) == 1, "nothing was claimed"
        return {
            "contacts": count,
            "database": "sqlite" if database.is_sqlite else "postgresql",
            "import_rows_per_s": round(count / filled_s),
            "find_ms": _spread(finds),
            "claim_ms": _spread(took),
            "plan": await _plan(database, campaign),
        }
    finally:
        await database.close()


async def _fill(desk: SqlCampaignDesk, campaign: Campaign, count: int) -> float:
    """Seconds that it took to write the contacts, apart from inventing them."""
    rng = Random(1)
    filled_s = 0.0
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        filling = progress.add_task("Filling the store", total=count)
        for first in range(0, count, _BATCH):
            some = [
                replace(_contact(n, rng), campaign_id=campaign.campaign_id)
                for n in range(first, min(first + _BATCH, count))
            ]
            start = time.perf_counter()
            await desk.add_contacts(campaign.campaign_id, some)
            filled_s += time.perf_counter() - start
            progress.advance(filling, len(some))
    return filled_s


async def _analyse(database: Database) -> None:
    async def work(connection: AsyncConnection) -> None:
        await connection.execute(text("ANALYZE"))

    await database.write(work)


async def _timed(database: Database, campaign: Campaign) -> float:
    query = due_query(campaign.campaign_id, "Asia/Shanghai", _NOW, 1, promised=False)

    async def work(connection: AsyncConnection) -> float:
        start = time.perf_counter()
        (await connection.execute(query)).all()
        return (time.perf_counter() - start) * 1000

    return await database.write(work)


async def _plan(database: Database, campaign: Campaign) -> list[str]:
    query = due_query(campaign.campaign_id, "Asia/Shanghai", _NOW, 21, promised=False)
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN (COSTS OFF) "

    async def work(connection: AsyncConnection) -> list[str]:
        written = query.compile(connection.sync_connection, compile_kwargs={"literal_binds": True})
        rows = await connection.execute(text(explain + str(written).replace(":", "\\:")))
        return [str(row[-1]) for row in rows]

    return await database.read(work)


def _spread(taken_ms: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(median(taken_ms), 2),
        "p99": round(quantiles(taken_ms, n=100)[98], 2),
        "max": round(max(taken_ms), 2),
    }


def _campaign(**changes: Any) -> Campaign:
    own = {"state": CampaignState.RUNNING} if "window" in changes else {}
    return Campaign(
        CampaignId(uuid4().hex),
        f"bench {uuid4().hex}",
        "post_loan",
        "zh-CN",
        regions=frozenset({"CN", "US"}),
        **{**own, **changes},
    )


def _contact(n: int, rng: Random) -> Contact:
    number = _SHANGHAI if rng.random() < 0.8 else rng.choice(_ELSEWHERE)
    due_at = _NOW - timedelta(seconds=rng.randrange(-36_000, 360_000))
    facts: dict[str, str | int | float] = {
        "customer_name": "林晓雨",
        "product": "安心贷",
        "amount": 12_000 + n % 5000,
    }
    return Contact(
        ContactId(f"bench-{n:09}"),
        CampaignId(""),
        f"+86139{n:08}",
        number,
        "zh-CN",
        due_at,
        facts=facts,
    )


def _person(rng: Random) -> PersonHistory:
    count = rng.choice((0, 0, 0, 1, 2, 5))
    if not count:
        return NOBODY
    dialled = tuple(_NOW - timedelta(minutes=rng.randrange(10, 11_000)) for _ in range(count))
    return PersonHistory(dialled, max(dialled))


def _entry(n: int, rng: Random) -> DoNotCallEntry | None:
    return DoNotCallEntry(f"+86139{n:08}", "asked", "call", _NOW) if rng.random() < 0.05 else None
