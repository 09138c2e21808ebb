"""From the hotline into the survey that somebody has rung back for, and back to the hotline."""

from dataclasses import replace

from ivr.dialogue.script import Script
from ivr.dialogue.state import DialogueState
from ivr.dialogue.steps import LeaveStep, SurveyStep
from ivr.dialogue.survey import ATTEMPT, CAMPAIGN, CONTACT
from ivr.dialogue.verification import PROOF_LEVEL

_OF_ANY_CALL = frozenset({"customer_id", "phone", PROOF_LEVEL, CONTACT, CAMPAIGN, ATTEMPT})


def across(step: SurveyStep | LeaveStep, hotline: Script, state: DialogueState) -> tuple[DialogueState, str]:
    """The state in the other script, and the step to go on with there.

    What was said in the hotline means nothing in a survey, and the facts of a survey are for it alone. Raises
    `KeyError` where the slot of a `SurveyStep` holds no survey's name.
    """
    if isinstance(step, SurveyStep):
        survey = hotline.surveys[str(state.slots[step.slot])]
        known = _own(survey) | _OF_ANY_CALL
        kept = {slot: value for slot, value in state.slots.items() if slot in known}
        begun = replace(state, survey=survey.script_id, slots=kept, outcome="none", trail=(), goal="")
        return begun, survey.start
    known = _own(hotline.spoken(state.survey))
    kept = {slot: value for slot, value in state.slots.items() if slot not in known}
    back = replace(state, survey="", left=replace(state, former=None), slots=kept, outcome="none", trail=())
    wanted = hotline.service_of(str(state.slots.get(step.slot, "")))
    return back, wanted.service_id if wanted is not None else hotline.menu


def _own(survey: Script) -> frozenset[str]:
    """Slots that belong to a survey."""
    items = (item.item_id for item in survey.survey.items) if survey.survey is not None else ()
    return survey.given.union(items)
