"""One try to speak with a contact, from its lease to its end."""

from dataclasses import dataclass
from datetime import datetime

from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import AttemptId, CallId, CampaignId, ContactId, WorkerId
from ivr.campaign.decision import Decision


@dataclass(frozen=True, slots=True)
class Attempt:
    """One outbound INVITE, or a customer who has rung back.

    `dialled_at` is written before the INVITE is sent: from then on the person counts as rung. Of a ring-back
    it is the moment at which it was taken up, and nobody counts as rung.
    """

    attempt_id: AttemptId
    contact_id: ContactId
    campaign_id: CampaignId
    phone: str
    worker_id: WorkerId
    leased_at: datetime
    lease_until: datetime
    decision: Decision
    list_version: int
    """Of the do-not-call list, as the decision saw it."""
    dialled_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    result: AttemptResult | None = None
    sip_code: int | None = None
    call_id: CallId | None = None
    rang_back: bool = False
    """Whether it was they who rang."""

    @property
    def under_way(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    def expired(self, now: datetime) -> bool:
        """Whether its worker has let the lease run out."""
        return self.under_way and self.lease_until <= now
