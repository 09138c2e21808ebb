"""What clients may send besides campaigns and files."""

from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from starlette.requests import Request

from ivr.adapters.campaign_files import CampaignName, one_line
from ivr.adapters.http_api import Body, Problem, Query
from ivr.adapters.http_api.problems import BAD_VALUE
from ivr.calls.ids import CampaignId

Phone = Annotated[str, StringConstraints(min_length=3, max_length=40)]
WhyText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(one_line)
]

_OF_KEYS = UUID("7d0f6a52-3f4e-4d1b-9a57-5b1f0f6f8c11")
_KEY_CHARS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-")


class CloneCampaign(Body):
    """A campaign to be made after another."""

    name: CampaignName
    contacts: bool = False


class ImportQuery(Query):
    """How a list of contacts is taken."""

    dry_run: bool = False
    skip_bad: bool = False


class ResultsQuery(Query):
    """How results are written."""

    format: Literal["csv", "xlsx", "json"] | None = None
    facts: bool = False


class Explain(Body):
    """Whose case to look at."""

    contact_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    phone: Phone | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "Explain":
        if (self.contact_id is None) == (self.phone is None):
            raise ValueError("give either contact_id or phone")
        return self


class FindNumber(Body):
    """A number to be looked up."""

    phone: Phone


class AddNumber(Body):
    """A number to be put on the do-not-call list."""

    phone: Phone
    reason: WhyText = "asked"


class RemoveNumber(Body):
    """A number to be taken off it."""

    phone: Phone
    reason: WhyText


class ListQuery(Query):
    """A page of the list."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,16}-[0-9]{1,9}$")] | None = None


class RegisterQuery(Query):
    """How a file of numbers is put on it."""

    reason: WhyText = "imported list"
    skip_bad: bool = False


def id_of_key(request: Request) -> CampaignId | None:
    """The id that a campaign of this Idempotency-Key gets, whoever is asked; None without one."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    bare = key.strip('"')
    if not (8 <= len(bare) <= 64 and _KEY_CHARS.issuperset(bare)):
        reason = "write 8 to 64 letters, digits or _.:- such as a UUID"
        raise Problem(BAD_VALUE, errors=[{"field": "Idempotency-Key", "reason": reason}])
    return CampaignId(uuid5(_OF_KEYS, bare).hex)
