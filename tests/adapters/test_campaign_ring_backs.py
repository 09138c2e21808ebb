"""Whoever rings back is found and taken up once; the same in memory and on databases."""

import asyncio
from datetime import timedelta

import pytest
from campaign_rig import LEASE, NOON, W1, W2, K, Rig, person, phone

from ivr.calls.attempts import AttemptResult as R
from ivr.calls.ids import ContactId, WorkerId
from ivr.campaign.decision import Rule
from ivr.campaign.people import ContactState
from ivr.campaign.policy import CampaignState, Caps, RetryPolicy, RetryRule
from ivr.runtime.campaign_ports import Claimed

WINDOW = timedelta(hours=48)


async def offered(rig: Rig, n: int = 1) -> str | None:
    found = await rig.store.rung_lately(phone(n), now=rig.now, within=WINDOW)
    return found.contact.contact_id if found is not None else None


async def take_up(rig: Rig, who: str = "k-1", worker: WorkerId = W2) -> Claimed | None:
    return await rig.store.take_up(ContactId(who), worker, now=rig.now, lease=LEASE, within=WINDOW)


async def test_who_could_not_be_reached_and_rings_back_is_found_until_the_time_is_over(rig: Rig) -> None:
    await rig.campaign("k", 1, 2)
    assert await offered(rig) is None, "never rung"
    await rig.ring(R.NO_ANSWER)
    assert [await offered(rig, n) for n in (1, 2, 3)] == ["k-1", None, None]
    rig.now += WINDOW
    assert await offered(rig) == "k-1"
    rig.now += timedelta(seconds=1)
    assert await offered(rig) is None


async def test_of_several_campaigns_the_one_that_rang_last_is_meant(rig: Rig) -> None:
    await rig.campaign("a", 1, priority=5)
    await rig.campaign("b", 1)
    await rig.ring(R.NO_ANSWER, key="a")
    rig.now += timedelta(hours=1)
    await rig.ring(R.BUSY, key="b")
    assert await offered(rig) == "b-1"


@pytest.mark.parametrize("how", ["opted out", "stopped", "paused", "completed", "being rung"])
async def test_nobody_is_found_who_is_not_to_be_asked(rig: Rig, how: str) -> None:
    await rig.campaign("k", 1, 2)
    await rig.ring(R.COMPLETED if how == "completed" else R.NO_ANSWER)
    match how:
        case "opted out":
            await rig.store.opt_out(phone(1), reason="asked", source="people", now=rig.now)
        case "stopped":
            await rig.desk.change_state(K, CampaignState.STOPPED)
        case "paused":
            await rig.desk.change_state(K, CampaignState.PAUSED)
        case "being rung":
            rig.now += timedelta(hours=2)
            for claimed in await rig.claim():
                await rig.store.dialling(claimed.attempt.attempt_id, rig.now)
    assert await offered(rig) is None
    assert await take_up(rig) is None


async def test_a_ring_back_that_answers_everything_ends_the_contact_once_and_for_all(rig: Rig) -> None:
    await rig.campaign("k", 1)
    await rig.ring(R.NO_ANSWER)
    rig.now += timedelta(hours=3)
    taken = await take_up(rig)
    assert taken is not None
    assert (taken.contact.state, taken.contact.attempt_id) == (ContactState.LEASED, taken.attempt.attempt_id)
    assert taken.attempt.decision.dial
    assert await take_up(rig, worker=W1) is None, "taken up already"
    assert await rig.claim() == (), "nobody rings somebody who is on the line"
    assert not await rig.store.dialling(taken.attempt.attempt_id, rig.now)
    rig.now += timedelta(seconds=20)
    assert await rig.store.renew(taken.attempt.attempt_id, rig.now, LEASE)
    await rig.finish(taken, R.COMPLETED)
    await rig.finish(taken, R.REFUSED)
    contact = await rig.contact(1)
    assert (contact.state, contact.final, dict(contact.tries)) == (
        ContactState.DONE, R.COMPLETED, {R.NO_ANSWER: 1, R.COMPLETED: 1},
    )  # fmt: skip
    rig.now += timedelta(days=1)
    assert await rig.claim() == ()
    assert await offered(rig) is None
    (rung, back) = await rig.desk.attempts(K)
    assert (rung.rang_back, back.rang_back, back.result, back.call_id) == (False, True, R.COMPLETED, "call-1")
    assert [reason[:4] for reason in back.decision.reasons] == [
        reason[:4] for reason in taken.attempt.decision.reasons
    ]


@pytest.mark.parametrize("key", ["k", "other"])
async def test_what_another_worker_has_claimed_and_not_dialled_is_never_dialled(rig: Rig, key: str) -> None:
    await rig.campaign("k", 1, priority=5)
    await rig.ring(R.NO_ANSWER)
    rig.now += timedelta(hours=1)
    if key == "other":
        await rig.campaign("other", 1)
    else:
        rig.now += timedelta(hours=1)
    (claimed,) = await rig.claim()
    assert claimed.campaign.campaign_id == key
    taken = await take_up(rig)
    assert taken is not None
    assert not await rig.store.dialling(claimed.attempt.attempt_id, rig.now)
    await rig.finish(claimed, R.FAILED)
    assert (await rig.contact(1)).attempt_id == taken.attempt.attempt_id
    await rig.finish(taken, R.COMPLETED)
    rig.now += timedelta(hours=1)
    assert [c.campaign.campaign_id for c in await rig.claim()] == (["other"] if key == "other" else [])


async def test_workers_that_claim_while_somebody_rings_back_never_have_them_twice(rig: Rig) -> None:
    await rig.campaign("k", *range(1, 9))
    for _ in range(8):
        await rig.ring(R.NO_ANSWER)
    rig.now += timedelta(hours=2)

    async def ring(worker: WorkerId) -> list[str]:
        claimed = await rig.claim(4, worker)
        dialled = [await rig.store.dialling(c.attempt.attempt_id, rig.now) for c in claimed]
        return [c.contact.contact_id for c, ok in zip(claimed, dialled, strict=True) if ok]

    async def ring_back(n: int) -> list[str]:
        taken = await take_up(rig, f"k-{n}")
        return [taken.contact.contact_id] if taken is not None else []

    in_hand = await asyncio.gather(ring(W1), *(ring_back(n) for n in range(1, 9)), ring(W2))
    everybody = [who for each in in_hand for who in each]
    assert len(everybody) == len(set(everybody))
    under_way = [a.contact_id for a in await rig.desk.attempts(K) if a.under_way]
    assert sorted(under_way) == sorted(everybody)


@pytest.mark.parametrize("end", [R.ABANDONED, R.FAILED, None])
async def test_a_ring_back_that_comes_to_nothing_changes_nothing(rig: Rig, end: R | None) -> None:
    await rig.campaign("k", 1)
    at = NOON + timedelta(hours=5)
    await rig.ring(R.CALLBACK_PROMISED, callback_at=at)
    before = await rig.contact(1)
    rig.now += timedelta(hours=2)
    taken = await take_up(rig)
    assert taken is not None
    if end is None:
        rig.now += LEASE
        assert await rig.store.recover(rig.now) == 1, "its worker died"
    else:
        await rig.finish(taken, end)
    assert await rig.contact(1) == before
    (_, back) = await rig.desk.attempts(K)
    assert back.result is (end or R.LOST)
    rig.now = at
    (claimed,) = await rig.claim()
    assert claimed.contact.promised


async def test_the_truth_about_a_ring_back_that_was_taken_for_lost_replaces_it(rig: Rig) -> None:
    await rig.campaign("k", 1)
    await rig.ring(R.NO_ANSWER)
    taken = await take_up(rig)
    assert taken is not None
    rig.now += LEASE
    await rig.store.recover(rig.now)
    await rig.finish(taken, R.COMPLETED)
    contact = await rig.contact(1)
    assert (contact.state, contact.final) == (ContactState.DONE, R.COMPLETED)


async def test_who_was_given_up_is_asked_and_stays_given_up_where_nothing_came_of_it(rig: Rig) -> None:
    await rig.campaign("k", 1, 2, retry=RetryPolicy({R.NO_ANSWER: RetryRule((timedelta(hours=1),))}))
    for _ in range(2):
        for claimed in await rig.claim():
            await rig.store.dialling(claimed.attempt.attempt_id, rig.now)
            await rig.finish(claimed, R.NO_ANSWER if claimed.contact.phone == phone(1) else R.COMPLETED)
        rig.now += timedelta(hours=1)
    assert (await rig.contact(1)).why == "given up: no_answer 2 times"
    await rig.desk.add_contacts(K, [person(3, due_at=NOON + timedelta(days=9))])
    taken = await take_up(rig)
    assert taken is not None
    await rig.finish(taken, R.ABANDONED)
    assert ((await rig.contact(1)).state, (await rig.contact(1)).final) == (ContactState.DONE, R.NO_ANSWER)
    again = await take_up(rig)
    assert again is not None
    await rig.finish(again, R.CALLBACK_PROMISED, callback_at=rig.now + timedelta(hours=1))
    assert (await rig.contact(1)).state is ContactState.DONE, "its policy keeps no promises"


async def test_who_rings_back_is_not_counted_as_rung_and_takes_no_line(rig: Rig) -> None:
    caps = Caps(per_day=2, per_week=3, least_gap=timedelta(minutes=30))
    await rig.campaign("k", 1, 2, caps=caps, max_lines=1, calls_per_s=0.01)
    await rig.ring(R.NO_ANSWER)
    rig.now += timedelta(minutes=5)
    taken = await take_up(rig)
    assert taken is not None
    (other,) = await rig.claim()
    assert other.contact.phone == phone(2), "the line is free"
    await rig.store.dialling(other.attempt.attempt_id, rig.now)
    await rig.finish(other, R.COMPLETED)
    await rig.finish(taken, R.PARTIAL)
    rig.now += timedelta(hours=2)
    (claimed,) = await rig.claim()
    rules = {reason.rule: reason for reason in claimed.attempt.decision.reasons}
    assert rules[Rule.DAY_CAP].value == 1
    assert rules[Rule.GAP].value == NOON + timedelta(minutes=5), "but they have spoken with us"
