"""`ivr models`: what is installed, fetch what is missing, check what is there."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.table import Table

from ivr.adapters.models import (
    PullFailed,
    PullProgress,
    UnknownModel,
    all_models,
    installed,
    pull,
    verify,
)
from ivr.cli.settings import models_dir as models_dir_of
from ivr.cli.settings import settings_or_exit

app = typer.Typer(no_args_is_help=True, help="List, fetch and verify the speech models.")

ModelsDir = Annotated[
    Path | None,
    typer.Option(
        "--models-dir",
        help="Default: models.dir of the settings, $IVR_MODELS or ~/.cache/ivr/models.",
    ),
]


@app.command("list")
def list_models(models_dir: ModelsDir = None) -> None:
    """Show every known model and whether it is installed."""
    root = models_dir or models_dir_of(settings_or_exit())
    table = Table("model", "engine", "locales", "licence", "installed", "needed", box=None)
    for spec in all_models():
        here = "yes" if installed(spec.name, root) else "no"
        needed = "by default" if spec.default else "on wish"
        table.add_row(spec.name, spec.engine, " ".join(spec.locales), spec.licence, here, needed)
    Console().print(f"Models in {root}")
    Console().print(table)


@app.command("pull")
def pull_models(
    names: Annotated[list[str] | None, typer.Argument(help="Models to fetch; see `ivr models list`.")] = None,
    all_default: Annotated[
        bool, typer.Option("--all-default", help="Fetch also every model that the hotline needs.")
    ] = False,
    allow_unverified: Annotated[
        bool, typer.Option("--allow-unverified", help="Take models whose sha256 is not known beforehand.")
    ] = False,
    models_dir: ModelsDir = None,
) -> None:
    """Fetch models that are not installed yet.

    Example: ivr models pull --all-default vosk-ko
    """
    root = models_dir or models_dir_of(settings_or_exit())
    wanted = [spec.name for spec in all_models() if all_default and spec.default]
    wanted += [name for name in names or [] if name not in wanted]
    if not wanted:
        raise typer.BadParameter("name a model or give --all-default")
    failed = False
    for name in wanted:
        try:
            typer.echo(f"{name}: installed in {_pull_one(name, root, allow_unverified)}")
        except (PullFailed, UnknownModel) as error:
            typer.echo(f"{name}: {error}", err=True)
            failed = True
    raise typer.Exit(int(failed))


@app.command("verify")
def verify_models(
    names: Annotated[list[str] | None, typer.Argument(help="Default: every installed model.")] = None,
    models_dir: ModelsDir = None,
) -> None:
    """Hash every file of the installed models again."""
    root = models_dir or models_dir_of(settings_or_exit())
    failed = False
    for name in names or [spec.name for spec in all_models() if (root / spec.name).exists()]:
        try:
            faults = verify(name, root)
        except UnknownModel as error:
            raise typer.BadParameter(str(error)) from error
        typer.echo(f"{name}: {'faulty' if faults else 'ok'}")
        for fault in faults:
            typer.echo(f"  {fault.path} {fault.reason}; mend: ivr models pull {name}", err=True)
        failed = failed or bool(faults)
    raise typer.Exit(int(failed))


def _pull_one(name: str, root: Path, allow_unverified: bool) -> Path:
    console = Console(stderr=True)
    if not console.is_terminal:
        return pull(name, root, PlainProgress(), allow_unverified=allow_unverified)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console) as bars:
        progress: PullProgress = BarProgress(bars)
        return pull(name, root, progress, allow_unverified=allow_unverified)


class BarProgress:
    """One bar for each download."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task = TaskID(0)

    def begin(self, label: str, total_bytes: int | None) -> None:
        """Add a bar."""
        self._task = self._bars.add_task(label, total=total_bytes)

    def at(self, done_bytes: int) -> None:
        """Move the newest bar."""
        self._bars.update(self._task, completed=done_bytes)

    def end(self) -> None:
        """Leave the newest bar where it stands."""
        self._bars.stop_task(self._task)


class PlainProgress:
    """A line at the start of each download and one for every further 20 MB."""

    _STEP_BYTES = 20_000_000

    def __init__(self) -> None:
        self._label = ""
        self._next_bytes = self._STEP_BYTES

    def begin(self, label: str, total_bytes: int | None) -> None:
        """Say what is fetched."""
        self._label, self._next_bytes = label, self._STEP_BYTES
        size = f" ({total_bytes / 1e6:.1f} MB)" if total_bytes else ""
        typer.echo(f"  fetching {label}{size}", err=True)

    def at(self, done_bytes: int) -> None:
        """Say how far it is, now and then."""
        if done_bytes >= self._next_bytes:
            typer.echo(f"  {self._label}: {done_bytes / 1e6:.0f} MB", err=True)
            self._next_bytes = done_bytes + self._STEP_BYTES

    def end(self) -> None:
        """Nothing to say."""
