"""OPTIONS over UDP: the status is told, loss is survived, silence and absence are told apart."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from ivr.adapters.sip_options import sip_options


class SipServer(asyncio.DatagramProtocol):
    """Answers from the second request on, as if the first were lost; quotes the Call-ID as a server must."""

    def __init__(self, statuses: list[str], deaf_to: int) -> None:
        self._statuses = statuses
        self._deaf_to = deaf_to
        self.requests: list[str] = []

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.requests.append(data.decode())
        if len(self.requests) <= self._deaf_to:
            return
        call_id = next(line for line in data.split(b"\r\n") if line.startswith(b"Call-ID:"))
        for status in self._statuses:
            self._transport.sendto(f"SIP/2.0 {status}\r\n".encode() + call_id + b"\r\n\r\n", address)


@asynccontextmanager
async def serving(port: int, *statuses: str, deaf_to: int = 0) -> AsyncIterator[SipServer]:
    server = SipServer(list(statuses), deaf_to)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: server, local_addr=("127.0.0.1", port)
    )
    try:
        yield server
    finally:
        transport.close()


@pytest.mark.parametrize(("statuses", "code"), [(["200 OK"], 200), (["100 Trying", "403 Forbidden"], 403)])
async def test_the_final_status_is_told(free_port: Callable[[], int], statuses: list[str], code: int) -> None:
    port = free_port()
    async with serving(port, *statuses) as server:
        assert await sip_options("127.0.0.1", port) == code
    assert server.requests[0].startswith(f"OPTIONS sip:127.0.0.1:{port} SIP/2.0\r\n")


async def test_a_lost_request_is_sent_again(free_port: Callable[[], int]) -> None:
    port = free_port()
    async with serving(port, "200 OK", deaf_to=1) as server:
        assert await sip_options("127.0.0.1", port) == 200
    assert len(server.requests) == 2


async def test_silence_is_a_timeout(free_port: Callable[[], int]) -> None:
    port = free_port()
    async with serving(port, deaf_to=100):
        with pytest.raises(TimeoutError):
            await sip_options("127.0.0.1", port, timeout_s=0.3)


async def test_nobody_there_is_an_error_at_once(free_port: Callable[[], int]) -> None:
    with pytest.raises(ConnectionRefusedError):
        await sip_options("127.0.0.1", free_port(), timeout_s=2.0)
