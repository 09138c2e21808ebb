"""How tests fill the trial core system, spoil its answers, ask what it has seen, and open a book on it."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
from core_system import TOKEN
from prometheus_client import CollectorRegistry

from ivr.adapters.loan_book_http import CoreSystem, CoreSystemSettings, HttpLoanBook, LoanBookMetrics
from ivr.calls.loans import CustomerFile


@dataclass(frozen=True)
class Trial:
    """A running core system."""

    port: int

    @property
    def settings(self) -> CoreSystemSettings:
        return CoreSystemSettings(
            url=f"http://127.0.0.1:{self.port}/ivr",
            token=TOKEN,
            total_timeout_s=10.0,
            breaker_pause_s=0.3,
        )

    def fill(self, files: list[CustomerFile]) -> None:
        self._post("book", [_as_json(file) for file in files])

    def spoil(self, *faults: dict[str, Any]) -> None:
        """How each of the next answers goes wrong; with `before` nothing was done first."""
        self._post("faults", list(faults))

    @property
    def seen(self) -> dict[str, Any]:
        seen: dict[str, Any] = httpx.get(f"http://127.0.0.1:{self.port}/trial/seen", trust_env=False).json()
        return seen

    def _post(self, what: str, body: Any) -> None:
        url = f"http://127.0.0.1:{self.port}/trial/{what}"
        httpx.post(url, json=body, trust_env=False).raise_for_status()


@dataclass
class OpenBook:
    """A loan book on it, with its figures."""

    book: HttpLoanBook
    core: CoreSystem
    metrics: LoanBookMetrics
    registry: CollectorRegistry

    def figure(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"ivr_loan_book_{name}", labels)


@contextlib.asynccontextmanager
async def open_book(
    settings: CoreSystemSettings, *, cache_s: float = 0.0, **changes: Any
) -> AsyncIterator[OpenBook]:
    registry = CollectorRegistry()
    metrics = LoanBookMetrics(registry)
    async with CoreSystem.open(replace(settings, **changes), metrics) as core:
        yield OpenBook(HttpLoanBook(core, metrics, cache_s=cache_s), core, metrics, registry)


class FillableHttpLoanBook(HttpLoanBook):
    """The contract test writes as well as reads; a real core system is filled by others."""

    def __init__(
        self, core: CoreSystem, metrics: LoanBookMetrics, *, fill: Callable[[list[CustomerFile]], None]
    ) -> None:
        super().__init__(core, metrics, cache_s=0.0)
        self._fill = fill

    async def save(self, files: list[CustomerFile]) -> None:
        self._fill(files)


def _as_json(file: CustomerFile) -> dict[str, Any]:
    """A customer file in the contract's words: fields have the same names there."""
    return {
        "customer": _plain(file.customer),
        "id_number": file.id_number,
        "birth_date": file.birth_date.isoformat(),
        "loans": [_plain(loan) for loan in file.loans],
        "payments": [_plain(payment) for payment in file.payments],
        "applications": [_plain(application) for application in file.applications],
    }


def _plain(thing: Any, name: str = "") -> Any:
    if is_dataclass(thing):
        return {spec.name: _plain(getattr(thing, spec.name), spec.name) for spec in fields(thing)}
    if isinstance(thing, tuple):
        return [_plain(part) for part in thing]
    if isinstance(thing, Decimal):
        return f"{thing:f}" if name.endswith("_rate") else f"{thing:.2f}"
    return thing.isoformat() if isinstance(thing, date) else thing
