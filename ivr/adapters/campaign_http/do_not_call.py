"""The do-not-call list. Numbers come in bodies: addresses end up in logs on the way."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from ivr.adapters.campaign_http.bad_rows import imported
from ivr.adapters.campaign_http.office import NO_NUMBER, Answer, Office
from ivr.adapters.campaign_http.requests import (
    AddNumber,
    FindNumber,
    ListQuery,
    RegisterQuery,
    RemoveNumber,
)
from ivr.adapters.campaign_http.uploads import read_aside
from ivr.adapters.contact_files import read_numbers, write_numbers
from ivr.adapters.http_api import Problem, read_json, read_query
from ivr.adapters.http_api.problems import BAD_VALUE
from ivr.campaign.people import DoNotCallEntry

_SOURCE = "api"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class DoNotCallPlaces:
    """The handlers of `/v1/do-not-call`."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def listed(self, request: Request) -> Response:
        """A page, the newest first."""
        asked = read_query(request, ListQuery)
        until, skip = _place(asked.after)
        found = await self._office.people.listed(asked.limit + 1, until=until, skip=skip)
        page = found[: asked.limit]
        following = _after(page, until, skip) if len(found) > asked.limit else None
        return Answer({"entries": [asdict(entry) for entry in page], "next": following})

    async def find(self, request: Request) -> Response:
        """The entry of a number, or null."""
        phone = self._number((await read_json(request, FindNumber)).phone)
        return Answer({"phone": phone, "entry": _told(await self._office.people.find(phone))})

    async def add(self, request: Request) -> Response:
        """Put a number on the list; one that is on it stays as it is."""
        asked = await read_json(request, AddNumber)
        phone = self._number(asked.phone)
        entry = DoNotCallEntry(phone, asked.reason, _SOURCE, self._office.clock.now())
        new = await self._office.people.add([entry]) == 1
        kept = entry if new else await self._office.people.find(phone)
        return Answer({"phone": phone, "entry": _told(kept), "new": new}, 201 if new else 200)

    async def remove(self, request: Request) -> Response:
        """Take a number off the list; of one that is not on it nothing changes."""
        asked = await read_json(request, RemoveNumber)
        phone, now = self._number(asked.phone), self._office.clock.now()
        gone = await self._office.people.remove(phone, reason=asked.reason, now=now)
        return Answer({"phone": phone, "removed": gone})

    async def take_in(self, request: Request) -> Response:
        """Put all numbers of a file on the list, all or nothing."""
        office = self._office
        asked = read_query(request, RegisterQuery)
        async with office.uploads.taken(request) as file:
            found = await read_aside(lambda read: read_numbers(file, office.settings.region, read=read))
        done = await write_numbers(
            office.people,
            found,
            reason=asked.reason,
            source=_SOURCE,
            now=office.clock.now(),
            skip_bad=asked.skip_bad,
        )
        return imported(done, refused=bool(done.bad_rows) and not asked.skip_bad)

    def _number(self, written: str) -> str:
        phone = self._office.number(written)
        if phone is None:
            raise Problem(BAD_VALUE, errors=[NO_NUMBER])
        return phone


def _told(entry: DoNotCallEntry | None) -> dict[str, object] | None:
    return asdict(entry) if entry is not None else None


def _place(after: str | None) -> tuple[datetime | None, int]:
    """Where a page begins: a moment, and how many of its entries were on earlier pages."""
    if after is None:
        return None, 0
    microseconds, _, skip = after.partition("-")
    return _EPOCH + int(microseconds) * _MICROSECOND, int(skip)


def _after(page: Sequence[DoNotCallEntry], until: datetime | None, skip: int) -> str:
    """The place behind a page. Numbers would be simpler, but have no place in addresses."""
    last_at = page[-1].added_at
    seen = sum(1 for entry in page if entry.added_at == last_at) + (skip if last_at == until else 0)
    return f"{(last_at - _EPOCH) // _MICROSECOND}-{seen}"
