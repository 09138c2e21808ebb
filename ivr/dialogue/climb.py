"""Up the ladder: what happens when an answer does not help."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ivr.calls.disposition import HangupCause
from ivr.calls.rung import Rung
from ivr.dialogue.ladder import Form, form_after
from ivr.dialogue.state import Consult, Consulted, Waiting
from ivr.dialogue.walk import Walk
from ivr.grammar.result import Match

_MAX_TROUBLES = 2
_MOST_UPSET = 2
"""Whoever is still upset after the empathic line wants a person."""


def fail(
    walk: Walk,
    cause: str,
    confidence: float | None,
    *,
    silence: bool = False,
    candidates: Sequence[Mapping[str, str]] = (),
) -> None:
    """The item was answered in vain: put it in the next easier form, or get help from people."""
    state = walk.state
    if state.pending is not None and cause != "confirm_rejected" and state.unconfirmed == 0:
        walk.state = replace(state, unconfirmed=1)
        return walk.put_confirmation(walk.script.prompts.confirm_choice)
    failures, silences = state.failures + 1, state.silences + silence
    walk.state = replace(state, pending=None, unconfirmed=0, failures=failures, silences=silences)
    form = form_after(failures, walk.policy)
    if form is not None:
        walk.step_rung(Rung.ROBOT, cause, confidence)
        return walk.put(walk.ask_step(), form)
    step = walk.ask_step()
    if step.unanswered is not None and (silences < failures or step.dictation is not None):
        return walk.enter(step.unanswered)
    if silences == failures:
        # Nobody is there: a person would pick up to silence.
        walk.say(walk.script.prompts.goodbye)
        walk.play(barge_in=False)
        return walk.finish(HangupCause.COMPLETED)
    return consult(walk, cause, confidence, candidates)


def consult(
    walk: Walk, cause: str, confidence: float | None, candidates: Sequence[Mapping[str, str]] = ()
) -> None:
    """Ask the silent seat. What nobody there knows, and what nobody may see, goes to a live agent."""
    step = walk.ask_step()
    if step.secret:
        return walk.human(cause, confidence)
    walk.state = replace(walk.state, human_reason=cause)
    walk.wait_for(Waiting.CONSULT)
    turn = walk.state.turn
    walk.actions.append(Consult(turn, step.step_id, cause, confidence, tuple(candidates)))
    return None


def consulted(walk: Walk, answer: Consulted) -> None:
    """Go on with what the person in the silent seat has decided."""
    cause = walk.state.human_reason
    meaning = answer.meaning
    value = walk.choosing_value(meaning) if meaning else None
    if meaning is not None and value is not None and walk.script.leads(walk.ask_step(), value):
        walk.step_rung(Rung.SILENT_SEAT, cause, None)
        return walk.accept(Match(meaning, 1.0, ""))
    if answer.words:
        walk.step_rung(Rung.SILENT_SEAT, cause, None)
        walk.state = replace(walk.state, slots={**walk.state.slots, "seat_words": answer.words})
        walk.say(walk.script.prompts.seat_words)
        return walk.put_anew(walk.ask_step())
    return walk.human(cause)


def upset(walk: Walk) -> bool:
    """The caller is angry or in distress: say that it is understood, and try the next rung.

    Returns whether this took the call to a person.
    """
    times = walk.state.upset + 1
    walk.state = replace(walk.state, upset=times)
    if times >= _MOST_UPSET:
        walk.human("upset")
        return True
    walk.say(walk.script.prompts.empathy)
    walk.step_rung(Rung.ROBOT, "upset", None)
    walk.state = replace(walk.state, failures=max(walk.state.failures, 1))
    return False


def trouble(walk: Walk) -> None:
    """The recogniser failed us: apologise and ask again; keys first, then a person, if it goes on."""
    troubles = walk.state.troubles + 1
    walk.state = replace(walk.state, troubles=troubles, pending=None, unconfirmed=0)
    walk.say(walk.script.prompts.trouble)
    if troubles > _MAX_TROUBLES:
        return walk.human("recogniser_lost")
    return walk.put(walk.ask_step(), Form.ASK if troubles == 1 else Form.CHOICE)
