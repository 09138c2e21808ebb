"""What an attempt came to: one word for each way that ringing a contact can end."""

from enum import StrEnum


class AttemptResult(StrEnum):
    """How one outbound attempt ended, for the campaign: what was reached, and what was achieved there."""

    COMPLETED = "completed"
    PARTIAL = "partial"
    """The person was reached and answered some of what was asked."""
    REFUSED = "refused"
    DO_NOT_CALL = "do_not_call"
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
    """The person hung up before the first answer."""
    LOST = "lost"
    """The worker died while the attempt was under way."""
