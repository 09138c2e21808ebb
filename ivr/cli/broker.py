"""`ivr broker`: the embedded MQTT broker as a process of its own."""

import asyncio
from typing import Annotated

import typer

from ivr.adapters.broker_embedded import BrokerFailed, run_broker
from ivr.cli.settings import settings_or_exit


def broker(
    host: Annotated[
        str, typer.Option(help="Address to listen on. Anyone who reaches it may listen in.")
    ] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Default: bus.embedded_port of the settings.")] = None,
) -> None:
    """Run the embedded MQTT broker until it is told to stop.

    Example: ivr broker --port 1884
    """
    try:
        asyncio.run(run_broker(host, port if port is not None else settings_or_exit().bus.embedded_port))
    except BrokerFailed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
