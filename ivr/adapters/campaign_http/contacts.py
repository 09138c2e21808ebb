"""Contacts: imported, explained, and what came of them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ivr.adapters.campaign_http.bad_rows import imported
from ivr.adapters.campaign_http.formats import MEDIA_TYPES, wanted_format
from ivr.adapters.campaign_http.office import NO_NUMBER, Answer, Office
from ivr.adapters.campaign_http.problems import REFUSED, UNKNOWN_CONTACT
from ivr.adapters.campaign_http.requests import Explain, ImportQuery, ResultsQuery
from ivr.adapters.campaign_http.uploads import read_aside
from ivr.adapters.contact_files import read_contacts, write_contacts, write_table
from ivr.adapters.http_api import Problem, read_json, read_query
from ivr.adapters.http_api.problems import BAD_VALUE
from ivr.runtime.campaigns.explaining import explain
from ivr.runtime.campaigns.results import Harvest, harvest, tabulate
from ivr.runtime.campaigns.told import explained_told

_PIECE = 1 << 16


class ContactPlaces:
    """The handlers of lists, results and explanations."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def take_in(self, request: Request) -> Response:
        """Add the contacts of a file, all or nothing."""
        office = self._office
        asked = read_query(request, ImportQuery)
        campaign = await office.campaign(request)
        try:
            survey = await asyncio.to_thread(office.survey, campaign.script_id)
        except ValueError as fault:
            raise Problem(REFUSED, detail=str(fault)) from None
        async with office.uploads.taken(request) as file:
            found = await read_aside(
                lambda read: read_contacts(
                    file,
                    campaign,
                    office.clock.now(),
                    default_region=office.settings.region,
                    fact_faults=survey.fact_faults,
                    read=read,
                )
            )
        done = await write_contacts(
            office.desk, campaign.campaign_id, found, dry_run=asked.dry_run, skip_bad=asked.skip_bad
        )
        return imported(done, refused=bool(done.bad_rows) and not (asked.dry_run or asked.skip_bad))

    async def results(self, request: Request) -> Response:
        """A row for each contact, in the format that is asked for."""
        asked = read_query(request, ResultsQuery)
        form = asked.format or wanted_format(request.headers.get("accept", ""))
        campaign = await self._office.campaign(request)
        found = await harvest(self._office.desk, campaign.campaign_id)
        file, size = await asyncio.to_thread(self._write, found, form, facts=asked.facts)
        headers = {
            "Content-Length": str(size),
            "Content-Disposition": f'attachment; filename="results-{campaign.campaign_id}.{form}"',
        }
        return StreamingResponse(_pieces(file), headers=headers, media_type=MEDIA_TYPES[form])

    def _write(self, found: Harvest, form: str, *, facts: bool) -> tuple[BinaryIO, int]:
        """The table as an open file that has no name any more, and its size in bytes."""
        columns, records = tabulate(found, self._office.settings.zone, facts=facts)
        with TemporaryDirectory(prefix="ivr-results-") as directory:
            path = Path(directory) / f"results.{form}"
            write_table(path, columns, records)
            return path.open("rb"), path.stat().st_size

    async def explain(self, request: Request) -> Response:
        """Every rule about one contact or number, and the attempts so far."""
        office = self._office
        asked = await read_json(request, Explain)
        name = asked.contact_id or office.number(asked.phone or "")
        if name is None:
            raise Problem(BAD_VALUE, errors=[NO_NUMBER])
        found = await explain(office.desk, [name], office.holidays, office.clock.now())
        if not found:
            raise Problem(UNKNOWN_CONTACT)
        return Answer({"contacts": [explained_told(each) for each in found]})


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
