"""The desk of campaigns and the do-not-call list in memory, for tests."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ivr.calls.ids import AttemptId, CampaignId, ContactId
from ivr.campaign.attempt import Attempt
from ivr.campaign.decision import Decision, Rule
from ivr.campaign.people import Contact, ContactState, DoNotCallEntry
from ivr.campaign.policy import Campaign, CampaignState, check_change
from ivr.campaign.ring_back import decide_ring_back
from ivr.campaign.transitions import REMEMBERED, history
from ivr.runtime.campaign_ports import CampaignRefused, CampaignStatus, Case, Imported, RungLately


class MemoryDoNotCallList:
    """The `DoNotCallList` in memory; it tells `added` of each number."""

    def __init__(self, added: Callable[[str], None]) -> None:
        self.entries: dict[str, DoNotCallEntry] = {}
        self.version = 0
        self._added = added

    async def add(self, entries: Sequence[DoNotCallEntry]) -> int:
        """See `DoNotCallList.add`."""
        new = 0
        for entry in entries:
            if entry.phone not in self.entries:
                self.entries[entry.phone] = entry
                self.version += 1
                new += 1
            self._added(entry.phone)
        return new

    async def remove(self, phone: str, *, reason: str, now: datetime) -> bool:
        """See `DoNotCallList.remove`."""
        known = self.entries.pop(phone, None) is not None
        self.version += known
        return known

    async def listed(
        self, limit: int, *, until: datetime | None = None, skip: int = 0
    ) -> Sequence[DoNotCallEntry]:
        """See `DoNotCallList.listed`."""
        old = (entry for entry in self.entries.values() if until is None or entry.added_at <= until)
        by_phone = sorted(old, key=lambda entry: entry.phone)
        newest = sorted(by_phone, key=lambda entry: entry.added_at, reverse=True)
        return newest[skip : skip + limit]

    async def find(self, phone: str) -> DoNotCallEntry | None:
        """See `DoNotCallList.find`."""
        return self.entries.get(phone)


class MemoryCampaignDesk:
    """The `CampaignDesk` in memory, with the tables that `MemoryCampaignStore` works on."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.campaigns: dict[CampaignId, Campaign] = {}
        self.people: dict[ContactId, Contact] = {}
        self.tries: dict[AttemptId, Attempt] = {}
        self.list = MemoryDoNotCallList(self._opted_out)
        self._now = now
        self._numbers = 0

    def next_number(self) -> int:
        """Counts up."""
        self._numbers += 1
        return self._numbers

    async def create(self, campaign: Campaign, now: datetime) -> None:
        """See `CampaignDesk.create`."""
        names = {known.name for known in self.campaigns.values()}
        if campaign.name in names or campaign.campaign_id in self.campaigns:
            raise CampaignRefused(f"there is a campaign {campaign.name!r} already: choose another name")
        self.campaigns[campaign.campaign_id] = campaign

    async def find(self, name: str) -> Campaign | None:
        """See `CampaignDesk.find`."""
        named = (campaign for campaign in self.campaigns.values() if campaign.name == name)
        return next(named, None) or self.campaigns.get(CampaignId(name))

    async def listed(self) -> Sequence[Campaign]:
        """See `CampaignDesk.listed`."""
        return list(reversed(self.campaigns.values()))

    async def change_state(self, campaign_id: CampaignId, state: CampaignState) -> Campaign:
        """See `CampaignDesk.change_state`."""
        campaign = self.campaigns[campaign_id]
        if campaign.state is state:
            return campaign
        try:
            check_change(campaign, state, somebody=self._somebody(campaign_id))
        except ValueError as error:
            raise CampaignRefused(str(error)) from None
        changed = replace(campaign, state=state, version=campaign.version + 1)
        self.campaigns[campaign_id] = changed
        return changed

    def _somebody(self, campaign_id: CampaignId) -> bool:
        return any(contact.state is not ContactState.DONE for contact in self._of(campaign_id))

    def _of(self, campaign_id: CampaignId) -> list[Contact]:
        return [contact for contact in self.people.values() if contact.campaign_id == campaign_id]

    async def add_contacts(
        self,
        campaign_id: CampaignId,
        contacts: Sequence[Contact],
        wrote: Callable[[int], None] = lambda _: None,
    ) -> Imported:
        """See `CampaignDesk.add_contacts`."""
        known = {contact.phone: contact for contact in self._of(campaign_id)}
        merged = 0
        for done, contact in enumerate(contacts, 1):
            old = known.get(contact.phone)
            merged += old is not None
            kept = contact if old is None else _merged(old, contact)
            known[kept.phone] = self.people[kept.contact_id] = kept
            wrote(done)
        return Imported(len(contacts) - merged, merged)

    async def status(self, campaign_id: CampaignId) -> CampaignStatus:
        """See `CampaignDesk.status`."""
        own = self._of(campaign_id)
        done = (contact for contact in own if contact.state is ContactState.DONE)
        made = (attempt for attempt in self.tries.values() if attempt.campaign_id == campaign_id)
        waiting = (contact.due_at for contact in own if contact.state is ContactState.WAITING)
        return CampaignStatus(
            Counter(contact.state.value for contact in own),
            Counter(contact.final.value if contact.final else "not rung" for contact in done),
            Counter(attempt.result.value if attempt.result else "under way" for attempt in made),
            min(waiting, default=None),
        )

    async def contacts(self, campaign_id: CampaignId) -> AsyncIterator[Contact]:
        """See `CampaignDesk.contacts`."""
        for contact in sorted(self._of(campaign_id), key=lambda contact: contact.phone):
            yield contact

    async def cases(self, who: str) -> Sequence[Case]:
        """See `CampaignDesk.cases`."""
        found = [contact for contact in self.people.values() if who in {contact.phone, contact.contact_id}]
        found.sort(key=lambda contact: contact.campaign_id)
        return [self._case(contact, self.campaigns[contact.campaign_id]) for contact in found]

    async def cases_of(self, contacts: Sequence[Contact], campaign: Campaign) -> Sequence[Case]:
        """See `CampaignDesk.cases_of`."""
        return [self._case(contact, campaign) for contact in contacts]

    def _case(self, contact: Contact, campaign: Campaign) -> Case:
        own = [
            attempt
            for attempt in self.tries.values()
            if attempt.campaign_id == campaign.campaign_id and not attempt.rang_back
        ]
        person = [attempt for attempt in self.tries.values() if attempt.phone == contact.phone]
        return Case(
            contact,
            campaign,
            history(person, self._now() - REMEMBERED),
            self.list.entries.get(contact.phone),
            sum(1 for attempt in own if attempt.under_way),
            tuple(attempt.leased_at for attempt in own),
        )

    async def attempts(
        self, campaign_id: CampaignId, contact_id: ContactId | None = None
    ) -> Sequence[Attempt]:
        """See `CampaignDesk.attempts`."""
        found = (attempt for attempt in self.tries.values() if attempt.campaign_id == campaign_id)
        own = [attempt for attempt in found if contact_id in {None, attempt.contact_id}]
        return sorted(own, key=lambda attempt: (attempt.leased_at, attempt.attempt_id))

    async def answers_of(self, campaign_id: CampaignId) -> Sequence[Mapping[str, Any]]:
        """None: surveys keep their answers in the database."""
        return []

    def close_what_is_over(self, now: datetime) -> None:
        """Contacts that nobody will ring any more are done; campaigns without others are finished."""
        for campaign in list(self.campaigns.values()):
            stopped = campaign.state is CampaignState.STOPPED
            if stopped or (campaign.ends_at is not None and campaign.ends_at <= now):
                why = "campaign stopped" if stopped else "campaign ended"
                self._close(campaign.campaign_id, lambda _: True, why)
            if campaign.state is CampaignState.RUNNING and not self._somebody(campaign.campaign_id):
                self.campaigns[campaign.campaign_id] = replace(
                    campaign, state=CampaignState.FINISHED, version=campaign.version + 1
                )

    def _opted_out(self, phone: str) -> None:
        for campaign_id in self.campaigns:
            self._close(campaign_id, lambda contact: contact.phone == phone, Rule.DO_NOT_CALL.value)

    def _close(self, campaign_id: CampaignId, whom: Callable[[Contact], bool], why: str) -> None:
        for contact in self._of(campaign_id):
            if contact.state is ContactState.WAITING and whom(contact):
                done = replace(contact, state=ContactState.DONE, why=why, promised=False)
                self.people[contact.contact_id] = done


def _merged(old: Contact, new: Contact) -> Contact:
    fresh = replace(
        old,
        number=new.number,
        locale=new.locale,
        customer_id=new.customer_id,
        facts=new.facts,
        consent=new.consent,
        wish=new.wish,
    )
    if old.state is ContactState.DONE and old.final is None:
        return replace(fresh, state=ContactState.WAITING, due_at=new.due_at, why="")
    return fresh


def rung(
    desk: MemoryCampaignDesk, phone: str, now: datetime, within: timedelta
) -> list[tuple[RungLately, Decision]]:
    """Contacts with this number that were rung within the time, the last one first."""
    own = [each for each in desk.tries.values() if each.phone == phone and each.leased_at >= now - within]
    being_rung = any(attempt.under_way and attempt.dialled_at is not None for attempt in own)
    rung_at = {each.contact_id: each.dialled_at for each in own if each.dialled_at is not None}
    found = []
    for contact_id in sorted(rung_at, key=lambda each: rung_at[each], reverse=True):
        contact = desk.people[contact_id]
        campaign = desk.campaigns[contact.campaign_id]
        decision = decide_ring_back(
            contact,
            campaign,
            rung_at=rung_at[contact_id],
            being_rung=being_rung,
            do_not_call=desk.list.entries.get(phone),
            within=within,
            now=now,
        )
        found.append((RungLately(contact, campaign), decision))
    return found
