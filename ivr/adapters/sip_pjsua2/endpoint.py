"""The SIP endpoint of one process: lines in, lines out, accounts, admission and the end."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pjsua2 as pj
import structlog

from ivr.adapters.sip_pjsua2 import library, metrics
from ivr.adapters.sip_pjsua2.accounts import SipAccountPort
from ivr.adapters.sip_pjsua2.admission import Admission
from ivr.adapters.sip_pjsua2.dialog import Dialogs
from ivr.adapters.sip_pjsua2.line import Pjsua2Line
from ivr.adapters.sip_pjsua2.messages import invite_of, user_of
from ivr.adapters.sip_pjsua2.settings import SipSettings
from ivr.adapters.sip_pjsua2.stack import SipStartError, Stack
from ivr.calls.sip import Invite
from ivr.runtime.ports import NoFreeLine

__all__ = ["Pjsua2Endpoint", "SipStartError"]

_log = structlog.get_logger(__name__)
_HANGUP_WAIT_S = 3.0
_DIAL_SPACING_S = 0.05
"""The wheel has 64 media sockets, keeps two a call until 0.5 s after it, and aborts when they run out."""
_PLAYERS_REST_S = 0.3


class Pjsua2Endpoint:
    """See `ivr.runtime.ports.SipEndpoint` for the promises. One in a process, and one in its whole life."""

    def __init__(self, settings: SipSettings) -> None:
        self._settings = settings
        self._stack = Stack(settings)
        self._dialogs = Dialogs(self._stack)
        self._admission = Admission(settings.allowed_peers)
        self._accounts: list[SipAccountPort] = []
        self._lines: asyncio.Queue[Pjsua2Line] = asyncio.Queue()
        self._capacity = 0
        self._draining = False
        self._dialling = asyncio.Lock()
        self._next_dial_s = 0.0
        self._registered: dict[str, bool] = {
            f"{account.user}@{account.registrar}": False for account in settings.accounts
        }

    @classmethod
    async def start(cls, settings: SipSettings) -> "Pjsua2Endpoint":
        """Listen, register, and be ready for calls. Raises `SipStartError` with the mend."""
        endpoint = cls(settings)
        await endpoint._stack.start()
        await endpoint._stack.run(endpoint._open)
        _log.info(
            "sip_ready",
            port=endpoint.port,
            lines=endpoint.capacity,
            library_call_limit=endpoint._stack.call_limit,
        )
        return endpoint

    @property
    def capacity(self) -> int:
        """Lines of this process: the library's call limit less the slots kept for refusing surplus calls."""
        return self._capacity

    @property
    def lines_in_use(self) -> int:
        """Lines that carry a call."""
        return self._dialogs.lines_in_use

    @property
    def port(self) -> int:
        """The UDP and TCP port."""
        return self._stack.port

    @property
    def registrations(self) -> dict[str, bool]:
        """For each account, as `user@registrar`, whether it is registered."""
        return dict(self._registered)

    async def next_line(self) -> Pjsua2Line:
        """Wait for the next admitted incoming INVITE. Its caller may have gone again: then it says so."""
        return await self._lines.get()

    async def dial(
        self, target_uri: str, *, from_user: str = "", headers: Sequence[tuple[str, str]] = ()
    ) -> Pjsua2Line:
        """Send an INVITE, by the first registered account where there is one.

        Raises `NoFreeLine`, `ValueError` when the target is no SIP URI, or `ConnectionError` when no
        transport leads there.
        """
        async with self._dialling:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(self._next_dial_s - loop.time())
            self._next_dial_s = loop.time() + _DIAL_SPACING_S
            return await self._stack.run(lambda: self._dial(target_uri, from_user, tuple(headers)))

    def refuse_new_calls(self) -> None:
        """From now on answer every INVITE with 503 and Retry-After; calls in hand go on."""
        self._draining = True

    async def shutdown(self) -> None:
        """Hang up everything, take leave of the registrars and destroy the library."""
        self.refuse_new_calls()
        await self._stack.run(self._hang_up_all)
        with suppress(TimeoutError):
            async with asyncio.timeout(_HANGUP_WAIT_S):
                await self._dialogs.all_over.wait()
        await asyncio.sleep(_PLAYERS_REST_S)
        await self._stack.run(self._close)
        await self._stack.stop()

    def _open(self) -> None:
        settings = self._settings
        self._capacity = max(1, self._stack.call_limit - settings.refusal_slots)
        if settings.max_lines is not None:
            self._capacity = min(self._capacity, settings.max_lines)
        metrics.LINES_CAPACITY.set(self._capacity)
        own = library.own_account_config(settings, self._stack.local_host)
        self._add_account("own", own, default=True)
        for account in settings.accounts:
            label = f"{account.user}@{account.registrar}"
            self._add_account(label, library.registered_account_config(settings, account), default=False)

    def _add_account(self, label: str, config: Any, *, default: bool) -> None:
        account = SipAccountPort(label, self._on_incoming, self._on_registration)
        account.create(config, default)
        self._accounts.append(account)

    def _on_registration(self, label: str, registered: bool, source_address: str) -> None:
        self._registered[label] = registered
        if registered:
            self._admission.add_registrar(source_address)

    def _on_incoming(self, account: Any, library_call_id: int, message: str, source_address: str) -> None:
        number = self._dialogs.open(account, library_call_id).number
        # Refusing inside the library's callback aborts the process when the INVITE has no SDP.
        self._stack.post(lambda: self._decide(number, message, source_address))

    def _decide(self, number: int, message: str, source_address: str) -> None:
        dialog = self._dialogs.get(number)
        if dialog is None:
            return
        retry_after = (("Retry-After", str(self._settings.retry_after_s)),)
        if not self._admission.admits(source_address):
            self._refuse(number, 403, "foreign_peer")
        elif self._draining:
            self._refuse(number, 503, "draining", retry_after)
        elif self._dialogs.lines_in_use >= self._capacity:
            self._refuse(number, 503, "no_free_line", retry_after)
        else:
            metrics.INVITES.labels("admitted").inc()
            line = Pjsua2Line(self._dialogs, dialog, invite_of(message, source_address), outgoing=False)
            dialog.respond(180)
            self._stack.tell(self._lines.put_nowait, line)

    def _refuse(self, number: int, code: int, result: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        metrics.INVITES.labels(result).inc()
        _log.warning("call_refused", reason=result, sip_code=code)
        if (dialog := self._dialogs.get(number)) is not None:
            dialog.respond(code, headers)

    def _dial(self, target_uri: str, from_user: str, headers: tuple[tuple[str, str], ...]) -> Pjsua2Line:
        if self._draining or self._dialogs.lines_in_use >= self._capacity:
            raise NoFreeLine(f"all {self._capacity} lines of this process are in use")
        self._stack.check_uri(target_uri)
        account = self._accounts[1] if len(self._accounts) > 1 else self._accounts[0]
        dialog = self._dialogs.open(account)
        invite = Invite("", target_uri, user_of(target_uri), user_of(target_uri), "")
        line = Pjsua2Line(self._dialogs, dialog, invite, outgoing=True)
        param = library.op_param(0, headers)
        if from_user:
            param.txOption.localUri = f"<sip:{quote(from_user, safe='+')}@{self._stack.local_host}>"
        try:
            dialog.makeCall(target_uri, param)
            line.name_call(str(dialog.getInfo().callIdString))
        except pj.Error as error:
            dialog.abandon()
            if error.status == library.TOO_MANY:
                raise NoFreeLine("all calls of the SIP library are in use") from None
            raise ConnectionError(f"the SIP library placed no call: {error.reason}") from None
        return line

    def _hang_up_all(self) -> None:
        for number in self._dialogs.numbers:
            if (dialog := self._dialogs.get(number)) is not None:
                try:
                    dialog.end()
                except pj.Error:
                    continue  # it is ending already

    def _close(self) -> None:
        self._stack.endpoint.audDevManager().setNoDev()  # no tick may meet a port that is going away
        self._dialogs.abandon_all()
        self._dialogs.taps.clear()
        for account in self._accounts:
            account.shutdown()
        self._accounts.clear()
