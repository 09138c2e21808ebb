"""The way in: limits, then access, then the handler; whatever goes wrong is told as a problem."""

import asyncio
import hmac
import math
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ivr.adapters.http_api.limits import RateLimit
from ivr.adapters.http_api.problems import (
    BAD_REQUEST,
    FAILED,
    STOPPING,
    STORE_AWAY,
    TOO_MANY_REQUESTS,
    UNAUTHORISED,
    UNKNOWN_PLACE,
    WRONG_METHOD,
    Problem,
)
from ivr.runtime.ports import Clock

Handler = Callable[[Request], Awaitable[Response]]
Tell = Callable[[Exception], Problem | None]
"""The problem that an error of the API's own matter is; None for a fault of ours."""


class Gate:
    """One API's way in. `report` hears of faults of ours, with `what` in front."""

    def __init__(
        self,
        clock: Clock,
        report: Callable[[str, Exception], None],
        *,
        token: str,
        requests_per_minute: int,
        what: str,
        document: str,
        again: str,
        tell: Tell,
    ) -> None:
        """`token` empty lets everybody in. `again` says how to send a request again, for its mend."""
        self._clock = clock
        self._report = report
        self._token = token
        self._by_address = RateLimit(requests_per_minute)
        self._what = what
        self._words = {"document": document, "again": again}
        self._tell = tell

    def guarded(self, handler: Handler) -> Handler:
        """The handler behind limits and access, its faults told as problems."""

        async def handle(request: Request) -> Response:
            try:
                self.limit(self._by_address, request.client.host if request.client else "")
                self._admit(request)
                return await handler(request)
            except Problem as problem:
                return problem.response(**self._words)
            except asyncio.CancelledError:
                # Only the server's end cancels a request, and its client should hear of that.
                return Problem(STOPPING, headers={"Retry-After": "5"}).response(**self._words)
            except ClientDisconnect:
                return Problem(BAD_REQUEST).response()  # nobody is left to read it
            except Exception as error:
                return self._told(error).response(**self._words)

        return handle

    def limit(self, limit: RateLimit, name: str) -> None:
        """Count a request of this name. Raises `Problem` for one too many."""
        wait_s = limit.wait_s(name, self._clock.now().timestamp())
        if wait_s > 0:
            raise Problem(TOO_MANY_REQUESTS, headers={"Retry-After": str(math.ceil(wait_s))})

    def _admit(self, request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode("utf-8", "replace"), self._token.encode())
        if self._token and not (scheme.lower() == "bearer" and right):
            raise Problem(UNAUTHORISED, headers={"WWW-Authenticate": "Bearer"})

    def _told(self, error: Exception) -> Problem:
        problem = self._tell(error)
        if problem is not None:
            return problem
        if isinstance(error, ConnectionError):
            self._report(f"{self._what} store away", error)
            return Problem(STORE_AWAY, headers={"Retry-After": "5"})
        self._report(f"{self._what} request failed", error)
        return Problem(FAILED)


def no_such_place(document: str) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Tells of addresses and methods that there are not; for Starlette's `exception_handlers`."""

    async def handle(_request: Request, error: Exception) -> Response:
        wrong_method = isinstance(error, HTTPException) and error.status_code == 405
        headers = error.headers if isinstance(error, HTTPException) else None
        kind = WRONG_METHOD if wrong_method else UNKNOWN_PLACE
        return Problem(kind, headers=headers).response(document=document)

    return handle
