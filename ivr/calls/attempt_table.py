"""What an attempt that reached nobody came to: one pure table of what SIP said and what was heard."""

from ivr.calls.answer_kinds import Announcement, AnswerKind
from ivr.calls.attempts import AttemptResult
from ivr.calls.disposition import Disposition, disposition_of

_BY_ANNOUNCEMENT = {
    Announcement.SWITCHED_OFF: AttemptResult.SWITCHED_OFF,
    Announcement.INVALID_NUMBER: AttemptResult.INVALID_NUMBER,
    Announcement.OUT_OF_SERVICE: AttemptResult.OUT_OF_SERVICE,
    Announcement.BUSY: AttemptResult.BUSY,
    Announcement.UNREACHABLE: AttemptResult.UNREACHABLE,
    Announcement.NO_ANSWER: AttemptResult.NO_ANSWER,
    Announcement.CALL_ASSISTANT: AttemptResult.MACHINE,
    Announcement.VOICEMAIL: AttemptResult.MACHINE,
}

_BY_KIND = {
    AnswerKind.MACHINE: AttemptResult.MACHINE,
    AnswerKind.BEEP: AttemptResult.MACHINE,
    AnswerKind.FAX: AttemptResult.FAX,
    AnswerKind.BUSY_TONE: AttemptResult.BUSY,
    AnswerKind.CONGESTION_TONE: AttemptResult.CONGESTION,
}

_BY_SIT = {
    "intercept": AttemptResult.OUT_OF_SERVICE,
    "vacant": AttemptResult.INVALID_NUMBER,
    "reorder": AttemptResult.CONGESTION,
    "no_circuit": AttemptResult.CONGESTION,
    "unobtainable": AttemptResult.INVALID_NUMBER,
}

_BY_DISPOSITION = {
    Disposition.BUSY: AttemptResult.BUSY,
    Disposition.NO_ANSWER: AttemptResult.NO_ANSWER,
    Disposition.CANCELLED: AttemptResult.NO_ANSWER,
    Disposition.REJECTED: AttemptResult.REFUSED,
    Disposition.INVALID_NUMBER: AttemptResult.INVALID_NUMBER,
    Disposition.UNREACHABLE: AttemptResult.UNREACHABLE,
    Disposition.CONGESTION: AttemptResult.CONGESTION,
    Disposition.FORBIDDEN: AttemptResult.FAILED,
    Disposition.FAILED: AttemptResult.FAILED,
}


def result_of_sound(
    kind: AnswerKind, announcement: Announcement | None = None, sit: str = ""
) -> AttemptResult | None:
    """What the sound on the line makes of the attempt; None where it makes nothing: a person, or ringing.

    `sit` is the code of a special information tone, or `unobtainable`; without a known one the announcement
    that follows it must tell, or else the number counts as unreachable.
    """
    if announcement is not None:
        return _BY_ANNOUNCEMENT[announcement]
    if kind is AnswerKind.SIT:
        return _BY_SIT.get(sit, AttemptResult.UNREACHABLE)
    return _BY_KIND.get(kind)


def result_of_unanswered(
    sip_code: int,
    kind: AnswerKind = AnswerKind.UNSURE,
    announcement: Announcement | None = None,
    sit: str = "",
) -> AttemptResult:
    """What an attempt came to that nobody took: by its final SIP code, and what its early media said.

    Carriers play why, and then end the call with whatever code their switch happens to give (480, 486, 487,
    503, 404): what was heard wins. A 487 is our own CANCEL after the longest time to ring. Raises
    `ValueError` for a code that is no final failure.
    """
    if not 300 <= sip_code <= 699:
        raise ValueError(
            f"{sip_code} is no final SIP code of a call that was not answered: give one of 300 to 699"
        )
    heard = result_of_sound(kind, announcement, sit)
    return heard or _BY_DISPOSITION[disposition_of(sip_code)]
