"""A line and its playbacks as a session sees them: asyncio only, the call object stays behind its number."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pjsua2 as pj

from ivr.adapters.sip_pjsua2.dialog import KEY_MS, KEY_PERIOD_MS, Dialogs, Established, SipDialog
from ivr.adapters.sip_pjsua2.library import FRAME_MS
from ivr.adapters.sip_pjsua2.media import AudioMeter
from ivr.calls.sip import Answered, Disconnected, Invite, LineEvent
from ivr.calls.speech import Clip
from ivr.runtime.ports import LineLost

T = TypeVar("T")
_KEYS = frozenset("0123456789*#ABCD")
_MOST_KEYS = 32
"""The library's queue of RFC 4733 events."""


class Pjsua2Playback:
    """A clip on its way out, measured by the bridge's ticks."""

    def __init__(self, clip: Clip, meter: AudioMeter, started_tick: int, silence: Callable[[], None]) -> None:
        self._duration_ms = clip.duration_ms
        self._meter = meter
        self._started_tick = started_tick
        self._silence = silence
        self._final_ms: int | None = None

    @property
    def duration_ms(self) -> int:
        """Length of the clip."""
        return self._duration_ms

    @property
    def played_ms(self) -> int:
        """How much has gone out, in steps of 20 ms."""
        if self._final_ms is not None:
            return self._final_ms
        return min(self._duration_ms, (self._meter.ticks - self._started_tick) * FRAME_MS)

    def stop(self) -> None:
        """Silence it now."""
        if self._final_ms is None:
            self.freeze()
            self._silence()

    def freeze(self) -> None:
        """Keep `played_ms` as it is: the meter is about to serve another clip or line."""
        self._final_ms = self.played_ms


class Pjsua2Line:
    """One leg. See `ivr.runtime.ports.Line` for the promises."""

    def __init__(self, dialogs: Dialogs, dialog: SipDialog, invite: Invite, *, outgoing: bool) -> None:
        self._dialogs = dialogs
        self._number = dialog.number
        self._invite = invite
        self._outgoing = outgoing
        self._codec = ""
        self._events: asyncio.Queue[LineEvent] = asyncio.Queue()
        self._settled = asyncio.Event()
        self._over = False
        self._playback: Pjsua2Playback | None = None
        stack = dialogs.stack
        self._meter = dialog.open_line(lambda event: stack.tell(self._take, event))

    @property
    def invite(self) -> Invite:
        """The INVITE that opened the line."""
        return self._invite

    @property
    def sample_rate_hz(self) -> int:
        """The bridge's rate."""
        return self._dialogs.stack.settings.clock_rate_hz

    @property
    def codec(self) -> str:
        """The negotiated codec, such as `PCMA/8000`; empty before the answer."""
        return self._codec

    def name_call(self, sip_call_id: str) -> None:
        """Complete the INVITE of an outgoing line, whose Call-ID the library chooses."""
        self._invite = replace(self._invite, sip_call_id=sip_call_id)

    async def next_event(self) -> LineEvent:
        """Wait for the next event."""
        return await self._events.get()

    async def answer(self) -> None:
        """Answer with 200; returns when the ACK is here and media flows. Raises `LineLost`."""
        await self._on_dialog(lambda dialog: dialog.accept())
        await self._settled.wait()
        if self._over:
            raise LineLost("the caller went away before the call was established")

    async def early_media(self) -> None:
        """Answer with 183, so that what is played is heard while it rings. Raises `LineLost`."""
        await self._on_dialog(lambda dialog: dialog.respond(183))

    async def reject(self, sip_code: int, *, retry_after_s: int | None = None) -> None:
        """Refuse an unanswered call with a code from 300 to 699; does nothing when it is over."""
        headers = () if retry_after_s is None else (("Retry-After", str(retry_after_s)),)
        try:
            await self._on_dialog(lambda dialog: dialog.respond(sip_code, headers))
        except LineLost:
            return

    async def play(self, clip: Clip, *, from_ms: int = 0) -> Pjsua2Playback:
        """Start playing a clip. Raises `LineLost`, or `OSError` when the file cannot be played."""
        number, started_tick = await self._on_dialog(
            lambda dialog: dialog.play(clip.path, clip.duration_ms, from_ms)
        )
        if self._playback is not None:
            self._playback.freeze()
        self._playback = Pjsua2Playback(clip, self._meter, started_tick, lambda: self._silence(number))
        return self._playback

    async def play_background(self, clip: Clip) -> None:
        """Loop a clip under everything else. Raises `LineLost`, or `OSError` when it cannot be played."""
        await self._on_dialog(lambda dialog: dialog.play_background(clip.path))

    async def send_keys(self, keys: str) -> None:
        """Press up to 32 keys; returns when the last is up. Raises `LineLost` or `ValueError`."""
        if not keys or len(keys) > _MOST_KEYS or not _KEYS.issuperset(keys):
            raise ValueError(f"keys are 1 to {_MOST_KEYS} of 0-9, *, # and A-D")
        await self._on_dialog(lambda dialog: dialog.press(keys))
        await asyncio.sleep(((len(keys) - 1) * KEY_PERIOD_MS + KEY_MS) / 1000)

    async def transfer(self, target_uri: str) -> None:
        """Send a blind REFER. Raises `LineLost`, or `ValueError` when the target is no SIP URI."""
        await self._on_dialog(lambda dialog: dialog.refer(target_uri))

    async def hangup(self) -> None:
        """End the leg."""
        try:
            await self._on_dialog(lambda dialog: dialog.end())
        except LineLost:
            return

    def _silence(self, playback_number: int) -> None:
        def stop() -> None:
            if (dialog := self._dialogs.get(self._number)) is not None:
                dialog.stop_playing(playback_number)

        self._dialogs.stack.post(stop)

    async def _on_dialog(self, command: Callable[[SipDialog], T]) -> T:
        def carry_out() -> T:
            dialog = self._dialogs.get(self._number)
            if dialog is None:
                raise LineLost("the leg is over")
            try:
                return command(dialog)
            except pj.Error as error:
                raise LineLost(f"the leg's state does not allow it: {error.reason}") from None

        return await self._dialogs.stack.run(carry_out)

    def _take(self, event: LineEvent | Established) -> None:
        if self._over:
            return  # audio that was already on its way
        if isinstance(event, Established):
            self._codec = event.codec
            self._settled.set()
            if self._outgoing:
                self._events.put_nowait(Answered(codec=event.codec))
            return
        if isinstance(event, Disconnected):
            self._over = True
            self._settled.set()
            if self._playback is not None:
                self._playback.freeze()
        self._events.put_nowait(event)
