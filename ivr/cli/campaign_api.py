"""`ivr campaign-api`: the process that lets other programs drive campaigns."""

import asyncio
import signal

import typer

from ivr.adapters.store_sqlalchemy import StoreError
from ivr.bootstrap.campaign_api import serve_campaigns
from ivr.cli.settings import settings_or_exit
from ivr.config import Settings


def campaign_api() -> None:
    """Serve the JSON API of docs/campaigns.openapi.yaml until told to stop. It needs the database only.

    `ivr run` starts it when `campaign_api.enabled` is true.

    Example: ivr campaign-api
    """
    settings = settings_or_exit()
    try:
        asyncio.run(_serve(settings))
    except (StoreError, OSError, ValueError) as error:
        typer.echo(f"campaign API not started: {error}", err=True)
        raise typer.Exit(1) from None


async def _serve(settings: Settings) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await serve_campaigns(settings, stopping)
