"""What went wrong, as RFC 9457 tells it, each with its mend."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

_KINDS: dict[str, tuple[int, str, str]] = {
    "bad-request": (400, "The request cannot be read", "send a JSON object in UTF-8"),
    "unauthorised": (401, "The token is missing or wrong", "send `Authorization: Bearer <token>`"),
    "unknown-chat": (404, "There is no such chat", "open one with POST /v1/chats"),
    "unknown-place": (404, "There is nothing here", "see docs/chat.openapi.yaml"),
    "wrong-method": (405, "This cannot be done here", "see docs/chat.openapi.yaml"),
    "chat-ended": (409, "The chat has ended", "open a new one with POST /v1/chats"),
    "chat-moved-on": (409, "The chat has gone on meanwhile", "read it with GET, then send again"),
    "too-large": (413, "The request is too large", "send at most 16 KiB"),
    "wrong-type": (415, "The request is not JSON", "send it with `Content-Type: application/json`"),
    "bad-value": (422, "A value is not as it should be", "see `errors`, and docs/chat.openapi.yaml"),
    "message-too-long": (422, "The message is too long", "send at most 2000 characters"),
    "too-many-requests": (429, "Too many requests", "wait for the seconds in Retry-After"),
    "failed": (500, "We failed", "send it again with the same message_id"),
    "store-away": (503, "The store does not answer", "send it again in a few seconds, same message_id"),
}


class Problem(Exception):
    """Ends the handling of a request. `kind` is a key of the table above."""

    def __init__(
        self,
        kind: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.headers = headers
        self.errors = errors

    def response(self) -> JSONResponse:
        """The answer that tells of it."""
        status, title, mend = _KINDS[self.kind]
        body: dict[str, Any] = {
            "type": f"urn:ivr:problem:{self.kind}",
            "title": title,
            "status": status,
            "mend": mend,
        }
        if self.errors:
            body["errors"] = self.errors
        return JSONResponse(body, status, self.headers, media_type="application/problem+json")
