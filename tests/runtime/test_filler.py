"""Nobody waits in silence: what takes longer than 0.7 s is bridged by one short sentence."""

import asyncio
from collections.abc import Sequence

import pytest
from phone_call import CUSTOMER, PROMPT_MS, Call, TextPrompter, hear_out, phone, press, speak, wait

from ivr.adapters.store_memory import MemoryLoanBook
from ivr.calls.events import PromptPlayed, ReplyStarted
from ivr.calls.identity import Check, Piece
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Customer, Loan
from ivr.calls.speech import Clip, Say
from ivr.dialogue.state import Play
from ivr.runtime.filler import FILLER_PROMPT
from ivr.runtime.mouth import Mouth
from ivr.runtime.ports import PromptMissing

GREETING = "greeting greeting_language wish_ask"
ANSWER = "balance_told next_due_told more_ask"
BALANCE = "我要查询贷款余额"


class SlowLoanBook(MemoryLoanBook):
    def __init__(self, *, find_s: float = 0.0, verify_s: float = 0.0, loans_s: float = 0.0) -> None:
        super().__init__([CUSTOMER])
        self._find_s, self._verify_s, self._loans_s = find_s, verify_s, loans_s

    async def find_customer(self, phone: str) -> Customer | None:
        await asyncio.sleep(self._find_s)
        return await super().find_customer(phone)

    async def check_piece(self, customer_id: CustomerId, piece: Piece, value: str) -> Check:
        await asyncio.sleep(self._verify_s)
        return await super().check_piece(customer_id, piece, value)

    async def loans(self, customer_id: CustomerId) -> tuple[Loan, ...]:
        await asyncio.sleep(self._loans_s)
        return await super().loans(customer_id)


def asks_for_the_balance(line):
    yield from hear_out(line)
    yield from speak()
    while not any("id_tail_ask" in clip.text for clip in line.clips):
        yield b""
    while line.bot_speaks:
        yield b""
    yield from press("1234")
    yield from wait(12_000)


async def ask(**slow: float) -> Call:
    return await phone(asks_for_the_balance, [(BALANCE, 0.9)], loan_book=SlowLoanBook(**slow))


async def test_a_slow_lookup_is_bridged_once() -> None:
    call = await ask(find_s=5.0)
    assert call.prompts[:5] == [GREETING, FILLER_PROMPT, "id_tail_ask", "verified", ANSWER]
    assert call.errors == []


async def test_a_lookup_of_half_a_second_needs_no_words() -> None:
    assert FILLER_PROMPT not in (await ask(find_s=0.5, verify_s=0.5)).prompts


async def test_the_filler_comes_after_seven_tenths_of_a_second_and_answers_nothing() -> None:
    quick, slow = await ask(), await ask(find_s=2.0)
    without_s, with_s = (
        (call.of(PromptPlayed)[1].at - call.of(PromptPlayed)[0].at).total_seconds() for call in (quick, slow)
    )
    assert with_s - without_s == pytest.approx(0.7, abs=0.05)
    waits_ms = [call.of(ReplyStarted)[0].reply_latency_ms for call in (quick, slow)]
    assert waits_ms[1] - waits_ms[0] == pytest.approx(2000, abs=50)


async def test_the_wait_is_counted_from_when_the_bot_fell_silent() -> None:
    assert FILLER_PROMPT not in (await ask(loans_s=PROMPT_MS / 1000 + 0.5)).prompts
    assert (await ask(loans_s=PROMPT_MS / 1000 + 1.5)).prompts[3:5] == [FILLER_PROMPT, ANSWER]


async def test_each_wait_has_its_own_filler() -> None:
    call = await ask(find_s=2.0, verify_s=2.0)
    assert call.prompts[:6] == [GREETING, FILLER_PROMPT, "id_tail_ask", FILLER_PROMPT, "verified", ANSWER]


async def test_a_prompt_that_takes_long_to_make_is_bridged_once_too() -> None:
    call = await phone(asks_for_the_balance, [(BALANCE, 0.9)], rendering_s=4.0)
    assert call.prompts[:3] == [GREETING, FILLER_PROMPT, "id_tail_ask"]
    assert call.errors == []


async def test_a_lookup_and_the_making_of_its_answer_are_one_wait() -> None:
    call = await phone(
        asks_for_the_balance, [(BALANCE, 0.9)], rendering_s=4.0, loan_book=SlowLoanBook(find_s=4.0)
    )
    assert call.prompts[:3] == [GREETING, FILLER_PROMPT, "id_tail_ask"]


async def test_nothing_is_bridged_before_the_greeting() -> None:
    call = await phone(asks_for_the_balance, [(BALANCE, 0.9)], rendering_s=4.0)
    assert call.prompts[0] == GREETING


# --- the mouth by itself -----------------------------------------------------------------------------


class WithoutFiller(TextPrompter):
    async def render(self, says: Sequence[Say], *, locale: str, pace: float = 1.0) -> Clip:
        if says[0].prompt_id == FILLER_PROMPT:
            raise PromptMissing("no filler here")
        return await super().render(tuple(says), locale=locale, pace=pace)


class RoomLine:
    """A line that only plays, in the loop's time."""

    def __init__(self) -> None:
        self.starts: list[tuple[str, int]] = []

    async def play(self, clip: Clip, *, from_ms: int = 0) -> "RoomPlayback":
        self.starts.append((clip.text, from_ms))
        return RoomPlayback(clip.duration_ms, from_ms)


class RoomPlayback:
    def __init__(self, duration_ms: int, from_ms: int) -> None:
        self.duration_ms = duration_ms
        self._loop = asyncio.get_running_loop()
        self._from_s = self._loop.time() - from_ms / 1000

    @property
    def played_ms(self) -> int:
        return min(round((self._loop.time() - self._from_s) * 1000), self.duration_ms)

    def stop(self) -> None:
        pass


async def talk(prompter: TextPrompter, work) -> list[tuple[str, int]]:
    """Run `work(mouth)` with a mouth that speaks, and tell what it began to say, and from where."""
    line = RoomLine()
    mouth = Mouth(line, prompter, on_started=lambda _: None, on_ended=lambda *_: None)

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.02)
            mouth.tick()

    tasks = [asyncio.create_task(mouth.run()), asyncio.create_task(tick())]
    try:
        await work(mouth)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return line.starts


def play(prompt_id: str, pace: float = 1.0) -> Play:
    return Play(1, (Say(prompt_id),), "zh-CN", pace=pace)


async def test_lookups_in_a_row_are_one_wait() -> None:
    async def work(mouth: Mouth) -> None:
        mouth.say(play("verified"))
        await mouth.until_silent()
        for _ in range(6):
            with mouth.bridging(2):
                await asyncio.sleep(0.4)
        await mouth.until_silent()
        mouth.say(play("balance"))
        await mouth.until_silent()

    assert [text for text, _ in await talk(TextPrompter(), work)] == ["verified", FILLER_PROMPT, "balance"]


async def test_a_lookup_that_is_over_is_bridged_no_more() -> None:
    async def work(mouth: Mouth) -> None:
        mouth.say(play("verified"))
        await mouth.until_silent()
        with mouth.bridging(2):
            await asyncio.sleep(0.6)
        await asyncio.sleep(3.0)

    assert await talk(TextPrompter(), work) == [("verified", 0)]


async def test_a_caller_who_speaks_into_the_filler_still_hears_the_whole_prompt_afterwards() -> None:
    async def work(mouth: Mouth) -> None:
        mouth.say(play("verified"))
        await asyncio.sleep(5.0)
        mouth.say(play("balance"))
        await asyncio.sleep(1.2)  # the filler is half spoken
        assert mouth.played_ms is not None
        mouth.stop()
        await asyncio.sleep(1.0)
        mouth.resume()
        await asyncio.sleep(6.0)

    starts = await talk(TextPrompter(takes_s=3.0), work)
    assert starts == [("verified", 0), (FILLER_PROMPT, 0), ("balance", 0)]


async def test_without_a_filler_prompt_the_caller_waits_and_gets_the_answer() -> None:
    async def work(mouth: Mouth) -> None:
        mouth.say(play("verified"))
        await asyncio.sleep(5.0)
        mouth.say(play("balance"))
        await asyncio.sleep(5.0)

    assert await talk(WithoutFiller(takes_s=3.0), work) == [("verified", 0), ("balance", 0)]


async def test_a_slow_prompt_that_was_cut_off_goes_on_where_it_stopped() -> None:
    async def work(mouth: Mouth) -> None:
        mouth.say(play("balance", pace=0.8))
        await asyncio.sleep(0.6)
        mouth.stop(back_ms=200)
        mouth.resume()
        await asyncio.sleep(3.0)

    starts = await talk(TextPrompter(), work)
    assert starts == [("balance", 0), ("balance", pytest.approx(400, abs=40))]
