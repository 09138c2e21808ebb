"""What the commands of `ivr prompts` share."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

PromptsDir = Annotated[
    Path | None, typer.Option("--prompts-dir", help="Texts and recordings. Default: paths.prompts.")
]


def exit_with(message: str) -> NoReturn:
    """Tell what is wrong, and end with code 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)
