"""Who or what answers a call that we place, in words for every layer."""

from enum import StrEnum


class AnswerKind(StrEnum):
    """What was heard on a dialled line."""

    HUMAN = "human"
    UNSURE = "unsure"
    """Nothing speaks for a machine and nobody has spoken: treated as a human."""
    MACHINE = "machine"
    """A recorded or synthetic voice, known by its timing alone."""
    BEEP = "beep"
    """A machine that records from here on."""
    ANNOUNCEMENT = "announcement"
    """A recorded or synthetic voice whose words say what it is."""
    FAX = "fax"
    RINGBACK = "ringback"
    MUSIC = "music"
    """Colour ring: it rings, with music in place of the tone."""
    BUSY_TONE = "busy_tone"
    CONGESTION_TONE = "congestion_tone"
    SIT = "sit"
    """Special information tone: an announcement of a network follows."""

    @property
    def is_person(self) -> bool:
        """Whether it must be spoken to."""
        return self in (AnswerKind.HUMAN, AnswerKind.UNSURE)

    @property
    def is_ringing(self) -> bool:
        """Whether nobody and nothing has taken the call yet."""
        return self in (AnswerKind.RINGBACK, AnswerKind.MUSIC)


class Announcement(StrEnum):
    """What a recorded voice says: of a network, of a mailbox, or of an assistant that takes calls."""

    SWITCHED_OFF = "switched_off"
    INVALID_NUMBER = "invalid_number"
    OUT_OF_SERVICE = "out_of_service"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no_answer"
    CALL_ASSISTANT = "call_assistant"
    VOICEMAIL = "voicemail"
