"""Which loan book a worker asks: the company's core system where one is set, else the store's own tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ivr.adapters.loan_book_http import CoreSystem, CoreSystemSettings, HttpLoanBook, LoanBookMetrics
from ivr.config import Settings
from ivr.runtime.store_ports import LoanBook
from ivr.runtime.ticket_ports import RequestDesk


@dataclass(frozen=True, slots=True)
class OpenLoanBook:
    """The book to ask, and the system that takes over requests; None where tickets stay with our people."""

    book: LoanBook
    requests: RequestDesk | None = None


@asynccontextmanager
async def open_loan_book(settings: Settings, own: LoanBook) -> AsyncIterator[OpenLoanBook]:
    """`own` is the book in the store's tables. Raises `OSError` when the CA file holds no certificate."""
    if not settings.loan_book.url:
        yield OpenLoanBook(own)
        return
    metrics = LoanBookMetrics()
    async with CoreSystem.open(core_system_settings(settings), metrics) as core:
        book = HttpLoanBook(core, metrics, cache_s=settings.loan_book.cache_s)
        yield OpenLoanBook(book, book)


def core_system_settings(settings: Settings) -> CoreSystemSettings:
    """Only for settings with `loan_book.url`, which the check of the settings gives a token."""
    book = settings.loan_book
    assert book.token is not None
    return CoreSystemSettings(
        url=book.url,
        token=book.token.get_secret_value(),
        ca_file=str(settings.resolve(book.ca_file)) if book.ca_file else "",
        connect_timeout_s=book.connect_timeout_s,
        read_timeout_s=book.read_timeout_s,
        total_timeout_s=book.total_timeout_s,
        attempts=book.attempts,
        breaker_failures=book.breaker_failures,
        breaker_pause_s=book.breaker_pause_s,
    )
