"""May whoever rings the hotline be asked now what we rang them for? One pure answer with its reasons."""

from datetime import datetime, timedelta

from ivr.calls.attempts import AttemptResult
from ivr.campaign.decision import Decision, Reason, Rule, campaign_reason
from ivr.campaign.people import Contact, DoNotCallEntry
from ivr.campaign.policy import Campaign

NOTICED = frozenset(
    {
        AttemptResult.NO_ANSWER,
        AttemptResult.BUSY,
        AttemptResult.MACHINE,
        AttemptResult.MESSAGE_LEFT,
        AttemptResult.SWITCHED_OFF,
        AttemptResult.UNREACHABLE,
        AttemptResult.CALLBACK_PROMISED,
        AttemptResult.ABANDONED,
        AttemptResult.PARTIAL,
        AttemptResult.LOST,
    }
)
"""What a call came to that somebody may well return: they saw or heard of it, or it broke off.

Networks tell those who were switched off or out of reach who has rung.
"""

NOTHING_NEW = frozenset({AttemptResult.ABANDONED, AttemptResult.LOST, AttemptResult.FAILED})
"""What a ring-back may come to that tells nothing about the contact: it goes on as if there had been none."""


def decide_ring_back(
    contact: Contact,
    campaign: Campaign,
    *,
    rung_at: datetime | None,
    being_rung: bool,
    do_not_call: DoNotCallEntry | None,
    within: timedelta,
    now: datetime,
) -> Decision:
    """Whether `contact`, who rings at `now` (aware), is asked; `dial` of the decision says yes.

    `rung_at` is the contact's last attempt, `being_rung` whether this person is being rung at this moment. A
    contact that was given up is asked all the same. Hours and caps do not count: it is they who ring.
    """
    lately = rung_at is not None and now - within <= rung_at
    consent = contact.consent is True or (contact.consent is None and not campaign.needs_consent)
    reached = contact.final.value if contact.final is not None else "never rung"
    reasons = (
        Reason(Rule.RUNG_LATELY, rung_at, within.total_seconds(), lately),
        Reason(Rule.ONE_AT_A_TIME, being_rung, False, not being_rung),
        Reason(Rule.DO_NOT_CALL, do_not_call is not None, False, do_not_call is None),
        Reason(Rule.CONSENT, contact.consent, "needed" if campaign.needs_consent else "not refused", consent),
        Reason(Rule.CONTACT, reached, "not reached", contact.final in NOTICED),
        campaign_reason(campaign, now),
    )
    return Decision(all(reason.ok for reason in reasons), reasons, None)
