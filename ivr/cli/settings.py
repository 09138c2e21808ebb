"""The settings for a command, or the list of what is wrong with them."""

import typer

from ivr.config import ConfigError, Settings, load_settings


def settings_or_exit() -> Settings:
    """Load the settings. On faults print all of them and exit with code 2."""
    try:
        return load_settings()
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
