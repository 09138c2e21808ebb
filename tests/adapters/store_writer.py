"""A process that appends one event after another and tells of each when the store has acknowledged it."""

import asyncio
import sys
from datetime import timedelta

from event_samples import AT, answered, ended, started

from ivr.adapters.store_sqlalchemy import Database, SqlStore
from ivr.calls.ids import WorkerId


async def main(url: str, worker_id: str, calls: int) -> None:
    database = Database(url)
    store = SqlStore(database, WorkerId(worker_id))
    for n in range(calls):
        call_id = f"{worker_id}-{n:05}"
        at = AT + timedelta(seconds=n)
        for event in (started(call_id, at, worker_id), answered(call_id, at), ended(call_id, at)):
            await store.append([event])
            print(call_id, event.kind, flush=True)
    await database.close()


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
