"""What clients send, read up to a limit and checked field by field."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json
from starlette.requests import Request

from ivr.adapters.http_api.problems import BAD_REQUEST, BAD_VALUE, TOO_LARGE, WRONG_TYPE, Problem

MOST_KIB = 16
"""Of a request: 2,000 characters in JSON's longest spelling, `\\uXXXX`, with room to spare."""


class Body(BaseModel):
    """A JSON object without other keys than its fields, in the types of JSON."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(BaseModel):
    """What may stand behind the question mark of an address, and nothing else."""

    model_config = ConfigDict(extra="forbid")


B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


async def read_json(request: Request, kind: type[B]) -> B:
    """The request's body. Raises `Problem`."""
    raw = await read_raw(request)
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        if any(fault["type"] == "json_invalid" for fault in error.errors(include_input=False)):
            raise Problem(BAD_REQUEST) from None
        raise Problem(BAD_VALUE, errors=_told(error)) from None


def read_query(request: Request, kind: type[Q]) -> Q:
    """The request's query. Raises `Problem`: a key with a slip of the pen must not be passed over."""
    given = request.query_params.multi_items()
    if twice := {key for key, _ in given if len(request.query_params.getlist(key)) > 1}:
        raise Problem(BAD_VALUE, errors=[{"field": key, "reason": "is given twice"} for key in sorted(twice)])
    try:
        return kind.model_validate(dict(given))
    except ValidationError as error:
        raise Problem(BAD_VALUE, errors=_told(error)) from None


async def read_raw(request: Request) -> bytes:
    """The body of a JSON request as it came. Raises `Problem`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(WRONG_TYPE)
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_KIB * 1024:
            raise Problem(TOO_LARGE, words={"most": f"{MOST_KIB} KiB"})
    return bytes(raw)


def parse_json(raw: bytes) -> dict[str, Any]:
    """The object that the text is. Raises `Problem`."""
    try:
        found = from_json(raw, allow_inf_nan=False)
    except ValueError:
        raise Problem(BAD_REQUEST) from None
    if not isinstance(found, dict):
        raise Problem(BAD_REQUEST)
    return found


def _told(error: ValidationError) -> list[dict[str, str]]:
    return [
        {
            "field": ".".join(str(part) for part in fault["loc"]),
            "reason": fault["msg"].removeprefix("Value error, "),
        }
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
