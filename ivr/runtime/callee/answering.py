"""Takes the calls of a dialler as a whole population would: one behaviour for each role."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ivr.calls.sip import Disconnected
from ivr.calls.speech import Clip
from ivr.dialogue.story import KEYS
from ivr.runtime.callee.mind import Mind, Questions, hesitant
from ivr.runtime.callee.population import PEOPLE, Population, Role, share
from ivr.runtime.customer.placing import take_call
from ivr.runtime.customer.plan import CustomerPlan, Press, Speak, Step
from ivr.runtime.ports import DialledLine, LineLost

_RINGS_S = (1.0, 3.0)
"""How long people and machines let it ring."""
_FAX_S = 10.0


class RungLine(DialledLine, Protocol):
    """An incoming line that can be spoken on before it is answered."""

    async def early_media(self) -> None:
        """Answer with 183, so that what is played is heard while it rings. Raises `LineLost`."""
        ...


class CalleeEndpoint(Protocol):
    """The part of a SIP endpoint that takes calls."""

    async def next_line(self) -> RungLine:
        """As `SipEndpoint.next_line`."""
        ...


@dataclass(frozen=True, slots=True)
class Voices:
    """All that is to be heard of a population of one language."""

    clips: Mapping[str, Speak]
    """What people say, by its text."""
    sounds: Mapping[Role, Clip]
    """What machines, networks and fax machines play."""
    heard: Callable[[bytes], Sequence[str]]
    """The ids of the prompts in audio."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one call, and what was meant on it."""

    number: str
    nth_call: int
    role: Role
    meant: Mapping[str, str]


class Callees:
    """Everybody who may be rung."""

    def __init__(
        self,
        endpoint: CalleeEndpoint,
        population: Population,
        questions: Questions,
        voices: Mapping[str, Voices],
        *,
        today: Callable[[], date],
        tell: Callable[[Taken], None],
    ) -> None:
        """`voices` by locale, of which the first is spoken where the caller asks for no other."""
        self._endpoint = endpoint
        self._population = population
        self._questions = questions
        self._voices = voices
        self._today = today
        self._tell = tell
        self._calls: Counter[str] = Counter()

    async def run(self) -> None:
        """Take calls until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                line = await self._endpoint.next_line()
                tasks.create_task(self._take(line), name="callee")

    async def _take(self, line: RungLine) -> None:
        number = line.invite.dialled_user
        self._calls[number] += 1
        nth = self._calls[number]
        role = self._population.role(number, nth)
        mind = Mind(role, number, self._locale(line), self._today(), self._questions, self._population.seed)
        with suppress(LineLost):
            if role in PEOPLE:
                mind = await self._converse(line, mind)
            else:
                await self._behave(line, role, self._voices[mind.locale].sounds.get(role))
        self._tell(Taken(number, nth, role, mind.meant))

    def _locale(self, line: RungLine) -> str:
        wanted = line.invite.accept_language[:2].lower()
        return next((each for each in self._voices if each[:2] == wanted), next(iter(self._voices)))

    async def _ring(self, number: str) -> None:
        shortest, longest = _RINGS_S
        await asyncio.sleep(shortest + (longest - shortest) * share(number))

    async def _converse(self, line: RungLine, mind: Mind) -> Mind:
        await self._ring(mind.number)
        listener = _Person(mind, self._voices[mind.locale])
        hello = hesitant(mind.words["hello"][0], mind.locale, mind.role)
        plan = CustomerPlan(
            uri=line.invite.remote_uri,
            locale=mind.locale,
            from_user="",
            opening=Step(listener.clip(hello)),
            listener=listener,
            timeout_s=300.0,
        )
        await take_call(plan, line)
        return listener.mind

    async def _behave(self, line: RungLine, role: Role, sound: Clip | None) -> None:
        match role:
            case Role.BUSY:
                await line.reject(486)
            case Role.NO_ANSWER:
                await _until_over(line)
            case Role.INVALID_NUMBER | Role.SWITCHED_OFF:
                await line.early_media()
                await _play_out(line, sound)
                await line.reject(404 if role is Role.INVALID_NUMBER else 480)
                await _until_over(line)
            case _:
                await self._ring(line.invite.dialled_user)
                await line.answer()
                await _play_out(line, sound)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_FAX_S if role is Role.FAX else None):
                        await _until_over(line)
                await line.hangup()


class _Person:
    """A `Listener` with a mind of its own."""

    def __init__(self, mind: Mind, voices: Voices) -> None:
        self.mind = mind
        self._voices = voices

    def clip(self, words: str) -> Speak:
        """These words, spoken."""
        return self._voices.clips[words]

    async def next_step(self, reply: bytes) -> Step | None:
        """As `Listener.next_step`; who hangs up does so after the first prompt."""
        prompts = await asyncio.to_thread(self._voices.heard, reply)
        if self.mind.role is Role.HANGS_UP:
            return None
        self.mind, words = self.mind.answer(prompts)
        if words is None:
            return None
        return Step(Press(words) if set(words) <= KEYS else self.clip(words))


async def _play_out(line: RungLine, sound: Clip | None) -> None:
    if sound is not None:
        await line.play(sound)
        over = asyncio.create_task(_until_over(line), name="hang-up")
        await asyncio.wait({over}, timeout=sound.duration_ms / 1000)
        if over.done():
            raise LineLost("the caller hung up")
        over.cancel()


async def _until_over(line: RungLine) -> None:
    while not isinstance(await line.next_event(), Disconnected):
        pass
