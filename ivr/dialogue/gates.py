"""Steps that lead somewhere by what is known of the call: through a gate, back, or into another script."""

from dataclasses import replace

from ivr.dialogue.ring_back import across
from ivr.dialogue.script import Script
from ivr.dialogue.state import DialogueState
from ivr.dialogue.steps import (
    ForgoStep,
    GateStep,
    LeaveStep,
    ProveStep,
    ReturnStep,
    ReturnTo,
    SurveyStep,
    branch,
)
from ivr.dialogue.verification import due, level_of, meets

Way = GateStep | ProveStep | ForgoStep | ReturnStep | SurveyStep | LeaveStep


def beyond(step: Way, whole: Script, state: DialogueState) -> tuple[DialogueState, str | None]:
    """The state after this step, and the step that follows; None where the verification leads nowhere.

    `whole` is the script with which the call began, whichever it is in.
    """
    script = whole.spoken(state.survey)
    rules = script.verification
    match step:
        case SurveyStep() | LeaveStep():
            return across(step, whole, state)
        case GateStep():
            if meets(level_of(state.proof, rules), step.level):
                return state, step.next
            return replace(state, goal=step.step_id), rules.step
        case ForgoStep():
            return replace(state, proof=state.proof.forgo(step.piece)), step.next
        case ReturnStep(to=to):
            item = state.trail[-1] if state.trail else script.start
            return state, item if to is ReturnTo.ITEM else state.goal or script.menu
        case ProveStep():
            gate = script.steps.get(state.goal)
            assert isinstance(gate, GateStep), "verification without a gate that asks for it"
            return state, branch(step.branches, due(gate.level, state.proof, rules).value)
