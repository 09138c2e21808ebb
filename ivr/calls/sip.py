"""What the session needs to know of an INVITE and of the line it opened; no SIP library in sight."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invite:
    """One incoming or outgoing INVITE, already admitted."""

    sip_call_id: str
    remote_uri: str
    remote_user: str
    """User part of From: usually the caller's number; may be empty or `anonymous`."""
    dialled_user: str
    """User part of the request URI."""
    source_address: str
    """`host:port` the INVITE came from."""
    accept_language: str = ""
    """The Accept-Language header (RFC 3261 section 20.3), empty when absent."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The far end took the call that we dialled (a 2xx); audio flows from here on.

    A line that came from `next_line` has no such event: there `answer()` returns instead.
    """

    codec: str
    """The negotiated codec, such as `PCMA/8000`."""


@dataclass(frozen=True, slots=True)
class AudioReceived:
    """The same stretch of both channels: 16-bit little-endian mono PCM at the line's sample rate."""

    caller: bytes
    bot: bytes


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """One DTMF key: 0-9, *, # or A-D."""

    key: str
    source: str
    """`rfc4733` or `info`."""


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """The remote party put us on hold or took us back."""

    held: bool


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """A NOTIFY about our REFER (RFC 3515): final when `sip_code` is 200 or more."""

    sip_code: int


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The leg is over. The last event of a line."""

    sip_code: int
    reason: str
    by_remote: bool


LineEvent = Answered | AudioReceived | KeyPressed | HoldChanged | TransferProgress | Disconnected
