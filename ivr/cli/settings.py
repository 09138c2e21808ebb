"""The settings for a command, or the list of what is wrong with them."""

from pathlib import Path

import typer

from ivr.adapters.models import default_models_dir
from ivr.config import ConfigError, Settings, load_settings


def settings_or_exit() -> Settings:
    """Load the settings. On faults print all of them and exit with code 2."""
    try:
        return load_settings()
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def models_dir(settings: Settings) -> Path:
    """Where models are: `models.dir` of the settings, else $IVR_MODELS, else the user's cache."""
    return settings.models_dir or default_models_dir()
