"""Rows into contacts: every fault with its row, reason and mend; rows of one number merged."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from pathlib import Path
from uuid import uuid4

from ivr.adapters.contact_files.tables import Cell, ContactFileFault, read_table
from ivr.adapters.phone_numbers import known_number
from ivr.calls.ids import ContactId, CustomerId
from ivr.campaign.calendar import zone_named
from ivr.campaign.decision import PEOPLE_ANSWER
from ivr.campaign.people import Contact, Hours, NumberFacts
from ivr.campaign.policy import EARLIEST, LATEST, Campaign

KNOWN_COLUMNS = ("phone", "locale", "customer_id", "consent", "time_zone", "ring_from", "ring_to")

_ALIASES = {
    "手机": "phone", "手机号": "phone", "手机号码": "phone", "电话": "phone", "电话号码": "phone",
    "语言": "locale", "客户号": "customer_id", "客户编号": "customer_id", "同意": "consent",
    "时区": "time_zone", "最早": "ring_from", "最晚": "ring_to", "mobile": "phone", "telephone": "phone",
}  # fmt: skip

_CONSENT = {"": None, "yes": True, "true": True, "1": True, "y": True, "是": True, "同意": True}
_CONSENT |= {"no": False, "false": False, "0": False, "n": False, "否": False, "不同意": False}

_AS_TEXT = "set the column to text in the spreadsheet, so that no digit is rounded away"
_EVERY = 1000


@dataclass(frozen=True, slots=True)
class BadRow:
    """Something wrong in a row, without what it says: that may be a customer's."""

    row: int
    column: str
    reason: str
    mend: str


@dataclass(slots=True)
class ContactFile:
    """What a file came to."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    """By telephone number."""
    bad_rows: list[BadRow] = field(default_factory=list)
    rows: int = 0
    merged: int = 0
    """Rows that told more of a number of an earlier row."""


class _RowFault(ValueError):
    """One cell that will not do."""

    def __init__(self, column: str, reason: str, mend: str) -> None:
        self.column, self.reason, self.mend = column, reason, mend


FactFaults = Callable[[Mapping[str, object]], Sequence[str]]
"""What is wrong with a contact's facts, each as a sentence with its mend."""


def read_contacts(
    path: Path,
    campaign: Campaign,
    now: datetime,
    *,
    default_region: str,
    fact_faults: FactFaults = lambda _: (),
    read: Callable[[int], None] = lambda _: None,
) -> ContactFile:
    """The contacts of a file for a campaign. `read` is told the number of rows from time to time.

    Columns are `KNOWN_COLUMNS` or their Chinese names; any other is a fact that the survey may speak of.
    Raises `ContactFileFault` for a file that cannot be read as a whole.
    """
    found = ContactFile()
    reader = _Reader(campaign, now, default_region, fact_faults)
    rows = read_table(path)
    header = _header(path, rows)
    first_row: dict[str, int] = {}
    for number, cells in rows:
        found.rows += 1
        try:
            contact = reader.contact(_record(header, cells))
            known = found.contacts.get(contact.phone)
            if known is not None:
                contact = _merged(known, contact, first_row[contact.phone])
                found.merged += 1
            else:
                first_row[contact.phone] = number
            found.contacts[contact.phone] = contact
        except _RowFault as fault:
            found.bad_rows.append(BadRow(number, fault.column, fault.reason, fault.mend))
        if found.rows % _EVERY == 0:
            read(found.rows)
    read(found.rows)
    return found


def _header(path: Path, rows: Iterator[tuple[int, list[Cell]]]) -> list[str]:
    _, cells = next(rows, (0, []))
    if not cells:
        raise ContactFileFault(path, 1, "is empty", "give it a header with a column phone")
    header = [_ALIASES.get(name, name) for name in (str(cell).strip() for cell in cells)]
    lowered = [name.lower() if name.lower() in KNOWN_COLUMNS else name for name in header]
    if "phone" not in lowered:
        raise ContactFileFault(
            path, 1, "has no column phone", "name the column of the numbers `phone` or 手机号"
        )
    twice = next((name for name in lowered if name and lowered.count(name) > 1), None)
    if twice is not None:
        raise ContactFileFault(path, 1, f"has two columns {twice}", "take one out")
    return lowered


def _record(header: Sequence[str], cells: Sequence[Cell]) -> dict[str, Cell]:
    if len(cells) > len(header) and any(cell != "" for cell in cells[len(header) :]):
        mend = "quote cells that have commas in them"
        raise _RowFault("", f"has {len(cells)} cells under {len(header)} columns", mend)
    return {name: cell for name, cell in zip(header, cells, strict=False) if name}


def _merged(first: Contact, second: Contact, row: int) -> Contact:
    """One contact of two rows: what the second tells replaces the first, but no consent that was refused."""
    if None not in {first.customer_id, second.customer_id} and first.customer_id != second.customer_id:
        raise _RowFault("phone", f"is another customer's in row {row}", "find out whose number it is")
    facts = {name: value for name, value in second.facts.items() if value != ""}
    refused = False in {first.consent, second.consent}
    return replace(
        second,
        contact_id=first.contact_id,
        facts={**first.facts, **facts},
        customer_id=second.customer_id or first.customer_id,
        consent=False if refused else (second.consent or first.consent),
        wish=second.wish or first.wish,
    )


class _Reader:
    """Makes contacts of one campaign."""

    def __init__(self, campaign: Campaign, now: datetime, region: str, fact_faults: FactFaults) -> None:
        self._campaign = campaign
        self._now = now
        self._region = region
        self._fact_faults = fact_faults

    def contact(self, record: Mapping[str, Cell]) -> Contact:
        """Raises `_RowFault`."""
        phone, number = self._number(record)
        facts = {name: cell for name, cell in record.items() if name not in KNOWN_COLUMNS}
        if faults := self._fact_faults(facts):
            name, _, reason = faults[0].partition(" ")
            raise _RowFault(name, *_split(reason or faults[0]))
        customer_id = str(record.get("customer_id", ""))
        return Contact(
            contact_id=ContactId(uuid4().hex),
            campaign_id=self._campaign.campaign_id,
            phone=phone,
            number=number,
            locale=self._locale(record),
            due_at=self._now,
            customer_id=CustomerId(customer_id) if customer_id else None,
            facts=facts,
            consent=_consent(record),
            wish=self._wish(record),
        )

    def _number(self, record: Mapping[str, Cell]) -> tuple[str, NumberFacts]:
        written = str(record.get("phone", ""))
        if not written:
            raise _RowFault("phone", "is empty", "fill it in, or take the row out")
        known = known_number(written, self._region)
        if known is None or not known.facts.valid:
            raise _RowFault(
                "phone", "is no telephone number", f"write 13800000001 or +8613800000001; {_AS_TEXT}"
            )
        facts = known.facts
        if facts.kind not in PEOPLE_ANSWER:
            raise _RowFault("phone", f"is a {facts.kind} number", "write the number of a person")
        if facts.region not in self._campaign.regions:
            regions = " ".join(sorted(self._campaign.regions))
            mend = f"take it out, or create a campaign whose regions have it; this one has {regions}"
            raise _RowFault("phone", f"is of region {facts.region or 'unknown'}", mend)
        return known.phone, self._in_zone(facts, str(record.get("time_zone", "")))

    def _in_zone(self, facts: NumberFacts, named: str) -> NumberFacts:
        if not named:
            if not facts.zones:
                raise _RowFault(
                    "phone", "may be in any time zone", "add a column time_zone, such as Asia/Shanghai"
                )
            return facts
        if zone_named(named) is None:
            raise _RowFault("time_zone", "is no time zone", "write an IANA zone, such as Asia/Shanghai")
        return replace(facts, zones=(named,))

    def _locale(self, record: Mapping[str, Cell]) -> str:
        locale = str(record.get("locale", "")) or self._campaign.locale
        if locale not in {"zh-CN", "en-US"}:
            raise _RowFault("locale", "is no locale that we speak", "write zh-CN or en-US, or leave it empty")
        return locale

    def _wish(self, record: Mapping[str, Cell]) -> Hours | None:
        opens, closes = _clock(record, "ring_from"), _clock(record, "ring_to")
        if opens is None and closes is None:
            return None
        window = self._campaign.window
        try:
            wish = Hours(opens or EARLIEST, closes or LATEST)
        except ValueError:
            raise _RowFault(
                "ring_to", "is not after ring_from", "write hours of one day, such as 14:00"
            ) from None
        if max(wish.opens, window.opens) >= min(wish.closes, window.closes):
            mend = f"the campaign rings {window.opens:%H:%M}-{window.closes:%H:%M}: ask for other hours"
            raise _RowFault("ring_from", "leaves no time to ring", mend)
        return wish


def _consent(record: Mapping[str, Cell]) -> bool | None:
    written = str(record.get("consent", "")).lower()
    if written not in _CONSENT:
        raise _RowFault(
            "consent", "is neither yes nor no", "write yes or no, or leave it empty where it is unknown"
        )
    return _CONSENT[written]


def _clock(record: Mapping[str, Cell], column: str) -> time | None:
    written = str(record.get(column, ""))
    if not written:
        return None
    try:
        return time.fromisoformat(written.rjust(5, "0"))
    except ValueError:
        raise _RowFault(column, "is no time of the day", "write 14:00") from None


def _split(reason: str) -> tuple[str, str]:
    """What is wrong, and the mend behind the semicolon."""
    wrong, _, mend = reason.partition("; ")
    return wrong, mend
