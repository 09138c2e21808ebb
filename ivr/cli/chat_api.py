"""`ivr chat-api`: the process that serves chats to widgets."""

import asyncio
import signal

import typer

from ivr.adapters.intent_files import IntentFault
from ivr.adapters.store_sqlalchemy import StoreError
from ivr.adapters.voice import PromptFilesError
from ivr.bootstrap.chat import serve_chat
from ivr.cli.settings import settings_or_exit
from ivr.config import Settings
from ivr.dialogue.script_data import ScriptFault
from ivr.grammar.errors import GrammarError


def chat_api() -> None:
    """Serve the JSON API of docs/chat.openapi.yaml until told to stop; open chats go on after a restart.

    `ivr run` starts it when `chat.enabled` is true. Alone it needs the database, and a broker for the news.

    Example: ivr chat-api
    """
    settings = settings_or_exit()
    try:
        asyncio.run(_serve(settings))
    except (
        StoreError,
        ScriptFault,
        GrammarError,
        IntentFault,
        PromptFilesError,
        OSError,
        ValueError,
    ) as error:
        typer.echo(f"chat API not started: {error}", err=True)
        raise typer.Exit(1) from None


async def _serve(settings: Settings) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await serve_chat(settings, stopping)
