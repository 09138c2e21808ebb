"""A chat in the terminal on the store: its customers, and where it is recorded if that is wanted."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from ivr.adapters.store_memory import MemoryTicketDesk
from ivr.adapters.store_sqlalchemy import (
    Database,
    SqlLoanBook,
    SqlRecentDialogues,
    SqlStore,
    SqlTicketDesk,
    database_url,
)
from ivr.adapters.system_clock import SystemClock
from ivr.bootstrap.faults import report_error
from ivr.bootstrap.loan_book import open_loan_book
from ivr.bootstrap.store_link import running
from ivr.calls.events import CallEvent
from ivr.calls.ids import WorkerId
from ivr.cli.chat_trial import Books, Wanted, demo_book
from ivr.config import Settings
from ivr.runtime.fanout import EventFanout
from ivr.runtime.ticket_ports import TicketDesk


@asynccontextmanager
async def stored_books(settings: Settings, wanted: Wanted) -> AsyncIterator[Books]:
    """Open the store. Raises `FileNotFoundError` with the mend where there is none."""
    async with AsyncExitStack() as stack:
        database = Database(_existing(settings.database_url), retry_s=5.0)
        stack.push_async_callback(database.close)
        events: list[CallEvent] = []
        emit = events.append
        desk: TicketDesk = MemoryTicketDesk()
        if wanted.record:
            writer = WorkerId(f"terminal:{os.getpid()}")
            desk = SqlTicketDesk(database, writer)
            fanout = EventFanout(SqlStore(database, writer), on_error=report_error)
            await stack.enter_async_context(running(fanout.run(), "fanout", before_cancel=fanout.flush))

            def emit(event: CallEvent) -> None:
                events.append(event)
                fanout.emit(event)

        book = await stack.enter_async_context(
            open_loan_book(settings, SqlLoanBook(database, clock=SystemClock()))
        )
        customers = demo_book(settings) if wanted.demo else book.book
        yield Books(customers, desk, SqlRecentDialogues(database), emit, events)


def _existing(url: str) -> str:
    """The address, unless it is that of a file which is not there: SQLite would make an empty one."""
    address = database_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file():
        mend = "fill a loan book with `ivr demo seed`, or try with --demo"
        raise FileNotFoundError(f"{address.database} does not exist: {mend}")
    return url
