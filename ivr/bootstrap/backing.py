"""What the calls of a worker lean on: the store and its events, the recogniser, the loan book."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.metrics import MetricsSink
from ivr.adapters.recogniser.client import RemoteRecogniser
from ivr.adapters.recording_wav import finish_recording, unfinished_recordings
from ivr.adapters.store_sqlalchemy import Database, SqlCallRecords, SqlRecentDialogues, SqlStore
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.loan_book import open_loan_book
from ivr.bootstrap.outbound import campaign_store, ring_back_desk
from ivr.bootstrap.rulebook_keeper import RulebookKeeper
from ivr.bootstrap.sessions import SessionOpener
from ivr.bootstrap.store_link import open_store, running
from ivr.calls.events import RecordingSaved
from ivr.calls.ids import CallId, LegId, WorkerId
from ivr.config import Settings
from ivr.runtime.fanout import EventFanout
from ivr.runtime.forwarding import TicketForwarder
from ivr.runtime.ports import Clock


@dataclass(frozen=True, slots=True)
class Backing:
    """What is there before the first line: `opener` makes the sessions, and the rest is what they share."""

    database: Database
    fanout: EventFanout
    recogniser: RemoteRecogniser
    opener: SessionOpener


@asynccontextmanager
async def open_backing(
    settings: Settings, worker_id: WorkerId, keeper: RulebookKeeper, clock: Clock
) -> AsyncIterator[Backing]:
    """Open all of it, and keep it going while the context is open. Raises what keeps it from starting.

    At the end the events that still wait are written before the store is closed.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings, worker_id, clock))
        records = SqlCallRecords(store.database)
        await _save_left_recordings(settings.recordings_dir, records, store.events, clock)
        fanout = EventFanout(store.events, [MetricsSink()], on_error=report_error)
        await stack.enter_async_context(running(fanout.run(), "fanout", before_cancel=fanout.flush))
        recogniser = await stack.enter_async_context(
            RemoteRecogniser.open(settings.recogniser_url, timeout_s=settings.recogniser.timeout_s)
        )
        book = await stack.enter_async_context(open_loan_book(settings, store.loan_book))
        if book.requests is not None:
            forwarder = TicketForwarder(store.forwarding, book.requests, clock, report=report_error)
            await stack.enter_async_context(running(forwarder.run(), "ticket forwarding"))
        opener = SessionOpener(
            settings=settings,
            keeper=keeper,
            worker_id=worker_id,
            clock=clock,
            fanout=fanout,
            loan_book=book.book,
            desk=store.desk,
            dialogues=SqlRecentDialogues(store.database),
            recogniser=recogniser,
            do_not_call=campaign_store(settings, store.database),
            ring_backs=ring_back_desk(
                settings,
                store.database,
                keeper=keeper,
                recogniser=recogniser,
                worker_id=worker_id,
                clock=clock,
            ),
        )
        yield Backing(store.database, fanout, recogniser, opener)


async def _save_left_recordings(
    directory: Path, records: SqlCallRecords, store: SqlStore, clock: Clock
) -> None:
    """A worker that died left recordings without a name; those of ended calls get theirs."""
    for part in unfinished_recordings(directory):
        record = await records.find(CallId(part.stem))
        if record is None or record.call["ended_at"] is None:
            continue
        recording = finish_recording(part)
        if recording is not None:
            saved = RecordingSaved(
                call_id=CallId(part.stem),
                at=clock.now(),
                leg_id=LegId(record.legs[0]["leg_id"]),
                path=recording.path,
                duration_ms=recording.duration_ms,
                paused_ms=recording.paused_ms,
                sha256=recording.sha256,
            )
            await store.append([saved])
