"""What the SIP endpoint of one process is to be: addresses, codecs, accounts and who may call in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

MAX_ACCOUNTS = 7
"""The library aborts the process at the ninth account; one of its eight is the endpoint's own."""

KNOWN_CODECS = ("PCMA", "PCMU", "G722")

Network = IPv4Network | IPv6Network


class Transport(StrEnum):
    """How SIP messages travel."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class SrtpMode(StrEnum):
    """Whether media is encrypted with keys exchanged in SDP (RFC 4568)."""

    OFF = "off"
    OPTIONAL = "optional"
    MANDATORY = "mandatory"


@dataclass(frozen=True, slots=True)
class SipAccount:
    """A registration at a trunk or PBX. Calls from where its registrar answers are admitted."""

    registrar: str
    """Host or `host:port`."""
    user: str
    password: str = field(repr=False)
    realm: str = "*"
    proxy: str = ""
    """Outbound proxy as a SIP URI, such as `sip:proxy.example.net;lr`; empty for none."""
    registration_interval_s: int = 300


@dataclass(frozen=True, slots=True)
class SipSettings:
    """Everything the endpoint needs at start. Raises `ValueError` with the mend when values cannot work."""

    bind_host: str = "0.0.0.0"
    """An IPv4 address of this machine."""
    port: int = 5060
    """UDP and TCP port, 0 for any free one. TLS listens on `tls_port`."""
    transports: frozenset[Transport] = frozenset({Transport.UDP, Transport.TCP})
    tls_port: int = 5061
    tls_certificate_path: str = ""
    tls_private_key_path: str = ""
    srtp: SrtpMode = SrtpMode.OFF
    codecs: tuple[str, ...] = KNOWN_CODECS
    """In order of preference; codecs left out are refused."""
    clock_rate_hz: int = 8000
    """Sample rate of the bridge, of clips and of received audio: 8000, or 16000 for G.722's whole band."""
    public_address: str = ""
    """Address written into SIP and SDP when the machine is behind NAT."""
    rtp_port_first: int = 10000
    rtp_port_last: int = 10199
    user: str = "ivr"
    """User part of From on calls that this endpoint places."""
    display_name: str = ""
    allowed_peers: tuple[Network, ...] = (ip_network("127.0.0.0/8"),)
    """Source networks whose calls are taken; others get 403."""
    accounts: tuple[SipAccount, ...] = ()
    max_lines: int | None = None
    """Upper bound on lines; None takes what the library allows."""
    refusal_slots: int = 1
    """Call slots of the library that carry no line but answer surplus calls with 503 and Retry-After."""
    retry_after_s: int = 5
    ack_timeout_s: int = 8
    """When a call is given up whose caller has not acknowledged our answer."""
    transaction_timeout_s: int = 12
    """When any other unanswered message is given up, such as an INVITE into a black hole (timer B)."""

    def __post_init__(self) -> None:
        """Check what the library would answer with an abort or a bare number."""
        for rule, mend in self._rules():
            if not rule:
                raise ValueError(mend)

    def _rules(self) -> Sequence[tuple[bool, str]]:
        tls = Transport.TLS in self.transports
        unknown = [codec for codec in self.codecs if codec not in KNOWN_CODECS]
        ports = self.rtp_port_last - self.rtp_port_first
        return (
            (bool(self.transports), "name at least one SIP transport: udp, tcp or tls"),
            (bool(self.codecs) and not unknown, f"choose codecs out of {', '.join(KNOWN_CODECS)}"),
            (self.clock_rate_hz in {8000, 16000}, "the clock rate is 8000 or 16000 Hz"),
            (0 <= self.port <= 65535 and 0 <= self.tls_port <= 65535, "a port is a number from 0 to 65535"),
            (
                self.rtp_port_first >= 1024 and self.rtp_port_last <= 65535 and ports >= 16,
                "give RTP at least 16 ports between 1024 and 65535 (two for each call, some in reserve)",
            ),
            (
                not tls or bool(self.tls_certificate_path and self.tls_private_key_path),
                "TLS needs a certificate and a private key file",
            ),
            (len(self.accounts) <= MAX_ACCOUNTS, f"the SIP library takes {MAX_ACCOUNTS} accounts at most"),
            (self.max_lines is None or self.max_lines >= 1, "max_lines must be 1 or more"),
            (self.refusal_slots >= 0, "refusal_slots must be 0 or more"),
            (
                1 <= self.ack_timeout_s < self.transaction_timeout_s <= 32,
                "ack_timeout_s must be 1 or more, and transaction_timeout_s above it but not above 32",
            ),
        )
