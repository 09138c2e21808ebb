"""`advance`: the whole conversation as one pure function from state and event to state and actions."""

from dataclasses import dataclass, replace

from ivr.calls.disposition import HangupCause
from ivr.calls.rung import Rung
from ivr.dialogue import climb
from ivr.dialogue.commands import obey
from ivr.dialogue.ladder import Band, LadderPolicy, band_of
from ivr.dialogue.lookups import looked_up
from ivr.dialogue.script import Script
from ivr.dialogue.state import (
    Action,
    Amendment,
    Consulted,
    DialogueState,
    Event,
    Heard,
    LookedUp,
    NoInput,
    Started,
    TimeIsUp,
    TransferFailed,
    Trouble,
    Waiting,
)
from ivr.dialogue.steps import HumanStep, branch
from ivr.dialogue.taken import Taken
from ivr.dialogue.walk import Walk
from ivr.grammar.result import Interpretation, Match, NoMatch


@dataclass(frozen=True, slots=True)
class Advance:
    """What follows from an event. `taken` is None unless the caller's answer, or silence, was judged."""

    state: DialogueState
    actions: tuple[Action, ...] = ()
    taken: Taken | None = None


def advance(script: Script, policy: LadderPolicy, state: DialogueState, event: Event) -> Advance:
    """Judge one event. An event of another turn, or one nobody waits for, changes nothing.

    Late results are thus harmless: a hypothesis that arrives after the caller pressed a key, a lookup
    that answers after a hang-up, a no-input timer that fires while the recogniser is at work.
    """
    walk = Walk(script, policy, state)
    taken = None
    match event:
        case Started() if state.waiting is Waiting.START:
            walk.enter(script.start)
        case Heard() if _awaited(state, event.turn):
            taken = _heard(walk, event)
        case NoInput() if _awaited(state, event.turn):
            taken = replace(_judged(walk, "silence", None), result="no_input", reason="silence")
            climb.fail(walk, "no_input", None, silence=True)
        case Trouble() if _awaited(state, event.turn):
            climb.trouble(walk)
        case LookedUp() if state.waiting is Waiting.LOOKUP and event.turn == state.turn:
            looked_up(walk, event)
        case Consulted() if state.waiting is Waiting.CONSULT and event.turn == state.turn:
            climb.consulted(walk, event)
        case TransferFailed() if state.waiting is Waiting.TRANSFER and event.turn == state.turn:
            _not_reached(walk)
        case TimeIsUp() if state.waiting is not Waiting.OVER:
            _time_is_up(walk, event)
        case _:
            return Advance(state)
    return Advance(walk.state, tuple(walk.actions), taken)


_MOST_RESUMED = 3
"""A line on which a prompt is cut off more often than this is too noisy to be forgiven for ever."""

_BRIEF_MS = 600
"""A shorter sound without words is taken for the room's: the question stands, nobody is blamed."""

_MATCHED = frozenset({Band.ACT.value, Band.CONFIRM.value, "command", "confirmed", "confirm_rejected"})


def _awaited(state: DialogueState, turn: int) -> bool:
    return state.waiting is Waiting.ANSWER and turn == state.turn


def _heard(walk: Walk, heard: Heard) -> Taken:
    state, amendment = walk.state, heard.amendment
    before = replace(state, former=None)
    if amendment is not None and state.former is not None and _prevails(walk, heard, amendment):
        before = state.former
        walk.go_back(before)
        heard = replace(heard, interpretation=amendment.interpretation)
    elif state.resumed < _MOST_RESUMED and _is_no_answer(walk, heard):
        # A noise or an "uh-huh": what it stopped goes on, and the caller is not to blame.
        reason = "false_barge_in" if heard.cut_prompt or heard.follows else "noise"
        taken = replace(_judged(walk, heard.source, heard.interpretation), reason=reason)
        walk.resume()
        return taken
    taken = _take(walk, heard)
    # A key is pressed on purpose, and a call that was handed on or ended cannot be taken back.
    reversible = heard.source == "speech" and walk.state.waiting in {Waiting.ANSWER, Waiting.LOOKUP}
    walk.state = replace(walk.state, former=before if reversible else None)
    return taken


def _is_no_answer(walk: Walk, heard: Heard) -> bool:
    found = heard.interpretation
    if heard.follows:
        return _means_nothing(walk, found)
    return (
        isinstance(found, NoMatch) and found.is_wordless and (heard.cut_prompt or heard.speech_ms < _BRIEF_MS)
    )


def _prevails(walk: Walk, heard: Heard, amendment: Amendment) -> bool:
    """Whether speech close after an answer is taken for a part of it, rather than for the next answer."""
    if amendment.explicit:
        return True
    sure = band_of(amendment.interpretation.confidence, walk.policy) is Band.ACT
    return sure and _means_nothing(walk, heard.interpretation)


def _means_nothing(walk: Walk, found: Interpretation) -> bool:
    return (
        isinstance(found, NoMatch) or band_of(found.confidence, walk.policy, act=_act_from(walk)) is Band.HELP
    )


def _take(walk: Walk, heard: Heard) -> Taken:
    # The record tells of the item as it was put, so it is drawn up before the walk goes on.
    found = heard.interpretation
    taken = _judged(walk, heard.source, found)
    if isinstance(found, NoMatch) and found.reason == "taken_back":
        walk.ask_again()
        return replace(taken, reason=found.reason)
    step = walk.ask_step()
    telling = step.dictation is not None and walk.state.pending is None and heard.source != "keys"
    if telling and found.text and _is_told(walk, found):
        if isinstance(found, Match) and (prompt := _asks_back(walk, found)) is not None:
            walk.confirm(found, prompt)
            return replace(taken, result="match", reason=Band.CONFIRM.value)
        _dictated(walk, found)
        return replace(taken, result="match", reason="dictated", meaning=None)
    if heard.agitated and not _is_command(found) and climb.upset(walk):
        return replace(taken, reason="upset")
    if isinstance(found, NoMatch):
        climb.fail(walk, found.reason, found.confidence)
        return replace(taken, reason=found.reason)
    band = band_of(found.confidence, walk.policy, act=_act_from(walk))
    if heard.source == "keys":
        band = Band.ACT
    reason = _act_on(walk, found, band)
    return replace(taken, result="match" if reason in _MATCHED else "no_match", reason=reason)


def _act_from(walk: Walk) -> float | None:
    """An item's own threshold; a bare command or a yes/no to a confirmation goes by the ladder's."""
    return None if walk.state.pending else walk.ask_step().act


def _act_on(walk: Walk, found: Match, band: Band) -> str:
    """Do what the answer asks for; returns the word for the record."""
    if "command" in found.meaning:
        # The wish for a person is honoured even when we only half heard it: a needless transfer costs
        # less than a caller who has to beg for one.
        if band is Band.ACT or (band is Band.CONFIRM and found.meaning["command"] == "agent"):
            obey(walk, found.meaning)
            return "command"
        if band is Band.CONFIRM and (prompt := _asks_back(walk, found)) is not None:
            walk.confirm(found, prompt)
            return band.value
        climb.fail(walk, "low_confidence", found.confidence)
        return "low_confidence"
    pending = walk.state.pending
    if pending is not None and "answer" in found.meaning and band is not Band.HELP:
        return _confirmed(walk, pending, found)
    return _answer(walk, found, band)


def _confirmed(walk: Walk, pending: Match, found: Match) -> str:
    is_command, yes = "command" in pending.meaning, found.meaning["answer"] == "yes"
    if yes and is_command:
        obey(walk, pending.meaning)
        return "confirmed"
    if yes:
        walk.accept(pending)
        return "confirmed"
    if is_command and walk.ask_step().dictation is not None:
        # It was part of what they had to tell.
        _dictated(walk, pending)
        return "confirm_rejected"
    climb.fail(walk, "confirm_rejected", pending.confidence)
    return "confirm_rejected"


def _answer(walk: Walk, found: Match, band: Band) -> str:
    step = walk.ask_step()
    value = walk.choosing_value(found.meaning)
    if value is None or walk.script.leads(step, value) is None:
        climb.fail(walk, "not_offered", found.confidence)
        return "not_offered"
    if band is Band.ACT:
        walk.accept(found)
        return band.value
    prompt, tried = _confirmation(walk, value), branch(step.half_sure, value)
    if band is Band.CONFIRM and prompt is not None:
        walk.confirm(found, prompt)
        return band.value
    if band is Band.CONFIRM and tried is not None:
        walk.step_rung(Rung.ROBOT, "confirm", found.confidence)
        walk.accept(found, tried)
        return band.value
    climb.fail(walk, "low_confidence", found.confidence, candidates=[found.meaning])
    return "low_confidence"


def _confirmation(walk: Walk, value: str) -> str | None:
    """The prompt that asks whether this was meant: the item's own, else the service's."""
    step = walk.ask_step()
    own = branch(step.confirm, value)
    if own is not None or not step.offers_services or value in step.branches:
        return own
    service = walk.script.service_of(value)
    return service.confirm if service is not None else None


def _asks_back(walk: Walk, found: Match) -> str | None:
    """The prompt that asks whether this command was meant; None where it goes without asking."""
    if walk.state.pending is not None:
        return None
    return walk.script.confirm_commands.get(found.meaning.get("command", ""))


def _dictated(walk: Walk, found: Interpretation) -> None:
    """Keep the caller's own words as the answer."""
    step = walk.ask_step()
    assert step.dictation is not None
    told = Match({step.dictation: found.text}, found.confidence, found.text)
    walk.accept(told, walk.script.leads(step, "*"))


def _is_told(walk: Walk, found: Interpretation) -> bool:
    """Whether words are part of what is told: "they keep calling me" in a complaint is no wish of its own."""
    command = found.meaning.get("command") if isinstance(found, Match) else None
    if command is None or command in walk.script.command_steps:
        return True
    # "I had to say it all again" is none either, and a person is never refused.
    return isinstance(found, Match) and not found.listed and command != "agent"


def _is_command(found: Interpretation) -> bool:
    return isinstance(found, Match) and "command" in found.meaning


def _not_reached(walk: Walk) -> None:
    """Nobody took the call: the step that asked for a person knows what to say and to leave then."""
    walk.say(walk.script.prompts.transfer_failed)
    step, reason = walk.script.steps.get(walk.state.step), walk.state.human_reason
    if isinstance(step, HumanStep):
        return walk.promise_callback(reason, closed=step.closed, ticket=step.leaves)
    return walk.promise_callback(reason)


def _time_is_up(walk: Walk, event: TimeIsUp) -> None:
    draining = event.reason == "draining"
    prompts = walk.script.prompts
    walk.say(prompts.draining if draining else prompts.max_duration)
    walk.play(barge_in=False)
    walk.finish(HangupCause.DRAINED if draining else HangupCause.MAX_DURATION)


def _judged(walk: Walk, source: str, found: Interpretation | None) -> Taken:
    state, secret = walk.state, walk.ask_step().secret
    meaning = found.meaning if isinstance(found, Match) else {}
    return Taken(
        turn=state.turn,
        item=state.step,
        form=state.form,
        source=source,
        result="no_match",
        reason="",
        confidence=found.confidence if found else 0.0,
        intent=meaning.get("intent") or meaning.get("command"),
        secret=secret,
        rung=state.rung,
        meaning=None if secret else meaning or None,
        text=found.text if found and not secret else None,
    )
