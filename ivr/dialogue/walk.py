"""One walk through the script: from an event to the next place where the dialogue waits."""

from collections.abc import Mapping
from dataclasses import replace

from ivr.calls.disposition import HangupCause
from ivr.calls.rung import Rung
from ivr.calls.speech import Say
from ivr.dialogue.ladder import Form, LadderPolicy, form_after
from ivr.dialogue.question import grammars_of, keys_of
from ivr.dialogue.script import (
    AnswerStep,
    AskStep,
    EndStep,
    HumanStep,
    LookupStep,
    RouteStep,
    SayStep,
    Script,
    branch,
)
from ivr.dialogue.state import (
    Action,
    DialogueState,
    Hangup,
    Listen,
    LookUp,
    OpenTicket,
    Play,
    Resume,
    Settle,
    StepRung,
    Transfer,
    Waiting,
)
from ivr.grammar.result import Match

_HEIGHT = {rung: height for height, rung in enumerate(Rung)}
_MAX_TROUBLES = 2


class Walk:
    """Collects prompts and actions while steps are passed. Lives for one call of `advance`."""

    def __init__(self, script: Script, policy: LadderPolicy, state: DialogueState) -> None:
        self.script = script
        self.policy = policy
        self.state = state
        self.actions: list[Action] = []
        self._says: list[Say] = []

    def ask_step(self) -> AskStep:
        """The item whose answer is awaited."""
        step = self.script.steps[self.state.step]
        assert isinstance(step, AskStep), step
        return step

    def choosing_value(self, meaning: Mapping[str, str]) -> str | None:
        """The part of an answer that decides where the item leads; None when it holds no such part."""
        return next((meaning[slot] for slot in self.ask_step().branch_on if slot in meaning), None)

    def say(self, *prompt_ids: str) -> None:
        """Add prompts to what is spoken next."""
        self._says.extend(Say(prompt_id, self.state.slots) for prompt_id in prompt_ids)

    def play(self, *, barge_in: bool = True, asks: bool = False) -> None:
        """Speak what has been collected, as one piece; `asks` when it ends in a question."""
        if self._says:
            says = tuple(self._says)
            self.actions.append(Play(self.state.turn, says, self.state.locale, barge_in, asks))
            self._says.clear()

    def enter(self, step_id: str) -> None:
        """Go to a step and on through it until something has to be waited for."""
        while True:
            step = self.script.steps[step_id]
            self.state = replace(self.state, step=step_id)
            match step:
                case SayStep():
                    self.say(*step.prompts)
                    self._settle(step.settles)
                    step_id = step.next
                case AnswerStep():
                    if step.slot not in self.state.slots:
                        return self.human(f"no_{step.slot}")
                    self.say(str(self.state.slots[step.slot]))
                    self._settle(step.settles)
                    step_id = step.next
                case RouteStep():
                    target = branch(step.branches, str(self.state.slots.get(step.slot, "")))
                    if target is None:
                        return self.human(f"no_route_{step.slot}")
                    step_id = target
                case AskStep():
                    self.state = replace(self.state, failures=0, silences=0, troubles=0)
                    return self._put(step, Form.ASK)
                case LookupStep():
                    return self._look_up(step)
                case HumanStep():
                    self.say(*step.prompts)
                    return self.human(step.reason)
                case EndStep():
                    self.say(*step.prompts)
                    self.play(barge_in=False)
                    return self.finish(HangupCause.COMPLETED)

    def accept(self, meaning: Mapping[str, str], target: str | None = None) -> None:
        """The item is answered: keep what was said and follow its branch, or go to `target`."""
        step = self.ask_step()
        value = self.choosing_value(meaning)
        if target is None and value is not None:
            target = branch(step.branches, value)
        assert target is not None, "accepted an answer that leads nowhere"
        if step.secret:
            self.state = replace(self.state, secrets=dict(meaning))
        else:
            self.state = replace(self.state, slots={**self.state.slots, **meaning})
        self.state = replace(self.state, pending=None, unconfirmed=0)
        self.enter(target)

    def confirm(self, found: Match, prompt: str) -> None:
        """Half sure: say what was understood and ask whether it is right."""
        self.step_rung(Rung.ROBOT, "confirm", found.confidence)
        self.state = replace(self.state, pending=found, unconfirmed=0)
        self._put_confirmation(prompt)

    def fail(self, cause: str, confidence: float | None, *, silence: bool = False) -> None:
        """The item was answered in vain: put it in the next easier form, or call a person."""
        state = self.state
        if state.pending is not None and cause != "confirm_rejected" and state.unconfirmed == 0:
            self.state = replace(state, unconfirmed=1)
            return self._put_confirmation(self.script.prompts.confirm_choice)
        failures, silences = state.failures + 1, state.silences + silence
        self.state = replace(state, pending=None, unconfirmed=0, failures=failures, silences=silences)
        form = form_after(failures, self.policy)
        if form is not None:
            self.step_rung(Rung.ROBOT, cause, confidence)
            return self._put(self.ask_step(), form)
        if silences == failures:
            # Nobody is there: a person would pick up to silence.
            self.say(self.script.prompts.goodbye)
            self.play(barge_in=False)
            return self.finish(HangupCause.COMPLETED)
        return self.human(cause, confidence)

    def trouble(self) -> None:
        """The recogniser failed us: apologise and ask again; keys first, then a person, if it goes on."""
        troubles = self.state.troubles + 1
        self.state = replace(self.state, troubles=troubles, pending=None, unconfirmed=0)
        self.say(self.script.prompts.trouble)
        if troubles > _MAX_TROUBLES:
            return self.human("recogniser_lost")
        return self._put(self.ask_step(), Form.ASK if troubles == 1 else Form.CHOICE)

    def command(self, name: str) -> None:
        """A wish that is heard everywhere."""
        match name:
            case "agent":
                self.human("asked_for_agent")
            case "repeat" | "slower":  # prompts have one pace: hearing it once more is what helps
                self.repeat()
            case "main_menu" | "back":  # one level of menus: the way back leads to the top
                self.enter(self.script.menu)
            case "language":
                locales = self.script.locales
                at = locales.index(self.state.locale) if self.state.locale in locales else -1
                self.state = replace(self.state, locale=locales[(at + 1) % len(locales)])
                self.say(self.script.prompts.language_switched)
                self.enter(self.state.step)
            case _:  # such as "stop calling me": no script may shrug it off
                self.human(name)

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
        self._put(self.ask_step(), Form.ASK)

    def go_back(self, former: DialogueState) -> None:
        """Be where the last answer was given; what was tried and spent since then stays tried and spent."""
        now = self.state
        self.state = replace(former, turn=now.turn, rung=now.rung, tries=now.tries, outcome=now.outcome)

    def human(self, reason: str, confidence: float | None = None) -> None:
        """The top of the ladder: a person now, or a promise that one will ring back."""
        self.step_rung(Rung.LIVE_AGENT, reason, confidence)
        self.state = replace(self.state, human_reason=reason, pending=None, secrets={})
        if not self.state.agent_reachable:
            return self.promise_callback(reason)
        self.say(self.script.prompts.transferring)
        self.play(barge_in=False)
        self.actions.append(Transfer(self.state.turn, reason))
        self.state = replace(self.state, waiting=Waiting.TRANSFER, outcome="transferred")
        return None

    def promise_callback(self, reason: str) -> None:
        """Nobody is there: leave a ticket, say so, and end the call."""
        self.actions.append(OpenTicket("callback", reason))
        self.state = replace(self.state, outcome="ticket")
        self.say(self.script.prompts.callback_promised, self.script.prompts.goodbye)
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

    def _put(self, step: AskStep, form: Form) -> None:
        prompt = {Form.ASK: step.ask, Form.REPROMPT: step.reprompt, Form.CHOICE: step.choice}[form]
        self.state = replace(self.state, form=form, pending=None, unconfirmed=0, resumed=0)
        self.say(prompt)
        self._listen(tuple(self._says))

    def _put_confirmation(self, prompt: str) -> None:
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
        step, confirming = self.ask_step(), self.state.pending is not None
        self.actions.append(
            Listen(
                turn=self.state.turn,
                locale=self.state.locale,
                grammars=grammars_of(self.script, step, confirming=confirming),
                keys=keys_of(self.script, step, confirming=confirming),
                no_input_ms=step.no_input_ms,
                end_silence_ms=step.end_silence_ms,
                secret=step.secret,
                open=step.open,
            )
        )

    def _look_up(self, step: LookupStep) -> None:
        if step.filler:
            self.say(step.filler)
        self.state = replace(self.state, turn=self.state.turn + 1, waiting=Waiting.LOOKUP)
        self.play()
        secrets = self.state.secrets
        self.actions.append(LookUp(self.state.turn, step.service, self.state.slots, secrets))
