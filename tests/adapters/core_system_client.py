"""How tests fill the trial core system, spoil its answers, ask what it has seen, and open a book on it."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
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
    who = file.customer
    return {
        "customer": {
            "customer_id": who.customer_id,
            "name": who.name,
            "phone": who.phone,
            "locale": who.locale,
        },
        "id_number": file.id_number,
        "loans": [
            {
                "loan_id": loan.loan_id,
                "product": loan.product,
                "signed_on": loan.signed_on.isoformat(),
                "principal": f"{loan.principal:.2f}",
                "currency": loan.currency,
                "instalments": [
                    {
                        "number": part.number,
                        "due_on": part.due_on.isoformat(),
                        "amount": f"{part.amount:.2f}",
                        "principal": f"{part.principal:.2f}",
                        "paid_on": part.paid_on.isoformat() if part.paid_on else None,
                    }
                    for part in loan.instalments
                ],
            }
            for loan in file.loans
        ],
    }
