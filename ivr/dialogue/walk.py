"""One walk through the script: from an event to the next place where the dialogue waits."""

from collections.abc import Mapping
from dataclasses import replace

from ivr.calls.answers import MARK
from ivr.calls.disposition import HangupCause
from ivr.calls.rung import Rung
from ivr.calls.speech import Say
from ivr.dialogue.gates import Way, beyond
from ivr.dialogue.ladder import Form, LadderPolicy
from ivr.dialogue.note import note_of
from ivr.dialogue.prompt_text import VARIANTS
from ivr.dialogue.question import listen_to
from ivr.dialogue.script import Script
from ivr.dialogue.state import (
    Action,
    DialogueState,
    FileTicket,
    Hangup,
    LookUp,
    OpenTicket,
    Play,
    Resume,
    Settle,
    StepRung,
    Transfer,
    Waiting,
)
from ivr.dialogue.steps import (
    AnswerStep,
    AskStep,
    EndStep,
    HumanStep,
    LookupStep,
    NoteStep,
    RouteStep,
    SayStep,
    Step,
    TicketStep,
    branch,
)
from ivr.grammar.result import Match

_HEIGHT = {rung: height for height, rung in enumerate(Rung)}
_LONGEST_TRAIL = 20


class Walk:
    """Collects prompts and actions while steps are passed. Lives for one call of `advance`."""

    def __init__(self, script: Script, policy: LadderPolicy, state: DialogueState) -> None:
        self._whole = script
        self.policy = policy
        self.state = state
        self.actions: list[Action] = []
        self._says: list[Say] = []
        self._answer: Match | None = None

    @property
    def script(self) -> Script:
        """The script that the call is in."""
        return self._whole.spoken(self.state.survey)

    def ask_step(self) -> AskStep:
        """The item whose answer is awaited."""
        step = self.script.steps[self.state.step]
        assert isinstance(step, AskStep), step
        return step

    def choosing_value(self, meaning: Mapping[str, str]) -> str | None:
        """The part of an answer that decides where the item leads; None when it holds no such part."""
        return next((meaning[slot] for slot in self.ask_step().branch_on if slot in meaning), None)

    def say(self, *prompt_ids: str) -> None:
        """Add prompts to what is spoken next, in other words where the caller has heard them before."""
        pending = self.state.pending.meaning if self.state.pending else {}
        for prompt_id in prompt_ids:
            times = self.state.said.get(prompt_id, 0)
            variant = VARIANTS[min(times, len(VARIANTS) - 1)]
            self._says.append(Say(prompt_id, {**self.state.slots, **pending}, variant))
            self.state = replace(self.state, said={**self.state.said, prompt_id: times + 1})

    def play(self, *, barge_in: bool = True, asks: bool = False) -> None:
        """Speak what has been collected, as one piece; `asks` when it ends in a question."""
        if self._says:
            says = tuple(self._says)
            state = self.state
            self.actions.append(Play(state.turn, says, state.locale, barge_in, asks, state.pace))
            self._says.clear()

    def enter(self, step_id: str) -> None:
        """Go to a step and on through it until something has to be waited for."""
        following: str | None = step_id
        while following is not None:
            step = self.script.steps[following]
            self.state = replace(self.state, step=following)
            following = self._pass(step)

    def _pass(self, step: Step) -> str | None:
        """Do what a step says; returns the next one, or None where the walk ends."""
        match step:
            case SayStep():
                self.say(*step.prompts)
                self._settle(step.settles)
                return step.next
            case AskStep():
                known = next((to for slot, to in step.skips.items() if slot in self.state.slots), None)
                if known is None:
                    self.put_anew(step)
                return known
            case _ if isinstance(step, Way):
                self.state, following = beyond(step, self._whole, self.state)
                if following is None:
                    self.human("verification_failed")
                return following
            case AnswerStep() | RouteStep():
                return self._by_slot(step)
            case NoteStep():
                self._note(step)
                return step.next
            case _:
                self._halt(step)
                return None

    def _halt(self, step: LookupStep | TicketStep | HumanStep | EndStep) -> None:
        match step:
            case LookupStep():
                self._look_up(step)
            case TicketStep():
                self._file(step)
            case HumanStep():
                self.say(*step.prompts)
                self.human(step.reason, closed=step.closed, ticket=step.leaves)
            case EndStep():
                self.say(*step.prompts)
                self.play(barge_in=False)
                self.finish(HangupCause.COMPLETED)

    def _by_slot(self, step: AnswerStep | RouteStep) -> str | None:
        value = str(self.state.slots.get(step.slot, ""))
        target = branch(step.branches, value) if isinstance(step, RouteStep) else step.next
        if target is None or (isinstance(step, AnswerStep) and not value):
            self.human(f"no_{step.slot}")
            return None
        if isinstance(step, AnswerStep):
            self.say(value)
            self._settle(step.settles)
        return target

    def _note(self, step: NoteStep) -> None:
        note = note_of(step, self.state.slots, self._answer, self.script)
        self.actions.append(note)
        answers = self.state.answers if step.kind == MARK else {**self.state.answers, note.item: note.value}
        self.state = replace(self.state, slots={**self.state.slots, note.item: note.value}, answers=answers)

    def accept(self, answer: Match, target: str | None = None) -> None:
        """The item is answered: keep what was said and follow its branch, or go to `target`."""
        step, meaning = self.ask_step(), answer.meaning
        self._answer = answer
        value = self.choosing_value(meaning)
        if target is None and value is not None:
            target = self.script.leads(step, value)
        assert target is not None, "accepted an answer that leads nowhere"
        if step.secret:
            self.state = replace(self.state, secrets=dict(meaning))
        else:
            kept = self.state.slots
            if "intent" in meaning:
                # What was said along with a former wish is not about this one.
                kept = {slot: value for slot, value in kept.items() if not slot.startswith("wish_")}
            self.state = replace(self.state, slots={**kept, **meaning})
        self.state = replace(self.state, pending=None, unconfirmed=0)
        self.enter(target)

    def confirm(self, found: Match, prompt: str) -> None:
        """Half sure: say what was understood and ask whether it is right."""
        self.step_rung(Rung.ROBOT, "confirm", found.confidence)
        self.state = replace(self.state, pending=found, unconfirmed=0)
        self.put_confirmation(prompt)

    def repeat(self) -> None:
        """Say the last prompt again and listen as before; costs the caller nothing."""
        self._listen(self.state.last_says)

    def resume(self) -> None:
        """Go on with what was cut off by something that was no answer; costs the caller nothing."""
        turn = self.state.turn + 1
        self.state = replace(self.state, turn=turn, resumed=self.state.resumed + 1, former=None)
        self.actions.append(Resume(turn))
        self._await_answer()

    def ask_again(self) -> None:
        """Put the question as it is put to everybody: the caller has only said that the answer was wrong."""
        self.put(self.ask_step(), Form.ASK)

    def go_back(self, former: DialogueState) -> None:
        """Be where the last answer was given; what was tried and spent since then stays tried and spent."""
        now = self.state
        self.state = replace(
            former, turn=now.turn, rung=now.rung, tries=now.tries, proof=now.proof, outcome=now.outcome
        )

    def human(
        self,
        reason: str,
        confidence: float | None = None,
        *,
        closed: tuple[str, ...] = (),
        ticket: str = "callback",
    ) -> None:
        """The top of the ladder: a person now, or a promise (`closed`) that one will ring back."""
        self.step_rung(Rung.LIVE_AGENT, reason, confidence)
        self.state = replace(self.state, human_reason=reason, pending=None, secrets={})
        if not self.state.agent_reachable:
            return self.promise_callback(reason, closed=closed, ticket=ticket)
        self.say(self.script.prompts.transferring)
        self.play(barge_in=False)
        self.actions.append(Transfer(self.state.turn, reason))
        self.state = replace(self.state, waiting=Waiting.TRANSFER, outcome="transferred")
        return None

    def promise_callback(
        self, reason: str, *, closed: tuple[str, ...] = (), ticket: str = "callback"
    ) -> None:
        """Nobody is there: leave a ticket, say so, or what is `closed` instead, and end the call."""
        self.actions.append(OpenTicket(ticket, reason))
        self.state = replace(self.state, outcome="ticket")
        self.say(*(closed or (self.script.prompts.callback_promised, self.script.prompts.goodbye)))
        self.play(barge_in=False)
        self.finish(HangupCause.COMPLETED)

    def finish(self, cause: HangupCause) -> None:
        """Nothing more is expected of the caller."""
        self.actions.append(Hangup(cause.value))
        self.state = replace(self.state, waiting=Waiting.OVER, secrets={}, pending=None)

    def _settle(self, wish: str | None) -> None:
        if wish is not None:
            self.actions.append(Settle(wish, self.state.rung))
            self.state = replace(self.state, outcome="settled")

    def step_rung(self, to_rung: Rung, cause: str, confidence: float | None) -> None:
        """Go up the ladder; a call never steps down, so its last rung is its highest."""
        from_rung = self.state.rung
        if _HEIGHT[to_rung] > _HEIGHT[from_rung]:
            self.actions.append(StepRung(from_rung, to_rung, self.state.step, cause, confidence))
            self.state = replace(self.state, rung=to_rung)

    def put_anew(self, step: AskStep) -> None:
        """Put an item as if for the first time."""
        trail = self.state.trail
        if trail[-1:] != (step.step_id,) and not step.aside:
            trail = (*trail, step.step_id)[-_LONGEST_TRAIL:]
        self.state = replace(self.state, step=step.step_id, failures=0, silences=0, troubles=0, trail=trail)
        self.put(step, Form.ASK)

    def put(self, step: AskStep, form: Form) -> None:
        """Put an item in one of its forms."""
        prompt = {Form.ASK: step.ask, Form.REPROMPT: step.reprompt, Form.CHOICE: step.choice}[form]
        self.state = replace(self.state, form=form, pending=None, unconfirmed=0, resumed=0, secrets={})
        self.say(prompt)
        self._listen(tuple(self._says))

    def put_confirmation(self, prompt: str) -> None:
        """Ask whether what is pending is right."""
        self.state = replace(self.state, form=Form.CONFIRM)
        self.say(prompt)
        self._listen(tuple(self._says))

    def _listen(self, says: tuple[Say, ...]) -> None:
        turn = self.state.turn + 1
        self.state = replace(self.state, turn=turn, waiting=Waiting.ANSWER, last_says=says)
        self._says = list(says)
        self.play(asks=True)
        self._await_answer()

    def _await_answer(self) -> None:
        self.actions.append(listen_to(self.script, self.ask_step(), self.state))

    def _look_up(self, step: LookupStep) -> None:
        if step.filler:
            self.say(step.filler)
        self.wait_for(Waiting.LOOKUP)
        secrets = self.state.secrets
        self.actions.append(LookUp(self.state.turn, step.service, self.state.slots, secrets))

    def _file(self, step: TicketStep) -> None:
        self.wait_for(Waiting.LOOKUP)
        state = self.state
        kept = {slot: state.slots[slot] for slot in step.keep if slot in state.slots}
        self.actions.append(
            FileTicket(state.turn, step.kind, kept, state.slots, step.working_days, step.care)
        )

    def wait_for(self, what: Waiting) -> None:
        """Speak what there is to be spoken while something is waited for that is no answer."""
        self.state = replace(self.state, turn=self.state.turn + 1, waiting=what)
        self.play()
