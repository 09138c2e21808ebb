"""How an answer to a survey is recorded."""

from collections.abc import Mapping
from datetime import datetime

from ivr.calls.answers import Respondent
from ivr.calls.events import AnswerGiven
from ivr.calls.ids import AttemptId, CallId, CampaignId, ContactId
from ivr.calls.speech import SlotValue
from ivr.dialogue.note import Note
from ivr.dialogue.survey import ATTEMPT, CAMPAIGN, CONTACT


def answer_given(note: Note, call_id: CallId, slots: Mapping[str, SlotValue], at: datetime) -> AnswerGiven:
    """The fact, under the name of the contact whom the survey is for: `slots` are those of the call."""
    whose = respondent_of(slots)
    return AnswerGiven(
        call_id=call_id,
        at=at,
        survey=note.survey,
        version=note.version,
        item=note.item,
        item_kind=note.kind,
        value=note.value,
        words=note.words,
        confidence=note.confidence,
        contact_id=whose.contact_id if whose else None,
        campaign_id=whose.campaign_id if whose else None,
        attempt_id=whose.attempt_id if whose else None,
    )


def slots_of(whose: Respondent) -> dict[str, SlotValue]:
    """The slots of a call by which its answers are kept under this name."""
    return {CONTACT: whose.contact_id, CAMPAIGN: whose.campaign_id, ATTEMPT: whose.attempt_id}


def respondent_of(slots: Mapping[str, SlotValue]) -> Respondent | None:
    """Whom a call with these slots is for; None where it is for no contact."""
    if not {CONTACT, CAMPAIGN, ATTEMPT} <= slots.keys():
        return None
    return Respondent(
        ContactId(str(slots[CONTACT])), CampaignId(str(slots[CAMPAIGN])), AttemptId(str(slots[ATTEMPT]))
    )
