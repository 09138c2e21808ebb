"""The library's one thread: it polls for events, runs commands from asyncio, and keeps timers."""

import asyncio
import heapq
import itertools
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import pjsua2 as pj
import structlog

from ivr.adapters.sip_pjsua2 import library, metrics
from ivr.adapters.sip_pjsua2.log import LogWriter, guarded, log_failure
from ivr.adapters.sip_pjsua2.settings import SipSettings, Transport

_log = structlog.get_logger(__name__)

T = TypeVar("T")
_POLL_MS = 10
_SWITCH_INTERVAL_S = 0.0005
_KEEP_ALIVE = b"\r\n\r\n"
"""RFC 5626 section 3.5.1: the stack reads it and says nothing, which is all a wake-up needs."""


class SipStartError(Exception):
    """The SIP stack could not start; the message says what to change."""


class _Library(pj.Endpoint):  # type: ignore[misc]  # the library ships no types
    """Counts the calls that the library refuses by itself, which no account ever sees."""

    @guarded
    def onRejectedIncomingCall(self, prm: Any) -> None:
        """All slots were taken, or the INVITE was broken."""
        metrics.INVITES.labels("library").inc()
        _log.warning("call_refused", reason="library", sip_code=int(prm.statusCode))


class Stack:
    """Owns the library from start to end. All of pjsua2 happens on its thread, save audio callbacks."""

    def __init__(self, settings: SipSettings) -> None:
        self.settings = settings
        self.call_limit = 0
        """Calls that the installed library takes, known after `start`."""
        self.port = 0
        """UDP and TCP port, known after `start`."""
        self.local_host = ""
        self._loop = asyncio.get_running_loop()
        self._commands: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._timer_numbers = itertools.count()
        self._running = True
        self._endpoint: Any = None
        self._wake_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._wake_socket.setblocking(False)
        self._wake_address: tuple[str, int] | None = None
        self._thread = threading.Thread(target=self._run, name="pjsua2", daemon=True)
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()

    async def start(self) -> None:
        """Start the thread and the library. Raises `SipStartError`."""
        # A busy thread of Python would otherwise hold back the audio callbacks by tens of milliseconds.
        sys.setswitchinterval(_SWITCH_INTERVAL_S)
        self._thread.start()
        await self._started

    async def stop(self) -> None:
        """Destroy the library and end the thread. Calls, accounts and ports must be gone by now."""
        await self.run(self._leave_loop)
        await self._ended
        self._wake_socket.close()

    async def run(self, command: Callable[[], T]) -> T:
        """Run a command on the library's thread and wait for what it returns or raises."""
        done: asyncio.Future[T] = self._loop.create_future()

        def carry_out() -> None:
            try:
                result = command()
            except Exception as error:
                self.tell(_fail, done, _without_frames(error))
            else:
                self.tell(_succeed, done, result)

        self.post(carry_out)
        return await done

    def post(self, command: Callable[[], None]) -> None:
        """Run a command on the library's thread, soon. From any thread and any callback."""
        self._commands.append(command)
        if self._wake_address is not None and threading.get_ident() != self._thread.ident:
            with suppress(OSError):  # the poll comes round within 10 ms all the same
                self._wake_socket.sendto(_KEEP_ALIVE, self._wake_address)

    def later(self, delay_s: float, action: Callable[[], None]) -> None:
        """Run an action after a delay. Library thread only."""
        heapq.heappush(self._timers, (time.monotonic() + delay_s, next(self._timer_numbers), action))

    def tell(self, callback: Callable[..., None], *args: object) -> None:
        """Call back on the event loop. From any thread; nothing happens when the loop is closed."""
        try:
            self._loop.call_soon_threadsafe(callback, *args)
        except RuntimeError:
            self._running = False

    def check_uri(self, target_uri: str) -> None:
        """Raise `ValueError` when it is no SIP URI. Library thread only."""
        if self._endpoint.utilVerifySipUri(target_uri) != pj.PJ_SUCCESS:
            raise ValueError("the target is no SIP URI such as sip:hotline@127.0.0.1:5060")

    @property
    def endpoint(self) -> Any:
        """The `pj.Endpoint`. Library thread only."""
        return self._endpoint

    def _run(self) -> None:
        try:
            self._open()
        except pj.Error as error:
            self.tell(_fail, self._started, SipStartError(f"the SIP stack did not start: {error.reason}"))
            return
        except SipStartError as error:
            self.tell(_fail, self._started, error)
            return
        self.tell(_succeed, self._started, None)
        while self._running:
            self._endpoint.libHandleEvents(_POLL_MS)
            self._run_commands()
            self._run_timers()
        self._close()
        self.tell(_succeed, self._ended, None)

    def _open(self) -> None:
        self._endpoint = _Library()
        library.keep_quiet()
        self._endpoint.libCreate()
        try:
            writer = LogWriter()
            writer.__disown__()  # the library deletes it
            self._endpoint.libInit(library.endpoint_config(self.settings, writer))
            self.call_limit = library.compiled_call_limit()
            library.set_transaction_timeout(self.settings.transaction_timeout_s)
            self.port = self.settings.port or _free_port(self.settings.bind_host)
            for transport in sorted(self.settings.transports, key=lambda t: t is not Transport.UDP):
                self._listen(transport)
            self._endpoint.libStart()
            self._endpoint.audDevManager().setNullDev()
            library.choose_codecs(self._endpoint, self.settings.codecs)
        except (pj.Error, SipStartError):
            self._close()
            raise

    def _listen(self, transport: Transport) -> None:
        kind, config = library.transport_config(self.settings, transport, self.port)
        try:
            number = self._endpoint.transportCreate(kind, config)
        except pj.Error as error:
            where = f"{transport.value} {self.settings.bind_host}:{config.port}"
            raise SipStartError(
                f"cannot listen on {where}: {error.reason}. "
                "Choose another port or address, or stop the program that holds it."
            ) from None
        host, _, port = str(self._endpoint.transportGetInfo(number).localName).rpartition(":")
        if transport is Transport.TLS:
            return
        self.local_host, self.port = host, int(port)
        if transport is Transport.UDP:
            self._wake_address = (host, int(port))

    def _close(self) -> None:
        try:
            self._endpoint.libDestroy()
        except pj.Error as error:
            log_failure("libDestroy", error)
        self._endpoint = None

    def _leave_loop(self) -> None:
        self._running = False

    def _run_commands(self) -> None:
        for _ in range(len(self._commands)):
            _attempt(self._commands.popleft())

    def _run_timers(self) -> None:
        now_s = time.monotonic()
        while self._timers and self._timers[0][0] <= now_s:
            _attempt(heapq.heappop(self._timers)[2])


def _free_port(host: str) -> int:
    """A port that is free for UDP and TCP alike. Raises `SipStartError`.

    One that is free for UDP may be our own end of somebody's TCP connection.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family, socket.SOCK_DGRAM) as udp, socket.socket(family) as tcp:
            try:
                udp.bind((host, 0))
            except OSError as error:
                raise SipStartError(
                    f"cannot listen on {host}: {error.strerror}. Choose another address."
                ) from None
            port = int(udp.getsockname()[1])
            with suppress(OSError):
                tcp.bind((host, port))
                return port


def _without_frames(error: Exception) -> Exception:
    """A traceback keeps alive every call object in its frames, and those must die on time."""
    error.__traceback__ = error.__cause__ = error.__context__ = None
    return error


def _attempt(action: Callable[[], None]) -> None:
    try:
        action()
    except Exception as error:
        log_failure("library_thread", error)


def _succeed(future: "asyncio.Future[Any]", result: object) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[Any]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
