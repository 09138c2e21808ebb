"""Tells a customer's story to the hotline, as text: real rules, grammars, intents and services, no audio."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ivr.calls.ids import CallId, CustomerId
from ivr.calls.speech import Say, SlotValue
from ivr.calls.tickets import TicketRequest
from ivr.dialogue.advance import advance
from ivr.dialogue.attempt import attempt_result, ring_back_result
from ivr.dialogue.ladder import Band, LadderPolicy
from ivr.dialogue.prompt_text import PromptTextError
from ivr.dialogue.script import Script
from ivr.dialogue.state import (
    SERVICE_DOWN,
    Action,
    Consult,
    Consulted,
    DialogueState,
    Event,
    FileTicket,
    Heard,
    Listen,
    LookedUp,
    LookUp,
    NoInput,
    OpenTicket,
    Play,
    Settle,
    Started,
    Transfer,
    Waiting,
)
from ivr.dialogue.story import Ending, Story, StoryTurn, Told
from ivr.dialogue.taken import Taken
from ivr.dialogue.verification import PROOF_LEVEL
from ivr.grammar.result import Alternative, Hypothesis, Interpretation, NoMatch
from ivr.grammar.text import is_chinese
from ivr.runtime.amending import amendment
from ivr.runtime.ports import GrammarBook, PromptMissing
from ivr.runtime.service_port import Services

_MS_PER_CHARACTER = 200
_MOST_ASKED_BACK = 8
_ANSWERS = {True: ("对", "不是"), False: ("yes", "no")}
"""Yes and no, in Chinese and else."""


@dataclass(frozen=True, slots=True)
class StoryHotline:
    """What stories are told to. `wording` gives a prompt as text, filled; it raises as a prompter does."""

    script: Script
    policy: LadderPolicy
    grammars: GrammarBook
    services: Services
    wording: Callable[[Say, str], str]
    slots: Mapping[str, SlotValue] = field(default_factory=dict)
    """What is known before the call, where it is one that we place."""


async def tell(story: Story, phone: str, hotline: StoryHotline) -> Told:
    """Make the call and tell what came of it. `phone` is where the caller rings from."""
    call = _StoryCall(story, phone, hotline)
    await call.happen(Started())
    for turn in story.turns:
        if call.state.waiting is not Waiting.ANSWER:
            break
        await call.take(turn)
        call.told.turns += 1
    if story.survey:
        call.came()
    return call.told


class _StoryCall:
    """One call: carries out what the dialogue decides, as a call's session does."""

    def __init__(self, story: Story, phone: str, hotline: StoryHotline) -> None:
        self.state = DialogueState(story.locale, agent_reachable=story.agents, slots=hotline.slots)
        self.told = Told()
        self._story = story
        self._phone = phone
        self._hotline = hotline
        self._listen: Listen | None = None
        self._before: tuple[Listen, str, Interpretation] | None = None
        self._said: list[str] = []
        self._taken: Taken | None = None

    def came(self) -> None:
        """Write down what the call came to as an attempt."""
        result = ring_back_result if self._story.rings_back else attempt_result
        came, told = result(self.state), self.told
        told.answers = dict(self.state.answers)
        told.result = came.result.value
        told.callback_at = f"{came.callback_at:%Y-%m-%dT%H:%M}" if came.callback_at else ""

    async def take(self, turn: StoryTurn) -> None:
        """One turn of the caller, with what they say when they are asked back, and all replies to it."""
        first = len(self.told.replies)
        if turn.keys is not None:
            await self._press(deque(turn.keys))
        elif turn.silence:
            await self.happen(NoInput(self.state.turn))
        elif turn.noise:
            await self.happen(Heard(self.state.turn, "speech", NoMatch("empty"), speech_ms=300))
        else:
            await self.happen(self._speech(turn.heard or turn.says or "", follows=turn.follows))
            await self._answer_back(turn)
        self.told.replies[first:] = [" ".join(self.told.replies[first:])]
        self.told.path[first:] = [", ".join(self.told.path[first:])]

    async def _answer_back(self, turn: StoryTurn) -> None:
        """Tell the hotline whether it has understood, and say it in other words where it has not."""
        again, rejected = deque(turn.again), False
        for _ in range(_MOST_ASKED_BACK):
            if self.state.waiting is not Waiting.ANSWER or self._taken is None:
                return
            if self._taken.reason == Band.CONFIRM.value:
                wanted = self._taken.intent in {None, turn.means}
                yes_no = _ANSWERS[is_chinese(self.state.locale)]
                await self.happen(self._speech(yes_no[not wanted]))
                rejected = not wanted
            elif again and (rejected or self._taken.result != "match"):
                await self._put(turn.put(again.popleft()))
                rejected = False
            else:
                return

    async def _put(self, turn: StoryTurn) -> None:
        if turn.keys is not None:
            await self._press(deque(turn.keys))
        else:
            await self.happen(self._speech(turn.says or ""))

    async def happen(self, event: Event) -> None:
        """Let it happen, with all that follows until the caller is to speak again."""
        self._said = []
        item, self._taken = self.state.step, None
        self.told.path.append("")
        events = deque([event])
        while events:
            step = advance(self._hotline.script, self._hotline.policy, self.state, events.popleft())
            self.state = step.state
            if step.taken is not None:
                self._taken = step.taken
                self.told.path[-1] = f"{item}: {step.taken.intent or ''} {step.taken.reason}"
            for action in step.actions:
                events.extend(await self._do(action))
        self.told.replies.append(" ".join(self._said))

    async def _do(self, action: Action) -> Sequence[Event]:
        match action:
            case Play(says=says, locale=locale):
                self._said += [self._worded(say, locale) for say in says]
            case Listen():
                self._listen = action
            case LookUp() | FileTicket():
                return [await self._errand(action)]
            case Consult(turn=turn):
                return [Consulted(turn)]
            case Settle(wish=wish):
                self.told.settled.append(wish)
            case Transfer():
                self.told.ending = Ending.TRANSFERRED
            case OpenTicket(ticket_kind=kind):
                self.told.tickets.append(kind)
                self.told.ending = Ending.CALLBACK
            case _ if self.state.waiting is Waiting.OVER and self.told.ending is Ending.HUNG_UP:
                self.told.ending = Ending.COMPLETED
        return []

    async def _errand(self, asked: LookUp | FileTicket) -> LookedUp:
        services = self._hotline.services
        try:
            if isinstance(asked, FileTicket):
                ticket = await services.open_ticket(self._request(asked))
                self.told.tickets.append(asked.kind)
                return LookedUp(asked.turn, "filed", ticket.slots)
            found = await services.look_up(asked.service, self._phone, asked.slots, asked.secrets)
        except Exception as error:
            what = asked.kind if isinstance(asked, FileTicket) else asked.service
            self.told.faults.append(f"{what}: {error!r}")
            return LookedUp(asked.turn, SERVICE_DOWN)
        return LookedUp(asked.turn, found.result, found.slots)

    def _request(self, asked: FileTicket) -> TicketRequest:
        customer = asked.slots.get("customer_id")
        return TicketRequest(
            ticket_id=f"{self._story.name}-{len(self.told.tickets)}",
            call_id=CallId(self._story.name),
            kind=asked.kind,
            reason=asked.kind,
            customer_id=CustomerId(str(customer)) if customer else None,
            phone=self._phone,
            details=asked.details,
            working_days=asked.working_days,
            care=asked.care,
            proof_level=str(asked.slots.get(PROOF_LEVEL, "none")),
        )

    def _worded(self, say: Say, locale: str) -> str:
        try:
            return self._hotline.wording(say, locale)
        except (PromptMissing, PromptTextError) as error:
            self.told.faults.append(str(error))
            return ""

    async def _press(self, keys: deque[str]) -> None:
        """Keys beyond what this item takes are pressed ahead of the next."""
        said: list[str] = []
        while keys and self._listen is not None and self.state.waiting is Waiting.ANSWER:
            rule, pressed = self._listen.keys, ""
            while keys and len(pressed) < rule.max_keys:
                key = keys.popleft()
                if key == rule.terminator and pressed:
                    break
                pressed += key
            found = self._hotline.grammars.interpret_keys(pressed, rule.grammars, locale=self._listen.locale)
            self._before = None
            await self.happen(Heard(self.state.turn, "keys", found))
            said.append(self.told.replies.pop())
        self.told.replies.append(" ".join(said))

    def _speech(self, text: str, *, follows: bool = False) -> Heard:
        listen = self._listen
        assert listen is not None
        found = self._read([Alternative(text, 1.0)], listen)
        heard = Heard(
            self.state.turn,
            "speech",
            found,
            speech_ms=max(600, len(text) * _MS_PER_CHARACTER),
            follows=follows,
        )
        if follows and self._before is not None:
            former, words, meant = self._before
            joined = [Alternative(words + ("" if is_chinese(former.locale) else " ") + text, 1.0)]
            added = amendment(joined, former.locale, meant, lambda a: self._read(a, former))
            heard = replace(heard, amendment=added)
        self._before = (listen, text, found)
        return heard

    def _read(self, alternatives: Sequence[Alternative], listen: Listen) -> Interpretation:
        hypothesis = Hypothesis(tuple(alternatives), "story")
        return self._hotline.grammars.interpret(
            hypothesis, listen.grammars, locale=listen.locale, is_open=listen.open
        )
