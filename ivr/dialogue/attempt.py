"""What a call that we placed came to, as the dialler has to know it."""

from dataclasses import dataclass
from datetime import datetime

from ivr.calls.answers import is_given
from ivr.calls.attempts import AttemptResult
from ivr.dialogue.state import DialogueState


@dataclass(frozen=True, slots=True)
class Came:
    """The result of an attempt that a person answered; `callback_at` is the moment that was promised.

    A promise without a moment is one for some time later, as the campaign's policy has it.
    """

    result: AttemptResult
    callback_at: datetime | None = None


def attempt_result(state: DialogueState) -> Came:
    """What came of a call that a person answered, at whatever point it ended.

    The wish to be left alone goes before all else, and a moment that was named counts although the caller
    hung up before it was read back. Of a survey that was left for the hotline it is what came until then.
    """
    state = state.left or state
    slots, result = state.slots, _result(state)
    named = slots.get("callback_at") if result is AttemptResult.CALLBACK_PROMISED else None
    return Came(result, datetime.fromisoformat(str(named)) if named else None)


def ring_back_result(state: DialogueState) -> Came:
    """What came of the survey on a call that the customer placed; of one that never was in it, nothing."""
    if not state.survey and state.left is None:
        return Came(AttemptResult.ABANDONED)
    return attempt_result(state)


def _result(state: DialogueState) -> AttemptResult:
    slots, outcome = state.slots, state.outcome
    answered = any(map(is_given, state.answers.values())) or outcome in {"transferred", "ticket"}
    came = (
        (AttemptResult.DO_NOT_CALL, "opted_out" in slots),
        (AttemptResult.WRONG_PARTY, "wrong_party" in slots),
        (AttemptResult.COMPLETED, outcome == "settled"),
        (AttemptResult.CALLBACK_PROMISED, "callback_at" in slots or "callback" in slots),
        (AttemptResult.REFUSED, "refused" in slots),
        (AttemptResult.PARTIAL, answered),
    )
    return next((result for result, holds in came if holds), AttemptResult.ABANDONED)
