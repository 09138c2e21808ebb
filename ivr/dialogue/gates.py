"""Gates and what leads through them: who has proved enough passes, others prove more first."""

from dataclasses import replace

from ivr.dialogue.script import Script
from ivr.dialogue.state import DialogueState
from ivr.dialogue.steps import ForgoStep, GateStep, ProveStep, ReturnStep, ReturnTo, branch
from ivr.dialogue.verification import due, level_of, meets


def beyond(
    step: GateStep | ProveStep | ForgoStep | ReturnStep, script: Script, state: DialogueState
) -> tuple[DialogueState, str | None]:
    """The state after this step, and the step that follows; None where the verification leads nowhere."""
    rules = script.verification
    match step:
        case GateStep():
            if meets(level_of(state.proof, rules), step.level):
                return state, step.next
            return replace(state, goal=step.step_id), rules.step
        case ForgoStep():
            return replace(state, proof=state.proof.forgo(step.piece)), step.next
        case ReturnStep(to=ReturnTo.ITEM):
            return state, state.trail[-1] if state.trail else script.start
        case ReturnStep():
            return state, state.goal or script.menu
        case ProveStep():
            gate = script.steps.get(state.goal)
            assert isinstance(gate, GateStep), "verification without a gate that asks for it"
            return state, branch(step.branches, due(gate.level, state.proof, rules).value)
