"""CallSession: one call from INVITE to CDR. It carries out what the dialogue decides, and decides nothing."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any

from ivr.calls.disposition import HangupCause
from ivr.calls.ids import CallId
from ivr.calls.sip import (
    Answered,
    AudioReceived,
    Disconnected,
    HoldChanged,
    KeyPressed,
    LineEvent,
    TransferProgress,
)
from ivr.calls.speech import SlotValue
from ivr.dialogue.advance import advance
from ivr.dialogue.note import Note
from ivr.dialogue.state import (
    Action,
    Consult,
    DialogueState,
    Event,
    FileTicket,
    Hangup,
    Listen,
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
from ivr.media.listening import Prompt
from ivr.runtime.call_plan import CallDevices, CallPlan
from ivr.runtime.chronicle import Chronicle
from ivr.runtime.dialled_line import NotReached
from ivr.runtime.ear import Answer, Ear
from ivr.runtime.errands import Errands
from ivr.runtime.mouth import Mouth
from ivr.runtime.ports import Line, LineLost

_TRANSFER_S = 30.0


Inbox = LineEvent | Event | Answer


class CallSession:
    """Runs one call. Everything that happens goes through one inbox, so nothing races."""

    def __init__(self, line: Line, plan: CallPlan, devices: CallDevices) -> None:
        self._line = line
        self._plan = plan
        self._devices = devices
        self._inbox: asyncio.Queue[Inbox] = asyncio.Queue()
        self._state = DialogueState(plan.locale, agent_reachable=bool(plan.agent_uri), slots=plan.slots)
        self._chronicle = Chronicle(line.invite, plan, devices)
        self._mouth = Mouth(
            line,
            devices.prompter,
            on_started=self._chronicle.reply_started,
            on_ended=self._chronicle.prompt_ended,
        )
        self._ear = Ear(
            sample_rate_hz=line.sample_rate_hz,
            recogniser=devices.recogniser,
            grammars=devices.grammars,
            detector=devices.detector,
            voice_detector=devices.voice_detector,
            post=self._inbox.put_nowait,
            hush=self._hush,
        )
        self._errands = Errands(
            devices,
            self._chronicle,
            caller=line.invite.remote_user,
            post=self._inbox.put_nowait,
            bridging=self._mouth.bridging,
        )
        self._side_tasks: set[asyncio.Task[None]] = set()
        self._barge_in = True
        self._cause: HangupCause | None = None
        self._transfer_code = 0

    @property
    def call_id(self) -> CallId:
        """The call's name everywhere."""
        return self._plan.call_id

    @property
    def state(self) -> DialogueState:
        """Where the dialogue is; after the call, what came of it."""
        return self._state

    def know(self, slots: Mapping[str, SlotValue]) -> None:
        """What has turned out of the caller before the call is answered."""
        self._state = replace(self._state, slots={**self._state.slots, **slots})

    def time_is_up(self, reason: str) -> None:
        """End the call politely: `draining` or `max_duration`."""
        self._inbox.put_nowait(TimeIsUp(reason))

    async def run(self) -> None:
        """Answer, talk, hang up, write the record; then return. Raises only when cancelled."""
        self._chronicle.started(self._plan.direction)
        ended = Disconnected(0, "", by_remote=False)
        try:
            await self._line.answer()
            self._chronicle.answered(self._line.codec)
            ended = await self._talk()
        except NotReached as unreached:
            self._cause = HangupCause.NOT_REACHED
            ended = unreached.ended
        except LineLost:
            self._cause = HangupCause.CALLER_CANCELLED
            ended = Disconnected(487, "cancelled", by_remote=True)
        except Exception as error:
            self._devices.report("session failed", error)
            self._cause = HangupCause.SESSION_ERROR
            ended = Disconnected(500, "session error", by_remote=False)
        finally:
            await asyncio.shield(asyncio.ensure_future(self._close(ended)))

    async def _talk(self) -> Disconnected:
        limit = asyncio.get_running_loop().call_later(self._plan.longest_s, self.time_is_up, "max_duration")
        self._spawn(self._pump(), "line events")
        self._spawn(self._mouth.run(), "mouth")
        self._inbox.put_nowait(Started())
        try:
            while True:
                event = await self._inbox.get()
                if isinstance(event, Disconnected):
                    if self._cause is None:
                        self._cause = (
                            HangupCause.CALLER_HUNG_UP if event.by_remote else HangupCause.MEDIA_LOST
                        )
                    return event
                self._handle(event)
        finally:
            limit.cancel()

    def _handle(self, event: Inbox) -> None:
        match event:
            case AudioReceived():
                if self._devices.recorder is not None:
                    self._devices.recorder.write(event.caller, event.bot)
                self._mouth.tick()
                self._ear.hear(event.caller, event.bot, prompt=self._prompt())
            case KeyPressed(key=key):
                self._ear.press(key, prompt_plays=self._mouth.played_ms is not None)
            case TransferProgress(sip_code=code):
                self._transfer_progress(code)
            case HoldChanged() | Answered():
                pass
            case Answer():
                self._chronicle.answer_given(event)
                self._advance(event.event)
            case Disconnected():
                raise AssertionError("the loop has ended the call already")
            case _:
                self._advance(event)

    def _advance(self, event: Event) -> None:
        step = advance(self._plan.script, self._plan.policy, self._state, event)
        self._state = step.state
        if step.taken is not None:
            self._chronicle.taken(step.taken)
            if step.taken.result != "match":
                self._ear.forget_keys()
        if step.actions:
            self._ear.stop()
        for action in step.actions:
            self._do(action)

    def _do(self, action: Action) -> None:
        match action:
            case Play():
                self._barge_in = action.barge_in
                self._mouth.say(action)
            case Resume():
                self._mouth.resume()
            case Listen():
                self._keep_secret(action.secret)
                self._ear.listen(
                    action, barge_in=self._barge_in, prompt_plays=self._mouth.played_ms is not None
                )
            case LookUp() | FileTicket() | Consult():
                self._keep_secret(False)
                self._spawn(self._errands.run(action), "errand")
            case Transfer():
                self._spawn(self._transfer(action), "transfer")
            case Hangup(cause=cause):
                self._cause = HangupCause(cause)
                self._spawn(self._hang_up(), "hang up")
            case OpenTicket() | StepRung() | Settle() | Note():
                self._chronicle.note(action, self._state)

    def _keep_secret(self, secret: bool) -> None:
        if self._devices.recorder is not None:
            (self._devices.recorder.pause if secret else self._devices.recorder.resume)()

    def _hush(self) -> None:
        self._chronicle.barged_in()
        self._mouth.stop(back_ms=self._ear.back_ms)

    def _prompt(self) -> Prompt | None:
        played_ms = self._mouth.played_ms
        return None if played_ms is None else Prompt(played_ms, self._mouth.states)

    async def _pump(self) -> None:
        while True:
            event = await self._line.next_event()
            self._inbox.put_nowait(event)
            if isinstance(event, Disconnected):
                return

    async def _transfer(self, action: Transfer) -> None:
        await self._mouth.until_silent()
        await self._line.transfer(self._plan.agent_uri)
        await asyncio.sleep(_TRANSFER_S)
        self._inbox.put_nowait(TransferProgress(408))

    def _transfer_progress(self, code: int) -> None:
        if code < 200 or self._transfer_code >= 200:
            return
        self._transfer_code = code
        self._chronicle.transfer_ended(code)
        if code < 300:
            self._cause = HangupCause.TRANSFERRED
            self._spawn(self._hang_up(), "hang up")
        else:
            self._advance(TransferFailed(self._state.turn, code))

    async def _hang_up(self) -> None:
        await self._mouth.until_silent()
        await self._line.hangup()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._side_tasks.add(task)
        task.add_done_callback(self._side_task_done)

    def _side_task_done(self, task: "asyncio.Task[None]") -> None:
        self._side_tasks.discard(task)
        if task.cancelled() or task.exception() is None or isinstance(task.exception(), LineLost):
            return
        error = task.exception()
        assert isinstance(error, Exception)
        self._devices.report(f"{task.get_name()} failed", error)
        self._cause = HangupCause.SESSION_ERROR
        self._inbox.put_nowait(Disconnected(500, "session error", by_remote=False))

    async def _close(self, ended: Disconnected) -> None:
        for task in tuple(self._side_tasks):
            task.cancel()
        await asyncio.gather(*self._side_tasks, return_exceptions=True)
        await self._ear.close()
        await self._line.hangup()
        recording = await self._devices.recorder.close() if self._devices.recorder else None
        cause = self._cause or HangupCause.SESSION_ERROR
        self._chronicle.ended(ended, cause, self._state.outcome, recording)
