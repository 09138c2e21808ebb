"""A hotline in memory that a simulated customer can call; time is audio, as fast as it is asked for."""

import asyncio
import zlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ivr.calls.sip import Answered, AudioReceived, Disconnected, Invite, LineEvent
from ivr.calls.speech import Clip
from ivr.runtime.customer.plan import Press, Speak, Step

RATE_HZ = 8000
BATCH_MS = 40
ENDPOINT_MS = 600


def noise(length_ms: int, rms: float = 2000.0, seed: int = 0) -> bytes:
    drawn = np.random.default_rng(seed).normal(0.0, rms, RATE_HZ * length_ms // 1000)
    return np.clip(drawn, -32768, 32767).astype("<i2").tobytes()


def say(text: str, *, speech_ms: int = 1000, tail_ms: int = 300, **step: object) -> Step:
    pcm = noise(speech_ms, seed=zlib.crc32(text.encode())) + bytes(RATE_HZ * tail_ms // 1000 * 2)
    clip = Clip(path=text, duration_ms=speech_ms + tail_ms, text=text)
    return Step(Speak("say", text, clip, pcm), **step)  # type: ignore[arg-type]  # the test's keyword arguments


def press(keys: str, **step: object) -> Step:
    return Step(Press(keys), **step)  # type: ignore[arg-type]  # the test's keyword arguments


@dataclass(kw_only=True)
class Behaviour:
    """What the hotline does; `prompts_ms` are the greeting and the replies, each as long as stated."""

    prompts_ms: Sequence[int] = (2000, 1500, 1500, 1500)
    refuse_with: int | None = None
    answers: bool = True
    think_ms: int = 200
    """After the end of speech was noticed."""
    greeting_after_ms: int = 400
    hangs_up_after_prompts: int | None = None
    drops_at_ms: int | None = None
    stops_on_barge_in: bool = True


@dataclass
class HotlineLine:
    """The hotline and the customer's line to it in one: it hears what the line plays and speaks into it."""

    behaviour: Behaviour
    pcm_of: dict[str, bytes]
    sample_rate_hz: int = RATE_HZ
    codec: str = "PCMA/8000"
    invite: Invite = field(default_factory=lambda: Invite("1", "sip:hotline", "", "hotline", ""))
    keys: str = ""
    now_ms: int = 0
    hung_up: bool = False
    background: bytes = b""
    started_ms: list[int] = field(default_factory=list)
    """When each prompt really began."""

    def __post_init__(self) -> None:
        self._playing: deque[bytes] = deque()
        self._prompt_left_ms = 0
        self._next_prompt_at_ms: int | None = self.behaviour.greeting_after_ms
        self._prompts = deque(self.behaviour.prompts_ms)
        self._heard_until_ms: int | None = None
        self._talked_ms = 0
        self._connected = False
        self._over = False

    async def next_event(self) -> LineEvent:
        assert not self._over, "asked for an event after the last one"
        await asyncio.sleep(0)
        if self.hung_up:
            return self._end(200, by_remote=False)
        if self.behaviour.refuse_with is not None:
            return self._end(self.behaviour.refuse_with, by_remote=True)
        if not self.behaviour.answers:
            await asyncio.sleep(0.01)
            return AudioReceived(bytes(2 * RATE_HZ * BATCH_MS // 1000), bytes(2 * RATE_HZ * BATCH_MS // 1000))
        if not self._connected:
            self._connected = True
            return Answered(self.codec)
        dropped = self.behaviour.drops_at_ms is not None and self.now_ms >= self.behaviour.drops_at_ms
        if dropped or self._said_its_last():
            return self._end(200, by_remote=True)
        return self._tick()

    def _said_its_last(self) -> bool:
        said = len(self.behaviour.prompts_ms) - len(self._prompts)
        return said == self.behaviour.hangs_up_after_prompts and self._prompt_left_ms == 0

    def _end(self, sip_code: int, *, by_remote: bool) -> Disconnected:
        self._over = True
        return Disconnected(sip_code, "", by_remote)

    def _tick(self) -> AudioReceived:
        size = 2 * RATE_HZ * BATCH_MS // 1000
        ours = self._playing.popleft() if self._playing else bytes(size)
        if np.abs(np.frombuffer(ours, dtype="<i2")).max() > 200:
            self._hear_speech()
        if self._heard_until_ms is not None and self.now_ms - self._heard_until_ms >= ENDPOINT_MS:
            self._next_prompt_at_ms, self._heard_until_ms = self.now_ms + self.behaviour.think_ms, None
        theirs = self._speak()
        if self.background:
            mixed = np.frombuffer(ours, dtype="<i2").astype(np.int32) + np.frombuffer(
                self.background[:size], dtype="<i2"
            )
            ours = mixed.astype("<i2").tobytes()
        self.now_ms += BATCH_MS
        return AudioReceived(caller=theirs, bot=ours)

    def _hear_speech(self) -> None:
        self._heard_until_ms = self.now_ms + BATCH_MS
        self._talked_ms += BATCH_MS
        if self._talked_ms >= 200 and self.behaviour.stops_on_barge_in:
            self._prompt_left_ms = 0

    def _speak(self) -> bytes:
        if self._next_prompt_at_ms is not None and self.now_ms >= self._next_prompt_at_ms and self._prompts:
            self._next_prompt_at_ms, self._talked_ms = None, 0
            self._prompt_left_ms = self._prompts.popleft()
            self.started_ms.append(self.now_ms)
        if self._prompt_left_ms <= 0:
            return bytes(2 * RATE_HZ * BATCH_MS // 1000)
        self._prompt_left_ms = max(0, self._prompt_left_ms - BATCH_MS)
        return noise(BATCH_MS)

    async def play(self, clip: Clip, *, from_ms: int = 0) -> "HotlineLine":
        pcm = self.pcm_of[clip.path]
        size = 2 * RATE_HZ * BATCH_MS // 1000
        pcm += bytes(-len(pcm) % size)
        self._playing = deque(pcm[at : at + size] for at in range(0, len(pcm), size))
        return self

    async def play_background(self, clip: Clip) -> None:
        self.background = self.pcm_of[clip.path]

    async def send_keys(self, keys: str) -> None:
        self.keys += keys
        self._prompt_left_ms = 0
        self._next_prompt_at_ms = self.now_ms + self.behaviour.think_ms

    async def hangup(self) -> None:
        self.hung_up = True

    duration_ms = played_ms = 0

    def stop(self) -> None:
        self._playing.clear()

    async def answer(self) -> None:
        raise NotImplementedError("the customer dials")

    async def reject(self, sip_code: int, *, retry_after_s: int | None = None) -> None:
        raise NotImplementedError("the customer dials")

    async def transfer(self, target_uri: str) -> None:
        raise NotImplementedError("customers do not transfer")


class Hotline:
    """Dials itself."""

    def __init__(self, **behaviour: object) -> None:
        self.behaviour = Behaviour(**behaviour)  # type: ignore[arg-type]  # the test's keyword arguments
        self.lines: list[HotlineLine] = []
        self.dialled: list[tuple[str, str, tuple[tuple[str, str], ...]]] = []
        self.pcm_of: dict[str, bytes] = {}

    def knows(self, steps: Sequence[Step]) -> None:
        """Where the fake finds the samples of the clips it is asked to play."""
        self.pcm_of |= {
            step.action.clip.path: step.action.pcm for step in steps if isinstance(step.action, Speak)
        }

    async def dial(
        self, target_uri: str, *, from_user: str = "", headers: Sequence[tuple[str, str]] = ()
    ) -> HotlineLine:
        self.dialled.append((target_uri, from_user, tuple(headers)))
        self.lines.append(HotlineLine(self.behaviour, self.pcm_of))
        return self.lines[-1]
