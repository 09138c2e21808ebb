"""A call for human eyes: a line for each thing as it happens, and a table of the exchanges at the end."""

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from ivr.runtime.customer.conversation import Exchange, Moment
from ivr.runtime.customer.report import CallReport, Verdict, action_words, expectations, percentile_ms

_WORDS = {
    "dialling": ("", "dialling"),
    "answered": ("", "answered"),
    "bot_speaks": ("bot", "speaks"),
    "bot_done": ("bot", "has finished"),
    "bot_cut": ("bot", "is interrupted"),
    "ended": ("", "call over"),
}


class Timeline:
    """Prints moments as they come, stamped with the call's audio time."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, moment: Moment) -> None:
        """Print one moment."""
        if moment.step is None:
            who, what = _WORDS[moment.what]
        else:
            who, what = "you", " ".join(filter(None, action_words(moment.step)))
        minutes, rest_ms = divmod(moment.at_ms, 60_000)
        stamp = f"{minutes:02}:{rest_ms / 1000:04.1f}"
        self._console.print(Text.assemble((stamp, "dim"), f"  {who:<4}", what))


def print_report(report: CallReport, console: Console) -> None:
    """The exchanges as a table, and the verdict."""
    if report.answered:
        titles = ("#", "you", "reply after", "reply length", "reply as heard", "expected")
        table = Table(*(Column(title, overflow="fold") for title in titles), box=None)
        for number, exchange in enumerate(report.exchanges):
            table.add_row(*_row(number, exchange, report.plan.locale))
        console.print(table)
    latencies_ms = report.reply_latencies_ms
    if latencies_ms:
        p50_ms, p95_ms = percentile_ms(latencies_ms, 50), percentile_ms(latencies_ms, 95)
        console.print(
            f"{len(latencies_ms)} replies: latency p50 {p50_ms} ms, p95 {p95_ms} ms", highlight=False
        )
    if report.verdict is Verdict.PASSED:
        by = "hung up by " + ("you" if report.ended_by == "caller" else "the bot")
        line = f"passed: {report.codec}, {report.duration_ms / 1000:.1f} s, {by}"
        console.print(Text(line, style="green"))
    else:
        console.print(Text(f"{report.verdict.value}: {report.problem}", style="red"))


def _row(number: int, exchange: Exchange, locale: str) -> list[Text]:
    kind, sent = action_words(exchange.step)
    checks = ["yes: " + text if met else "NO: " + text for text, met in expectations(exchange, locale)]
    cells = (
        str(number),
        " ".join(filter(None, (kind, sent))),
        _ms(exchange.reply_latency_ms),
        _ms(exchange.reply_ms),
        exchange.reply_text or "",
        "\n".join(checks),
    )
    return [Text(cell) for cell in cells]


def _ms(value_ms: int | None) -> str:
    return "-" if value_ms is None else f"{value_ms} ms"
