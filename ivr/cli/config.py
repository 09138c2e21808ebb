"""`ivr config`: what is in force, what is wrong, and an example to start from."""

import json
import os
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from ivr.cli.settings import settings_or_exit
from ivr.config import Settings, example_toml, find_file

app = typer.Typer(no_args_is_help=True, help="Show and check the settings.")


@app.command()
def show(
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of lines.")] = False,
) -> None:
    """Print the settings in force, secrets masked.

    Example: ivr config show
    """
    settings = settings_or_exit()
    shown = _shown(settings)
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    typer.echo(f"# {find_file(None, os.environ) or 'defaults, no file'}")
    for section, values in shown.items():
        typer.echo(f"[{section}]")
        for key, value in values.items():
            typer.echo(f"{key} = {json.dumps(value, ensure_ascii=False)}")


@app.command()
def check() -> None:
    """Say everything that is wrong with the settings; exit 2 when there is anything.

    Example: ivr --config /etc/ivr/ivr.toml config check
    """
    settings_or_exit()
    typer.echo(f"{find_file(None, os.environ) or 'defaults'}: ok")


@app.command()
def example() -> None:
    """Print a commented settings file with every key.

    Example: ivr config example > ivr.toml
    """
    typer.echo(example_toml(), nl=False)


def _shown(settings: Settings) -> dict[str, dict[str, Any]]:
    shown = settings.model_dump(mode="json")
    shown["store"]["url"] = masked_url(settings.database_url)
    shown["store"]["recordings_dir"] = str(settings.recordings_dir)
    shown["voice"]["cache_dir"] = str(settings.voice_cache_dir)
    shown["bus"]["url"] = settings.broker_url
    shown["bus"]["password"] = _mask(settings.bus.password is not None)
    shown["loan_book"]["token"] = _mask(settings.loan_book.token is not None)
    shown["chat"]["token"] = _mask(settings.chat.token is not None)
    shown["campaign_api"]["token"] = _mask(settings.campaign_api.token is not None)
    shown["recogniser"]["url"] = settings.recogniser_url
    for name in ("prompts", "grammars", "scripts", "var"):
        shown["paths"][name] = str(settings.resolve(shown["paths"][name]))
    shown["paths"]["root"] = str(settings.root_dir)
    for account, told in zip(settings.sip.accounts, shown["sip"]["accounts"], strict=True):
        told["password"] = _mask(account.password is not None)
    return shown


def _mask(is_set: bool) -> str:
    return "***" if is_set else ""


def masked_url(url: str) -> str:
    """A database URL fit for a screen: its password, if it has one, as stars."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    _, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{parts.username or ''}:***@{place}").geturl()
