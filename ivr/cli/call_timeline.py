"""Calls on a terminal: a table of many, and the timeline of one."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.store_sqlalchemy import CallRecord

Record = dict[str, Any]

Line = tuple[datetime, str, str]
"""When, what, and the details."""


def calls_table(calls: Sequence[Record]) -> Table:
    """One row a call, its times in this machine's zone."""
    table = Table(box=None)
    # The id is what `ivr calls show` wants, so it must never be cut.
    table.add_column("call", no_wrap=True, min_width=max(len(call["call_id"]) for call in calls))
    for heading in ("started", "from", "to", "locale", "seconds", "how it ended", "outcome"):
        table.add_column(heading, overflow="fold")
    for call in calls:
        table.add_row(
            escape(call["call_id"]),
            f"{call['started_at'].astimezone():%Y-%m-%d %H:%M:%S}",
            escape(call["remote"]),
            escape(call["dialled"]),
            call["locale"],
            _seconds(call["duration_ms"]),
            call["cause"] or "still open",
            call["outcome"] or "",
        )
    return table


def print_call(record: CallRecord, console: Console) -> None:
    """A head line, then everything that happened, with seconds from the start."""
    call = record.call
    verified = "verified" if call["verified"] else "not verified"
    who = f"{call['customer_id']}, {verified}" if call["customer_id"] else "unknown"
    script = f"{call['script']} {call['script_version']}"
    if call["rulebook_version"]:
        script += f" (rulebook {call['rulebook_version']})"
    console.print(f"[bold]{escape(call['call_id'])}[/bold]  {call['direction']}  {escape(script)}")
    console.print(
        f"{escape(call['remote'] or 'unknown')} to {escape(call['dialled'])}, {call['locale']},"
        f" customer {escape(who)}"
    )
    table = Table("s", "what", "details", box=None)
    for at, what, details in timeline(record):
        table.add_row(f"{(at - call['started_at']).total_seconds():.1f}", what, escape(details))
    console.print(table)


def timeline(record: CallRecord) -> list[Line]:
    """All that happened, in order of time."""
    lines: list[Line] = []
    for leg in record.legs:
        lines += _leg_lines(leg)
    parts: list[tuple[Sequence[Record], str, Callable[[Record], str]]] = [
        (record.prompts_played, "bot", _prompt),
        (record.turns, "caller", _turn),
        (record.rung_steps, "rung", _rung),
        (record.wishes_settled, "settled", lambda row: f"{row['wish']} on {row['rung']}"),
        (record.survey_answers, "answer", lambda row: f"{row['item']} ({row['item_kind']}): {row['value']}"),
        (record.transfers, "transfer", _transfer),
        (record.tickets, "ticket", lambda row: f"{row['ticket_kind']} {row['number']}: {row['reason']}"),
        (record.recordings, "recording", lambda row: f"{row['path']} ({_seconds(row['duration_ms'])} s)"),
    ]
    for rows, what, details in parts:
        lines += [(row["at"], what, details(row)) for row in rows]
    return sorted(lines, key=lambda line: line[0])


def _leg_lines(leg: Record) -> list[Line]:
    lines = [(leg["started_at"], "leg", f"{leg['leg_id']} {leg['direction']}")]
    if leg["answered_at"]:
        lines.append((leg["answered_at"], "answered", leg["codec"]))
    if leg["ended_at"]:
        signalling = "" if leg["direction"] == "chat" else f", SIP {leg['sip_code']}"
        end = f"{leg['disposition']}, {leg['cause']}{signalling}, {_seconds(leg['duration_ms'])} s"
        lines.append((leg["ended_at"], "ended", end))
    return lines


def _prompt(row: Record) -> str:
    cut = f" (cut off after {_seconds(row['played_ms'])} s)" if row["barged_in"] else ""
    return f"{row['text']}{cut}"


def _turn(row: Record) -> str:
    heard = "(secret)" if row["secret"] else row["hypothesis"] or f"({row['source']})"
    meaning = " ".join(f"{key}={value}" for key, value in (row["meaning"] or {}).items())
    understood = meaning or row["intent"] or row["reason"]
    latency = f", reply after {row['reply_latency_ms']} ms" if row["reply_latency_ms"] is not None else ""
    return f"{row['item']}: {heard} -> {row['result']} {understood} ({row['confidence']:.2f}{latency})"


def _rung(row: Record) -> str:
    step = f"{row['from_rung'] or 'start'} to {row['to_rung']}"
    return f"{step} at {row['item']}: {row['cause']} ({row['decider']})"


def _transfer(row: Record) -> str:
    return f"{'done' if row['succeeded'] else 'failed'}, SIP {row['sip_code']}: {row['reason']}"


def _seconds(duration_ms: int | None) -> str:
    return "" if duration_ms is None else f"{duration_ms / 1000:.1f}"
