"""Claims: leased, dialled once, ended once, whatever dies in between; the same in memory and on databases."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from campaign_rig import LEASE, NOON, W2, K, NoHolidays, Rig, person, phone

from ivr.adapters.campaign_desk_memory import MemoryCampaignDesk
from ivr.adapters.campaign_store_memory import MemoryCampaignStore
from ivr.adapters.store_sqlalchemy import Database, SqlCampaignDesk, SqlCampaignStore, SqlDoNotCallList
from ivr.calls.attempts import AttemptResult as R
from ivr.calls.ids import AttemptId, CampaignId, WorkerId
from ivr.campaign.decision import Rule
from ivr.campaign.pacing import TrunkLimits
from ivr.campaign.people import ContactState, DoNotCallEntry, NumberFacts
from ivr.campaign.policy import Campaign, CampaignState, Caps
from ivr.runtime.campaign_ports import (
    CampaignRefused,
    TooSoon,
)


async def test_what_is_claimed_comes_whole_and_is_nobody_elses(rig: Rig) -> None:
    campaign = await rig.campaign("k", 1)
    (claimed,) = await rig.claim()
    assert claimed.campaign == campaign
    assert claimed.contact == person(
        1, state=ContactState.LEASED, attempt_id=claimed.attempt.attempt_id, due_at=NOON - timedelta(days=1)
    )
    assert claimed.attempt.lease_until == NOON + LEASE
    assert claimed.attempt.decision.dial
    assert await rig.claim(worker=W2) == ()
    (stored,) = await rig.desk.attempts(K)
    assert [reason[:4] for reason in stored.decision.reasons] == [
        reason[:4] for reason in claimed.attempt.decision.reasons
    ]


async def test_an_attempt_runs_from_lease_to_end_and_ends_once(rig: Rig) -> None:
    await rig.campaign("k", 1)
    (claimed,) = await rig.claim()
    attempt_id = claimed.attempt.attempt_id
    assert await rig.store.dialling(attempt_id, NOON)
    assert not await rig.store.dialling(attempt_id, NOON), "no second INVITE"
    await rig.store.answered(attempt_id, NOON + timedelta(seconds=5))
    assert await rig.store.renew(attempt_id, NOON + timedelta(seconds=20), LEASE)
    rig.now = NOON + timedelta(seconds=40)
    assert await rig.store.recover(rig.now) == 0
    await rig.finish(claimed, R.COMPLETED)
    await rig.finish(claimed, R.REFUSED)
    (attempt,) = await rig.desk.attempts(K)
    assert (attempt.result, attempt.sip_code, attempt.call_id) == (R.COMPLETED, 200, "call-1")
    assert (attempt.dialled_at, attempt.answered_at, attempt.ended_at) == (
        NOON, NOON + timedelta(seconds=5), rig.now,
    )  # fmt: skip
    contact = await rig.contact(1)
    assert (contact.state, contact.final, contact.why) == (ContactState.DONE, R.COMPLETED, "completed")
    assert not await rig.store.renew(attempt_id, rig.now, LEASE)


async def test_promised_callbacks_come_first_then_priority_then_due_time(rig: Rig) -> None:
    low = await rig.campaign("low", 1, 2)
    high = await rig.campaign("high", 3, priority=5)
    await rig.desk.add_contacts(low.campaign_id, [person(4, "low", promised=True, due_at=NOON)])
    await rig.desk.add_contacts(low.campaign_id, [person(5, "low", due_at=NOON - timedelta(days=2))])
    claimed = await rig.claim()
    assert [c.contact.phone for c in claimed][:3] == [phone(4), phone(3), phone(5)]
    assert claimed[1].campaign.campaign_id == high.campaign_id


async def test_a_callback_is_rung_when_it_was_promised_and_not_before(rig: Rig) -> None:
    await rig.campaign("k", 1)
    await rig.ring(R.CALLBACK_PROMISED, callback_at=NOON + timedelta(minutes=10))
    rig.now = NOON + timedelta(minutes=9)
    assert await rig.claim() == ()
    rig.now = NOON + timedelta(minutes=10)
    (claimed,) = await rig.claim()
    assert claimed.contact.promised
    assert claimed.contact.final is R.CALLBACK_PROMISED


async def test_retries_come_when_the_table_says_and_end_with_why(rig: Rig) -> None:
    await rig.campaign("k", 1)
    for minutes in (30, 60):
        await rig.ring(R.BUSY)
        rig.now += timedelta(minutes=minutes, seconds=-1)
        assert await rig.claim() == ()
        rig.now += timedelta(seconds=1)
    await rig.ring(R.BUSY)
    rig.now += timedelta(days=1)
    await rig.ring(R.BUSY)
    contact = await rig.contact(1)
    assert (contact.state, contact.why) == (ContactState.DONE, "given up: busy 4 times")
    await rig.store.recover(rig.now)
    found = await rig.desk.find("name k")
    assert found is not None
    assert found.state is CampaignState.FINISHED


async def test_caps_and_gap_count_a_person_over_all_campaigns(rig: Rig) -> None:
    caps = Caps(per_day=2, per_week=3, least_gap=timedelta(minutes=30))
    for key in ("a", "b", "c", "d"):
        await rig.campaign(key, 1, caps=caps)
    await rig.ring(R.COMPLETED, key="a")
    assert await rig.claim() == (), "the gap"
    rig.now += timedelta(minutes=30)
    await rig.ring(R.COMPLETED, key="b")
    rig.now += timedelta(hours=2)
    assert await rig.claim() == (), "twice a day"
    rig.now = NOON + timedelta(days=1)
    await rig.ring(R.COMPLETED)
    rig.now = NOON + timedelta(days=2)
    assert await rig.claim() == (), "three times a week"
    rig.now = NOON + timedelta(days=7)
    await rig.ring(R.COMPLETED)


async def test_nobody_is_claimed_twice_at_once_by_two_campaigns(rig: Rig) -> None:
    await rig.campaign("a", 1)
    await rig.campaign("b", 1)
    (claimed,) = await rig.claim()
    assert await rig.claim(worker=W2) == ()
    await rig.store.dialling(claimed.attempt.attempt_id, rig.now)
    rig.now += timedelta(minutes=2)
    assert await rig.store.renew(claimed.attempt.attempt_id, rig.now, LEASE)
    assert await rig.claim(worker=W2) == ()


async def test_workers_that_claim_at_once_share_the_contacts(rig: Rig) -> None:
    await rig.campaign("a", *range(1, 15), max_lines=100)
    await rig.campaign("b", *range(8, 22), max_lines=100)
    rounds = [await asyncio.gather(*(rig.claim(3, WorkerId(f"w-{n}")) for n in range(4))) for _ in range(4)]
    phones = [c.contact.phone for claims in rounds for claimed in claims for c in claimed]
    assert len(phones) == len(set(phones)) == 21


@pytest.mark.parametrize("after_s", [29, 30])
async def test_a_lease_that_ran_out_before_dialling_gives_the_contact_back(rig: Rig, after_s: int) -> None:
    await rig.campaign("k", 1)
    (claimed,) = await rig.claim()
    rig.now = NOON + timedelta(seconds=after_s)
    in_time = after_s < 30
    assert await rig.store.recover(rig.now) == (0 if in_time else 1)
    assert await rig.store.dialling(claimed.attempt.attempt_id, rig.now) is in_time
    assert len(await rig.claim(worker=W2)) == (0 if in_time else 1)


async def test_a_worker_that_died_after_dialling_has_rung_the_person(rig: Rig) -> None:
    await rig.campaign("k", 1, caps=Caps(per_day=1, per_week=3))
    (claimed,) = await rig.claim()
    assert await rig.store.dialling(claimed.attempt.attempt_id, NOON)
    rig.now = NOON + LEASE
    assert await rig.store.recover(rig.now) == 1
    assert await rig.store.recover(rig.now) == 0
    contact = await rig.contact(1)
    assert (contact.state, contact.final, contact.why) == (
        ContactState.WAITING, R.LOST, "lost: try 1 of 3",
    )  # fmt: skip
    rig.now = NOON + timedelta(hours=2)
    assert await rig.claim() == (), "it counts against the cap"
    rig.now = NOON + timedelta(days=1)
    assert len(await rig.claim()) == 1


async def test_the_truth_about_a_lost_attempt_replaces_it(rig: Rig) -> None:
    await rig.campaign("k", 1)
    (claimed,) = await rig.claim()
    assert await rig.store.dialling(claimed.attempt.attempt_id, NOON)
    rig.now = NOON + LEASE
    await rig.store.recover(rig.now)
    rig.now += timedelta(hours=1)
    (second,) = await rig.claim(worker=W2)
    await rig.finish(claimed, R.COMPLETED)
    assert not await rig.store.dialling(second.attempt.attempt_id, rig.now)
    (attempt,) = await rig.desk.attempts(K)
    assert attempt.result is R.COMPLETED
    contact = await rig.contact(1)
    assert (contact.state, contact.final, contact.tries) == (ContactState.DONE, R.COMPLETED, contact.tries)
    assert {result: n for result, n in contact.tries.items() if n} == {R.COMPLETED: 1}


async def test_an_opt_out_is_effective_at_once_and_for_every_campaign(rig: Rig) -> None:
    await rig.campaign("a", 1)
    await rig.campaign("b", 1, 2)
    (one, two) = await rig.claim()
    assert {one.contact.phone, two.contact.phone} == {phone(1), phone(2)}
    leased = one if one.contact.phone == phone(1) else two
    await rig.store.opt_out(phone(1), reason="asked", source="call", now=rig.now)
    assert not await rig.store.dialling(leased.attempt.attempt_id, rig.now)
    for key in ("a", "b"):
        contact = await rig.contact(1, key)
        assert (contact.state, contact.why, contact.final) == (ContactState.DONE, "do_not_call", None)
    rig.now += timedelta(days=1)
    assert phone(1) not in [c.contact.phone for c in await rig.claim()]


async def test_whoever_asks_during_a_call_is_never_rung_again(rig: Rig) -> None:
    await rig.campaign("a", 1)
    await rig.campaign("b", 1)
    await rig.ring(R.DO_NOT_CALL)
    entry = await rig.people.find(phone(1))
    assert entry == DoNotCallEntry(phone(1), "asked", "call", NOON)
    rig.now += timedelta(days=2)
    assert await rig.claim() == ()
    assert (await rig.contact(1, "a")).final is R.DO_NOT_CALL
    assert (await rig.contact(1, "b")).why == "do_not_call"


async def test_the_decision_that_led_to_a_call_names_the_list_it_saw(rig: Rig) -> None:
    await rig.campaign("k", 1)
    entries = [DoNotCallEntry(phone(n), "complaint", "file", NOON) for n in (8, 9, 8)]
    assert await rig.people.add(entries) == 2
    assert await rig.people.add(entries) == 0
    await rig.ring(R.NO_ANSWER)
    (attempt,) = await rig.desk.attempts(K)
    assert attempt.list_version == 2
    assert await rig.people.remove(phone(8), reason="asked back", now=NOON)
    assert not await rig.people.remove(phone(8), reason="asked back", now=NOON)
    assert [entry.phone for entry in await rig.people.listed(10)] == [phone(9)]


async def test_the_decision_is_made_once_more_before_dialling(rig: Rig) -> None:
    await rig.campaign("k", 1, 2)
    (one, two) = await rig.claim()
    await rig.desk.change_state(K, CampaignState.PAUSED)
    assert not await rig.store.dialling(one.attempt.attempt_id, rig.now)
    await rig.desk.change_state(K, CampaignState.RUNNING)
    assert await rig.store.dialling(two.attempt.attempt_id, rig.now)
    rig.now = datetime(2026, 3, 4, 13, 59, 59, tzinfo=UTC)
    (late,) = await rig.claim()
    rig.now += timedelta(seconds=1)
    assert not await rig.store.dialling(late.attempt.attempt_id, rig.now), "the window has closed"
    assert (await rig.contact(1)).due_at == datetime(2026, 3, 5, 0, 0, tzinfo=UTC)


async def test_who_cannot_be_rung_for_good_is_done_with_why(rig: Rig) -> None:
    await rig.campaign("k", run=False, needs_consent=True)
    nowhere = NumberFacts(True, "mobile", "CN", ())
    await rig.desk.add_contacts(
        K, [person(1), person(2, consent=True, number=nowhere), person(3, consent=True)]
    )
    await rig.desk.change_state(K, CampaignState.RUNNING)
    (claimed,) = await rig.claim()
    assert claimed.contact.phone == phone(3)
    assert [(await rig.contact(n)).why for n in (1, 2)] == [Rule.CONSENT.value, Rule.TIME_ZONE.value]
    again = await rig.desk.add_contacts(K, [person(1, consent=True), person(4, consent=True)])
    assert (again.added, again.merged) == (1, 1)
    assert {c.contact.phone for c in await rig.claim()} == {phone(1), phone(4)}


async def test_contacts_in_zones_where_it_is_night_are_left_for_their_morning(rig: Rig) -> None:
    await rig.campaign("k", 1, regions=frozenset({"CN", "US"}))
    abroad = NumberFacts(True, "mobile", "US", ("America/New_York",))
    await rig.desk.add_contacts(K, [person(2, number=abroad)])
    (claimed,) = await rig.claim()
    assert claimed.contact.phone == phone(1)
    rig.now = datetime(2026, 3, 4, 13, 0, tzinfo=UTC)
    assert [c.contact.phone for c in await rig.claim() if c.contact.phone == phone(2)] == [phone(2)]


async def test_lines_and_pace_of_a_campaign_are_never_exceeded(rig: Rig) -> None:
    await rig.campaign("k", *range(1, 30), max_lines=4, calls_per_s=2)
    claims = []
    for _ in range(40):
        claims.append(len(await rig.claim()))
        rig.now += timedelta(milliseconds=100)
    assert sum(claims) == 4
    assert max(sum(claims[n : n + 10]) for n in range(30)) <= 2


async def test_what_was_claimed_in_time_and_is_ready_all_at_once_is_rung_at_the_pace(rig: Rig) -> None:
    await rig.campaign("k", *range(1, 7), calls_per_s=2)
    ready = []
    for _ in range(3):
        ready += await rig.claim()
        rig.now += timedelta(seconds=1)
    dialled = []
    for claimed in ready:
        while True:
            try:
                assert await rig.store.dialling(claimed.attempt.attempt_id, rig.now)
            except TooSoon as early:
                rig.now = early.until
            else:
                break
        dialled.append(rig.now)
    start = dialled[0]
    assert [(moment - start).total_seconds() for moment in dialled] == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_the_trunk_limits_all_campaigns_together(kind: str, sqlite_url: str) -> None:
    trunk = TrunkLimits(lines=3, calls_per_s=2)
    if kind == "memory":
        desk = MemoryCampaignDesk(lambda: NOON)
        rig = Rig(MemoryCampaignStore(desk, NoHolidays(), trunk=trunk), desk, desk.list)
        database = None
    else:
        database = Database(sqlite_url)
        rig = Rig(
            SqlCampaignStore(database, NoHolidays(), trunk=trunk),
            SqlCampaignDesk(database, lambda: NOON),
            SqlDoNotCallList(database),
        )
    await rig.campaign("a", 1, 2, 3)
    await rig.campaign("b", 4, 5, 6)
    first, second = await rig.claim()
    rig.now += timedelta(seconds=1)
    (third,) = await rig.claim()
    assert await rig.store.dialling(first.attempt.attempt_id, rig.now)
    assert await rig.store.dialling(third.attempt.attempt_id, rig.now)
    with pytest.raises(TooSoon) as early:
        await rig.store.dialling(second.attempt.attempt_id, rig.now)
    assert early.value.until == rig.now + timedelta(seconds=1)
    if database is not None:
        await database.close()


async def test_a_campaign_that_is_stopped_or_over_leaves_nobody_waiting(rig: Rig) -> None:
    await rig.campaign("k", 1, 2)
    await rig.campaign("e", 3, ends_at=NOON + timedelta(hours=1))
    await rig.ring(R.BUSY)
    await rig.desk.change_state(K, CampaignState.STOPPED)
    rig.now = NOON + timedelta(hours=1)
    assert await rig.claim() == ()
    await rig.store.recover(rig.now)
    ended = await rig.desk.find("e")
    assert ended is not None
    assert ended.state is CampaignState.FINISHED
    status = [await rig.desk.status(CampaignId(key)) for key in ("k", "e")]
    assert sum(dict(figures.contacts).get("done", 0) for figures in status) == 3
    assert (await rig.contact(3, "e")).why in {"campaign ended", "busy: try 1 of 4"}
    with pytest.raises(CampaignRefused, match="clone it"):
        await rig.desk.change_state(K, CampaignState.RUNNING)


async def test_a_campaign_without_contacts_or_with_a_taken_name_is_refused(rig: Rig) -> None:
    await rig.campaign("k", run=False)
    with pytest.raises(CampaignRefused, match="import contacts first"):
        await rig.desk.change_state(K, CampaignState.RUNNING)
    with pytest.raises(CampaignRefused, match="another name"):
        await rig.desk.create(Campaign(CampaignId("z"), "name k", "s", "zh-CN"), NOON)
    assert [campaign.campaign_id for campaign in await rig.desk.listed()] == ["k"]


async def test_a_campaign_whose_id_is_taken_is_refused_and_the_first_stays(rig: Rig) -> None:
    first = await rig.campaign("k", run=False)
    with pytest.raises(CampaignRefused):
        await rig.desk.create(replace(first, name="another"), rig.now)
    assert await rig.desk.find("k") == first


async def test_the_do_not_call_list_is_read_page_by_page_whoever_is_added_meanwhile(rig: Rig) -> None:
    for n in range(6):
        await rig.people.add([DoNotCallEntry(phone(n), "asked", "test", NOON + timedelta(seconds=n // 3))])
    newest = await rig.people.listed(2)
    await rig.people.add([DoNotCallEntry(phone(9), "asked", "test", NOON + timedelta(seconds=9))])
    later = await rig.people.listed(3, until=newest[-1].added_at, skip=2)
    last = await rig.people.listed(9, until=NOON, skip=2)
    assert [entry.phone for entry in (*newest, *later, *last)] == [phone(n) for n in (3, 4, 5, 0, 1, 2)]


async def test_status_counts_contacts_and_attempts_and_names_the_next_moment(rig: Rig) -> None:
    await rig.campaign("k", 1, 2, 3, 4)
    await rig.ring(R.COMPLETED)
    await rig.ring(R.BUSY)
    await rig.claim(1)
    status = await rig.desk.status(K)
    assert dict(status.contacts) == {"done": 1, "leased": 1, "waiting": 2}
    assert dict(status.done) == {"completed": 1}
    assert dict(status.attempts) == {"completed": 1, "busy": 1, "under way": 1}
    assert status.next_due_at == NOON - timedelta(days=1)
    assert [contact.phone async for contact in rig.desk.contacts(K)] == [phone(n) for n in (1, 2, 3, 4)]
    assert await rig.desk.answers_of(K) == []


async def test_a_clock_put_back_rings_nobody_twice(rig: Rig) -> None:
    await rig.campaign("k", 1)
    await rig.ring(R.CALLBACK_PROMISED, callback_at=NOON + timedelta(minutes=10))
    rig.now = NOON - timedelta(hours=2)
    assert await rig.claim() == ()
    await rig.store.recover(rig.now)
    assert (await rig.contact(1)).state is ContactState.WAITING


async def test_an_unknown_attempt_is_not_dialled_and_harms_nothing(rig: Rig) -> None:
    ghost = AttemptId("ghost")
    assert not await rig.store.dialling(ghost, NOON)
    assert not await rig.store.renew(ghost, NOON, LEASE)
    await rig.store.answered(ghost, NOON)
    await rig.store.finish(ghost, R.COMPLETED, now=NOON)


async def test_the_gap_counts_from_the_start_where_the_clock_was_put_back_during_a_call(rig: Rig) -> None:
    await rig.campaign("a", 1)
    await rig.campaign("b", 1)
    (claimed,) = await rig.claim()
    assert await rig.store.dialling(claimed.attempt.attempt_id, rig.now)
    rig.now = NOON - timedelta(hours=1)
    await rig.finish(claimed, R.COMPLETED)
    rig.now = NOON + timedelta(minutes=29)
    assert await rig.claim() == ()
    rig.now = NOON + timedelta(minutes=30)
    assert len(await rig.claim()) == 1
