"""What follows from how an attempt ended: another one later, or the end, with why. Table-driven."""

from dataclasses import dataclass, replace
from datetime import datetime

from ivr.calls.attempts import AttemptResult
from ivr.campaign.people import Contact, ContactState
from ivr.campaign.policy import ALWAYS_FINAL, RetryPolicy


@dataclass(frozen=True, slots=True)
class After:
    """Ring again at `again_at`, or be done where it is None."""

    again_at: datetime | None
    why: str
    """Such as `no_answer: try 2 of 4`, `completed`, or `given up: no_answer 4 times`."""
    promised: bool = False


def after(
    result: AttemptResult,
    contact: Contact,
    policy: RetryPolicy,
    now: datetime,
    callback_at: datetime | None = None,
) -> After:
    """What comes next for `contact`, whose `tries` do not count this attempt yet.

    A callback that was promised for a time is kept whatever the policy says of other results, but not more
    often than its rule has waits.
    """
    rule = policy.rules.get(result)
    if result in ALWAYS_FINAL or rule is None or not rule.waits:
        return After(None, result.value)
    tried = contact.tries.get(result, 0) + 1
    attempts = sum(contact.tries.values()) + 1
    promised = result is AttemptResult.CALLBACK_PROMISED and callback_at is not None
    if tried > len(rule.waits):
        return After(None, f"given up: {result.value} {tried} times")
    if attempts >= policy.most_attempts:
        return After(None, f"given up: {attempts} attempts, the last {result.value}")
    again_at = callback_at if promised and callback_at is not None else now + rule.waits[tried - 1]
    return After(max(again_at, now), f"{result.value}: try {tried} of {len(rule.waits) + 1}", promised)


def is_given_up(contact: Contact, policy: RetryPolicy) -> bool:
    """Whether nothing was to come any more after the last attempt that `tries` counts, as `after` has it."""
    if contact.final is None:
        return False
    rule = policy.rules.get(contact.final)
    if contact.final in ALWAYS_FINAL or rule is None:
        return True
    tried = contact.tries.get(contact.final, 0)
    return tried > len(rule.waits) or sum(contact.tries.values()) >= policy.most_attempts


def settled(
    contact: Contact,
    result: AttemptResult,
    policy: RetryPolicy,
    now: datetime,
    *,
    callback_at: datetime | None = None,
    do_not_call: bool = False,
) -> Contact:
    """The contact after an attempt: waiting again, or done. `do_not_call` ends it whatever came of it."""
    comes = after(result, contact, policy, now, callback_at)
    tries = {**contact.tries, result: contact.tries.get(result, 0) + 1}
    if comes.again_at is None or do_not_call:
        why = comes.why if comes.again_at is None else AttemptResult.DO_NOT_CALL.value
        return replace(
            contact,
            state=ContactState.DONE,
            attempt_id=None,
            tries=tries,
            final=result,
            why=why,
            promised=False,
        )
    return replace(
        contact,
        state=ContactState.WAITING,
        attempt_id=None,
        tries=tries,
        due_at=comes.again_at,
        promised=comes.promised,
        final=result,
        why=comes.why,
    )
