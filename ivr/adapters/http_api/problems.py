"""What went wrong, as RFC 9457 tells it, each with its mend."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.responses import JSONResponse


class Kind(NamedTuple):
    """One kind of problem. The mend may have `{document}` and `{again}` in it, which the gate knows."""

    name: str
    status: int
    title: str
    mend: str


BAD_REQUEST = Kind("bad-request", 400, "The request cannot be read", "send a JSON object in UTF-8")
UNAUTHORISED = Kind(
    "unauthorised", 401, "The token is missing or wrong", "send `Authorization: Bearer <token>`"
)
UNKNOWN_PLACE = Kind("unknown-place", 404, "There is nothing here", "see {document}")
WRONG_METHOD = Kind("wrong-method", 405, "This cannot be done here", "see {document}")
TOO_LARGE = Kind("too-large", 413, "The request is too large", "send at most {most}")
WRONG_TYPE = Kind(
    "wrong-type", 415, "The request is not JSON", "send it with `Content-Type: application/json`"
)
BAD_VALUE = Kind("bad-value", 422, "A value is not as it should be", "see `errors`, and {document}")
TOO_MANY_REQUESTS = Kind("too-many-requests", 429, "Too many requests", "wait for the seconds in Retry-After")
FAILED = Kind("failed", 500, "We failed", "send it again {again}")
STOPPING = Kind("stopping", 503, "The server is being stopped", "send it again in a few seconds, {again}")
STORE_AWAY = Kind("store-away", 503, "The store does not answer", "send it again in a few seconds, {again}")


class Problem(Exception):
    """Ends the handling of a request.

    `detail` tells of this very case, `mend` goes before the kind's, `words` fill the kind's mend, and
    `more` are further members of the answer.
    """

    def __init__(
        self,
        kind: Kind,
        *,
        detail: str = "",
        mend: str = "",
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        words: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(kind.name)
        self.kind = kind
        self._detail = detail
        self._mend = mend
        self._headers = headers
        self._errors = list(errors)
        self._words = words or {}
        self._more = more or {}

    def response(self, **words: str) -> JSONResponse:
        """The answer that tells of it; `words` fill the kind's mend as well."""
        body: dict[str, Any] = {
            "type": f"urn:ivr:problem:{self.kind.name}",
            "title": self.kind.title,
            "status": self.kind.status,
            "mend": self._mend or self.kind.mend.format(**words, **self._words),
        }
        if self._detail:
            body["detail"] = self._detail
        if self._errors:
            body["errors"] = self._errors
        return JSONResponse(
            {**body, **self._more}, self.kind.status, self._headers, media_type="application/problem+json"
        )
