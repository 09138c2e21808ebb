"""The application: addresses, access, limits; what a campaign is, the desk knows."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from ivr.adapters.campaign_http.campaigns import CampaignPlaces
from ivr.adapters.campaign_http.contacts import ContactPlaces
from ivr.adapters.campaign_http.do_not_call import DoNotCallPlaces
from ivr.adapters.campaign_http.office import Office
from ivr.adapters.campaign_http.problems import BAD_FILE, REFUSED, UNKNOWN_CAMPAIGN
from ivr.adapters.contact_files import ContactFileFault
from ivr.adapters.http_api import Gate, Handler, Problem, no_such_place
from ivr.campaign.policy import CampaignState
from ivr.runtime.campaign_ports import CampaignRefused
from ivr.runtime.campaigns.planning import UnknownCampaign

_DOCUMENT = "docs/campaigns.openapi.yaml"
_CHANGES = {
    "start": CampaignState.RUNNING,
    "pause": CampaignState.PAUSED,
    "resume": CampaignState.RUNNING,
    "stop": CampaignState.STOPPED,
}


def campaign_app(office: Office, report: Callable[[str, Exception], None]) -> Starlette:
    """The API on a desk. `report` hears of faults of ours."""
    gate = Gate(
        office.clock,
        report,
        token=office.settings.token,
        requests_per_minute=office.settings.requests_per_minute,
        what="campaign",
        document=_DOCUMENT,
        again="as it was: nothing is done twice",
        tell=_tell,
    )
    campaigns, contacts, people = CampaignPlaces(office), ContactPlaces(office), DoNotCallPlaces(office)
    one = "/v1/campaigns/{campaign}"
    places: list[tuple[str, str, Handler]] = [
        ("GET", "/v1/campaigns", campaigns.listed),
        ("POST", "/v1/campaigns", campaigns.create),
        ("GET", one, campaigns.view),
        ("GET", f"{one}/status", campaigns.status),
        ("GET", f"{one}/preview", campaigns.preview),
        ("GET", f"{one}/results", contacts.results),
        ("POST", f"{one}/contacts", contacts.take_in),
        ("POST", f"{one}/clone", campaigns.clone),
        *(("POST", f"{one}/{word}", campaigns.change(state)) for word, state in _CHANGES.items()),
        ("POST", "/v1/explain", contacts.explain),
        ("GET", "/v1/do-not-call", people.listed),
        ("POST", "/v1/do-not-call", people.add),
        ("POST", "/v1/do-not-call/find", people.find),
        ("POST", "/v1/do-not-call/remove", people.remove),
        ("POST", "/v1/do-not-call/import", people.take_in),
    ]
    return Starlette(
        routes=[Route(path, gate.guarded(handle), methods=[method]) for method, path, handle in places],
        exception_handlers={HTTPException: no_such_place(_DOCUMENT)},
    )


def _tell(error: Exception) -> Problem | None:
    match error:
        case UnknownCampaign():
            mend = f"did you mean {error.near!r}?" if error.near else ""
            return Problem(UNKNOWN_CAMPAIGN, mend=mend)
        case CampaignRefused():
            return Problem(REFUSED, detail=str(error))
        case ContactFileFault():
            row = f"row {error.row}: " if error.row else ""
            return Problem(BAD_FILE, detail=f"{row}{error.reason}", mend=error.mend)
    return None
