"""Whether a port can be had, and who holds it when it cannot."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class WantedPort:
    """One port that a process is going to listen on."""

    process: str
    host: str
    port: int
    protocol: str
    """`tcp` or `udp`."""
    setting: str
    """The key that moves it, such as `sip.port`."""


@dataclass(frozen=True, slots=True)
class TakenPort:
    """A wanted port that somebody else holds."""

    wanted: WantedPort
    holder: str
    """Such as `asterisk (pid 812)`."""

    def __str__(self) -> str:
        want = self.wanted
        return (
            f"port {want.port}/{want.protocol}, wanted by {want.process}, is taken by {self.holder}. "
            f"Mend: stop that process, or set {want.setting} to a free port in the settings"
        )


def taken_ports(wanted: Sequence[WantedPort]) -> list[TakenPort]:
    """Those of the wanted ports that cannot be bound now."""
    return [TakenPort(want, holder_of(want.port, want.protocol)) for want in wanted if not _bindable(want)]


def holder_of(port: int, protocol: str) -> str:
    """Name and pid of the process that holds a local port, as far as this user may see it."""
    kind = psutil.net_connections(kind="udp" if protocol == "udp" else "tcp")
    for connection in kind:
        listens = protocol == "udp" or connection.status == psutil.CONN_LISTEN
        if connection.laddr and connection.laddr.port == port and listens and connection.pid:
            try:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
            except psutil.Error:
                break
    return "a process of another user"


def _bindable(want: WantedPort) -> bool:
    family = socket.AF_INET6 if ":" in want.host else socket.AF_INET
    kind = socket.SOCK_DGRAM if want.protocol == "udp" else socket.SOCK_STREAM
    with socket.socket(family, kind) as candidate:
        if kind == socket.SOCK_STREAM:
            # As servers do: connections of a former life that still linger do not count as taken.
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((want.host, want.port))
        except OSError:
            return False
    return True
