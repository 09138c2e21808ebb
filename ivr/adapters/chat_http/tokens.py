"""Tokens by which a customer's next chat knows what was proved in the last one; nobody else can make one."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any


class ChatTokens:
    """Signs and reads them (HMAC-SHA256). What was proved holds for `lifetime`, and in chats only."""

    def __init__(self, key: bytes, lifetime: timedelta) -> None:
        # Not the key itself: what is signed here must be worth nothing anywhere else.
        self._key = hmac.digest(key, b"ivr chat token v1", hashlib.sha256)
        self._lifetime = lifetime

    def issue(self, proved: Mapping[str, Any], now: datetime) -> str:
        """A token for what was proved, from `now` on; `proved` in the types of JSON."""
        until = int((now + self._lifetime).timestamp())
        body = json.dumps({"until": until, "proved": proved})
        packed = urlsafe_b64encode(body.encode())
        return f"{packed.decode()}.{self._sign(packed)}"

    def read(self, token: str, now: datetime) -> dict[str, Any] | None:
        """What was proved, or None for a token that is forged, broken or too old."""
        packed, _, signature = token.encode("ascii", "replace").partition(b".")
        if not hmac.compare_digest(self._sign(packed).encode(), signature):
            return None
        body = json.loads(urlsafe_b64decode(packed))
        return None if now.timestamp() >= body["until"] else dict(body["proved"])

    def _sign(self, packed: bytes) -> str:
        digest = hmac.digest(self._key, packed, hashlib.sha256)
        return urlsafe_b64encode(digest).decode().rstrip("=")
