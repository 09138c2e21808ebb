"""How an attempt to ring somebody ended: the word that retries, reports and the record share."""

from enum import StrEnum


class AttemptResult(StrEnum):
    """What came of one outbound INVITE."""

    COMPLETED = "completed"
    PARTIAL = "partial"
    """They answered some questions and hung up."""
    REFUSED = "refused"
    DO_NOT_CALL = "do_not_call"
    """They asked never to be rung again."""
    WRONG_PARTY = "wrong_party"
    CALLBACK_PROMISED = "callback_promised"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    MACHINE = "machine"
    MESSAGE_LEFT = "message_left"
    SWITCHED_OFF = "switched_off"
    OUT_OF_SERVICE = "out_of_service"
    INVALID_NUMBER = "invalid_number"
    UNREACHABLE = "unreachable"
    FAX = "fax"
    CONGESTION = "congestion"
    FAILED = "failed"
    ABANDONED = "abandoned"
    """A person answered and hung up before the first answer."""
    LOST = "lost"
    """The worker died; nobody knows what came of it."""
