"""Asking a SIP server whether it is there (RFC 3261 section 11), without a SIP stack."""

import asyncio
import secrets


class _Asking(asyncio.DatagramProtocol):
    def __init__(self, call_id: str) -> None:
        self._call_id = call_id.encode()
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _address: object) -> None:
        first, _, rest = data.partition(b"\r\n")
        words = first.split()
        ours = self._call_id in rest and len(words) > 1 and words[0] == b"SIP/2.0"
        if ours and words[1].isdigit() and int(words[1]) >= 200 and not self.status.done():
            self.status.set_result(int(words[1]))

    def error_received(self, error: Exception) -> None:
        if not self.status.done():
            self.status.set_exception(error)


async def sip_options(host: str, port: int, *, timeout_s: float = 2.0) -> int:
    """Send OPTIONS over UDP, again after 0.5 s and 1.5 s as T1 doubles, and return the final status code.

    Raises `OSError` when nobody listens there, `TimeoutError` when nobody answers.
    """
    token = secrets.token_hex(8)
    transport, asking = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Asking(token), remote_addr=(host, port)
    )
    try:
        own_host, own_port = transport.get_extra_info("sockname")[:2]
        message = _options(f"{host}:{port}", f"{own_host}:{own_port}", token)
        async with asyncio.timeout(timeout_s):
            for wait_s in (0.5, 1.0, timeout_s):
                transport.sendto(message)
                done, _ = await asyncio.wait({asking.status}, timeout=wait_s)
                if done:
                    break
            return await asking.status
    finally:
        transport.close()


def _options(target: str, own: str, token: str) -> bytes:
    lines = (
        f"OPTIONS sip:{target} SIP/2.0",
        f"Via: SIP/2.0/UDP {own};rport;branch=z9hG4bK{token}",
        "Max-Forwards: 70",
        f"From: <sip:doctor@{own}>;tag={token[:8]}",
        f"To: <sip:{target}>",
        f"Call-ID: {token}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:doctor@{own}>",
        "Accept: application/sdp",
        "Content-Length: 0",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
