"""What outbound calling needs of the outside: durable claims, a desk for campaigns, a do-not-call list."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import AttemptId, CallId, CampaignId, ContactId, WorkerId
from ivr.campaign.attempt import Attempt
from ivr.campaign.people import Contact, DoNotCallEntry, PersonHistory
from ivr.campaign.policy import Campaign, CampaignState


@dataclass(frozen=True, slots=True)
class Claimed:
    """A contact that is this worker's to ring until the lease runs out."""

    attempt: Attempt
    contact: Contact
    campaign: Campaign


class TooSoon(Exception):
    """A call now would exceed the pace of the campaign or of the trunk: ask again at `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until.isoformat()}")
        self.until = until


@dataclass(frozen=True, slots=True)
class RungLately:
    """Whom we rang lately without getting through, or to the end, and for which campaign."""

    contact: Contact
    campaign: Campaign


class CampaignStore(Protocol):
    """Who is to be rung next, durably: any number of workers may ask at once.

    `now` is aware everywhere. All methods raise `ConnectionError` when the store stays away.
    """

    async def claim(
        self, worker_id: WorkerId, *, limit: int, now: datetime, lease: timedelta
    ) -> tuple[Claimed, ...]:
        """Up to `limit` contacts to ring now: promised callbacks first, then by priority and due time.

        The decision was made in the same transaction and is stored. Never two attempts for one person at a
        time, and never more lines or starts than a campaign and the trunk allow.
        """
        ...

    async def dialling(self, attempt_id: AttemptId, now: datetime) -> bool:
        """The point of no return, written before the INVITE; from here on the person counts as rung.

        The decision is made once more. False: do not dial (the lease ran out, the person opted out, the
        campaign was stopped, the window closed, it was said before); the attempt is withdrawn. Raises
        `TooSoon`: attempts that were claimed in time may be ready all at once.
        """
        ...

    async def answered(self, attempt_id: AttemptId, now: datetime) -> None:
        """Somebody or something picked up."""
        ...

    async def renew(self, attempt_id: AttemptId, now: datetime, lease: timedelta) -> bool:
        """Hold on to an attempt. False when it has ended, such as taken for lost."""
        ...

    async def finish(
        self,
        attempt_id: AttemptId,
        result: AttemptResult,
        *,
        sip_code: int | None = None,
        now: datetime,
        callback_at: datetime | None = None,
        call_id: CallId | None = None,
    ) -> None:
        """What came of it; again, it changes nothing. `do_not_call` puts the person on the list.

        The truth about an attempt that was taken for lost replaces that. An attempt that was never dialled
        is withdrawn.
        """
        ...

    async def opt_out(self, phone: str, *, reason: str, source: str, now: datetime) -> None:
        """Put a person on the do-not-call list: no campaign rings them from the return of this on."""
        ...

    async def rung_lately(self, phone: str, *, now: datetime, within: timedelta) -> RungLately | None:
        """What whoever rings us from this number (E.164) may be asked for, by `decide_ring_back`.

        Of several contacts the one that was rung last; None for almost everybody. Takes nothing.
        """
        ...

    async def take_up(
        self,
        contact_id: ContactId,
        worker_id: WorkerId,
        *,
        now: datetime,
        lease: timedelta,
        within: timedelta,
    ) -> Claimed | None:
        """Make the call that they have placed an attempt: leased, and answered already; `finish` ends it.

        Decided again in the same transaction. What another worker has claimed for this person and not dialled
        is withdrawn, so that it never is. None where they are not to be asked any more.
        """
        ...

    async def recover(self, now: datetime) -> int:
        """Take back what dead workers held, and close what is over; returns how many leases had run out.

        Never dialled: waiting again. Dialled: `lost`, which counts against caps and is retried by policy.
        Contacts of stopped campaigns and of those past their end are done with, some thousands each time.
        """
        ...


class CampaignRefused(ValueError):
    """What was asked of a campaign cannot be done. The message has the mend in it."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the contacts of an import."""

    added: int
    merged: int
    """Known in this campaign before: their facts were replaced."""


@dataclass(frozen=True, slots=True)
class CampaignStatus:
    """A campaign in figures."""

    contacts: Mapping[str, int] = field(default_factory=dict)
    """By state."""
    done: Mapping[str, int] = field(default_factory=dict)
    """Contacts that are done, by what the last attempt came to; `not rung` without any."""
    attempts: Mapping[str, int] = field(default_factory=dict)
    """By result; `under way` without one yet."""
    next_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a decision about one contact looks at."""

    contact: Contact
    campaign: Campaign
    person: PersonHistory
    do_not_call: DoNotCallEntry | None
    lines_in_use: int
    started_at: tuple[datetime, ...]
    """Latest starts of the campaign's calls, as far back as its pace matters."""


class CampaignDesk(Protocol):
    """Where people plan campaigns, feed them and look at them."""

    async def create(self, campaign: Campaign, now: datetime) -> None:
        """Keep a new campaign. Raises `CampaignRefused` when its name or id is taken."""
        ...

    async def find(self, name: str) -> Campaign | None:
        """By name or by id."""
        ...

    async def listed(self) -> Sequence[Campaign]:
        """All campaigns, the newest first."""
        ...

    async def change_state(self, campaign_id: CampaignId, state: CampaignState) -> Campaign:
        """Start, pause, resume or stop. Doing it again changes nothing.

        Raises `CampaignRefused` where it cannot follow, or for a start without contacts.
        """
        ...

    async def add_contacts(
        self,
        campaign_id: CampaignId,
        contacts: Sequence[Contact],
        wrote: Callable[[int], None] = lambda _: None,
    ) -> Imported:
        """Add all or none; those with a number that the campaign has are merged with it.

        One that was given up without ever having been rung waits again.
        """
        ...

    async def status(self, campaign_id: CampaignId) -> CampaignStatus:
        """How far it has come."""
        ...

    def contacts(self, campaign_id: CampaignId) -> AsyncIterator[Contact]:
        """All contacts of a campaign, by id."""
        ...

    async def cases(self, who: str) -> Sequence[Case]:
        """One for each campaign that has a contact with this id or telephone number (E.164)."""
        ...

    async def cases_of(self, contacts: Sequence[Contact], campaign: Campaign) -> Sequence[Case]:
        """The cases of contacts of one campaign, in their order."""
        ...

    async def attempts(
        self, campaign_id: CampaignId, contact_id: ContactId | None = None
    ) -> Sequence[Attempt]:
        """Of one contact, or of all of them, by time."""
        ...

    async def answers_of(self, campaign_id: CampaignId) -> Sequence[Mapping[str, Any]]:
        """What the contacts answered in surveys, by time; empty where no survey was held."""
        ...


class DoNotCallList(Protocol):
    """People who are not to be rung by any campaign."""

    async def add(self, entries: Sequence[DoNotCallEntry]) -> int:
        """All or none; returns how many were not on it."""
        ...

    async def remove(self, phone: str, *, reason: str, now: datetime) -> bool:
        """Take somebody off it. False when they were not on it."""
        ...

    async def listed(
        self, limit: int, *, until: datetime | None = None, skip: int = 0
    ) -> Sequence[DoNotCallEntry]:
        """The newest first: of those that were added at `until` or before, all but the first `skip`."""
        ...

    async def find(self, phone: str) -> DoNotCallEntry | None:
        """The entry of a number."""
        ...
