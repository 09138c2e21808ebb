"""The confusion matrix and the figures that are held against the budget."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from ivr.cli.answerer_bench.answerers import HUMAN
from ivr.cli.answerer_bench.run import FOUND_BY_MS, Outcome

Document = dict[str, Any]

HUMAN_BUDGET, MACHINE_BUDGET = 0.003, 0.96
_PERSON = ("human", "unsure")
_UNBOUNDED = 10_000


def as_document(outcomes: Sequence[Outcome], seed: int, split: str) -> Document:
    """All figures; shares with exact 95 % intervals (Clopper and Pearson)."""
    answered = [outcome for outcome in outcomes if not outcome.trial.early]
    early = [outcome for outcome in outcomes if outcome.trial.early]
    people = [outcome for outcome in answered if outcome.trial.scene.label == HUMAN]
    machines = [outcome for outcome in answered if outcome.trial.scene.label != HUMAN]
    return {
        "seed": seed,
        "split": split,
        "people": {
            "calls": len(people),
            "treated_as_machine": _share(sum(o.is_machine for o in people), len(people)),
            "first_verdict_ms": _quantiles([o.first.at_ms for o in people if o.first is not None]),
            "decided_within_1500_ms": _share(sum(_by(o, 1500) for o in people), len(people)),
            "asked_for_words": _share(sum(o.asks > 0 for o in people), len(people)),
        },
        "machines": {
            "calls": len(machines),
            "caught": _share(sum(o.is_machine for o in machines), len(machines)),
            "caught_by_ms": {
                str(ms): _share(sum(o.is_machine and _found(o, ms) for o in machines), len(machines))
                for ms in FOUND_BY_MS
            },
            "beeps": _beeps(machines),
        },
        "early_media": {"attempts": len(early), "right": _share(sum(o.is_right for o in early), len(early))},
        "matrix": _matrix(answered),
        "early_matrix": _matrix(early),
        "errors": [_error(outcome) for outcome in outcomes if not outcome.is_right],
    }


def print_report(document: Document, console: Console, *, errors: bool) -> None:
    """The same for reading."""
    _print_matrix("After the answer", document["matrix"], console)
    _print_matrix("Early media", document["early_matrix"], console)
    people, machines = document["people"], document["machines"]
    console.print(f"people treated as machines: {_told(people['treated_as_machine'])}, budget 0.3 %")
    console.print(f"machines caught: {_told(machines['caught'])}, budget 96 %")
    for ms, share in machines["caught_by_ms"].items():
        console.print(f"  by {int(ms) / 1000:g} s: {_told(share)}")
    quantiles = people["first_verdict_ms"]
    console.print(
        f"people are spoken to {quantiles['p50']} ms (p50), {quantiles['p95']} ms (p95) after the answer; "
        f"within 1.5 s: {_told(people['decided_within_1500_ms'])}"
    )
    console.print(f"beeps after which a message could start, within a second: {_told(machines['beeps'])}")
    console.print(f"early media told rightly: {_told(document['early_media']['right'])}")
    if errors:
        for error in document["errors"]:
            console.print(f"{error['label']} -> {error['found']}  {error['reasons']}  {error['name']}")


def interval(hits: int, count: int) -> tuple[float, float]:
    """The exact 95 % interval of a share (Clopper and Pearson), by halving."""
    if count == 0:
        return 0.0, 1.0
    low = 0.0 if hits == 0 else _solve(lambda p: 1.0 - _at_most(hits - 1, count, p), 0.025)
    high = 1.0 if hits == count else _solve(lambda p: -_at_most(hits, count, p), -0.025)
    return low, high


def _solve(rising: Any, wanted: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low + high) / 2


def _at_most(hits: int, count: int, p: float) -> float:
    """The probability of so many hits at most."""
    if p <= 0.0 or p >= 1.0:
        return 1.0 if p <= 0.0 else 0.0
    return sum(
        math.exp(
            math.lgamma(count + 1)
            - math.lgamma(k + 1)
            - math.lgamma(count - k + 1)
            + k * math.log(p)
            + (count - k) * math.log1p(-p)
        )
        for k in range(hits + 1)
    )


def _share(hits: int, count: int) -> Document:
    low, high = interval(hits, count)
    value = hits / count if count else 0.0
    return {"hits": hits, "of": count, "share": round(value, 5), "low": round(low, 5), "high": round(high, 5)}


def _told(share: Document) -> str:
    return (
        f"{share['hits']} of {share['of']}, {100 * share['share']:.2f} % "
        f"({100 * share['low']:.2f} to {100 * share['high']:.2f})"
    )


def _by(outcome: Outcome, ms: int) -> bool:
    return outcome.first is not None and outcome.first.at_ms <= ms


def _found(outcome: Outcome, ms: int) -> bool:
    return outcome.last is not None and outcome.last.at_ms <= ms


def _beeps(machines: Sequence[Outcome]) -> Document:
    beeping = [o for o in machines if o.trial.scene.beep_ms is not None]
    late_ms = [(o.message_ms or 0) - (o.trial.scene.beep_ms or 0) for o in beeping]
    return _share(sum(-40 <= ms <= 1000 for ms in late_ms), len(beeping))


def _quantiles(values: Sequence[int]) -> dict[str, int]:
    ordered = sorted(values)
    at = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}
    return {
        name: ordered[min(int(q * len(ordered)), len(ordered) - 1)] if ordered else 0
        for name, q in at.items()
    }


def _matrix(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    rows: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        scene = outcome.trial.scene
        row = scene.label if scene.source == "synthetic" else f"{scene.label} ({scene.source})"
        rows.setdefault(row, Counter())[outcome.found] += 1
    return {row: dict(counts) for row, counts in rows.items()}


def _error(outcome: Outcome) -> Document:
    return {
        "name": outcome.trial.scene.name,
        "label": outcome.trial.scene.label,
        "early": outcome.trial.early,
        "found": outcome.found,
        "reasons": "; ".join(outcome.last.reasons) if outcome.last else "",
    }


def _print_matrix(title: str, matrix: dict[str, dict[str, int]], console: Console) -> None:
    """A table; where the names of its columns would be cut, a line for each label."""
    columns = list(dict.fromkeys([*_PERSON, *(name for row in matrix.values() for name in row)]))
    table = Table("", *columns, title=title)
    for label, counts in matrix.items():
        table.add_row(label, *(str(counts.get(column, "")) for column in columns))
    if console.measure(table, options=console.options.update(width=_UNBOUNDED)).maximum <= console.width:
        console.print(table)
        return
    console.print(title)
    for label, counts in matrix.items():
        found = sorted(counts.items(), key=lambda item: -item[1])
        console.print(f"  {label} -> {', '.join(f'{name}: {count}' for name, count in found)}")
