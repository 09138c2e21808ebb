"""The few things read from raw SIP messages because the library does not hand them over."""

import re
from urllib.parse import unquote

from ivr.calls.sip import Invite

_COMPACT = {"from": "f", "to": "t", "call-id": "i", "content-type": "c"}
_URI = re.compile(r"(?:sips?|tel):[^>\s]*", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
_SURROGATES = re.compile("[\ud800-\udfff]")
_SIGNAL = re.compile(r"^\s*(?:Signal\s*=\s*)?([0-9A-Da-d*#])\s*$", re.IGNORECASE | re.MULTILINE)


def header(message: str, name: str) -> str:
    """The first value of a header by its long name, unfolded and stripped; empty when absent."""
    names = {name.lower(), _COMPACT.get(name.lower(), name.lower())}
    head = re.sub(r"\r?\n[ \t]+", " ", message.replace("\r\n", "\n").partition("\n\n")[0])
    for line in head.split("\n")[1:]:
        key, colon, value = line.partition(":")
        if colon and key.strip().lower() in names:
            return _clean(value.strip())
    return ""


def body(message: str) -> str:
    """What follows the headers."""
    return message.replace("\r\n", "\n").partition("\n\n")[2]


def uri_of(value: str) -> str:
    """The URI inside a From, To or similar value; empty when there is none."""
    value = _QUOTED.sub("", value)
    bracketed = re.search(r"<([^>]*)>", value)
    found = _URI.search(bracketed.group(1) if bracketed else value)
    if not found:
        return ""
    # Outside angle brackets a semicolon starts a header parameter (RFC 3261 section 20.10).
    return found.group(0) if bracketed else found.group(0).partition(";")[0]


def user_of(uri: str) -> str:
    """The user part of a SIP URI, or the number of a tel URI, unescaped and without parameters."""
    scheme, _, rest = uri.partition(":")
    if scheme.lower() == "tel":
        user = rest
    else:
        user, at, _ = rest.rpartition("@")
        if not at:
            return ""
    user = user.partition(";")[0].partition(":")[0]
    return _clean(unquote(user, errors="replace"))


def invite_of(message: str, source_address: str) -> Invite:
    """Read an incoming INVITE as the library received it. Never raises: what is missing stays empty."""
    request_uri = [*message.split(None, 2), "", ""][1]
    remote_uri = uri_of(header(message, "From"))
    return Invite(
        sip_call_id=header(message, "Call-ID"),
        remote_uri=remote_uri,
        remote_user=user_of(remote_uri),
        dialled_user=user_of(_clean(request_uri)),
        source_address=source_address,
        accept_language=header(message, "Accept-Language"),
    )


def info_key(message: str) -> str:
    """The key of an INFO request with an `application/dtmf` body, empty when it is anything else.

    Such bodies hold the bare key, or a `Signal=` line as in `application/dtmf-relay`.
    """
    if not message.startswith("INFO "):
        return ""
    media_type = header(message, "Content-Type").partition(";")[0].strip().lower()
    if media_type != "application/dtmf":
        return ""
    found = _SIGNAL.search(body(message))
    return found.group(1).upper() if found else ""


def _clean(text: str) -> str:
    """Bytes that are no UTF-8 arrive as lone surrogates, which no store or JSON writer takes."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
