"""`ivr survey`: the surveys that there are, and what they have found."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ivr.adapters.script_files import load_script, survey_file, survey_files
from ivr.adapters.store_sqlalchemy import Database, SqlSurveyAnswers
from ivr.calls.ids import CampaignId
from ivr.cli.database_option import DatabaseOption, database_address, run_on_store
from ivr.cli.settings import settings_or_exit
from ivr.dialogue.script_data import ScriptFault
from ivr.dialogue.survey import Survey
from ivr.insight.intervals import Estimate
from ivr.insight.scores import ItemScore, SurveyScores, scores

app = typer.Typer(no_args_is_help=True, help="The surveys that we ring customers with, and what they found.")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_surveys(as_json: JsonOption = False) -> None:
    """The surveys with their items, and the facts that they need of each contact.

    Example: ivr survey list
    """
    surveys = [_survey(path.stem) for path in survey_files(settings_or_exit().scripts_dir)]
    if as_json:
        typer.echo(json.dumps([_listed(survey) for survey in surveys], ensure_ascii=False, indent=2))
        return
    table = Table("survey", "items", "facts", box=None)
    for survey in surveys:
        items = ", ".join(f"{item.item_id} ({item.kind})" for item in survey.items)
        table.add_row(survey.survey_id, items, ", ".join(survey.facts))
    Console().print(table)


@app.command("scores")
def show_scores(
    survey: Annotated[str, typer.Option("--survey", metavar="ID", help="Such as post_loan.")],
    campaign: Annotated[str | None, typer.Option(metavar="ID", help="Only its contacts.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only answers from this day on, in UTC.")
    ] = None,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """CSAT, NPS, CES and the other answers, each with its 95 % confidence interval.

    CSAT is the share of 4 and 5 (Wilson's interval), NPS that of 9 and 10 less that of 0 to 6 (Bonett and
    Price), CES the mean (Student). Who broke off is counted where they answered, and told apart.

    Example: ivr survey scores --survey post_loan
    """
    asked = _survey(survey)
    campaign_id = CampaignId(campaign) if campaign else None
    from_then = since.replace(tzinfo=UTC) if since else None

    async def work() -> SurveyScores:
        store = Database(database_address(database), retry_s=5.0)
        try:
            answers = await SqlSurveyAnswers(store).of_survey(survey, campaign_id, from_then)
            return scores(asked, answers)
        finally:
            await store.close()

    found = run_on_store(work())
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
    elif not found.respondents:
        typer.echo(f"{survey}: no answers yet")
    else:
        _print(found, Console())


def _survey(survey_id: str) -> Survey:
    try:
        script = load_script(survey_file(settings_or_exit().scripts_dir, survey_id))
    except (ScriptFault, ValueError) as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from None
    assert script.survey is not None
    return script.survey


def _listed(survey: Survey) -> dict[str, object]:
    return {
        "survey": survey.survey_id,
        "about": dict(survey.about),
        "facts": {
            name: {"kind": fact.kind, "sample": str(fact.sample)} for name, fact in survey.facts.items()
        },
        "items": [asdict(item) for item in survey.items],
    }


def _print(found: SurveyScores, console: Console) -> None:
    table = Table("item", "kind", "answers", "partial", "", "95 % interval", "by value", box=None)
    for item in found.items:
        counts = "  ".join(f"{value}: {count}" for value, count in item.counts.items())
        partial = str(item.partial) if item.partial else ""
        table.add_row(item.item_id, item.kind, str(item.answers), partial, *_told(item), counts)
    console.print(table)
    console.print(f"{found.respondents} respondents, {found.partial} of them never came to the end")


def _told(item: ItemScore) -> tuple[str, str]:
    estimate = item.estimate
    if estimate is None:
        return "", ""
    unit = {"nps": "NPS {:+.1f}", "csat": "CSAT {:.1f} %", "yes": "yes {:.1f} %"}.get(
        item.figure, "mean {:.2f}"
    )
    return unit.format(estimate.value), _interval(estimate, "{:.2f}" if item.figure == "mean" else "{:.1f}")


def _interval(estimate: Estimate, form: str) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{form.format(estimate.low)} to {form.format(estimate.high)}"
