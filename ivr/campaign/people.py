"""Who is rung: contacts, what is known of their number, and what has happened between them and us so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import AttemptId, CampaignId, ContactId, CustomerId

Fact = str | int | float


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What is known of a telephone number, found out once when it was imported."""

    valid: bool
    kind: str
    """mobile, fixed_line, fixed_line_or_mobile, voip, toll_free, premium_rate, ... or unknown."""
    region: str
    """ISO 3166; empty where it is unknown."""
    zones: tuple[str, ...]
    """IANA time zones that the number may be in; empty where they are unknown."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the day, from `opens` until before `closes`, by the contact's own clock."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        """Raises `ValueError` where they end before they begin."""
        if self.opens >= self.closes:
            raise ValueError("hours must begin before they end on the same day")


class ContactState(StrEnum):
    """Waiting for its next attempt, in a worker's hands, or done with."""

    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Contact:
    """One person to be rung in one campaign."""

    contact_id: ContactId
    campaign_id: CampaignId
    phone: str
    """E.164."""
    number: NumberFacts
    locale: str
    due_at: datetime
    """Not to be looked at before: a promised callback, a retry, or what an earlier decision said."""
    customer_id: CustomerId | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    consent: bool | None = None
    wish: Hours | None = None
    """Hours in which this person wants to be rung."""
    promised: bool = False
    """Whether `due_at` was promised to them."""
    state: ContactState = ContactState.WAITING
    tries: Mapping[AttemptResult, int] = field(default_factory=dict)
    final: AttemptResult | None = None
    """What the last attempt came to; None where there was none."""
    why: str = ""
    """Why it is done or waits again: words of `after`, or a rule of `decide`."""
    attempt_id: AttemptId | None = None
    """The attempt under way."""


@dataclass(frozen=True, slots=True)
class PersonHistory:
    """All attempts on one number over all campaigns, as far back as caps reach."""

    dialled_at: tuple[datetime, ...] = ()
    """Moments of the attempts of the last eight days at least, in any order."""
    last_at: datetime | None = None
    """End of the last attempt, or its beginning where it never ended properly."""
    under_way: bool = False
    """Whether an attempt is under way at this moment."""


@dataclass(frozen=True, slots=True)
class DoNotCallEntry:
    """Somebody is not to be rung any more, by any campaign."""

    phone: str
    reason: str
    source: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class LinesFree:
    """What the campaign may still start at this moment."""

    lines: int
    starts: int
    """Calls that the pace still allows at this moment."""


NOBODY = PersonHistory()
