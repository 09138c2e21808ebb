"""Takes incoming calls for as long as the worker lives, and lets them finish when it has to go."""

import asyncio
import contextvars
from collections.abc import Callable
from typing import Protocol

from ivr.calls.ids import CallId
from ivr.calls.sip import Invite
from ivr.runtime.ports import Line, SipEndpoint

_GOODBYE_S = 10.0


class Call(Protocol):
    """One call in hand: a `CallSession`, or what wraps one."""

    @property
    def call_id(self) -> CallId:
        """The call's name everywhere."""
        ...

    def time_is_up(self, reason: str) -> None:
        """End the call politely."""
        ...

    async def run(self) -> None:
        """Hold it to its end. Raises only when cancelled."""
        ...


class Hotline:
    """One session for each incoming line.

    `open_session` builds the session of a line; what it raises refuses that call alone, with 500.
    """

    def __init__(
        self,
        endpoint: SipEndpoint,
        open_session: Callable[[Line], Call],
        *,
        report: Callable[[str, Exception], None],
    ) -> None:
        self._endpoint = endpoint
        self._open_session = open_session
        self._report = report
        self._calls: dict[asyncio.Task[None], Call] = {}
        self._draining = False

    @property
    def calls(self) -> int:
        """Calls in hand."""
        return len(self._calls)

    async def run(self) -> None:
        """Take calls until cancelled; sessions in hand go on."""
        while True:
            line = await self._endpoint.next_line()
            if self._draining:
                await line.reject(503, retry_after_s=5)
                continue
            # What is bound while the session is built, such as the call's id for logs, stays with the call.
            context = contextvars.copy_context()
            try:
                session = context.run(self._open_session, line)
            except Exception as error:
                self._report("call refused", error)
                await line.reject(500)
                continue
            task = asyncio.create_task(session.run(), name=f"call {session.call_id}", context=context)
            self._calls[task] = session
            task.add_done_callback(self._ended)

    async def drain(self, limit_s: float) -> None:
        """Refuse new calls with 503, wait for those in hand; after `limit_s` say goodbye and end them."""
        self._draining = True
        if self._calls:
            await asyncio.wait(self._calls, timeout=limit_s)
        for session in self._calls.values():
            session.time_is_up("draining")
        if self._calls:
            await asyncio.wait(self._calls, timeout=_GOODBYE_S)
        for task in tuple(self._calls):
            task.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._calls[task]
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._report("call ended badly", error)


def locale_of(invite: Invite, by_number: dict[str, str], default: str) -> str:
    """The locale a call begins in.

    The number that was dialled decides; else the caller's Accept-Language (RFC 3261 section 20.3), best
    first; else the default. Only locales that a number or the default uses are offered.
    """
    if invite.dialled_user in by_number:
        dialled = by_number[invite.dialled_user]
        if not invite.accept_language:
            return dialled
        default = dialled
    offered = {default, *by_number.values()}
    for wanted in _by_preference(invite.accept_language):
        for locale in sorted(offered):
            if locale.lower() == wanted or locale.lower().split("-")[0] == wanted.split("-")[0]:
                return locale
    return default


def _by_preference(accept_language: str) -> list[str]:
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate(accept_language.split(",")):
        tag, _, parameter = part.strip().partition(";")
        try:
            quality = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        if tag and quality > 0:
            ranked.append((-quality, position, tag.strip().lower()))
    return [tag for _, _, tag in sorted(ranked)]
