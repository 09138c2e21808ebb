"""One SIP dialog as the library knows it, on the library's thread. Sessions know it by number only."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pjsua2 as pj

from ivr.adapters.sip_pjsua2 import metrics
from ivr.adapters.sip_pjsua2.library import op_param
from ivr.adapters.sip_pjsua2.log import guarded
from ivr.adapters.sip_pjsua2.media import AudioMeter, LineTaps, TapPool
from ivr.adapters.sip_pjsua2.messages import info_key
from ivr.adapters.sip_pjsua2.player import ClipPlayer
from ivr.adapters.sip_pjsua2.stack import Stack
from ivr.calls.sip import Disconnected, HoldChanged, KeyPressed, LineEvent, TransferProgress

KEY_MS = 100
KEY_PERIOD_MS = 140
"""From key to key: the library sends each key's last packet twice more, 20 ms apart."""
_HELD = frozenset({pj.PJSUA_CALL_MEDIA_REMOTE_HOLD})
_FLOWING = frozenset({pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD})


class Established:
    """For the line only: the dialog is confirmed and media flows, with this codec."""

    def __init__(self, codec: str) -> None:
        self.codec = codec


Report = Callable[[LineEvent | Established], None]
"""Takes what happened to the line, on whichever thread it happened."""


class Dialogs:
    """All dialogs of the process by number: the only place that holds a `SipDialog`.

    A dialog leaves it inside its own DISCONNECTED callback, never before and never after: a call object
    destroyed later would hang up the next call in the same slot of the library.
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.taps = TapPool(stack.settings.clock_rate_hz)
        self.all_over = asyncio.Event()
        """Set while there is no dialog."""
        self.all_over.set()
        self._by_number: dict[int, SipDialog] = {}
        self._next_number = 0

    def open(self, account: Any, library_call_id: int = pj.PJSUA_INVALID_ID) -> "SipDialog":
        """Make the call object of an incoming call, or of one to be dialled, and hold it."""
        self._next_number += 1
        dialog = SipDialog(self, self._next_number, account, library_call_id)
        self._by_number[self._next_number] = dialog
        self.stack.tell(self.all_over.clear)
        return dialog

    def get(self, number: int) -> "SipDialog | None":
        """The dialog with this number, None when it is over."""
        return self._by_number.get(number)

    def forget(self, number: int) -> None:
        """Let go of a dialog that is over."""
        self._by_number.pop(number, None)
        metrics.LINES_IN_USE.set(self.lines_in_use)
        if not self._by_number:
            self.stack.tell(self.all_over.set)

    def abandon_all(self) -> None:
        """Let go of dialogs whose far end did not answer the BYE. Only when no new call can come any more."""
        for dialog in tuple(self._by_number.values()):
            dialog.abandon()

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of all dialogs that are not over."""
        return tuple(self._by_number)

    @property
    def lines_in_use(self) -> int:
        """Dialogs that carry a line; those being refused do not."""
        return sum(1 for dialog in self._by_number.values() if dialog.has_line)


class SipDialog(pj.Call):  # type: ignore[misc]  # the library ships no types
    """Turns the library's callbacks into line events and the line's commands into library calls."""

    def __init__(self, dialogs: Dialogs, number: int, account: Any, library_call_id: int) -> None:
        super().__init__(account, library_call_id)
        self.number = number
        self._dialogs = dialogs
        self._report: Report | None = None
        self._taps: LineTaps | None = None
        self._media: Any = None
        self._player: ClipPlayer | None = None
        self._confirmed = False
        self._established = False
        self._held = False
        self._audio_index = 0
        self._ended_by_us = False

    @property
    def has_line(self) -> bool:
        """Whether a line was opened for it."""
        return self._report is not None

    def open_line(self, report: Report) -> AudioMeter:
        """Give it a line, and the line a meter of its audio."""
        self._report = report
        self._taps = self._dialogs.taps.take()
        self._player = ClipPlayer(self._dialogs.stack, self._taps)
        metrics.LINES_IN_USE.set(self._dialogs.lines_in_use)
        return self._taps.meter

    def abandon(self) -> None:
        """The INVITE could not even be sent: give everything back."""
        self._report = None
        self._release_audio()
        self._dialogs.forget(self.number)

    def _release_audio(self) -> None:
        if self._player is not None:
            self._player.disconnect()
            self._player = None
        if self._taps is not None:
            metrics.FRAMES_LATE.inc(self._taps.meter.frames_late)
            self._dialogs.taps.give_back(self._taps)
            self._taps = None

    # Commands

    def accept(self) -> None:
        """Answer with 200 and give up when no ACK comes: RFC 3261 waits 32 s, the line is needed before."""
        self.respond(200)
        stack = self._dialogs.stack
        stack.later(stack.settings.ack_timeout_s, partial(_give_up_without_ack, self._dialogs, self.number))

    def give_up_without_ack(self) -> None:
        """End the call unless it is confirmed by now."""
        if not self._confirmed:
            self.end(408)

    def respond(self, code: int, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Respond to the INVITE: 180, 183 with media, 200, or a refusal from 300 up."""
        if code >= 300:
            self._ended_by_us = True
        self.answer(op_param(code, headers))

    def end(self, code: int = 0) -> None:
        """Hang up, cancel or refuse, whichever its state asks for."""
        self._ended_by_us = True
        self.hangup(op_param(code))

    def play(self, path: str, duration_ms: int, from_ms: int = 0) -> tuple[int, int]:
        """Play a clip; see `ClipPlayer.play`."""
        assert self._player is not None, "only dialogs with a line play"
        return self._player.play(path, duration_ms, from_ms)

    def play_background(self, path: str) -> None:
        """Loop a clip; see `ClipPlayer.play_background`."""
        assert self._player is not None, "only dialogs with a line play"
        self._player.play_background(path)

    def stop_playing(self, playback_number: int) -> None:
        """Silence the player if it still plays this playback."""
        if self._player is not None:
            self._player.stop(playback_number)

    def press(self, keys: str) -> None:
        """Send keys by RFC 4733, or by SIP INFO where the far end did not offer telephone-event."""
        param = pj.CallSendDtmfParam()
        param.digits = keys
        param.duration = KEY_MS
        param.method = pj.PJSUA_DTMF_METHOD_RFC2833
        try:
            self.sendDtmf(param)
        except pj.Error:
            param.method = pj.PJSUA_DTMF_METHOD_SIP_INFO
            self.sendDtmf(param)

    def refer(self, target_uri: str) -> None:
        """Send a blind REFER. Raises `ValueError` when the target is no SIP URI."""
        self._dialogs.stack.check_uri(target_uri)
        self.xfer(target_uri, op_param())

    # Callbacks

    @guarded
    def onCallState(self, prm: Any) -> None:
        """Follow the INVITE session's state."""
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._confirmed = True
            self._tell_established()
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._on_disconnected(int(info.lastStatusCode), str(info.lastReason))

    def _on_disconnected(self, code: int, reason: str) -> None:
        report, self._report = self._report, None
        try:
            self._release_audio()
        finally:
            # First the line is free, then it is told: who hears of the end may dial at once.
            self._dialogs.forget(self.number)
            if report is not None:
                report(Disconnected(sip_code=code, reason=reason, by_remote=not self._ended_by_us))

    @guarded
    def onStreamDestroyed(self, prm: Any) -> None:
        """Count a stream's packets while it can still be asked: at the call's end it is gone."""
        try:
            received = self.getStreamStat(int(prm.streamIdx)).rtcp.rxStat
        except pj.Error:
            return
        metrics.RTP_RECEIVED.inc(received.pkt)
        metrics.RTP_LOST.inc(received.loss)

    @guarded
    def onCallMediaState(self, prm: Any) -> None:
        """Connect media again: every offer and answer gives the call a new slot on the bridge."""
        if self._taps is None:
            return
        info = self.getInfo()
        audio = next((m for m in info.media if m.type == pj.PJMEDIA_TYPE_AUDIO), None)
        status = pj.PJSUA_CALL_MEDIA_NONE if audio is None else audio.status
        if audio is not None and status in _FLOWING:
            self._connect(audio.index)
        held = status in _HELD
        if held != self._held and self._report is not None:
            self._held = held
            self._report(HoldChanged(held=held))
        self._tell_established()

    def _connect(self, index: int) -> None:
        assert self._taps is not None, "called for dialogs with a line only"
        assert self._player is not None, "a line has taps and a player"
        first = self._media is None
        self._audio_index = index
        self._media = self.getAudioMedia(index)
        self._media.startTransmit(self._taps.caller_port)
        self._player.connect(self._media)
        if first and self._report is not None:
            self._taps.attach(self._report)

    def _tell_established(self) -> None:
        if self._established or not self._confirmed or self._media is None or self._report is None:
            return
        self._established = True
        stream = self.getStreamInfo(self._audio_index)
        self._report(Established(f"{stream.codecName}/{stream.codecClockRate}"))

    @guarded
    def onDtmfDigit(self, prm: Any) -> None:
        """A key by RFC 4733 or by INFO with `application/dtmf-relay`."""
        source = "info" if prm.method == pj.PJSUA_DTMF_METHOD_SIP_INFO else "rfc4733"
        self._tell_key(str(prm.digit), source)

    @guarded
    def onCallTsxState(self, prm: Any) -> None:
        """Read keys out of INFO with `application/dtmf`, which the library itself does not know."""
        state = prm.e.body.tsxState
        received = state.type == pj.PJSIP_EVENT_RX_MSG and state.tsx.role == pj.PJSIP_ROLE_UAS
        if received and state.tsx.method == "INFO" and (key := info_key(str(state.src.rdata.wholeMsg))):
            self._tell_key(key, "info")

    def _tell_key(self, key: str, source: str) -> None:
        if self._report is not None and key in "0123456789*#ABCD":
            self._report(KeyPressed(key=key, source=source))

    @guarded
    def onCallTransferRequest(self, prm: Any) -> None:
        """A caller may not place calls through us."""
        prm.statusCode = 603

    @guarded
    def onCallReplaceRequest(self, prm: Any) -> None:
        """Nobody may take over a call of ours."""
        prm.statusCode = 603

    @guarded
    def onCallTransferStatus(self, prm: Any) -> None:
        """The transfer target answered, or the far end refused our REFER."""
        prm.cont = not prm.finalNotify
        if self._report is not None:
            self._report(TransferProgress(sip_code=int(prm.statusCode)))


def _give_up_without_ack(dialogs: Dialogs, number: int) -> None:
    if (dialog := dialogs.get(number)) is not None:
        dialog.give_up_without_ack()
