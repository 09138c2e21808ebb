"""What is listened for while an item waits for its answer."""

from dataclasses import replace

from ivr.dialogue.script import Script
from ivr.dialogue.state import DialogueState, Listen
from ivr.dialogue.steps import AskStep, KeyRule


def grammars_of(script: Script, step: AskStep, *, confirming: bool) -> tuple[str, ...]:
    """The ids of the voice grammars: the item's own, the commands, and yes and no where it is confirmed."""
    own = (*step.grammars, *script.command_grammars)
    # An item that takes yes and no anyway is listened to as before: no grammar has to be made for it.
    return (*(name for name in script.confirm_grammars if name not in own), *own) if confirming else own


def keys_of(script: Script, step: AskStep, *, confirming: bool) -> KeyRule:
    """How keys are collected, with the keys of commands."""
    rule = script.confirm_keys if confirming else step.keys
    return replace(rule, grammars=(*rule.grammars, *script.command_keys))


def listen_to(script: Script, step: AskStep, state: DialogueState) -> Listen:
    """What to listen for now that the item has been put in this state."""
    confirming = state.pending is not None
    return Listen(
        turn=state.turn,
        locale=state.locale,
        grammars=grammars_of(script, step, confirming=confirming),
        keys=keys_of(script, step, confirming=confirming),
        no_input_ms=step.no_input_ms,
        end_silence_ms=step.end_silence_ms,
        secret=step.secret,
        open=step.open or step.dictation is not None,
    )


def all_grammars(script: Script) -> tuple[tuple[str, ...], ...]:
    """Every combination of voice grammars that the script can listen with."""
    steps = [step for step in script.steps.values() if isinstance(step, AskStep)]
    plain = [grammars_of(script, step, confirming=False) for step in steps]
    confirming = [
        grammars_of(script, step, confirming=True)
        for step in steps
        if step.confirm or script.confirm_commands
    ]
    return tuple(dict.fromkeys((*plain, *confirming)))
