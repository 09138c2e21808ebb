"""A whole hotline call in virtual time: a scripted caller on a line in memory, real rules and grammars."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from line_sounds import NOISE, RATE_HZ, SILENCE, SPEECH, TICK_MS
from scripted_recogniser import ScriptedRecogniser

from ivr.adapters.grammar_files import read_grammar_texts
from ivr.adapters.script_files import load_script
from ivr.adapters.store_memory import MemoryLoanBook, MemoryTicketDesk
from ivr.bootstrap.services import open_services
from ivr.calls.events import CallEvent, PromptPlayed
from ivr.calls.ids import CallId, CustomerId, LegId, WorkerId
from ivr.calls.loans import Customer, CustomerFile, Instalment, Loan
from ivr.calls.sip import AudioReceived, Disconnected, Invite, KeyPressed, LineEvent, TransferProgress
from ivr.calls.speech import Clip, Recording, Say
from ivr.config import Settings
from ivr.dialogue.ladder import LadderPolicy
from ivr.media.frame import Frame
from ivr.runtime.call_plan import CallDevices, CallPlan
from ivr.runtime.grammar_book import CompiledGrammarBook
from ivr.runtime.ports import LineLost, SpeechDetector
from ivr.runtime.session import CallSession
from ivr.runtime.store_ports import LoanBook

PROMPT_MS = 1000
TODAY = datetime(2030, 3, 10, 4, 0, tzinfo=UTC)

CUSTOMER = CustomerFile(
    customer=Customer(CustomerId("c1"), "测试", "+8613800000001", "zh-CN"),
    id_number="110101199001011234",
    birth_date=date(1990, 1, 1),
    loans=(
        Loan(
            "l1",
            "消费贷",
            date(2029, 12, 1),
            Decimal("3000.00"),
            "CNY",
            (
                Instalment(1, date(2030, 2, 20), Decimal("1010.50"), Decimal("1000.00"), date(2030, 2, 19)),
                Instalment(2, date(2030, 3, 20), Decimal("1010.50"), Decimal("1000.00")),
                Instalment(3, date(2030, 4, 20), Decimal("1010.50"), Decimal("1000.00")),
            ),
        ),
    ),
)


@dataclass
class MemoryPlayback:
    duration_ms: int
    line: "ScriptedLine"
    started_ms: int
    stopped_ms: int | None = None

    @property
    def played_ms(self) -> int:
        return min((self.stopped_ms or self.line.now_ms) - self.started_ms, self.duration_ms)

    def stop(self) -> None:
        if self.stopped_ms is None:
            self.stopped_ms = self.line.now_ms


@dataclass
class ScriptedLine:
    """What the caller does is a generator: it yields `b""` for 20 ms of silence, samples, or an event."""

    caller: Callable[["ScriptedLine"], Iterator[bytes | LineEvent]]
    remote_user: str = "+8613800000001"
    transfer_codes: tuple[int, ...] = (200,)
    answerable: bool = True
    sample_rate_hz: int = RATE_HZ
    codec: str = "PCMA/8000"
    now_ms: int = 0
    playback: MemoryPlayback | None = None
    clips: list[Clip] = field(default_factory=list)
    starts_ms: list[int] = field(default_factory=list)
    """How far into its clip each playback began."""
    transferred_to: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._acts = self.caller(self)
        self._queued: deque[LineEvent] = deque()
        self._hung_up = False
        self.invite = Invite("sip-1", "sip:x", self.remote_user, "hotline", "127.0.0.1:5080")

    @property
    def bot_speaks(self) -> bool:
        return (
            self.playback is not None
            and self.playback.played_ms < self.playback.duration_ms
            and (self.playback.stopped_ms is None)
        )

    async def next_event(self) -> LineEvent:
        if self._hung_up:
            return Disconnected(200, "bye", by_remote=False)
        if self._queued:
            return self._queued.popleft()
        act = next(self._acts, None)
        if act is None:
            return Disconnected(200, "bye", by_remote=True)
        if not isinstance(act, bytes):
            return act
        await asyncio.sleep(TICK_MS / 1000)
        self.now_ms += TICK_MS
        if self._hung_up:
            return Disconnected(200, "bye", by_remote=False)
        return AudioReceived(act or SILENCE, SILENCE)

    async def answer(self) -> None:
        if not self.answerable:
            raise LineLost

    async def reject(self, sip_code: int, *, retry_after_s: int | None = None) -> None:
        self._hung_up = True

    async def play(self, clip: Clip, *, from_ms: int = 0) -> MemoryPlayback:
        self.clips.append(clip)
        self.starts_ms.append(from_ms)
        self.playback = MemoryPlayback(clip.duration_ms, self, self.now_ms - from_ms)
        return self.playback

    async def send_keys(self, keys: str) -> None:
        raise AssertionError("the hotline presses no keys")

    async def transfer(self, target_uri: str) -> None:
        self.transferred_to.append(target_uri)
        self._queued.extend(TransferProgress(code) for code in self.transfer_codes)

    async def hangup(self) -> None:
        self._hung_up = True


# --- what callers do ---------------------------------------------------------------------------------


def wait(ms: int) -> Iterator[bytes]:
    for _ in range(ms // TICK_MS):
        yield b""


def hear_out(line: ScriptedLine, longest_ms: int = 60_000) -> Iterator[bytes]:
    """Wait until the bot has begun and finished its next prompt."""
    before = len(line.clips)
    for _ in range(longest_ms // TICK_MS):
        if len(line.clips) > before and not line.bot_speaks:
            return
        yield b""
    raise AssertionError("the bot said nothing")


def speak(ms: int = 800, then_silence_ms: int = 0) -> Iterator[bytes]:
    for _ in range(ms // TICK_MS):
        yield SPEECH
    yield from wait(then_silence_ms)


def make_noise(ms: int) -> Iterator[bytes]:
    for _ in range(ms // TICK_MS):
        yield NOISE


def press(keys: str, gap_ms: int = 200) -> Iterator[bytes | LineEvent]:
    for key in keys:
        yield KeyPressed(key, "rfc4733")
        yield from wait(gap_ms)


# --- what the bot works with -------------------------------------------------------------------------


class LoudnessDetector:
    def judge(self, pcm: bytes, sample_rate_hz: int) -> Frame:
        level_db = {SPEECH[:2]: -20.0, NOISE[:2]: -42.0}.get(pcm[:2], -90.0)
        return Frame(level_db > -30.0, level_db, len(pcm) * 500 // sample_rate_hz)


@dataclass
class TextPrompter:
    takes_s: float = 0.0
    prompt_ms: int = PROMPT_MS
    lengths_ms: Mapping[str, int] = field(default_factory=dict)
    """Of prompts by id; those that are not named here last `prompt_ms` altogether."""
    says: list[Say] = field(default_factory=list)

    async def render(self, says: tuple[Say, ...], *, locale: str, pace: float = 1.0) -> Clip:
        await asyncio.sleep(0.0 if says == (Say("filler_checking"),) else self.takes_s)
        self.says.extend(says)
        text = " ".join(say.prompt_id for say in says)
        known_ms = sum(self.lengths_ms.get(say.prompt_id, 0) for say in says)
        return Clip(f"/{locale}/{text}", round((known_ms or self.prompt_ms) / pace), text)


@dataclass
class MemoryRecorder:
    silent_ms: int = 0
    total_ms: int = 0
    paused: bool = False

    def write(self, caller: bytes, bot: bytes) -> None:
        ms = len(caller) * 500 // RATE_HZ
        self.total_ms += ms
        self.silent_ms += ms if self.paused else 0

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    async def close(self) -> Recording:
        return Recording("memory", self.total_ms, self.silent_ms, "0" * 64)


class LoopClock:
    def now(self) -> datetime:
        return TODAY + timedelta(seconds=asyncio.get_running_loop().time())


SCRIPT = load_script(Path("ivr/scripts/hotline.yaml"))
BOOK = CompiledGrammarBook(read_grammar_texts(Path("grammars")), LoopClock(), ZoneInfo("Asia/Shanghai"))


@dataclass
class Call:
    """One finished call and all that it left behind."""

    line: ScriptedLine
    events: list[CallEvent]
    recorder: MemoryRecorder
    recogniser: ScriptedRecogniser
    errors: list[str]
    prompter: TextPrompter
    desk: MemoryTicketDesk = field(default_factory=MemoryTicketDesk)

    @property
    def prompts(self) -> list[str]:
        return [clip.text for clip in self.line.clips]

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def cut_off(self) -> list[str]:
        return [e.text for e in self.of(PromptPlayed) if e.barged_in]


async def phone(
    caller,
    readings=(),
    *,
    agent_uri: str = "",
    interrupt: Callable[[CallSession], None] | None = None,
    interrupt_at_s: float = 1.0,
    longest_s: float = 900.0,
    takes_s: float = 0.2,
    joined: Sequence[tuple[str, float]] = (),
    rendering_s: float = 0.0,
    prompt_ms: int = PROMPT_MS,
    lengths_ms: Mapping[str, int] | None = None,
    loan_book: LoanBook | None = None,
    grammars: CompiledGrammarBook = BOOK,
    detector: SpeechDetector | None = None,
    planned: Mapping[str, Any] | None = None,
    **line,
) -> Call:
    """Place the call and return when it is over and recorded. `planned` goes into its `CallPlan`."""
    the_line = ScriptedLine(caller, **line)
    call = Call(
        the_line,
        [],
        MemoryRecorder(),
        ScriptedRecogniser(list(readings), takes_s, list(joined)),
        [],
        TextPrompter(rendering_s, prompt_ms, lengths_ms or {}),
    )
    plan = CallPlan(
        CallId("call-1"), LegId("leg-1"), WorkerId("w"), SCRIPT, LadderPolicy(), "zh-CN", agent_uri, longest_s
    )
    plan = replace(plan, **(planned or {}))
    clock, book = LoopClock(), loan_book or MemoryLoanBook([CUSTOMER])
    devices = CallDevices(
        recogniser=call.recogniser,
        prompter=call.prompter,
        grammars=grammars,
        detector=detector or LoudnessDetector(),
        services=open_services(Settings(), book, clock, call.desk),
        clock=clock,
        emit=call.events.append,
        report=lambda what, error: call.errors.append(f"{what}: {error!r}"),
        recorder=call.recorder,
    )
    session = CallSession(the_line, plan, devices)
    if interrupt is not None:
        asyncio.get_running_loop().call_later(interrupt_at_s, interrupt, session)
    await session.run()
    return call
