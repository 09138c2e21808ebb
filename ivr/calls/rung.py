"""The ladder's rungs, easiest first."""

from enum import StrEnum


class Rung(StrEnum):
    """Who settles the matter at this moment of the call."""

    SELF_SERVICE = "self_service"
    """Understood at the first asking; nothing but the script took part."""

    ROBOT = "robot"
    """The robot had to ask again, confirm or offer keys."""

    SILENT_SEAT = "silent_seat"
    """A person picks the answer, the robot speaks it."""

    LIVE_AGENT = "live_agent"
    """A person speaks to the caller, now or on a promised callback."""
