"""Who may call in: listed networks, and where our own registrars answer from."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

from ivr.adapters.sip_pjsua2.settings import Network


def host_of(source_address: str) -> IPv4Address | IPv6Address | None:
    """The address in `host:port` or `[host]:port`; None when it is no IP address."""
    host = source_address.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host)
    except ValueError:
        return None


class Admission:
    """Decides by the source address of an INVITE."""

    def __init__(self, allowed_peers: Iterable[Network]) -> None:
        self._allowed = tuple(allowed_peers)
        self._registrars: set[IPv4Address | IPv6Address] = set()

    def add_registrar(self, source_address: str) -> None:
        """Admit calls from the address that accepted one of our registrations."""
        if (host := host_of(source_address)) is not None:
            self._registrars.add(host)

    def admits(self, source_address: str) -> bool:
        """Whether a call from this `host:port` is taken."""
        host = host_of(source_address)
        if host is None:
            return False
        return host in self._registrars or any(host in network for network in self._allowed)
