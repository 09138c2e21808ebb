"""A command group that imports a command only when it is run, so that `ivr --help` is quick."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command lives, and its line in the list of commands."""

    place: str
    """`module:attribute` of a `typer.Typer` (a group), a `TyperCommand`, or a function."""
    summary: str
    panel: str


def group_class(commands: dict[str, LazyCommand]) -> type[TyperGroup]:
    """A group of these commands, in this order."""

    class LazyGroup(TyperGroup):
        """Lists commands from the table and imports the one that is run."""

        def __init__(self, **attributes: Any) -> None:
            listed = {
                name: TyperCommand(name, callback=None, help=command.summary, rich_help_panel=command.panel)
                for name, command in commands.items()
            }
            super().__init__(**{**attributes, "commands": listed})

        def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
            if args and args[0] in commands:
                return args[0], _load(args[0], commands[args[0]]), args[1:]
            return super().resolve_command(ctx, args)

    return LazyGroup


def _load(name: str, command: LazyCommand) -> Any:
    module, _, attribute = command.place.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, TyperCommand):
        return found
    if isinstance(found, typer.Typer):
        loaded: Any = typer.main.get_group(found)
    else:
        single = typer.Typer(add_completion=False)
        single.command(name)(found)
        loaded = typer.main.get_command(single)
    loaded.name = name
    return loaded
