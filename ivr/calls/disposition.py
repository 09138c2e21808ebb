"""How a leg ended: one pure table from what SIP said to a word that people use."""

from enum import StrEnum


class Disposition(StrEnum):
    """How a leg ended, from the dialling side's point of view (RFC 3261 section 21 and RFC 3398)."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    INVALID_NUMBER = "invalid_number"
    UNREACHABLE = "unreachable"
    CONGESTION = "congestion"
    CANCELLED = "cancelled"
    FORBIDDEN = "forbidden"
    FAILED = "failed"


class HangupCause(StrEnum):
    """Who or what ended an answered call, or kept it from being answered."""

    CALLER_HUNG_UP = "caller_hung_up"
    CALLER_CANCELLED = "caller_cancelled"
    COMPLETED = "completed"
    TRANSFERRED = "transferred"
    MAX_DURATION = "max_duration"
    IDLE = "idle"
    """Nothing was written any more: a chat has no silence to hear."""
    DRAINED = "drained"
    MEDIA_LOST = "media_lost"
    SIP_ERROR = "sip_error"
    SESSION_ERROR = "session_error"
    WORKER_DIED = "worker_died"
    NOT_ADMITTED = "not_admitted"
    NO_FREE_LINE = "no_free_line"
    NOT_REACHED = "not_reached"
    """A call that we placed, and that no person took."""


_BY_CODE: dict[int, Disposition] = {
    401: Disposition.FORBIDDEN,
    403: Disposition.FORBIDDEN,
    404: Disposition.INVALID_NUMBER,
    407: Disposition.FORBIDDEN,
    408: Disposition.NO_ANSWER,
    410: Disposition.INVALID_NUMBER,
    480: Disposition.UNREACHABLE,
    484: Disposition.INVALID_NUMBER,
    486: Disposition.BUSY,
    487: Disposition.CANCELLED,
    503: Disposition.CONGESTION,
    504: Disposition.UNREACHABLE,
    600: Disposition.BUSY,
    603: Disposition.REJECTED,
    604: Disposition.INVALID_NUMBER,
    607: Disposition.REJECTED,
    608: Disposition.REJECTED,
}

_OUT_OF_ORDER = frozenset({500, 502, 580})


def disposition_of(final_code: int) -> Disposition:
    """Map a leg's final SIP response code to its disposition.

    503, which gateways make of congestion in the telephone network (RFC 3398), and the codes of servers that
    are out of order for now are told from other failures, so that a retry policy may treat them differently.
    Unknown codes are `FAILED`, never a guess.
    """
    if 200 <= final_code < 300:
        return Disposition.ANSWERED
    if final_code in _OUT_OF_ORDER:
        return Disposition.CONGESTION
    return _BY_CODE.get(final_code, Disposition.FAILED)
