"""How the core system does, for Prometheus. Labels are words of our own, never a customer's."""

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Enum, Histogram

from ivr.adapters.loan_book_http.faults import FaultKind

_BUCKETS_S = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Up to the default `total_timeout_s`; a caller notices from about half a second on."""


class LoanBookMetrics:
    """One set for each process, since Prometheus knows each name once."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._latency = Histogram(
            "ivr_loan_book_seconds",
            "Operations on the core system, retries included.",
            ["operation"],
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self._faults = Counter(
            "ivr_loan_book_faults", "Operations without an answer.", ["operation", "kind"], registry=registry
        )
        self._retries = Counter(
            "ivr_loan_book_retries", "Further attempts.", ["operation"], registry=registry
        )
        self._hits = Counter(
            "ivr_loan_book_cache_hits", "Reads that needed no asking.", ["operation"], registry=registry
        )
        self._breaker = Enum(
            "ivr_loan_book_breaker",
            "Circuit breaker: opened means that the core system is not asked.",
            states=["closed", "opened", "half-opened"],
            registry=registry,
        )

    def ended(self, operation: str, took_s: float) -> None:
        """An operation was carried out, or given up."""
        self._latency.labels(operation).observe(took_s)

    def failed(self, operation: str, kind: FaultKind) -> None:
        """An operation gave nothing."""
        self._faults.labels(operation, kind.value).inc()

    def retried(self, operation: str) -> None:
        """An operation is attempted once more."""
        self._retries.labels(operation).inc()

    def cache_hit(self, operation: str) -> None:
        """A read was answered from the cache."""
        self._hits.labels(operation).inc()

    def breaker_is(self, state: str) -> None:
        """The circuit breaker changed."""
        self._breaker.state(state)
