"""What a campaign allows: hours, caps and states. A policy that the law would not allow cannot be made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import CampaignId

EARLIEST = time(8, 0)
LATEST = time(22, 0)
"""Nobody is rung outside these hours of their own day, whatever a campaign says."""

MOST_PER_DAY = 3
SLOWEST_PACE = 0.01
"""Calls per second."""

EVERY_WEEKDAY = frozenset(range(7))


class CampaignState(StrEnum):
    """A draft was never started, a stopped one never is again, a finished one has nobody left to ring."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"


NEXT_STATES: Mapping[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset({CampaignState.RUNNING, CampaignState.STOPPED}),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.STOPPED, CampaignState.FINISHED}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.STOPPED}),
    CampaignState.STOPPED: frozenset(),
    CampaignState.FINISHED: frozenset({CampaignState.RUNNING, CampaignState.STOPPED}),
}


@dataclass(frozen=True, slots=True)
class CallWindow:
    """From `opens` until before `closes`, by the clock of whoever is rung; Monday is weekday 0."""

    opens: time = EARLIEST
    closes: time = LATEST
    weekdays: frozenset[int] = EVERY_WEEKDAY
    keep_holidays: bool = False
    """Whether nobody is rung on a public holiday of `country`."""
    country: str = "CN"

    def __post_init__(self) -> None:
        """Raises `ValueError` with the mend for hours that nobody may be rung in."""
        if not EARLIEST <= self.opens < self.closes <= LATEST:
            raise ValueError(
                f"the call window {self.opens:%H:%M}-{self.closes:%H:%M} must open before it closes and lie "
                f"within {EARLIEST:%H:%M}-{LATEST:%H:%M}"
            )
        if not self.weekdays or not self.weekdays <= EVERY_WEEKDAY:
            raise ValueError("the call window needs at least one day of the week")


@dataclass(frozen=True, slots=True)
class Caps:
    """How often one person is rung, over all campaigns together."""

    per_day: int = MOST_PER_DAY
    """In one day of their own calendar."""
    per_week: int = 7
    """In any seven days."""
    least_gap: timedelta = timedelta(minutes=30)
    """From the end of one attempt to the next."""

    def __post_init__(self) -> None:
        """Raises `ValueError` with the mend for caps above what is decent."""
        if not 1 <= self.per_day <= MOST_PER_DAY:
            raise ValueError(f"per_day must be 1 to {MOST_PER_DAY}")
        if not self.per_day <= self.per_week <= MOST_PER_DAY * 7:
            raise ValueError(f"per_week must be per_day to {MOST_PER_DAY * 7}")
        if not timedelta(0) <= self.least_gap <= timedelta(days=7):
            raise ValueError("least_gap must be 0 to 7 days")


@dataclass(frozen=True, slots=True)
class RetryRule:
    """How long to wait after the first, the second, ... time; after the last of these it is given up."""

    waits: tuple[timedelta, ...] = ()


def _rule(*minutes: int) -> RetryRule:
    return RetryRule(tuple(timedelta(minutes=wait) for wait in minutes))


DEFAULT_RETRIES: Mapping[AttemptResult, RetryRule] = {
    AttemptResult.PARTIAL: _rule(120),
    AttemptResult.CALLBACK_PROMISED: _rule(240, 240, 240, 240),
    AttemptResult.NO_ANSWER: _rule(120, 240, 1200),
    AttemptResult.BUSY: _rule(30, 60, 240),
    AttemptResult.MACHINE: _rule(240, 1200),
    AttemptResult.SWITCHED_OFF: _rule(240, 1200),
    AttemptResult.OUT_OF_SERVICE: _rule(2880),
    AttemptResult.UNREACHABLE: _rule(60, 240),
    AttemptResult.CONGESTION: _rule(5, 15, 60, 240),
    AttemptResult.FAILED: _rule(15, 60, 240),
    AttemptResult.ABANDONED: _rule(240),
    AttemptResult.LOST: _rule(5, 60),
}
"""In minutes. A result that is not here is final: completed, refused, wrong party, fax and so on."""

ALWAYS_FINAL = frozenset(
    {
        AttemptResult.COMPLETED,
        AttemptResult.REFUSED,
        AttemptResult.DO_NOT_CALL,
        AttemptResult.WRONG_PARTY,
        AttemptResult.INVALID_NUMBER,
    }
)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """What is tried again, and when. For a promised callback the waits count only where no time was named."""

    rules: Mapping[AttemptResult, RetryRule] = field(default_factory=lambda: DEFAULT_RETRIES)
    most_attempts: int = 8

    def __post_init__(self) -> None:
        """Raises `ValueError` with the mend for a retry after a final word."""
        if wrong := sorted(
            result for result, rule in self.rules.items() if result in ALWAYS_FINAL and rule.waits
        ):
            raise ValueError(f"nobody is rung again after {wrong[0]}: leave it out of the retries")
        if self.most_attempts < 1:
            raise ValueError("most_attempts must be at least 1")


@dataclass(frozen=True, slots=True)
class Campaign:
    """Whom to ring about what, within which limits. Every change counts `version` up."""

    campaign_id: CampaignId
    name: str
    script_id: str
    locale: str
    state: CampaignState = CampaignState.DRAFT
    priority: int = 0
    """Higher goes first."""
    window: CallWindow = field(default_factory=CallWindow)
    caps: Caps = field(default_factory=Caps)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    regions: frozenset[str] = frozenset({"CN"})
    """ISO 3166 regions whose numbers may be rung."""
    max_lines: int = 4
    calls_per_s: float = 1.0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    needs_consent: bool = False
    message_on_machine: str = ""
    """The prompt that is left on a machine; empty where it is hung up on."""
    cloned_from: CampaignId | None = None
    version: int = 1

    def __post_init__(self) -> None:
        """Raises `ValueError` with the mend."""
        if self.max_lines < 1:
            raise ValueError("max_lines must be at least 1")
        if not SLOWEST_PACE <= self.calls_per_s <= 1000:
            raise ValueError(f"calls_per_s must be {SLOWEST_PACE:g} to 1000")
        if not self.regions:
            raise ValueError("regions must name at least one region, such as CN")
        if self.starts_at is not None and self.ends_at is not None and self.starts_at >= self.ends_at:
            raise ValueError("ends_at must come after starts_at")


def check_change(campaign: Campaign, state: CampaignState, *, somebody: bool) -> None:
    """Raises `ValueError` with the mend where `state` cannot follow. `somebody`: is anybody left to ring?"""
    if state not in NEXT_STATES[campaign.state]:
        clone = "; clone it to ring again" if campaign.state is CampaignState.STOPPED else ""
        raise ValueError(f"campaign {campaign.name!r} is {campaign.state}: it cannot be {state}{clone}")
    if state is CampaignState.RUNNING and not somebody:
        raise ValueError(f"campaign {campaign.name!r} has nobody to ring: import contacts first")
