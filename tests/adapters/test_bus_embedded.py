"""The embedded broker starts and stops as a process should, and says nothing that nobody asked."""

import socket
import subprocess
import sys
from collections.abc import Callable

from conftest import stop, wait_for_port

from ivr.adapters.bus_mqtt import MqttBus, MqttSettings

CODE = (
    "import asyncio, sys; from ivr.adapters.broker_embedded import run_broker; "
    "asyncio.run(run_broker('127.0.0.1', int(sys.argv[1])))"
)


def _start(port: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", CODE, str(port)], stderr=subprocess.PIPE)


async def test_it_serves_quietly_until_it_is_told_to_stop(free_port: Callable[[], int]) -> None:
    port = free_port()
    broker = _start(port)
    try:
        wait_for_port(port, broker)
        bus = MqttBus(MqttSettings(f"mqtt://127.0.0.1:{port}", client_id="test"))
        async with bus.connect("ivr/v1/workers/test/state", {"state": "lost"}) as link:
            for n in range(20):
                await link.publish("ivr/v1/calls/call-1/call_ended", {"event_id": n})
    finally:
        stop(broker)
    assert broker.stderr is not None
    assert (broker.returncode, broker.stderr.read()) == (0, b"")
    broker.stderr.close()


def test_a_port_that_is_taken_is_told_in_one_message_with_the_mend() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        broker = _start(taken.getsockname()[1])
        _, told = broker.communicate(timeout=30)
    assert broker.returncode == 1
    assert b"free the port, choose another" in told.splitlines()[-1]
    assert b"Broker startup failed" not in told
