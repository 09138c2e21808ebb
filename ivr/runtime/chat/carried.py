"""What a customer has proved in one chat, as their next chat may know it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ivr.dialogue.script import Script
from ivr.dialogue.state import DialogueState
from ivr.dialogue.verification import PROOF_LEVEL, Level, Proof, level_of
from ivr.runtime.chat.state_json import from_json, to_json

_SLOTS = ("customer_id", PROOF_LEVEL)


def carried(state: DialogueState, script: Script) -> dict[str, Any]:
    """Who it is and which pieces were told rightly, in the types of JSON; empty where nothing is proved."""
    if level_of(state.proof, script.verification) is Level.NONE or "customer_id" not in state.slots:
        return {}
    proof = Proof(passed=state.proof.passed)
    return {"slots": {name: state.slots[name] for name in _SLOTS}, "proof": to_json(proof)}


def with_carried(state: DialogueState, proved: Mapping[str, Any]) -> DialogueState:
    """A new chat's state that knows it. Raises `ValueError` for what `carried` did not make."""
    if not proved:
        return state
    proof = from_json(proved.get("proof"))
    slots = proved.get("slots")
    if not isinstance(proof, Proof) or not isinstance(slots, Mapping):
        raise ValueError("this is no proof")
    return replace(state, slots=dict(slots), proof=proof)
