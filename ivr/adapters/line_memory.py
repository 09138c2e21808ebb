"""Calls without SIP: endpoints that dial each other in memory, their audio carried by asyncio's clock alone.

On an event loop with virtual time a call of minutes takes milliseconds. Keeps the promises of `Line` and
`SipEndpoint` that the real endpoint keeps, and is held to them by the same contract tests.
"""

import asyncio
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

from ivr.calls.sip import (
    Answered,
    AudioReceived,
    Disconnected,
    Invite,
    KeyPressed,
    LineEvent,
    TransferProgress,
)
from ivr.calls.speech import Clip
from ivr.runtime.ports import LineLost, NoFreeLine

BATCH_MS = 40
CODEC = "memory"
_KEYS = frozenset("0123456789*#ABCD")


class MemoryNetwork:
    """What the endpoints can reach, by the host part of a SIP URI."""

    def __init__(self, *, sample_rate_hz: int = 8000, transfer_codes: Sequence[int] = (180, 200)) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.transfer_codes = tuple(transfer_codes)
        """What the target of every blind transfer answers, in order."""
        self.calls = 0
        self._endpoints: dict[str, MemoryEndpoint] = {}

    def endpoint(self, host: str, *, capacity: int = 3) -> "MemoryEndpoint":
        """A new endpoint at this host."""
        self._endpoints[host] = MemoryEndpoint(self, host, capacity)
        return self._endpoints[host]

    def at(self, host: str) -> "MemoryEndpoint | None":
        """The endpoint at this host."""
        return self._endpoints.get(host)


class MemoryEndpoint:
    """One end of the network. See `ivr.runtime.ports.SipEndpoint` for the promises."""

    def __init__(self, network: MemoryNetwork, host: str, capacity: int) -> None:
        self._network = network
        self._host = host
        self._capacity = capacity
        self._incoming: asyncio.Queue[MemoryLine] = asyncio.Queue()
        self.lines_in_use = 0

    @property
    def capacity(self) -> int:
        """How many lines it has."""
        return self._capacity

    async def next_line(self) -> "MemoryLine":
        """Wait for the next incoming call."""
        return await self._incoming.get()

    async def dial(
        self, target_uri: str, *, from_user: str = "", headers: Sequence[tuple[str, str]] = ()
    ) -> "MemoryLine":
        """Call another endpoint. Raises `NoFreeLine`, or `ValueError` when the target is no SIP URI."""
        scheme, _, address = target_uri.partition(":")
        user, at, host = address.partition(";")[0].partition("@")
        if scheme != "sip" or not at:
            raise ValueError("the target is no SIP URI such as sip:hotline@127.0.0.1:5060")
        if self.lines_in_use >= self._capacity:
            raise NoFreeLine(f"all {self._capacity} lines of this endpoint are in use")
        self._network.calls += 1
        call_id = f"{self._network.calls}@{self._host}"
        line = MemoryLine(self._network, self, Invite(call_id, target_uri, user, user, ""))
        target = self._network.at(host)
        if target is None or target.lines_in_use >= target.capacity:
            code, reason = (404, "Not Found") if target is None else (503, "Service Unavailable")
            line.end(Disconnected(sip_code=code, reason=reason, by_remote=True))
            return line
        named = {name.lower(): value for name, value in headers}
        caller = from_user or "ivr"
        uri = f"sip:{caller}@{self._host}"
        invite = Invite(call_id, uri, caller, user, f"{self._host}:5060", named.get("accept-language", ""))
        target.ring(MemoryLine(self._network, target, invite), line)
        return line

    def ring(self, line: "MemoryLine", caller: "MemoryLine") -> None:
        """Take an incoming call."""
        line.join(caller)
        self._incoming.put_nowait(line)


class MemoryPlayback:
    """A clip on its way out, measured in what was sent of it."""

    def __init__(self, clip: Clip, pcm: bytes, sample_rate_hz: int, from_ms: int) -> None:
        self._duration_ms = clip.duration_ms
        self._pcm = pcm
        self._bytes_per_ms = 2 * sample_rate_hz // 1000
        self._sent = from_ms * self._bytes_per_ms
        self._stopped = False

    @property
    def duration_ms(self) -> int:
        """Length of the clip."""
        return self._duration_ms

    @property
    def played_ms(self) -> int:
        """How far into the clip it has come."""
        return min(self._duration_ms, self._sent // self._bytes_per_ms)

    def stop(self) -> None:
        """Silence it now."""
        self._stopped = True

    def take(self, length: int) -> bytes:
        """The next bytes to send, padded with silence."""
        if self._stopped:
            return bytes(length)
        taken = self._pcm[self._sent : self._sent + length]
        self._sent += length
        return taken.ljust(length, b"\0")


class MemoryLine:
    """One end of a call. See `ivr.runtime.ports.DialledLine` for the promises."""

    def __init__(self, network: MemoryNetwork, endpoint: MemoryEndpoint, invite: Invite) -> None:
        self._network = network
        self._endpoint = endpoint
        self._invite = invite
        self._events: asyncio.Queue[LineEvent] = asyncio.Queue()
        self._peer: MemoryLine | None = None
        self._clock: asyncio.Task[None] | None = None
        self._playback: MemoryPlayback | None = None
        self._background = b""
        self._background_sent = 0
        self._over = False
        self.codec = ""
        """Empty before the answer."""
        endpoint.lines_in_use += 1

    @property
    def invite(self) -> Invite:
        """The INVITE that opened the line."""
        return self._invite

    @property
    def sample_rate_hz(self) -> int:
        """The network's rate."""
        return self._network.sample_rate_hz

    async def next_event(self) -> LineEvent:
        """Wait for the next event."""
        return await self._events.get()

    async def answer(self) -> None:
        """Take the call; audio flows from here on. Raises `LineLost`."""
        peer = self._far_end()
        self.codec = peer.codec = CODEC
        peer.tell(Answered(codec=CODEC))
        self._clock = asyncio.create_task(self._carry_audio(peer), name="audio of a call in memory")

    async def reject(self, sip_code: int, *, retry_after_s: int | None = None) -> None:
        """Refuse the call."""
        self._hang_up(sip_code, "Refused")

    async def play(self, clip: Clip, *, from_ms: int = 0) -> MemoryPlayback:
        """Start playing a clip. Raises `LineLost`, or `OSError` when the file cannot be played."""
        self._far_end()
        self._playback = MemoryPlayback(clip, self._read(clip.path), self.sample_rate_hz, from_ms)
        return self._playback

    async def play_background(self, clip: Clip) -> None:
        """Loop a clip under everything else. Raises as `play` does."""
        self._far_end()
        self._background = self._read(clip.path)
        self._background_sent = 0

    async def send_keys(self, keys: str) -> None:
        """Press keys. Raises `LineLost`, or `ValueError` for keys that no telephone has."""
        if not keys or not _KEYS.issuperset(keys):
            raise ValueError("keys are one or more of 0-9, *, # and A-D")
        peer = self._far_end()
        for key in keys:
            peer.tell(KeyPressed(key=key, source="rfc4733"))

    async def transfer(self, target_uri: str) -> None:
        """Pretend a blind transfer: the network's `transfer_codes` come back. Raises `LineLost`."""
        self._far_end()
        for code in self._network.transfer_codes:
            self.tell(TransferProgress(sip_code=code))

    async def hangup(self) -> None:
        """End the call."""
        if self.codec:
            self._hang_up(200, "OK")
        else:
            self._hang_up(487, "Request Terminated")

    def join(self, caller: "MemoryLine") -> None:
        """Become the called end of this caller's call."""
        self._peer, caller._peer = caller, self

    def tell(self, event: LineEvent) -> None:
        """Put an event in line."""
        self._events.put_nowait(event)

    def end(self, event: Disconnected) -> None:
        """The call is over for this end."""
        if self._over:
            return
        self._over = True
        self._endpoint.lines_in_use -= 1
        if self._clock is not None:
            self._clock.cancel()
        self.tell(event)

    def _hang_up(self, sip_code: int, reason: str) -> None:
        self.end(Disconnected(sip_code=sip_code, reason=reason, by_remote=False))
        if self._peer is not None:
            self._peer.end(Disconnected(sip_code=sip_code, reason=reason, by_remote=True))

    def _far_end(self) -> "MemoryLine":
        if self._over or self._peer is None:
            raise LineLost("the leg is over")
        return self._peer

    async def _carry_audio(self, peer: "MemoryLine") -> None:
        while True:
            await asyncio.sleep(BATCH_MS / 1000)
            ours, theirs = self._speak(), peer._speak()
            self.tell(AudioReceived(caller=theirs, bot=ours))
            peer.tell(AudioReceived(caller=ours, bot=theirs))

    def _speak(self) -> bytes:
        length = 2 * self.sample_rate_hz * BATCH_MS // 1000
        speech = self._playback.take(length) if self._playback is not None else bytes(length)
        if not self._background:
            return speech
        looped = self._background * (length // len(self._background) + 2)
        start = self._background_sent % len(self._background)
        self._background_sent += length
        room = array("h", looped[start : start + length])
        mixed = (max(-32768, min(32767, a + b)) for a, b in zip(array("h", speech), room, strict=True))
        return array("h", mixed).tobytes()

    def _read(self, path: str) -> bytes:
        try:
            with wave.open(str(Path(path)), "rb") as file:
                shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
                pcm = file.readframes(file.getnframes())
        except (wave.Error, EOFError) as error:
            raise OSError(f"cannot play {path}: {error}; a clip is a 16-bit mono PCM WAV file") from None
        if shape != (1, 2, self.sample_rate_hz) or not pcm:
            raise OSError(f"cannot play {path}: a clip is 16-bit mono PCM at {self.sample_rate_hz} Hz")
        return pcm
