"""`ivr doctor`: looks at everything the hotline needs and says how to mend what is wrong."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivr.cli.finding import Finding, Status, fail
from ivr.cli.machine_checks import check_machine
from ivr.cli.service_checks import check_services
from ivr.config import ConfigError, Settings, load_settings

_STYLES = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "bold red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list instead of a table.")] = False,
) -> None:
    """Look at settings, libraries, models, prompts, disk, and at all that the hotline talks to.

    Exit 1 when anything fails. What only warns does not keep the hotline from serving.

    Example: ivr doctor --json
    """
    findings = _examine()
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        _print(findings)
    raise typer.Exit(int(any(finding.status is Status.FAIL for finding in findings)))


def _examine() -> list[Finding]:
    try:
        settings = load_settings()
    except ConfigError as error:
        return [fail(f"settings {problem.key}", problem.reason, problem.mend) for problem in error.problems]
    return asyncio.run(_examine_all(settings))


async def _examine_all(settings: Settings) -> list[Finding]:
    machine, services = await asyncio.gather(
        asyncio.to_thread(lambda: list(check_machine(settings))), check_services(settings)
    )
    return [Finding("settings", Status.OK, "valid"), *machine, *services]


def _print(findings: Sequence[Finding]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for column in range(3):
        table.add_column(no_wrap=column < 2)
    for finding in findings:
        detail = Text(finding.detail)
        if finding.mend:
            detail.append(f"\nmend: {finding.mend}", style="italic")
        table.add_row(Text(finding.status.value, style=_STYLES[finding.status]), finding.what, detail)
    console = Console()
    console.print(table)
    counts = {status: sum(finding.status is status for finding in findings) for status in Status}
    console.print(", ".join(f"{count} {status.value}" for status, count in counts.items()))
