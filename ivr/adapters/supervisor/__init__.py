"""Keeps the processes of one machine alive: starts in order, watches, restarts, stops in reverse."""

from ivr.adapters.supervisor.ports import TakenPort, WantedPort, holder_of, taken_ports
from ivr.adapters.supervisor.probe import Answer, probe, probe_client
from ivr.adapters.supervisor.process import Announce, ProcessSpec
from ivr.adapters.supervisor.supervisor import PortsTaken, StartFailed, Supervisor

__all__ = [
    "Announce",
    "Answer",
    "PortsTaken",
    "ProcessSpec",
    "StartFailed",
    "Supervisor",
    "TakenPort",
    "WantedPort",
    "holder_of",
    "probe",
    "probe_client",
    "taken_ports",
]
