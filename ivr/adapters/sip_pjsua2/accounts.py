"""Accounts of the endpoint: where calls come in, and registrations at trunks and PBXs."""

from collections.abc import Callable
from typing import Any

import pjsua2 as pj
import structlog

from ivr.adapters.sip_pjsua2.log import guarded

_log = structlog.get_logger(__name__)

IncomingCall = Callable[[Any, int, str, str], None]
"""Takes the account, the library's call id, the raw INVITE and its source as `host:port`."""
Registered = Callable[[str, bool, str], None]
"""Takes the account's label, whether it is registered, and the registrar's `host:port`."""


class SipAccountPort(pj.Account):  # type: ignore[misc]  # the library ships no types
    """One account as the library knows it. Lives on the library's thread."""

    def __init__(self, label: str, on_call: IncomingCall, on_registration: Registered) -> None:
        super().__init__()
        self.label = label
        self._on_call = on_call
        self._on_registration = on_registration

    @guarded
    def onIncomingCall(self, prm: Any) -> None:
        """An INVITE; whatever is decided about it happens after this has returned."""
        self._on_call(self, int(prm.callId), str(prm.rdata.wholeMsg), str(prm.rdata.srcAddress))

    @guarded
    def onRegState(self, prm: Any) -> None:
        """A registration succeeded, failed or ended."""
        registered = prm.code // 100 == 2 and prm.expiration > 0
        source = str(prm.rdata.srcAddress) if registered else ""
        _log.info(
            "sip_registration",
            registrar=self.label.rpartition("@")[2],
            registered=registered,
            sip_code=int(prm.code),
        )
        self._on_registration(self.label, registered, source)

    @guarded
    def onIncomingSubscribe(self, prm: Any) -> None:
        """Nobody watches our presence."""
        prm.code = 489
