"""Asking the core system: one connection pool, time limits, retries, a circuit breaker, checked answers."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import structlog
from purgatory import AsyncCircuitBreakerFactory, ContextChanged, Event
from purgatory.domain.model import OpenedState
from pydantic import ValidationError
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from ivr.adapters.loan_book_http.answers import Answer
from ivr.adapters.loan_book_http.faults import TRANSIENT, CoreSystemFault, FaultKind
from ivr.adapters.loan_book_http.metrics import LoanBookMetrics

log = structlog.get_logger(__name__)

A = TypeVar("A", bound=Answer)

LOOKUPS, REQUESTS = "loan book", "requests"
"""Circuits: requests that it refuses one after the other must not keep callers from their balance."""

_BUSY_STATUSES = frozenset({408, 429})
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 0.8
"""Each pause before a retry is a random part of a limit that doubles up to the second of these."""


@dataclass(frozen=True, slots=True)
class CoreSystemSettings:
    """Where it is and how much patience we have with it."""

    url: str
    """Base address, such as https://core.example/ivr: the contract's paths are appended to it."""
    token: str = field(repr=False)
    ca_file: str = ""
    """PEM file with the certificate authority to trust; empty: those of the system."""
    connect_timeout_s: float = 1.0
    read_timeout_s: float = 2.0
    total_timeout_s: float = 4.0
    """For one operation with all its attempts: the caller waits for no longer than this."""
    attempts: int = 3
    breaker_failures: int = 3
    """Operations in a row that failed, after which the core system is left alone."""
    breaker_pause_s: float = 15.0


class CoreSystem:
    """Carries out operations of the contract. One for each process."""

    def __init__(
        self,
        settings: CoreSystemSettings,
        client: httpx.AsyncClient,
        metrics: LoanBookMetrics,
        breakers: AsyncCircuitBreakerFactory,
    ) -> None:
        self._settings = settings
        self._client = client
        self._metrics = metrics
        self._breakers = breakers

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: CoreSystemSettings, metrics: LoanBookMetrics
    ) -> "AsyncIterator[CoreSystem]":
        """Connects lazily. Raises `OSError` when the CA file cannot be read or holds no certificate."""
        breakers = AsyncCircuitBreakerFactory(
            default_threshold=settings.breaker_failures, default_ttl=settings.breaker_pause_s
        )

        def changed(circuit: str, _what: str, event: Event) -> None:
            if isinstance(event, ContextChanged):
                if circuit == LOOKUPS:
                    metrics.breaker_is(event.state)
                log.warning("loan_book_breaker", circuit=circuit, state=event.state)

        breakers.add_listener(changed)
        client = httpx.AsyncClient(
            base_url=settings.url,
            verify=ssl.create_default_context(cafile=settings.ca_file or None),
            headers={"Authorization": f"Bearer {settings.token}", "Accept": "application/json"},
            timeout=httpx.Timeout(settings.read_timeout_s, connect=settings.connect_timeout_s),
            trust_env=False,
        )
        async with client:
            yield cls(settings, client, metrics, breakers)

    async def ask(
        self,
        operation: str,
        method: str,
        path: str,
        answer: type[A],
        *,
        body: Mapping[str, object] | None = None,
        idempotency_key: str | None = None,
        circuit: str = LOOKUPS,
    ) -> A:
        """Carry out one operation, which must be safe to repeat, and read its answer.

        `operation` is the contract's operationId, for logs and metrics. With `idempotency_key` the core
        system recognises a repetition of the same request. Raises `CoreSystemFault`.
        """
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key is not None else {}
        request = self._client.build_request(method, path, json=body, headers=headers)
        started_s = time.perf_counter()
        try:
            # A caller who hangs up while waiting counts as a failure, too: nothing says that it was well.
            async with await self._breakers.get_breaker(circuit):
                found = await self._within_limit(operation, request, answer)
        except OpenedState as opened:
            # The library raises one and the same object for as long as it is open; it would gather frames.
            opened.__traceback__ = None
            fault = CoreSystemFault(operation, FaultKind.PAUSED, "not asked after repeated failures")
            self._tell(fault)
            raise fault from None
        except CoreSystemFault as fault:
            self._tell(fault)
            raise
        finally:
            self._metrics.ended(operation, time.perf_counter() - started_s)
        return found

    async def _within_limit(self, operation: str, request: httpx.Request, answer: type[A]) -> A:
        try:
            async with asyncio.timeout(self._settings.total_timeout_s):
                return await self._repeatedly(operation, request, answer)
        except TimeoutError:
            raise CoreSystemFault(
                operation, FaultKind.TIMEOUT, f"no answer within {self._settings.total_timeout_s:g} s"
            ) from None

    async def _repeatedly(self, operation: str, request: httpx.Request, answer: type[A]) -> A:
        def tell_retry(_state: RetryCallState) -> None:
            self._metrics.retried(operation)

        retrying = AsyncRetrying(
            retry=retry_if_exception(_is_transient),
            stop=stop_after_attempt(self._settings.attempts),
            wait=wait_random_exponential(multiplier=_FIRST_PAUSE_S, max=_LONGEST_PAUSE_S),
            before_sleep=tell_retry,
            reraise=True,
        )
        return await retrying(self._once, operation, request, answer)

    async def _once(self, operation: str, request: httpx.Request, answer: type[A]) -> A:
        try:
            response = await self._client.send(request)
        except httpx.TimeoutException as error:
            raise CoreSystemFault(operation, FaultKind.TIMEOUT, type(error).__name__) from None
        except httpx.RequestError as error:
            raise CoreSystemFault(operation, FaultKind.UNREACHABLE, type(error).__name__) from None
        if response.status_code != httpx.codes.OK:
            raise CoreSystemFault(operation, _kind_of(response.status_code), f"HTTP {response.status_code}")
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            # The places of the faults and their kinds; never the values, which are a customer's.
            raise CoreSystemFault(operation, FaultKind.MALFORMED, _places(error)) from None

    def _tell(self, fault: CoreSystemFault) -> None:
        self._metrics.failed(fault.operation, fault.kind)
        log.warning("loan_book_fault", operation=fault.operation, kind=fault.kind.value, detail=fault.detail)


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, CoreSystemFault) and error.kind in TRANSIENT


def _kind_of(status: int) -> FaultKind:
    if status in _BUSY_STATUSES or status >= 500:
        return FaultKind.BUSY
    return FaultKind.UNAUTHORISED if status in {401, 403} else FaultKind.REFUSED


_MOST_PLACES = 3


def _places(error: ValidationError) -> str:
    """Such as `loans.0.currency: missing`."""
    faults = error.errors(include_input=False, include_context=False, include_url=False)
    told = [f"{'.'.join(map(str, fault['loc'])) or 'answer'}: {fault['type']}" for fault in faults]
    more = f" and {len(told) - _MOST_PLACES} more" if len(told) > _MOST_PLACES else ""
    return ", ".join(told[:_MOST_PLACES]) + more
