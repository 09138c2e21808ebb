"""An MQTT broker of our own for machines that have none: in memory, without accounts, for loopback."""

import asyncio
import logging
import signal

import structlog
from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType
from amqtt.errors import BrokerError

log = structlog.get_logger(__name__)

_AUTHENTICATION = "amqtt.plugins.authentication.AnonymousAuthPlugin"


class BrokerFailed(Exception):
    """The broker could not start. The message holds the mend."""


async def run_broker(host: str, port: int) -> None:
    """Serve MQTT 3.1.1 until SIGTERM, SIGINT or cancellation. Raises `BrokerFailed` when it cannot listen.

    Anyone who reaches the port may publish and subscribe, so give it a loopback address. It keeps nothing
    on disk: whoever is not connected misses the news, and finds the truth in the store.
    """
    # A failed start is told once, by the error below.
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    logging.getLogger("amqtt.broker").addFilter(_is_no_probe)
    logging.getLogger("transitions").setLevel(logging.WARNING)
    broker = Broker(_config(host, port))
    try:
        await broker.start()
    except BrokerError as error:
        raise BrokerFailed(
            f"the broker cannot listen on {host}:{port}: free the port, choose another, "
            "or name a broker that runs already"
        ) from error
    # Below this level it tells of every connection and packet, with their payloads.
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    log.info("broker_ready", host=host, port=port)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        await stopping.wait()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        await broker.shutdown()
        log.info("broker_stopped")


def _is_no_probe(record: logging.LogRecord) -> bool:
    """Whoever looks whether the port is open says nothing, which the library takes for an error."""
    return not record.getMessage().startswith("No data from")


def _config(host: str, port: int) -> BrokerConfig:
    listener = ListenerConfig(type=ListenerType.TCP, bind=f"{host}:{port}")
    return BrokerConfig(listeners={"default": listener}, plugins={_AUTHENTICATION: {"allow_anonymous": True}})
