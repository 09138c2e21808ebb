"""ChatSession: the dialogue in writing. It carries out what the dialogue decides, and decides nothing."""

import asyncio
from collections import deque
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never

from ivr.calls.disposition import HangupCause
from ivr.calls.sip import Disconnected, Invite
from ivr.calls.speech import Clip, Say
from ivr.dialogue.advance import advance
from ivr.dialogue.note import Note
from ivr.dialogue.state import (
    Action,
    Consult,
    DialogueState,
    Event,
    FileTicket,
    Hangup,
    Heard,
    Listen,
    LookedUp,
    LookUp,
    OpenTicket,
    Play,
    Resume,
    Settle,
    Started,
    StepRung,
    TimeIsUp,
    Transfer,
    TransferFailed,
)
from ivr.grammar.result import Alternative, Hypothesis, Interpretation
from ivr.runtime.call_plan import CallPlan
from ivr.runtime.chat.callback_number import Given, NumberAsked, read_number
from ivr.runtime.chat.carried import with_carried
from ivr.runtime.chat.exchange import (
    ChatDevices,
    ChatOver,
    Exchange,
    Memory,
    MessageTooLong,
    OwedTicket,
    Reply,
    Ticket,
)
from ivr.runtime.chat.reading import MOST_CHARS, for_record, read_keys, read_message
from ivr.runtime.chronicle import Chronicle
from ivr.runtime.ear import Answer
from ivr.runtime.errands import Errands

DIRECTION = "chat"
_MOST_STEPS = 50
"""Services asked for one message: a script that asks on and on is broken."""


class ChatSession:
    """One chat. Each message is taken in whole before the next: the methods must not run side by side.

    `phone` proposes who writes, and is where a callback goes; empty where it is not known.
    """

    def __init__(self, plan: CallPlan, devices: ChatDevices, *, phone: str, channel: str) -> None:
        self._plan = plan
        self._devices = devices
        self._phone = phone
        invite = Invite("", "", phone, channel, "")
        self._chronicle = Chronicle(invite, plan, devices)
        self._memory = Memory(DialogueState(locale=plan.locale, slots=plan.slots))

    @property
    def memory(self) -> Memory:
        """What another session needs to `take_up`; no secret is in it."""
        return self._memory

    @property
    def awaits_secret(self) -> bool:
        """Whether what is written next proves who somebody is."""
        listen = self._memory.listen
        return listen is not None and listen.secret

    def take_up(self, memory: Memory, began_at: datetime) -> None:
        """Go on with a chat that another session left. A script that has changed since starts anew."""
        self._chronicle.take_up(began_at, memory.tickets)
        state = memory.state
        if not memory.over and memory.owed is None and state.step not in self._plan.script.steps:
            kept = DialogueState(locale=state.locale, slots=state.slots, proof=state.proof)
            memory = replace(memory, state=kept, listen=None)
        self._memory = memory

    async def begin(self, proved: Mapping[str, Any] | None = None) -> Exchange:
        """The greeting, and the first question. `proved` is what `carried` told of the chat before.

        Raises `ValueError` when it is not.
        """
        self._memory = replace(self._memory, state=with_carried(self._memory.state, proved or {}))
        self._chronicle.started(DIRECTION)
        self._chronicle.answered("text")
        reply = Reply()
        return await self._safely(self._follow(Started(), reply), reply)

    async def write(self, text: str) -> Exchange:
        """Take a message. Raises `MessageTooLong`, `ChatOver`."""
        self._check_open()
        if len(text) > MOST_CHARS:
            raise MessageTooLong(f"{len(text)} characters are too many, {MOST_CHARS} may be sent at once")
        reply = Reply()
        return await self._safely(self._take(text, reply), reply)

    async def choose(self, key: str) -> Exchange:
        """Take a choice by its key. Raises `ChatOver`."""
        self._check_open()
        listen, reply = self._memory.listen, Reply()
        if listen is None:
            return await self.write(key)
        found = read_keys(key[:MOST_CHARS], listen, self._devices.grammars)
        return await self._safely(self._hear("keys", found, None, reply), reply)

    async def time_is_up(self, reason: str) -> Exchange:
        """End the chat politely: `max_duration` or `draining`. Raises `ChatOver`."""
        self._check_open()
        reply = Reply()
        self._open_owed(reply)
        return await self._safely(self._follow(TimeIsUp(reason), reply), reply)

    def idle(self) -> Exchange:
        """Nothing was written for too long: close the chat. Raises `ChatOver`."""
        self._check_open()
        closing = self._devices.wording.message(Say("chat_idle"), locale=self._memory.state.locale)
        reply = Reply([closing])
        self._close(HangupCause.IDLE, reply)
        return self._told(reply)

    def leave(self) -> Exchange:
        """The customer closes the chat. Raises `ChatOver`."""
        self._check_open()
        reply = Reply()
        self._close(HangupCause.CALLER_HUNG_UP, reply)
        return self._told(reply)

    def _check_open(self) -> None:
        if self._memory.over:
            raise ChatOver

    async def _safely(self, work: Coroutine[Any, Any, None], reply: Reply) -> Exchange:
        """A fault of ours ends the chat with an apology, and nothing that was promised is lost."""
        try:
            await work
        except Exception as error:
            self._devices.report("chat failed", error)
            locale = self._memory.state.locale
            reply.messages.append(self._devices.wording.message(Say("chat_broken"), locale=locale))
            if not self._memory.over:
                self._close(HangupCause.SESSION_ERROR, reply)
        return self._told(reply)

    async def _take(self, text: str, reply: Reply) -> None:
        if self._memory.owed is not None:
            asked = read_number(text, self._memory.state.locale, self._devices)
            return await self._number_given(self._memory.owed, asked, reply)
        listen = self._memory.listen
        if listen is None:
            return await self._follow(Started(), reply)
        # A long message takes a fifth of a second to read, in which other chats go on.
        keys = self._plan.script.command_keys
        source, found = await asyncio.to_thread(read_message, text, listen, self._devices.grammars, keys)
        return await self._hear(source, found, text, reply)

    async def _hear(self, source: str, found: Interpretation, text: str | None, reply: Reply) -> None:
        heard = Heard(self._memory.state.turn, source, found)
        words = None if text is None else Hypothesis((Alternative(for_record(text), 1.0),))
        self._chronicle.answer_given(Answer(heard, words))
        await self._follow(heard, reply)

    async def _follow(self, first: Event, reply: Reply) -> None:
        events = deque([first])
        for _ in range(_MOST_STEPS):
            if not events:
                return
            step = advance(self._plan.script, self._plan.policy, self._memory.state, events.popleft())
            self._memory = replace(self._memory, state=step.state)
            if step.taken is not None:
                reply.taken = step.taken
                self._chronicle.taken(step.taken)
            events.extend(await self._do_all(step.actions, reply))
        raise RuntimeError(f"the script asks services without end, last at {self._memory.state.step}")

    async def _do_all(self, actions: Sequence[Action], reply: Reply) -> list[Event]:
        events: list[Event] = []
        for n, action in enumerate(actions):
            if isinstance(action, OpenTicket) and not self._can_be_reached():
                self._memory = replace(self._memory, owed=OwedTicket(action, tuple(actions[n + 1 :])))
                self._ask_number("chat_callback_number", reply)
                break
            followed = await self._do(action, reply)
            events += [followed] if followed is not None else []
        return events

    async def _do(self, action: Action, reply: Reply) -> Event | None:
        match action:
            case Play():
                self._say(action, reply)
            case Resume():
                reply.messages.extend(self._memory.last)
            case Listen():
                self._memory = replace(self._memory, listen=action)
            case LookUp() | FileTicket() | Consult():
                return await self._run_errand(action, reply)
            case Transfer():
                # Nobody takes over chats yet, so the ladder's next step is a promise to ring back.
                return TransferFailed(action.turn, 480)
            case Hangup():
                self._end(HangupCause(action.cause), by_customer=False)
            case OpenTicket():
                self._open_ticket(action, reply)
            case StepRung() | Settle() | Note():
                self._chronicle.note(action, self._memory.state)
            case _:
                assert_never(action)
        return None

    def _say(self, play: Play, reply: Reply) -> None:
        written = self._devices.wording.messages(play.says, locale=play.locale)
        reply.messages.extend(written)
        self._memory = replace(self._memory, last=written)
        self._chronicle.prompt_ended(play, Clip("", 0, "\n".join(each.text for each in written)), 0)

    async def _run_errand(self, errand: LookUp | FileTicket | Consult, reply: Reply) -> Event:
        if isinstance(errand, LookUp):
            # What services tell in words is in the customer's language.
            errand = replace(errand, slots={**errand.slots, "locale": self._memory.state.locale})
        came: list[Event] = []
        await Errands(self._devices, self._chronicle, caller=self._phone, post=came.append).run(errand)
        if isinstance(errand, FileTicket):
            self._memory = replace(self._memory, tickets=self._chronicle.tickets)
            if isinstance(came[0], LookedUp) and "ticket_number" in came[0].slots:
                reply.tickets.append(Ticket(str(came[0].slots["ticket_number"]), errand.kind))
        return came[0]

    def _can_be_reached(self) -> bool:
        slots = self._memory.state.slots
        return bool(self._phone or slots.get("phone") or slots.get("customer_id"))

    def _open_ticket(self, action: OpenTicket, reply: Reply) -> None:
        self._chronicle.note(action, self._memory.state)
        self._memory = replace(self._memory, tickets=self._chronicle.tickets)
        number = f"{self._plan.call_id}-{self._chronicle.tickets}"
        reply.tickets.append(Ticket(number, action.ticket_kind))

    def _ask_number(self, prompt_id: str, reply: Reply) -> None:
        turn, locale = self._memory.state.turn + 1, self._memory.state.locale
        self._memory = replace(self._memory, state=replace(self._memory.state, turn=turn), listen=None)
        self._say(Play(turn, (Say(prompt_id),), locale, asks=True), reply)

    async def _number_given(self, owed: OwedTicket, asked: NumberAsked, reply: Reply) -> None:
        state = self._memory.state
        self._chronicle.answer_given(Answer(Heard(state.turn, asked.source, asked.found)))
        reply.taken = asked.taken(state, owed.failures)
        self._chronicle.taken(reply.taken)
        if asked.given is Given.UNCLEAR and owed.failures == 0:
            self._memory = replace(self._memory, owed=replace(owed, failures=1))
            return self._ask_number("chat_callback_number_again", reply)
        rest: tuple[Action, ...] = owed.rest
        if asked.phone:
            self._memory = replace(
                self._memory, state=replace(state, slots={**state.slots, "phone": asked.phone})
            )
        else:
            # Nothing is promised that cannot be kept; the ticket itself is not lost.
            rest = tuple(action for action in rest if not isinstance(action, Play))
            self._say(Play(state.turn, (Say("chat_no_number"),), state.locale), reply)
        self._open_owed(reply)
        await self._do_all(rest, reply)
        return None

    def _told(self, reply: Reply) -> Exchange:
        over, listen = self._memory.over, self._memory.listen
        return Exchange(
            messages=tuple(reply.messages),
            choices=() if over or listen is None else self._devices.choices.offered(listen),
            secret=self.awaits_secret and not over,
            ended=over,
            tickets=tuple(reply.tickets),
            taken=reply.taken,
        )

    def _close(self, cause: HangupCause, reply: Reply) -> None:
        self._open_owed(reply)
        self._end(cause, by_customer=cause is HangupCause.CALLER_HUNG_UP)

    def _open_owed(self, reply: Reply) -> None:
        """The ticket that waits for a number: it is opened, whether the number came or not."""
        owed = self._memory.owed
        if owed is not None:
            self._memory = replace(self._memory, owed=None)
            self._open_ticket(owed.ticket, reply)

    def _end(self, cause: HangupCause, *, by_customer: bool) -> None:
        self._memory = replace(self._memory, over=True, listen=None)
        ended = Disconnected(200, "", by_remote=by_customer)
        self._chronicle.ended(ended, cause, self._memory.state.outcome, None)
