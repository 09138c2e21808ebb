"""What can go wrong between us and the core system, in words that hold nothing of a customer."""

from enum import StrEnum


class FaultKind(StrEnum):
    """Why an operation gave nothing."""

    UNREACHABLE = "unreachable"
    """No connection, or one that broke."""
    TIMEOUT = "timeout"
    BUSY = "busy"
    """It asks for patience or cannot answer now: 408, 429 and every 5xx."""
    UNAUTHORISED = "unauthorised"
    """The token was refused: 401, 403."""
    REFUSED = "refused"
    """Any other status than 200: the address or the contract is wrong."""
    MALFORMED = "malformed"
    """An answer that does not keep to the contract."""
    PAUSED = "paused"
    """Not asked: the circuit breaker is open."""


TRANSIENT = frozenset({FaultKind.UNREACHABLE, FaultKind.TIMEOUT, FaultKind.BUSY})
"""Trying again may help."""


class CoreSystemFault(Exception):
    """The core system gave no usable answer. The message holds no data of a customer."""

    def __init__(self, operation: str, kind: FaultKind, detail: str = "") -> None:
        super().__init__(f"{operation}: {kind.value}" + (f" ({detail})" if detail else ""))
        self.operation = operation
        self.kind = kind
        self.detail = detail
