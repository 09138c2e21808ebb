"""A customer rings back: asked, taken up in the store, held in the survey, and ended there exactly once."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from phone_call import (
    BOOK,
    CUSTOMER,
    LoopClock,
    LoudnessDetector,
    MemoryRecorder,
    ScriptedLine,
    ScriptedRecogniser,
    TextPrompter,
    hear_out,
    speak,
    wait,
)

from ivr.adapters.campaign_desk_memory import MemoryCampaignDesk
from ivr.adapters.campaign_store_memory import MemoryCampaignStore
from ivr.adapters.script_files import load_script, survey_files
from ivr.adapters.store_memory import MemoryLoanBook, MemoryTicketDesk
from ivr.adapters.survey_answers_memory import MemorySurveyAnswers
from ivr.bootstrap.services import open_services
from ivr.calls.attempts import AttemptResult as R
from ivr.calls.events import AnswerGiven, CallEvent, CallStarted
from ivr.calls.ids import AttemptId, CallId, CampaignId, ContactId, CustomerId, LegId, WorkerId
from ivr.calls.speech import SlotValue
from ivr.campaign.people import Contact, ContactState, NumberFacts
from ivr.campaign.policy import Campaign, CampaignState
from ivr.config import Settings
from ivr.dialogue.ladder import LadderPolicy
from ivr.dialogue.script import Script
from ivr.dialogue.state import DialogueState
from ivr.runtime.call_plan import CallDevices, CallPlan
from ivr.runtime.campaign_ports import Claimed
from ivr.runtime.dialler import LEASE
from ivr.runtime.ring_back import RingBack, RingBackCall, RingBackDesk
from ivr.runtime.session import CallSession

SCRIPTS = Path("ivr/scripts")
SURVEYS = {path.stem: load_script(path) for path in survey_files(SCRIPTS)}
HOTLINE = replace(load_script(SCRIPTS / "hotline.yaml"), surveys=SURVEYS)
PHONE = "+8613800000001"
K, WHO, US, OTHER = CampaignId("k"), ContactId("c"), WorkerId("w"), WorkerId("other")
GREETING = "greeting greeting_language"
FACTS = {"customer_name": "测试", "called_on": "2030-03-08"}


class NoHolidays:
    def of(self, country: str, year: int) -> frozenset[date] | None:
        return frozenset()


async def nothing_to_prepare(script: Script, locale: str, slots: Mapping[str, SlotValue]) -> None:
    pass


@dataclass
class Rig:
    """A campaign whose one contact is rung in vain, and then rings the hotline."""

    prepare: Callable = nothing_to_prepare
    prompt_ms: int = 1000
    warmed: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    events: list[CallEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = LoopClock()
        self.desk = MemoryCampaignDesk(self.clock.now)
        self.store = MemoryCampaignStore(self.desk, NoHolidays())
        self.answers = MemorySurveyAnswers()

    async def rung(
        self,
        result: R | None = R.NO_ANSWER,
        survey: str = "agent_satisfaction",
        customer_id: str | None = None,
    ) -> None:
        now = self.clock.now()
        await self.desk.create(Campaign(K, "k", survey, "zh-CN"), now)
        number = NumberFacts(True, "mobile", "CN", ("Asia/Shanghai",))
        contact = Contact(WHO, K, PHONE, number, "zh-CN", due_at=now, facts=FACTS)
        contact = replace(contact, customer_id=CustomerId(customer_id) if customer_id else None)
        await self.desk.add_contacts(K, [contact])
        await self.desk.change_state(K, CampaignState.RUNNING)
        if result is not None:
            claimed = await self.claim()
            assert await self.store.dialling(claimed.attempt.attempt_id, now)
            await self.store.finish(claimed.attempt.attempt_id, result, sip_code=487, now=now)

    async def claim(self) -> Claimed:
        now = self.clock.now()
        (claimed,) = await self.store.claim(OTHER, limit=1, now=now, lease=LEASE)
        return claimed

    async def warm_up(self, script: Script, locale: str) -> None:
        self.warmed.append(script.script_id)
        await asyncio.sleep(600)

    async def contact(self) -> Contact:
        (case,) = await self.desk.cases(WHO)
        return case.contact

    async def call(self, caller, words=(), *, phone: str = PHONE) -> ScriptedLine:
        """The call to its end, and what was answered on it kept."""
        line = ScriptedLine(caller, remote_user=phone)
        session, ring_back = self.session(line, words, phone)
        await RingBackCall(session, ring_back).run()
        await self.answers.append(self.events)
        return line

    def session(self, line: ScriptedLine, words, phone: str) -> tuple[CallSession, RingBack]:
        desk = RingBackDesk(
            store=self.store,
            answers=self.answers,
            prepare=self.prepare,
            warm_up=self.warm_up,
            worker_id=US,
            clock=self.clock,
            within=timedelta(hours=48),
            report=lambda what, error: self.faults.append(f"{what}: {error}"),
        )
        services = open_services(Settings(), MemoryLoanBook([CUSTOMER]), self.clock, MemoryTicketDesk())
        ring_back = RingBack(desk, services, HOTLINE.surveys, phone=phone, locale="zh-CN")
        devices = CallDevices(
            recogniser=ScriptedRecogniser([(text, 0.95) for text in words], 0.2, []),
            prompter=TextPrompter(prompt_ms=self.prompt_ms),
            grammars=BOOK,
            detector=LoudnessDetector(),
            services=ring_back,
            clock=self.clock,
            emit=self.events.append,
            report=desk.report,
            recorder=MemoryRecorder(),
        )
        plan = CallPlan(CallId("call-1"), LegId("leg-1"), US, HOTLINE, LadderPolicy(), "zh-CN")
        return CallSession(line, plan, devices), ring_back


def says(times: int):
    def caller(line):
        for _ in range(times):
            yield from hear_out(line)
            yield from speak()
        yield from hear_out(line)

    return caller


def prompts(line: ScriptedLine) -> list[str]:
    return [clip.text for clip in line.clips]


async def test_who_rings_back_does_the_survey_and_is_never_rung_for_it_again() -> None:
    rig = Rig()
    await rig.rung()
    words = ["可以", "一二三四", "我是", "解决了", "非常满意", "七分", "十分"]
    line = await rig.call(says(7), words)
    assert rig.faults == []
    assert rig.warmed == ["agent_satisfaction"]
    assert prompts(line)[:5] == [
        f"{GREETING} ring_back_ask", "id_tail_ask", "verified", "party_ask",
        "agent_survey_purpose agent_survey_settled_ask",
    ]  # fmt: skip
    contact = await rig.contact()
    assert (contact.state, contact.final) == (ContactState.DONE, R.COMPLETED)
    assert dict(contact.tries) == {R.NO_ANSWER: 1, R.COMPLETED: 1}
    (_, back) = await rig.desk.attempts(K)
    assert (back.rang_back, back.result, back.call_id, back.worker_id) == (True, R.COMPLETED, "call-1", US)
    given = [event for event in rig.events if isinstance(event, AnswerGiven)]
    assert {(e.survey, e.contact_id, e.campaign_id, e.attempt_id) for e in given} == {
        ("agent_satisfaction", WHO, K, back.attempt_id)
    }
    assert (await rig.answers.of_contact(WHO, "agent_satisfaction"))["satisfied"] == "5"
    (started,) = [event for event in rig.events if isinstance(event, CallStarted)]
    assert (started.script, started.direction) == ("hotline", "inbound")
    now = rig.clock.now() + timedelta(days=1)
    assert await rig.store.claim(OTHER, limit=1, now=now, lease=LEASE) == ()


async def test_who_cannot_prove_who_they_are_learns_no_name_and_is_in_no_survey() -> None:
    rig = Rig()
    await rig.rung()
    line = await rig.call(says(4), ["可以", "九九九九", "九九九九", "九九九九"])
    assert "party_ask" not in " ".join(prompts(line))
    assert len(await rig.desk.attempts(K)) == 1


@pytest.mark.parametrize(
    ("contacts_customer", "proved", "result"),
    [
        (None, {"customer_id": "c-1"}, "taken"),
        (None, {"customer_id": "c-1", "phone": "13900000009"}, "gone"),
        (None, {}, "gone"),
        ("c-1", {"customer_id": "c-1", "phone": "13900000009"}, "taken"),
        ("c-1", {"customer_id": "c-2"}, "gone"),
    ],
    ids=["the one behind the number", "another number was given", "nobody", "by name", "another customer"],
)
async def test_only_whom_we_rang_is_taken_up_whoever_has_proved_who_they_are(
    contacts_customer: str | None, proved: dict[str, str], result: str
) -> None:
    rig = Rig()
    await rig.rung(customer_id=contacts_customer)
    _, ring_back = rig.session(ScriptedLine(says(0)), (), PHONE)
    await ring_back.known()
    assert (await ring_back.look_up("take_up_survey", PHONE, proved, {})).result == result
    await ring_back.ended(DialogueState("zh-CN"), CallId("call-1"))


async def test_a_stranger_and_somebody_who_was_never_rung_hear_the_menu() -> None:
    rig = Rig()
    await rig.rung(None)
    for phone in (PHONE, "+8613900000009"):
        line = await rig.call(says(0), phone=phone)
        assert prompts(line) == [f"{GREETING} wish_ask"]
    assert rig.faults == rig.warmed == []


async def test_it_goes_on_where_the_last_call_broke_off_and_keeps_those_answers() -> None:
    rig = Rig()
    await rig.rung(R.PARTIAL)
    await rig.answers.append([
        AnswerGiven(
            call_id=CallId("call-0"), at=datetime(2030, 3, 9, tzinfo=UTC), survey="agent_satisfaction",
            version="1", item="settled", item_kind="yes_no", value="yes", words="解决了", confidence=0.9,
            contact_id=WHO, campaign_id=K, attempt_id=AttemptId("a-0"),
        )
    ])  # fmt: skip
    line = await rig.call(says(4), ["可以", "一二三四", "我是", "非常满意"])
    assert prompts(line)[4] == "survey_going_on agent_survey_satisfied_ask"
    assert (await rig.contact()).final is R.PARTIAL
    kept = await rig.answers.of_contact(WHO, "agent_satisfaction")
    assert (kept["settled"], kept["satisfied"]) == ("yes", "5")


@pytest.mark.parametrize("words", ["不用了", "还款方式有哪些"])
async def test_no_or_a_wish_takes_nothing_up(words: str) -> None:
    rig = Rig()
    await rig.rung()
    before = await rig.contact()
    await rig.call(says(1), [words])
    assert await rig.contact() == before
    assert len(await rig.desk.attempts(K)) == 1


async def test_a_call_that_another_worker_was_about_to_place_is_not_placed() -> None:
    rig = Rig()
    await rig.rung()
    later = rig.clock.now() + timedelta(hours=3)
    (claimed,) = await rig.store.claim(OTHER, limit=1, now=later, lease=timedelta(hours=9))
    await rig.call(says(3), ["可以", "一二三四", "我是"])
    assert not await rig.store.dialling(claimed.attempt.attempt_id, later)
    assert (await rig.contact()).state is ContactState.WAITING


async def test_while_they_are_on_the_line_the_lease_is_renewed_and_nobody_rings_them() -> None:
    long_s = LEASE.total_seconds() + 10
    rig = Rig(prompt_ms=round(long_s * 1000))
    await rig.rung()
    seen: list[object] = []

    def hears_long_prompts(line):
        for _ in range(3):
            yield from hear_out(line, 600_000)
            yield from speak()
        yield from hear_out(line, 600_000)

    async def watch() -> None:
        await asyncio.sleep(3.5 * long_s)
        seen.append(await rig.store.recover(rig.clock.now()))
        seen.append((await rig.contact()).state)

    watching = asyncio.create_task(watch())
    await rig.call(hears_long_prompts, ["可以", "一二三四", "我是"])
    await watching
    assert seen == [0, ContactState.LEASED]
    assert (await rig.contact()).state is ContactState.WAITING, "and then it goes on as before"


async def test_a_promise_outlives_a_ring_back_that_came_to_nothing() -> None:
    rig = Rig()
    await rig.rung(None)
    claimed, at = await rig.claim(), rig.clock.now() + timedelta(hours=5)
    await rig.store.dialling(claimed.attempt.attempt_id, rig.clock.now())
    await rig.store.finish(
        claimed.attempt.attempt_id, R.CALLBACK_PROMISED, now=rig.clock.now(), callback_at=at
    )
    await rig.call(says(2), ["可以", "一二三四"])
    contact = await rig.contact()
    assert (contact.state, contact.promised, contact.due_at) == (ContactState.WAITING, True, at)


async def test_the_wish_for_no_more_calls_holds_on_a_ring_back() -> None:
    rig = Rig()
    await rig.rung()
    await rig.call(says(3), ["可以", "一二三四", "别再打了"])
    assert (await rig.contact()).state is ContactState.DONE
    assert await rig.desk.list.find(PHONE) is not None


async def test_a_store_that_is_away_or_slow_costs_a_quarter_of_a_second_and_the_question() -> None:
    rig = Rig()
    await rig.rung()

    async def slow(*_: object, **__: object) -> None:
        await asyncio.sleep(30)

    async def away(*_: object, **__: object) -> None:
        raise ConnectionError("the store is away")

    for broken in (slow, away):
        rig.store.rung_lately = broken  # type: ignore[method-assign,assignment]
        began_s = asyncio.get_running_loop().time()
        line = ScriptedLine(says(0), remote_user=PHONE)
        session, ring_back = rig.session(line, (), PHONE)
        session.know(await ring_back.known())
        assert asyncio.get_running_loop().time() - began_s <= 0.25
        await session.run()
        await ring_back.ended(session.state, session.call_id)
        assert prompts(line) == [f"{GREETING} wish_ask"]
    assert len(rig.faults) == 2


async def test_facts_that_the_survey_cannot_use_lead_to_the_menu_and_are_told_to_us() -> None:
    rig = Rig()
    await rig.rung(survey="post_loan")
    line = await rig.call(says(3), ["可以", "一二三四"])
    assert prompts(line)[-1] == "ring_back_gone wish_ask"
    assert len(await rig.desk.attempts(K)) == 1
    (fault,) = rig.faults
    assert fault.startswith("preparing a ring-back: product")


async def test_a_name_that_takes_long_to_be_spoken_is_waited_for_and_no_longer() -> None:
    async def for_ever(*_: object) -> None:
        await asyncio.sleep(600)

    rig = Rig(prepare=for_ever)
    await rig.rung()
    line = await rig.call(says(3), ["可以", "一二三四", "我是"])
    assert "party_ask" in prompts(line)
    assert rig.faults == []


async def test_who_hangs_up_while_they_are_taken_up_holds_nothing() -> None:
    rig = Rig()
    await rig.rung()
    take_up = rig.store.take_up

    async def slowly(*arguments: object, **named: object) -> Claimed | None:
        claimed = await take_up(*arguments, **named)  # type: ignore[arg-type]
        await asyncio.sleep(5)
        return claimed

    rig.store.take_up = slowly  # type: ignore[method-assign,assignment]

    def hangs_up(line):
        yield from says(2)(line)
        yield from wait(2000)

    await rig.call(hangs_up, ["可以", "一二三四"])
    assert (await rig.contact()).state is ContactState.WAITING
