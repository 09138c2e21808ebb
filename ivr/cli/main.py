"""`ivr`: one program, a command for each job."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ivr.cli.lazy import LazyCommand, group_class

_SERVE, _TRY, _LOOK, _MAKE = "Serve", "Try", "Look after", "Words and voice"

COMMANDS = {
    "run": LazyCommand("ivr.cli.run:run", "Start the whole hotline and keep it running.", _SERVE),
    "worker": LazyCommand("ivr.cli.worker:worker", "One process that takes calls.", _SERVE),
    "recogniser": LazyCommand("ivr.cli.recogniser:recogniser", "The speech recognition process.", _SERVE),
    "broker": LazyCommand("ivr.cli.broker:broker", "The embedded MQTT broker.", _SERVE),
    "chat-api": LazyCommand("ivr.cli.chat_api:chat_api", "The JSON API for chat widgets.", _SERVE),
    "campaign-api": LazyCommand("ivr.cli.campaign_api:campaign_api", "The JSON API for campaigns.", _SERVE),
    "chat": LazyCommand("ivr.cli.chat:chat", "Talk to the hotline in writing, here in the terminal.", _TRY),
    "call": LazyCommand("ivr.cli.call:command", "Be a customer: place a real SIP call that speaks.", _TRY),
    "callee": LazyCommand("ivr.cli.callee:command", "Be a whole town that is rung by campaigns.", _TRY),
    "demo": LazyCommand("ivr.cli.demo:app", "Invented customers, and an invented town to be rung.", _TRY),
    "loans": LazyCommand("ivr.cli.loans:app", "Fill the loan book from CSV files.", _LOOK),
    "calls": LazyCommand("ivr.cli.calls:app", "The record of calls, turn by turn.", _LOOK),
    "tickets": LazyCommand("ivr.cli.tickets:app", "What callers asked of people.", _LOOK),
    "campaign": LazyCommand("ivr.cli.campaign:app", "Ring many people, within hours and caps.", _LOOK),
    "do-not-call": LazyCommand("ivr.cli.do_not_call:app", "People whom no campaign rings.", _LOOK),
    "survey": LazyCommand("ivr.cli.survey:app", "The surveys that we ring with, and what they found.", _LOOK),
    "doctor": LazyCommand("ivr.cli.doctor:doctor", "What is well, what is not, and the mend of each.", _LOOK),
    "bench": LazyCommand("ivr.cli.bench:app", "How well, how fast and how frugally it works.", _LOOK),
    "config": LazyCommand("ivr.cli.config:app", "Show and check the settings.", _LOOK),
    "db": LazyCommand("ivr.cli.db:app", "Create and upgrade the database.", _LOOK),
    "models": LazyCommand("ivr.cli.models:app", "List, fetch and verify the speech models.", _LOOK),
    "grammar": LazyCommand("ivr.cli.grammar:app", "Check, expand and try the grammars.", _MAKE),
    "story": LazyCommand("ivr.cli.story:app", "Tell customers' stories to the hotline, as text.", _MAKE),
    "intents": LazyCommand("ivr.cli.intents:app", "Check and try what free sentences are taken for.", _MAKE),
    "script": LazyCommand("ivr.cli.script:app", "Check and draw the scripts.", _MAKE),
    "prompts": LazyCommand("ivr.cli.prompts:app", "Render, check and hear the prompts.", _MAKE),
}

SERVING = frozenset({"run", "worker", "recogniser", "broker", "chat-api", "campaign-api"})
"""Commands that log as processes do; the others only speak up when something is wrong."""

HELP = """A SIP voice agent for a consumer-finance hotline.

[bold]Examples[/bold]

  ivr run                                         start everything, then say `ready`

  ivr call sip:hotline@127.0.0.1:5060 --say 我要查询贷款余额 --keys 1234

  ivr chat --demo                                 the same dialogue in writing, in seconds

  ivr calls list                                  what happened

  ivr doctor                                      what is wrong, and how to mend it
"""

app = typer.Typer(
    cls=group_class(COMMANDS),
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # its frames would print a customer's data
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415  # kept out of every other start

        typer.echo(f"ivr {version('ivr')}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            envvar="IVR_CONFIG",
            help="Settings file. Default: ./ivr.toml when there is one.",
        ),
    ] = None,
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and exit.")
    ] = False,
) -> None:
    """Options that every command shares."""
    if config is not None:
        # The environment is where every command and every child process of `ivr run` looks for it.
        os.environ["IVR_CONFIG"] = str(config.resolve())
    _configure_logging(ctx.invoked_subcommand or "")


def _configure_logging(command: str) -> None:
    from ivr.adapters.logs import configure_logging  # noqa: PLC0415  # `ivr --help` does without it

    if command not in SERVING:
        configure_logging(process="ivr", level="warning", form="console")
        return
    from ivr.cli.settings import settings_or_exit  # noqa: PLC0415

    log = settings_or_exit().log
    process = os.environ.get("IVR_PROCESS", command)
    configure_logging(process=process, level=log.level.value, form=log.format.value)


if __name__ == "__main__":
    sys.exit(app())
