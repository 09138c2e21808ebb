"""How an answer to a survey is recorded."""

from datetime import datetime

from ivr.calls.events import AnswerGiven
from ivr.dialogue.note import Note
from ivr.runtime.call_plan import CallPlan


def answer_given(note: Note, plan: CallPlan, at: datetime) -> AnswerGiven:
    """The fact, under the name of the contact that the call is for."""
    whose = plan.respondent
    return AnswerGiven(
        call_id=plan.call_id,
        at=at,
        survey=plan.script.script_id,
        version=plan.script.version,
        item=note.item,
        item_kind=note.kind,
        value=note.value,
        words=note.words,
        confidence=note.confidence,
        contact_id=whose.contact_id if whose else None,
        campaign_id=whose.campaign_id if whose else None,
        attempt_id=whose.attempt_id if whose else None,
    )
