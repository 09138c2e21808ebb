"""A campaign rings a small town over SIP: what was meant is understood, and every end is the right one."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from served import HOME, ROOT, ended_call, place, until
from story_voices import lay_out

from ivr.adapters.store_sqlalchemy import (
    Database,
    SqlCampaignDesk,
    SqlCampaignStore,
    SqlDoNotCallList,
    SqlSurveyAnswers,
)
from ivr.adapters.throwaway_hotline import ThrowawayHotline
from ivr.adapters.work_calendars import PublicHolidayBook
from ivr.calls.attempts import AttemptResult as R
from ivr.calls.ids import CampaignId, ContactId, WorkerId
from ivr.campaign.attempt import Attempt
from ivr.campaign.people import Contact, ContactState, NumberFacts
from ivr.campaign.policy import Campaign, CampaignState
from ivr.runtime.callee.population import Population, Role

pytestmark = pytest.mark.slow

ROLES = (Role.COOPERATES, Role.BUSY_NOW, Role.STOP_CALLING, Role.SWITCHED_OFF, Role.BUSY)
FACTS = {
    "customer_name": "林晓雨", "product": "安心贷", "amount": "24000", "first_due": "2026-12-05",
    "due_amount": "1129.76",
}  # fmt: skip
LONGEST_S = 300.0
BACK, BACK_CONTACT = CampaignId("back"), ContactId("back-1")
BEFORE = timedelta(seconds=5)


@dataclass(frozen=True)
class Rung:
    """What became of everybody."""

    contacts: Mapping[Role, Contact]
    understood: Mapping[Role, Mapping[str, str]]
    meant: Mapping[Role, Mapping[str, str]]
    barred: Sequence[str]


def number(role: Role) -> str:
    """The first number whose owner has this role."""
    town = Population()
    return next(n for n in (f"+86138001{i:05}" for i in range(9999)) if town.role(n, 1) is role)


def daytime() -> str:
    """A zone in which people may be rung now, for tests run at any hour."""
    zones = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Pacific/Auckland")
    return next(z for z in zones if 8 <= datetime.now(ZoneInfo(z)).hour < 21)  # noqa: TID251


@pytest.fixture(scope="module")
def rung(
    hotline: ThrowawayHotline, callee_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rung]:
    meant, log = (tmp_path_factory.mktemp("callee") / name for name in ("meant.jsonl", "log"))
    lay_out(hotline.directory / "var" / "voice-cache" / "callers")
    command = [
        sys.executable,
        "-m",
        "ivr.cli.main",
        "callee",
        "--port",
        str(callee_port),
        "--json",
        str(meant),
    ]
    with log.open("wb") as output:
        town = subprocess.Popen(command, cwd=ROOT, env=dict(hotline.environ), stderr=output)
    try:
        until(lambda: "ready" in log.read_text("utf-8"), timeout_s=180, what="the town")
        yield asyncio.run(
            campaign(hotline, lambda: [json.loads(line) for line in meant.read_text("utf-8").splitlines()])
        )
    finally:
        town.terminate()
        town.wait(20)


async def campaign(hotline: ThrowawayHotline, rows: Callable[[], list[dict[str, Any]]]) -> Rung:
    database = Database(hotline.database_url)
    desk = SqlCampaignDesk(database, lambda: datetime.now(UTC))  # noqa: TID251
    trial, now = CampaignId("trial"), datetime.now(UTC)  # noqa: TID251
    at_home = NumberFacts(True, "mobile", "CN", (daytime(),))
    everybody = [
        Contact(ContactId(role), trial, number(role), at_home, "zh-CN", due_at=now, facts=FACTS)
        for role in ROLES
    ]
    try:
        await desk.create(Campaign(trial, "trial", "post_loan", "zh-CN", max_lines=3, calls_per_s=1), now)
        await desk.add_contacts(trial, everybody)
        await desk.change_state(trial, CampaignState.RUNNING)
        contacts = await ended(desk, trial)
        answers: dict[str, dict[str, str]] = {}
        for answer in await SqlSurveyAnswers(database).of_survey("post_loan"):
            answers.setdefault(answer.respondent, {})[answer.item] = answer.value
        listed = await SqlDoNotCallList(database).listed(10)
    finally:
        await database.close()
    return Rung(
        contacts={Role(contact.contact_id): contact for contact in contacts},
        understood={Role(who): given for who, given in answers.items()},
        meant={Role(row["role"]): row["meant"] for row in rows()},
        barred=[entry.phone for entry in listed],
    )


async def ended(desk: SqlCampaignDesk, trial: CampaignId) -> list[Contact]:
    """Everybody, once each has been rung once."""
    given_up_at = time.monotonic() + LONGEST_S
    while True:
        contacts = [contact async for contact in desk.contacts(trial)]
        if all(contact.final is not None and contact.attempt_id is None for contact in contacts):
            await desk.change_state(trial, CampaignState.STOPPED)
            return contacts
        shown = {contact.contact_id: contact.final for contact in contacts}
        assert time.monotonic() < given_up_at, f"not everybody was rung in {LONGEST_S:g} s: {shown}"
        await asyncio.sleep(1)


def test_who_answers_everything_is_understood_as_they_meant_it(rung: Rung) -> None:
    contact, meant = rung.contacts[Role.COOPERATES], rung.meant[Role.COOPERATES]
    assert (contact.state, contact.final) == (ContactState.DONE, R.COMPLETED)
    assert len(meant) >= 4
    understood = rung.understood[Role.COOPERATES]
    # Own words are kept however they were written down. A busy machine may cost one figure.
    mistaken = {
        item: value for item, value in meant.items() if len(value) <= 3 and understood.get(item) != value
    }
    assert len(mistaken) <= 1, (mistaken, understood)
    assert understood.keys() >= meant.keys() - mistaken.keys()


def test_who_is_busy_is_promised_the_moment_that_they_named(rung: Rung) -> None:
    contact = rung.contacts[Role.BUSY_NOW]
    tomorrow = datetime.now(HOME).date() + timedelta(days=1)  # noqa: TID251
    assert (contact.state, contact.final, contact.promised) == (
        ContactState.WAITING,
        R.CALLBACK_PROMISED,
        True,
    )
    assert contact.due_at.astimezone(HOME).strftime("%Y-%m-%d %H:%M") == f"{tomorrow} 15:00"


def test_who_wants_no_more_calls_is_on_the_list_at_once(rung: Rung) -> None:
    contact = rung.contacts[Role.STOP_CALLING]
    assert (contact.state, contact.final) == (ContactState.DONE, R.DO_NOT_CALL)
    assert rung.barred == [contact.phone]


def test_the_network_is_believed_in_what_it_says_and_signals(rung: Rung) -> None:
    # The words that say so may come too late on a busy machine; the code that follows them is 480.
    assert rung.contacts[Role.SWITCHED_OFF].final in {R.SWITCHED_OFF, R.UNREACHABLE}
    assert rung.contacts[Role.BUSY].final is R.BUSY


def test_nobody_was_rung_twice(rung: Rung) -> None:
    assert {role: sum(contact.tries.values()) for role, contact in rung.contacts.items()} == dict.fromkeys(
        ROLES, 1
    )


async def rung_in_vain(hotline: ThrowawayHotline, phone: str) -> None:
    """A contact whose line was busy a moment ago; the next try is half an hour away."""
    database, now = Database(hotline.database_url), datetime.now(UTC)  # noqa: TID251
    desk = SqlCampaignDesk(database, lambda: now)
    store = SqlCampaignStore(database, PublicHolidayBook())
    number = NumberFacts(True, "mobile", "CN", (daytime(),))
    contact = Contact(BACK_CONTACT, BACK, phone, number, "zh-CN", due_at=now, facts=FACTS)
    try:
        # No worker runs it before the one claim that is made here.
        await desk.create(
            Campaign(BACK, "back", "post_loan", "zh-CN", priority=100, starts_at=now + BEFORE), now
        )
        await desk.add_contacts(BACK, [contact])
        await desk.change_state(BACK, CampaignState.RUNNING)
        (claimed,) = await store.claim(WorkerId("test"), limit=1, now=now + BEFORE, lease=timedelta(hours=1))
        assert await store.dialling(claimed.attempt.attempt_id, now + BEFORE)
        await store.finish(claimed.attempt.attempt_id, R.BUSY, sip_code=486, now=now + BEFORE)
    finally:
        await database.close()


async def rang_back(hotline: ThrowawayHotline) -> tuple[Contact, Sequence[Attempt], Mapping[str, str]]:
    database = Database(hotline.database_url)
    desk = SqlCampaignDesk(database, lambda: datetime.now(UTC))  # noqa: TID251
    try:
        (case,) = await desk.cases(BACK_CONTACT)
        answers = await SqlSurveyAnswers(database).of_contact(BACK_CONTACT, "post_loan")
        return case.contact, await desk.attempts(BACK), answers
    finally:
        await database.close()


def test_who_was_busy_and_rings_back_does_the_survey_on_the_hotline(hotline: ThrowawayHotline) -> None:
    phone = "+8613800000001"
    asyncio.run(rung_in_vain(hotline, phone))
    time.sleep(BEFORE.total_seconds())
    # Now, the proof, it is me; received, clear, understood, no fees, and nine of ten.
    keys = [argument for key in ("1", "1234", "1", "1", "5", "1", "2", "09") for argument in ("--keys", key)]
    placed = place(hotline, hotline.uri(), "--from", phone, "--no-read", *keys)
    call = ended_call(hotline, remote=phone)
    contact, attempts, answers = asyncio.run(rang_back(hotline))
    assert (contact.state, contact.final) == (ContactState.DONE, R.COMPLETED), placed.said
    assert [(a.rang_back, a.result, a.call_id) for a in attempts] == [
        (False, R.BUSY, None), (True, R.COMPLETED, call["call"]["call_id"]),
    ]  # fmt: skip
    assert answers == {
        "received": "yes", "clear": "5", "first_payment": "yes", "fees": "no", "recommend": "9",
    }  # fmt: skip
    place(hotline, hotline.uri(), "--from", phone, "--no-read", "--hangup-after", "8")
    assert len(asyncio.run(rang_back(hotline))[1]) == 2, "nobody is asked twice"
