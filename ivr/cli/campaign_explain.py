"""`ivr campaign explain`: why somebody was rung or not, rule by rule."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivr.adapters.phone_numbers import to_e164
from ivr.adapters.store_sqlalchemy import SqlCampaignDesk
from ivr.adapters.system_clock import SystemClock
from ivr.adapters.work_calendars import PublicHolidayBook
from ivr.campaign.attempt import Attempt
from ivr.campaign.calendar import zone_named
from ivr.campaign.decision import Decision, Reason, Rule, Shown
from ivr.cli.campaign_desk import JsonOption, as_json, ask, clock, company_zone
from ivr.cli.database_option import DatabaseOption
from ivr.cli.settings import settings_or_exit
from ivr.runtime.campaign_ports import Case
from ivr.runtime.campaigns.explaining import Explained
from ivr.runtime.campaigns.explaining import explain as explain_names
from ivr.runtime.campaigns.told import explained_told

_WORDS = {
    (Rule.ONE_AT_A_TIME, True): "one under way",
    (Rule.ONE_AT_A_TIME, False): "none under way",
    (Rule.DO_NOT_CALL, True): "on the list",
    (Rule.DO_NOT_CALL, False): "not on the list",
    (Rule.CONSENT, True): "given",
    (Rule.CONSENT, False): "refused",
}


def explain(
    who: Annotated[str, typer.Argument(metavar="CONTACT|PHONE", help="A contact's id, or a number.")],
    decisions: Annotated[
        bool, typer.Option("--decisions", help="With the decision that led to each attempt.")
    ] = False,
    json_: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Every rule with its value and limit at this moment, and when it may change; then the attempts so far.

    With a number, once for each campaign that has it. Times are those of the contact's own zone.

    Example: ivr campaign explain 13800000001
    """
    now = SystemClock().now()

    async def work(desk: SqlCampaignDesk) -> list[Explained]:
        number = to_e164(who, settings_or_exit().hotline.country)
        return await explain_names(desk, filter(None, (who, number)), PublicHolidayBook(), now)

    found = ask(database, work)
    if not found:
        typer.echo(
            "no campaign has this contact: see `ivr campaign list` and `ivr do-not-call list`", err=True
        )
        raise typer.Exit(1)
    if json_:
        typer.echo(as_json([explained_told(each) for each in found]))
        return
    for each in found:
        _print(each.case, each.decision, each.attempts, with_decisions=decisions)


def _zone(case: Case) -> ZoneInfo:
    """The contact's, where it is known."""
    zones = case.contact.number.zones
    return (zone_named(zones[0]) if zones else None) or company_zone()


def _print(case: Case, decision: Decision, attempts: Sequence[Attempt], *, with_decisions: bool) -> None:
    console, contact, zone = Console(), case.contact, _zone(case)
    last = f", {contact.why}" if contact.why else ""
    console.print(f"[bold]{escape(case.campaign.name)}[/]: {contact.phone} is {contact.state}{escape(last)}")
    console.print(_verdict(decision, zone), highlight=False)
    console.print(_reasons(decision, zone))
    if not attempts:
        console.print("never rung\n", highlight=False)
        return
    table = Table("rung", "answered", "ended", "result", "SIP", "call", "worker", box=None)
    for attempt in attempts:
        table.add_row(
            "they rang us" if attempt.rang_back else clock(attempt.dialled_at, zone) or "not yet",
            clock(attempt.answered_at, zone),
            clock(attempt.ended_at, zone),
            attempt.result or "under way",
            str(attempt.sip_code or ""),
            attempt.call_id or "",
            escape(attempt.worker_id),
        )
    console.print(table)
    for attempt in attempts if with_decisions else ():
        console.print(f"decided for {clock(attempt.dialled_at or attempt.leased_at, zone)}, "
                      f"do-not-call list version {attempt.list_version}", highlight=False)  # fmt: skip
        console.print(_reasons(attempt.decision, zone))
    console.print()


def _verdict(decision: Decision, zone: ZoneInfo) -> str:
    if decision.dial:
        return "[green]may be rung now[/]"
    if decision.for_good is not None:
        return f"[red]is never rung: {decision.for_good}[/]"
    later = f", not before {clock(decision.not_before, zone)}" if decision.not_before else ""
    return f"[yellow]is not rung now{later}[/]"


def _reasons(decision: Decision, zone: ZoneInfo) -> Table:
    table = Table("", "rule", "value", "limit", "may change", box=None)
    for reason in decision.reasons:
        mark = "[green]yes[/]" if reason.ok else "[red]no[/]"
        value, limit = (escape(_shown(reason, shown, zone)) for shown in (reason.value, reason.limit))
        table.add_row(mark, reason.rule, value, limit, clock(reason.retry_at, zone))
    return table


def _shown(reason: Reason, value: Shown, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return clock(value, zone)
    if reason.rule is Rule.GAP and isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value / 60:g} min since the last"
    if reason.rule is Rule.RUNG_LATELY and isinstance(value, float):
        return f"within {value / 3600:g} h"
    if value is None:
        return "unknown" if reason.rule is Rule.CONSENT else "never"
    return _WORDS[reason.rule, value] if isinstance(value, bool) else str(value)
