"""Audio between the conference bridge and Python: ports that listen, in a pool that never dies."""

import time
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from ivr.adapters.sip_pjsua2.library import FRAME_MS, frame_bytes
from ivr.adapters.sip_pjsua2.log import guarded
from ivr.calls.sip import AudioReceived

_BATCH_FRAMES = 2
_LATE_GAP_S = 2 * FRAME_MS / 1000


class _TapPort(pj.AudioMediaPort):  # type: ignore[misc]  # the library ships no types
    """A port that only listens. The bridge calls it every tick, with an empty frame when nobody talks."""

    def __init__(self, name: str, clock_rate_hz: int, on_frame: Callable[[bytes], None]) -> None:
        super().__init__()
        self._on_frame = on_frame
        audio = pj.MediaFormatAudio()
        audio.type = pj.PJMEDIA_TYPE_AUDIO
        audio.clockRate = clock_rate_hz
        audio.channelCount = 1
        audio.bitsPerSample = 16
        audio.frameTimeUsec = FRAME_MS * 1000
        self.createPort(name, audio)

    @guarded
    def onFrameReceived(self, frame: Any) -> None:
        """Copy and leave: this runs on the bridge's clock thread."""
        self._on_frame(frame_bytes(frame))


class AudioMeter:
    """What the bridge's clock did for one pair of taps. Lines may keep it: it holds no port alive."""

    def __init__(self) -> None:
        self.ticks = 0
        """Ticks while attached, over all lines served: only differences mean anything."""
        self.frames_late = 0
        """Ticks that came more than one frame late since the taps were attached."""


class LineTaps:
    """Two ports of one line, one hearing the caller and one hearing the bot, that tick together.

    Once attached, every two ticks make one `AudioReceived`, whether or not the far end sends RTP.
    """

    def __init__(self, number: int, clock_rate_hz: int) -> None:
        self.meter = AudioMeter()
        self._silence = bytes(2 * clock_rate_hz * FRAME_MS // 1000)
        self._sink: Callable[[AudioReceived], None] | None = None
        self._caller_frame: bytes | None = None
        self._caller: list[bytes] = []
        self._bot: list[bytes] = []
        self._last_tick_s = 0.0
        self.caller_port = _TapPort(f"caller{number}", clock_rate_hz, self._on_caller_frame)
        self.bot_port = _TapPort(f"bot{number}", clock_rate_hz, self._on_bot_frame)

    def attach(self, sink: Callable[[AudioReceived], None]) -> None:
        """Start giving audio to `sink`, which is called on the bridge's clock thread."""
        self.meter.frames_late = 0
        self._caller_frame = None
        self._caller, self._bot = [], []
        self._last_tick_s = time.perf_counter()
        self._sink = sink

    def detach(self) -> None:
        """Stop; what is less than a whole batch is dropped."""
        self._sink = None

    def drop_ports(self) -> None:
        """Let go of both ports, here and now, not whenever the garbage collector comes round."""
        del self.caller_port, self.bot_port

    def _on_caller_frame(self, pcm: bytes) -> None:
        if self._sink is not None:
            self._caller_frame = pcm or self._silence

    def _on_bot_frame(self, pcm: bytes) -> None:
        sink = self._sink
        if sink is None or self._caller_frame is None:
            return
        now_s = time.perf_counter()
        if now_s - self._last_tick_s > _LATE_GAP_S:
            self.meter.frames_late += 1
        self._last_tick_s = now_s
        self.meter.ticks += 1
        self._caller.append(self._caller_frame)
        self._bot.append(pcm or self._silence)
        self._caller_frame = None
        if len(self._caller) >= _BATCH_FRAMES:
            audio = AudioReceived(caller=b"".join(self._caller), bot=b"".join(self._bot))
            self._caller, self._bot = [], []
            sink(audio)


class TapPool:
    """Taps that go from line to line. Ports that come and go while the bridge runs crash the library."""

    def __init__(self, clock_rate_hz: int) -> None:
        self._clock_rate_hz = clock_rate_hz
        self._made = 0
        self._free: list[LineTaps] = []

    def take(self) -> LineTaps:
        """A free pair, made when all others are in use. Library thread only."""
        if self._free:
            return self._free.pop()
        self._made += 1
        return LineTaps(self._made, self._clock_rate_hz)

    def give_back(self, taps: LineTaps) -> None:
        """The line is over."""
        taps.detach()
        self._free.append(taps)

    def clear(self) -> None:
        """Drop all ports. Only once the bridge's clock has stopped for good."""
        for taps in self._free:
            taps.drop_ports()
        self._free.clear()
