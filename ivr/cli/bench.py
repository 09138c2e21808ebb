"""`ivr bench`: how well the hotline hears, and how fast, how smooth and how frugal it is."""

import typer

from ivr.cli.lazy import LazyCommand, group_class

_CALLS, _HEARING = "By real calls on loopback", "By recordings and texts"
_CAMPAIGNS = "Campaigns"

COMMANDS = {
    "asr": LazyCommand(
        "ivr.cli.bench_asr:asr", "How well people are understood over a telephone line.", _HEARING
    ),
    "turns": LazyCommand(
        "ivr.cli.bench_turns:turns", "False and missed barge-ins, reaction, and hasty ends.", _HEARING
    ),
    "intents": LazyCommand("ivr.cli.bench_intents:intents", "How well free sentences are sorted.", _HEARING),
    "dial": LazyCommand("ivr.cli.bench_dial:dial", "Dial decisions a second, on one core.", _CAMPAIGNS),
    "claim": LazyCommand(
        "ivr.cli.bench_dial:claim", "How long it takes to find a due contact among many.", _CAMPAIGNS
    ),
    "answerer": LazyCommand(
        "ivr.cli.bench_answerer:answerer",
        "Whether people are told from machines, and carriers understood.",
        _HEARING,
    ),
    "calls": LazyCommand("ivr.cli.bench_calls:calls", "Reply latency, media gaps and CPU per call.", _CALLS),
    "soak": LazyCommand("ivr.cli.bench_calls:soak", "What many calls leave behind in one worker.", _CALLS),
}

app = typer.Typer(cls=group_class(COMMANDS), no_args_is_help=True, help="Measure the hotline.")
