"""Campaigns in memory: the same promises as on the database, but for surviving the process. For tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ivr.adapters.campaign_desk_memory import MemoryCampaignDesk, rung
from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import AttemptId, CallId, ContactId, WorkerId
from ivr.campaign.attempt import Attempt
from ivr.campaign.calendar import PublicHolidays
from ivr.campaign.decision import Decision, DialRules
from ivr.campaign.pacing import TrunkLimits, lines_free, next_start, starts_free
from ivr.campaign.people import Contact, ContactState, DoNotCallEntry, LinesFree, PersonHistory
from ivr.campaign.policy import Campaign, CampaignState
from ivr.campaign.transitions import REMEMBERED, ended, history, is_news, put_off
from ivr.runtime.campaign_ports import Claimed, RungLately, TooSoon

_Seen = tuple[PersonHistory, DoNotCallEntry | None]


class MemoryCampaignStore:
    """The `CampaignStore` over a desk in memory. Nothing is awaited half way, so every method is one step."""

    def __init__(
        self, desk: MemoryCampaignDesk, holidays: PublicHolidays, *, trunk: TrunkLimits | None = None
    ) -> None:
        self._desk = desk
        self._holidays = holidays
        self._trunk = trunk

    async def claim(
        self, worker_id: WorkerId, *, limit: int, now: datetime, lease: timedelta
    ) -> tuple[Claimed, ...]:
        """See `CampaignStore.claim`."""
        claimed: list[Claimed] = []
        running = sorted(
            (campaign for campaign in self._desk.campaigns.values() if _runs(campaign, now)),
            key=lambda campaign: (-campaign.priority, campaign.campaign_id),
        )
        for promised in (True, False):
            for campaign in running:
                rules = DialRules(campaign, self._holidays, now)
                for contact in self._due(campaign, now, promised=promised):
                    if len(claimed) == limit or self._room(campaign, now) <= 0:
                        break
                    decision = rules.decide(contact, *self._seen(contact, now), LinesFree(1, 1))
                    if decision.dial:
                        leased = self._lease(
                            contact, campaign, decision, worker_id=worker_id, now=now, until=now + lease
                        )
                        claimed.append(leased)
                    else:
                        self._save(put_off(contact, decision, now))
        return tuple(claimed)

    def _due(self, campaign: Campaign, now: datetime, *, promised: bool) -> list[Contact]:
        due = [
            contact
            for contact in self._desk.people.values()
            if contact.campaign_id == campaign.campaign_id
            and contact.state is ContactState.WAITING
            and contact.promised is promised
            and contact.due_at <= now
        ]
        return sorted(due, key=lambda contact: contact.due_at)

    def _room(self, campaign: Campaign, now: datetime) -> int:
        everything = [attempt for attempt in self._desk.tries.values() if not attempt.rang_back]
        own = [attempt for attempt in everything if attempt.campaign_id == campaign.campaign_id]
        room = _room(own, campaign.max_lines, campaign.calls_per_s, now)
        if self._trunk is None:
            return room
        return min(room, _room(everything, self._trunk.lines, self._trunk.calls_per_s, now))

    def _seen(self, contact: Contact, now: datetime, but: AttemptId | None = None) -> _Seen:
        own = [
            attempt
            for attempt in self._desk.tries.values()
            if attempt.phone == contact.phone and attempt.attempt_id != but
        ]
        return history(own, now - REMEMBERED), self._desk.list.entries.get(contact.phone)

    def _lease(
        self,
        contact: Contact,
        campaign: Campaign,
        decision: Decision,
        *,
        worker_id: WorkerId,
        now: datetime,
        until: datetime,
    ) -> Claimed:
        attempt = Attempt(
            attempt_id=AttemptId(f"attempt-{self._desk.next_number()}"),
            contact_id=contact.contact_id,
            campaign_id=campaign.campaign_id,
            phone=contact.phone,
            worker_id=worker_id,
            leased_at=now,
            lease_until=until,
            decision=decision,
            list_version=self._desk.list.version,
        )
        leased = replace(contact, state=ContactState.LEASED, attempt_id=attempt.attempt_id)
        self._desk.tries[attempt.attempt_id] = attempt
        self._save(leased)
        return Claimed(attempt, leased, campaign)

    def _save(self, contact: Contact) -> None:
        self._desk.people[contact.contact_id] = contact

    async def dialling(self, attempt_id: AttemptId, now: datetime) -> bool:
        """See `CampaignStore.dialling`."""
        attempt = self._desk.tries.get(attempt_id)
        if attempt is None or not attempt.under_way or attempt.dialled_at is not None:
            return False
        decision = self._decide_again(attempt, now)
        mine = self._desk.people[attempt.contact_id].attempt_id == attempt_id
        if attempt.expired(now) or not mine or not decision.dial:
            self._withdraw(attempt, now)
            return False
        if (until := self._next_start(attempt, now)) > now:
            raise TooSoon(until)
        self._desk.tries[attempt_id] = replace(
            attempt, dialled_at=now, decision=decision, list_version=self._desk.list.version
        )
        return True

    def _next_start(self, attempt: Attempt, now: datetime) -> datetime:
        dialled = [
            each for each in self._desk.tries.values() if each.dialled_at is not None and not each.rang_back
        ]
        own = [each for each in dialled if each.campaign_id == attempt.campaign_id]
        paces = [(own, self._desk.campaigns[attempt.campaign_id].calls_per_s)]
        if self._trunk is not None:
            paces.append((dialled, self._trunk.calls_per_s))
        return max(
            next_start([each.dialled_at for each in some if each.dialled_at is not None], pace, now)
            for some, pace in paces
        )

    def _decide_again(self, attempt: Attempt, now: datetime) -> Decision:
        contact = replace(self._desk.people[attempt.contact_id], state=ContactState.WAITING)
        rules = DialRules(self._desk.campaigns[attempt.campaign_id], self._holidays, now)
        return rules.decide(contact, *self._seen(contact, now, attempt.attempt_id), LinesFree(1, 1))

    def _withdraw(self, attempt: Attempt, now: datetime) -> None:
        decision = self._decide_again(attempt, now)
        contact = self._desk.people[attempt.contact_id]
        del self._desk.tries[attempt.attempt_id]
        if contact.attempt_id == attempt.attempt_id:
            back = replace(contact, state=ContactState.WAITING, attempt_id=None)
            self._save(back if decision.dial else put_off(contact, decision, now))

    async def answered(self, attempt_id: AttemptId, now: datetime) -> None:
        """See `CampaignStore.answered`."""
        attempt = self._desk.tries.get(attempt_id)
        if attempt is not None and attempt.dialled_at is not None and attempt.answered_at is None:
            self._desk.tries[attempt_id] = replace(attempt, answered_at=now)

    async def renew(self, attempt_id: AttemptId, now: datetime, lease: timedelta) -> bool:
        """See `CampaignStore.renew`."""
        attempt = self._desk.tries.get(attempt_id)
        if attempt is None or not attempt.under_way:
            return False
        self._desk.tries[attempt_id] = replace(attempt, lease_until=now + lease)
        return True

    async def finish(
        self,
        attempt_id: AttemptId,
        result: AttemptResult,
        *,
        sip_code: int | None = None,
        now: datetime,
        callback_at: datetime | None = None,
        call_id: CallId | None = None,
    ) -> None:
        """See `CampaignStore.finish`."""
        attempt = self._desk.tries.get(attempt_id)
        if attempt is None or not is_news(attempt, result):
            return
        if attempt.dialled_at is None:
            self._withdraw(attempt, now)
            return
        if result is AttemptResult.DO_NOT_CALL:
            await self.opt_out(attempt.phone, reason="asked", source="call", now=now)
        self._end(attempt, result, now, callback_at)
        end = attempt.ended_at or now
        self._desk.tries[attempt_id] = replace(
            attempt, result=result, ended_at=end, sip_code=sip_code, call_id=call_id
        )

    def _end(
        self, attempt: Attempt, result: AttemptResult, now: datetime, callback_at: datetime | None
    ) -> None:
        contact = self._desk.people[attempt.contact_id]
        if contact.attempt_id not in {None, attempt.attempt_id}:
            other = self._desk.tries.get(AttemptId(str(contact.attempt_id)))
            if other is not None and other.dialled_at is not None:
                return
            self._desk.tries.pop(AttemptId(str(contact.attempt_id)), None)
        self._save(
            ended(
                contact,
                attempt,
                result,
                self._desk.campaigns[attempt.campaign_id].retry,
                now,
                callback_at=callback_at,
                do_not_call=contact.phone in self._desk.list.entries,
            )
        )

    async def opt_out(self, phone: str, *, reason: str, source: str, now: datetime) -> None:
        """See `CampaignStore.opt_out`."""
        await self._desk.list.add([DoNotCallEntry(phone, reason, source, now)])

    async def rung_lately(self, phone: str, *, now: datetime, within: timedelta) -> RungLately | None:
        """See `CampaignStore.rung_lately`."""
        return next(
            (found for found, decision in rung(self._desk, phone, now, within) if decision.dial), None
        )

    async def take_up(
        self,
        contact_id: ContactId,
        worker_id: WorkerId,
        *,
        now: datetime,
        lease: timedelta,
        within: timedelta,
    ) -> Claimed | None:
        """See `CampaignStore.take_up`."""
        contact = self._desk.people.get(contact_id)
        for found, decision in rung(self._desk, contact.phone, now, within) if contact is not None else ():
            if found.contact.contact_id == contact_id and decision.dial:
                self._take_from_others(found.contact.phone)
                claimed = self._lease(
                    self._desk.people[contact_id],
                    found.campaign,
                    decision,
                    worker_id=worker_id,
                    now=now,
                    until=now + lease,
                )
                attempt = replace(claimed.attempt, dialled_at=now, answered_at=now, rang_back=True)
                self._desk.tries[attempt.attempt_id] = attempt
                return replace(claimed, attempt=attempt)
        return None

    def _take_from_others(self, phone: str) -> None:
        for attempt in list(self._desk.tries.values()):
            if attempt.phone == phone and attempt.under_way and attempt.dialled_at is None:
                contact = self._desk.people[attempt.contact_id]
                self._save(replace(contact, state=ContactState.WAITING, attempt_id=None))
                del self._desk.tries[attempt.attempt_id]

    async def recover(self, now: datetime) -> int:
        """See `CampaignStore.recover`."""
        expired = [attempt for attempt in self._desk.tries.values() if attempt.expired(now)]
        for attempt in expired:
            if attempt.dialled_at is None:
                self._withdraw(attempt, now)
            else:
                self._end(attempt, AttemptResult.LOST, now, None)
                lost = replace(attempt, result=AttemptResult.LOST, ended_at=now)
                self._desk.tries[attempt.attempt_id] = lost
        self._desk.close_what_is_over(now)
        return len(expired)


def _runs(campaign: Campaign, now: datetime) -> bool:
    return (
        campaign.state is CampaignState.RUNNING
        and (campaign.starts_at is None or campaign.starts_at <= now)
        and (campaign.ends_at is None or now < campaign.ends_at)
    )


def _room(attempts: Sequence[Attempt], lines: int, calls_per_s: float, now: datetime) -> int:
    in_use = sum(1 for attempt in attempts if attempt.under_way)
    started = [attempt.leased_at for attempt in attempts]
    return min(lines_free(in_use, lines), starts_free(started, calls_per_s, now))
