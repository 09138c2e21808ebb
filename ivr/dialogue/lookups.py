"""What follows from a service's answer."""

from dataclasses import replace

from ivr.dialogue.state import SERVICE_DOWN, LookedUp
from ivr.dialogue.steps import LookupStep, TicketStep, branch
from ivr.dialogue.verification import PROOF_LEVEL, Level, Proof, level_of
from ivr.dialogue.walk import Walk


def looked_up(walk: Walk, event: LookedUp) -> None:
    """Keep what was found and go where its result leads."""
    state = walk.state
    known, named = state.slots.get("customer_id"), event.slots.get("customer_id")
    if named is not None and named != known:
        # What was proved of one customer proves nothing of another.
        state = replace(state, proof=Proof(), slots={**state.slots, PROOF_LEVEL: Level.NONE.value})
    walk.state = state = replace(state, slots={**state.slots, **event.slots}, secrets={})
    step = walk.script.steps[state.step]
    if isinstance(step, TicketStep):
        return walk.enter(step.next) if event.result != SERVICE_DOWN else _down(walk, step.kind)
    assert isinstance(step, LookupStep), step
    if step.proves is not None:
        _prove(walk, step.proves, event.result)
    if event.result == step.retry_on:
        tried = state.tries.get(step.step_id, 0) + 1
        walk.state = replace(walk.state, tries={**state.tries, step.step_id: tried})
        if tried >= step.tries and step.exhausted is not None:
            return walk.enter(step.exhausted)
    target = branch(step.branches, event.result)
    if target is not None:
        return walk.enter(target)
    if event.result == SERVICE_DOWN:
        return _down(walk, step.service)
    return walk.human(f"{step.service}_{event.result}")


def _down(walk: Walk, what: str) -> None:
    walk.say(walk.script.prompts.service_down)
    walk.human(f"{what}_{SERVICE_DOWN}")


def _prove(walk: Walk, piece: str, result: str) -> None:
    state = walk.state
    proof = proved(state.proof, piece, result)
    level = level_of(proof, walk.script.verification)
    walk.state = replace(state, proof=proof, slots={**state.slots, PROOF_LEVEL: level.value})


def proved(proof: Proof, piece: str, result: str) -> Proof:
    """The proof after one check. Whatever is no known result proves nothing."""
    match result:
        case "right":
            return proof.right(piece)
        case "wrong":
            return replace(proof, wrong=proof.wrong + 1)
        case "locked":
            return replace(proof, locked=True)
        case "unavailable":
            return proof.forgo(piece)
        case _:
            return proof
