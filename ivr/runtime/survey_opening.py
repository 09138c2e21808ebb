"""With what a survey begins for one contact, whether we ring them or they ring back."""

from collections.abc import Awaitable, Callable, Mapping

from ivr.calls.speech import SlotValue
from ivr.campaign.people import Contact
from ivr.dialogue.script import Script
from ivr.runtime.survey_ports import SurveyAnswers

Prepare = Callable[[Script, str, Mapping[str, SlotValue]], Awaitable[None]]
"""Has every prompt ready that a call in this locale begins with these slots. Raises `PromptMissing`."""


class CannotBeRung(Exception):
    """A contact whose campaign has no such survey, or whose facts the survey cannot use."""


async def opening_slots(contact: Contact, script: Script, answers: SurveyAnswers) -> dict[str, SlotValue]:
    """Facts, what was answered before, what is full, and whose tickets they are.

    Raises `CannotBeRung`, and what the store of answers raises.
    """
    survey = script.survey
    if survey is None:
        raise CannotBeRung(f"{script.script_id} is no survey")
    before = await answers.of_contact(contact.contact_id, survey.survey_id)
    counts = await answers.counts(survey.survey_id, contact.campaign_id)
    try:
        slots = survey.opening_slots(contact.facts, answers=before, full=survey.full(counts))
    except ValueError as fault:
        raise CannotBeRung(str(fault)) from None
    # Tickets that the call leaves are for this number, and this customer.
    known = {"customer_id": str(contact.customer_id)} if contact.customer_id else {}
    return {**slots, "phone": contact.phone, **known}
