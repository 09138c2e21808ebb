"""What becomes of contacts and attempts. Every store keeps to these, whatever it keeps them in."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from ivr.calls.attempts import AttemptResult
from ivr.campaign.attempt import Attempt
from ivr.campaign.decision import WEEK, Decision, Rule
from ivr.campaign.people import Contact, ContactState, PersonHistory
from ivr.campaign.policy import RetryPolicy
from ivr.campaign.retrying import is_given_up, settled
from ivr.campaign.ring_back import NOTHING_NEW

REMEMBERED = WEEK + timedelta(days=1)
"""How far back attempts matter to a decision."""

_LOOK_AGAIN = timedelta(minutes=1)


def history(attempts: Iterable[Attempt], since: datetime) -> PersonHistory:
    """What attempts on one number come to; those that were never dialled only count while under way.

    Who has rung back was not rung, but has spoken with us: the gap counts from its end.

    After the clock was put back an attempt may have ended before it began: the later moment counts.
    """
    dialled: list[datetime] = []
    last_at: datetime | None = None
    under_way = False
    for attempt in attempts:
        under_way = under_way or attempt.under_way
        if attempt.dialled_at is not None and attempt.dialled_at > since:
            dialled += [] if attempt.rang_back else [attempt.dialled_at]
            last_at = max(filter(None, (last_at, attempt.dialled_at, attempt.ended_at)))
    return PersonHistory(tuple(dialled), last_at, under_way)


def put_off(contact: Contact, decision: Decision, now: datetime) -> Contact:
    """A contact that was not to be rung: done where waiting cannot help, else put off."""
    rule = decision.for_good
    if rule is not None:
        return replace(contact, state=ContactState.DONE, attempt_id=None, promised=False, why=rule.value)
    waiting = replace(contact, state=ContactState.WAITING, attempt_id=None)
    if decision.not_before is not None:
        return replace(waiting, due_at=decision.not_before)
    # It is the campaign that does not ring, or nobody knows until when.
    campaign_rests = any(reason.rule is Rule.CAMPAIGN and not reason.ok for reason in decision.reasons)
    return waiting if campaign_rests else replace(waiting, due_at=now + _LOOK_AGAIN)


def is_news(attempt: Attempt, result: AttemptResult) -> bool:
    """Whether this end is still to be written: the first, or the truth about one that was taken for lost."""
    if attempt.result is None:
        return True
    return attempt.result is AttemptResult.LOST and result is not AttemptResult.LOST


def ended(
    contact: Contact,
    attempt: Attempt,
    result: AttemptResult,
    policy: RetryPolicy,
    now: datetime,
    *,
    callback_at: datetime | None,
    do_not_call: bool,
) -> Contact:
    """The contact after the end of `attempt`, which was perhaps taken for lost before.

    After a ring-back that came to nothing, what was promised or planned before it holds.
    """
    if attempt.rang_back and result in NOTHING_NEW and not do_not_call:
        state = ContactState.DONE if is_given_up(contact, policy) else ContactState.WAITING
        return replace(contact, state=state, attempt_id=None)
    if attempt.result is AttemptResult.LOST and not attempt.rang_back:
        lost = contact.tries.get(AttemptResult.LOST, 0)
        contact = replace(contact, tries={**contact.tries, AttemptResult.LOST: max(0, lost - 1)})
    return settled(contact, result, policy, now, callback_at=callback_at, do_not_call=do_not_call)
