"""What clients may send, checked field by field."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.requests import Request

from ivr.adapters.chat_http.problems import Problem

MOST_BYTES = 16 * 1024
"""Of a request: 2,000 characters in JSON's longest spelling, `\\uXXXX`, with room to spare."""

MessageId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{8,64}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class OpenChat(_Body):
    """A chat to be opened."""

    locale: Annotated[str, Field(pattern=r"^[a-z]{2}-[A-Z]{2}$")]
    phone: Annotated[str, Field(pattern=r"^\+?[0-9 -]{5,20}$")] | None = None
    token: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,19}$")] = "web"
    request_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{16,64}$")] | None = None


class PostMessage(_Body):
    """A message, or a choice."""

    text: str | None = None
    choice: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    message_id: MessageId | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "PostMessage":
        if (self.text is None) == (self.choice is None):
            raise ValueError("give either text or choice")
        return self


B = TypeVar("B", bound=_Body)


async def read_body(request: Request, kind: type[B]) -> B:
    """The request's body. Raises `Problem`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem("wrong-type")
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise Problem("too-large")
    try:
        return kind.model_validate_json(bytes(raw))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        if any(fault["type"] == "json_invalid" for fault in faults):
            raise Problem("bad-request") from None
        raise Problem("bad-value", errors=[_told(dict(fault)) for fault in faults]) from None


def _told(fault: dict[str, Any]) -> dict[str, Any]:
    return {"field": ".".join(str(part) for part in fault["loc"]), "reason": fault["msg"]}
