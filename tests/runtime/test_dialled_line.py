"""A dialled line as a session takes it: answered once a person has; else it says what came of it."""

import asyncio
from dataclasses import dataclass, field

import pytest
from test_reaching_answers import ANSWER, PlayedLine, answering, silence, speech, tone

from ivr.calls.attempts import AttemptResult as R
from ivr.calls.sip import AudioReceived, Disconnected, LineEvent
from ivr.calls.speech import Clip
from ivr.runtime.dialled_line import AnsweredByAPerson, NotReached

MESSAGE = Clip("/zh-CN/message_ring_back", 4000, "message_ring_back")


@dataclass
class Heard:
    """A clip on its way out, as long as the line sounds."""

    duration_ms: int
    began_s: float

    @property
    def played_ms(self) -> int:
        return round((asyncio.get_running_loop().time() - self.began_s) * 1000)

    def stop(self) -> None:
        raise AssertionError("a message is played to its end")


@dataclass
class Leg(PlayedLine):
    """A played line that can be hung up."""

    hung_up: bool = False
    codec: str = "PCMA/8000"
    played: list[Heard] = field(default_factory=list)

    async def play(self, clip: Clip, *, from_ms: int = 0) -> Heard:
        assert not self.hung_up
        self.played.append(Heard(clip.duration_ms, asyncio.get_running_loop().time()))
        return self.played[-1]

    async def hangup(self) -> None:
        self.hung_up = True


@dataclass
class Dialled:
    """One dialled line, and whether somebody was told of its answer."""

    script: tuple[object, ...]
    words: tuple[str | None, ...] = ()
    answers: list[int] = field(default_factory=list)
    message: Clip | None = None

    def __post_init__(self) -> None:
        self.leg = Leg(list(self.script))  # type: ignore[arg-type]
        self.line = AnsweredByAPerson(
            self.leg,  # type: ignore[arg-type]  # all that it needs of a line here
            answering(*self.words),
            longest_ring_s=20.0,
            on_answer=self.on_answer,
            message=self.message,
        )

    async def on_answer(self) -> None:
        self.answers.append(1)

    async def not_reached(self) -> Disconnected:
        with pytest.raises(NotReached) as caught:
            await self.line.answer()
        await self.line.hangup()
        assert len(self.answers) == (self.line.sip_code == 200), "an answer is noted, whoever gave it"
        assert self.leg.hung_up
        return caught.value.ended


@pytest.mark.parametrize(
    ("code", "result"), [(486, R.BUSY), (404, R.INVALID_NUMBER), (480, R.UNREACHABLE), (603, R.REFUSED)]
)
async def test_a_final_code_says_what_came_of_it(code: int, result: R) -> None:
    dialled = Dialled((Disconnected(code, "as it is", by_remote=True),))
    assert (await dialled.not_reached()).sip_code == code
    assert (dialled.line.result, dialled.line.sip_code) == (result, code)


async def test_whom_it_has_rung_for_too_long_is_given_up() -> None:
    dialled = Dialled((silence(60_000),))
    assert (await dialled.not_reached()).sip_code == 487
    assert dialled.line.result is R.NO_ANSWER


async def test_what_the_network_says_goes_before_its_code() -> None:
    announcement = (silence(300), speech(3500), silence(1500), Disconnected(480, "", by_remote=True))
    dialled = Dialled(announcement, words=("您拨打的电话已关机",))
    await dialled.not_reached()
    assert dialled.line.result is R.SWITCHED_OFF


async def test_a_person_is_given_to_the_session_with_what_they_have_said() -> None:
    dialled = Dialled((ANSWER, silence(500), speech(400), silence(5000)))
    await dialled.line.answer()
    assert dialled.answers == [1]
    assert dialled.line.result is None
    first: LineEvent = await dialled.line.next_event()
    assert isinstance(first, AudioReceived)
    assert len(first.caller) == len(first.bot) > 2 * 8 * 900
    assert isinstance(await dialled.line.next_event(), AudioReceived)
    await dialled.line.hangup()


async def test_a_fax_machine_is_no_person() -> None:
    dialled = Dialled((ANSWER, silence(300), tone(2100, 3500), silence(3000)))
    assert (await dialled.not_reached()).sip_code == 200
    assert dialled.line.result is R.FAX


async def test_who_hangs_up_before_anybody_was_heard_is_one_who_abandoned_it() -> None:
    dialled = Dialled((ANSWER, silence(300), Disconnected(200, "", by_remote=True)))
    await dialled.not_reached()
    assert dialled.line.result is R.ABANDONED


MAILBOX = (ANSWER, silence(400), speech(2400), silence(700), speech(1500), tone(1000.0, 400))
VOICEMAIL = ("您好我现在不方便接听您的电话", "")


async def test_a_message_is_left_after_the_beep_and_heard_to_its_end() -> None:
    dialled = Dialled(MAILBOX, words=VOICEMAIL, message=MESSAGE)
    await dialled.not_reached()
    assert (dialled.line.result, dialled.line.sip_code) == (R.MESSAGE_LEFT, 200)
    (played,) = dialled.leg.played
    assert played.began_s > 5.0, "not into the greeting"
    assert played.played_ms >= MESSAGE.duration_ms


async def test_without_a_message_a_machine_is_hung_up_on() -> None:
    dialled = Dialled(MAILBOX, words=VOICEMAIL)
    await dialled.not_reached()
    assert (dialled.line.result, dialled.leg.played) == (R.MACHINE, [])


@pytest.mark.parametrize(
    "rest",
    [
        (silence(1500), Disconnected(200, "", by_remote=True)),
        (Disconnected(200, "", by_remote=True),),
        (silence(600), *[speech(400)] * 90),
    ],
    ids=["hangs up on the message", "hangs up at the beep", "speaks on"],
)
async def test_a_machine_that_ends_the_call_has_no_message_and_one_that_speaks_on_has(
    rest: tuple[object, ...],
) -> None:
    dialled = Dialled((*MAILBOX, *rest), words=(*VOICEMAIL, "", ""), message=MESSAGE)
    await dialled.not_reached()
    hung_up = isinstance(rest[-1], Disconnected)
    assert dialled.line.result is (R.MACHINE if hung_up else R.MESSAGE_LEFT)


async def test_no_message_is_left_to_a_fax_or_a_network() -> None:
    fax = Dialled((ANSWER, silence(300), tone(2100, 3500), silence(3000)), message=MESSAGE)
    await fax.not_reached()
    assert (fax.line.result, fax.leg.played) == (R.FAX, [])
