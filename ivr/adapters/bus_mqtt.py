"""Publishing to an MQTT broker: one connection, confirmed message by message."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiomqtt

_AT_LEAST_ONCE = 1
_DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}


class BusLost(ConnectionError):
    """The broker is not reachable, refused us, or went away before it confirmed."""


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """Where the broker is: `mqtt://host[:port]`, or `mqtts://` for TLS with the system's certificates.

    Raises `ValueError` with the mend for any other URL.
    """

    url: str
    client_id: str
    username: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = 5.0
    """How long the broker has for each answer."""
    keepalive_s: int = 15

    def __post_init__(self) -> None:
        address = urlsplit(self.url)
        if address.scheme not in _DEFAULT_PORTS or not address.hostname:
            raise ValueError("not a broker's address: use mqtt://HOST:PORT or mqtts://HOST:PORT")


class MqttLink:
    """An open connection."""

    def __init__(self, client: aiomqtt.Client, lost: "asyncio.Task[None]") -> None:
        self._client = client
        self._lost = lost

    async def publish(self, topic: str, payload: Mapping[str, Any], *, retain: bool = False) -> None:
        """Send JSON with QoS 1; returns when the broker has confirmed it. Raises `BusLost`."""
        sending = asyncio.ensure_future(
            self._client.publish(topic, _json(payload), qos=_AT_LEAST_ONCE, retain=retain)
        )
        try:
            # Alone, a publish notices a broken connection only when its time is up.
            await asyncio.wait({sending, self._lost}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise BusLost("the broker went away before it confirmed")
            sending.result()
        except aiomqtt.MqttError as error:
            raise BusLost(f"the broker did not confirm: {error}") from error
        finally:
            await _drop(sending)

    async def wait_lost(self) -> None:
        """Return when the connection is gone."""
        await asyncio.wait({self._lost})


class MqttBus:
    """The way to one broker."""

    def __init__(self, settings: MqttSettings) -> None:
        self._settings = settings

    @asynccontextmanager
    async def connect(self, will_topic: str, will_payload: Mapping[str, Any]) -> AsyncIterator[MqttLink]:
        """Connect for the length of the block. Raises `BusLost` when the broker cannot be reached.

        Should we vanish without a goodbye, the broker publishes the will in our name, retained.
        """
        # A fresh client each time: a used one would send, unasked, what an earlier connection left over.
        client = self._client(aiomqtt.Will(will_topic, _json(will_payload), _AT_LEAST_ONCE, retain=True))
        try:
            await client.__aenter__()
        except aiomqtt.MqttError as error:
            raise BusLost(f"cannot connect to the broker: {error}") from error
        lost = asyncio.create_task(_watch(client), name="mqtt-watch")
        try:
            yield MqttLink(client, lost)
        finally:
            await _drop(lost)
            with suppress(aiomqtt.MqttError):
                await client.__aexit__(None, None, None)

    def _client(self, will: aiomqtt.Will) -> aiomqtt.Client:
        settings = self._settings
        address = urlsplit(settings.url)
        return aiomqtt.Client(
            address.hostname or "",
            address.port or _DEFAULT_PORTS[address.scheme],
            identifier=settings.client_id,
            username=settings.username or None,
            password=settings.password or None,
            will=will,
            tls_params=aiomqtt.TLSParameters() if address.scheme == "mqtts" else None,
            timeout=settings.timeout_s,
            keepalive=settings.keepalive_s,
        )


def _json(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


async def _watch(client: aiomqtt.Client) -> None:
    """End when the connection does: iterating over messages is how the client tells."""
    with suppress(aiomqtt.MqttError):
        async for _ in client.messages:
            pass


async def _drop(task: "asyncio.Future[Any]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
