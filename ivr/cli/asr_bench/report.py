"""The results as a JSON document, and as tables for people."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from ivr.cli.asr_bench.figures import (
    RESAMPLES,
    Outcome,
    as_json,
    figures,
    paired_difference,
    rejection,
    rejection_curve,
)

Document = dict[str, Any]


def as_document(
    outcomes: Sequence[Outcome],
    *,
    conditions: Document,
    recognisers: dict[str, tuple[str, str]],
    skipped: Sequence[str],
    threshold: float,
    rng: np.random.Generator,
) -> Document:
    """Everything about a run, ready for `json.dumps`. At least one outcome is in its grammar."""
    known = [outcome for outcome in outcomes if outcome.in_grammar]
    document: Document = {
        "conditions": conditions,
        "recognisers": {
            language: {"engine": engine, "model": model} for language, (engine, model) in recognisers.items()
        },
        "tasks": [
            {
                "task": task,
                **as_json(figures(mine, rng)),
                "speakers": _grouped(mine, "speaker", rng),
                "categories": _grouped(mine, "category", rng),
            }
            for task, mine in _groups(known, "task").items()
        ],
        "all": as_json(figures(known, rng)),
        "rejection": None,
        "skipped": list(skipped),
        "utterances": [as_json(outcome) for outcome in outcomes],
    }
    outside = [outcome for outcome in outcomes if not outcome.in_grammar]
    if outside:
        document["rejection"] = {
            **as_json(rejection(outcomes, threshold, rng)),
            "categories": {
                category: as_json(rejection([*known, *mine], threshold, rng))
                for category, mine in _groups(outside, "category").items()
            },
            "curve": [as_json(point) for point in rejection_curve(outcomes, rng)],
        }
    return document


def print_report(
    document: Document, earlier: Document | None, *, with_errors: bool, console: Console
) -> None:
    """Tables of a document; what changed since an `earlier` one; what went wrong."""
    console.print(_conditions_line(document), highlight=False)
    console.print(_accuracy_table(document))
    everything = document["all"]
    if everything["cpu_p50_ms"] is not None:
        console.print(
            f"CPU of one utterance: p50 {everything['cpu_p50_ms']:.0f} ms, "
            f"p95 {everything['cpu_p95_ms']:.0f} ms (p50 and p95 above also show what else runs here)",
            highlight=False,
        )
    if document["rejection"]:
        _print_rejection(document["rejection"], console)
    if with_errors:
        console.print(_errors_table(document))
    if document["skipped"]:
        console.print(f"left out: {len(document['skipped'])}", style="yellow")
        for reason in document["skipped"][:20]:
            console.print(f"  {reason}", style="yellow", highlight=False, markup=False)
    if earlier is not None:
        _print_changes(earlier, document, console)


def _groups(outcomes: Sequence[Outcome], attribute: str) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(getattr(outcome, attribute), []).append(outcome)
    return groups


def _grouped(outcomes: Sequence[Outcome], attribute: str, rng: np.random.Generator) -> Document:
    groups = _groups(outcomes, attribute)
    return {name: as_json(figures(mine, rng)) for name, mine in sorted(groups.items())}


def _conditions_line(document: Document) -> str:
    told = document["conditions"]
    served = {f"{entry['engine']} {entry['model']}" for entry in document["recognisers"].values()}
    room = f"{told['snr_db']:g} dB over {', '.join(told['noise'])}" if told["noise"] else "no noise"
    loss = f"{told['loss_percent']:g} % of packets lost" if told["loss_percent"] else "no loss"
    return (
        f"{', '.join(sorted(served))} · {told['codec']} · {room} · {loss} · {told['split']} files "
        f"· seed {told['seed']} · {told['compared_by']}"
    )


def _accuracy_table(document: Document) -> Table:
    table = Table(
        "what", "who", "n", "right", "interval", "wrong", "none", "p50", "p95", "CPU", box=SIMPLE_HEAD
    )
    table.caption = (
        f"right, wrong, none (no match): percent · interval: 95 % of {RESAMPLES} bootstrap draws · "
        "p50, p95: ms from the last audio to the words · CPU: seconds for a second of audio"
    )
    for task in document["tasks"]:
        candidates = document["conditions"]["candidates"].get(task["task"])
        table.add_row(task["task"] + (f", {candidates} phrases" if candidates else ""), "all", *_cells(task))
        for kind in ("categories", "speakers"):
            if len(task[kind]) > 1:
                for name, mine in task[kind].items():
                    table.add_row("", name, *_cells(mine))
    if len(document["tasks"]) > 1:
        table.add_section()
        table.add_row("all", "all", *_cells(document["all"]))
    return table


def _cells(told: Document) -> list[str]:
    cpu = told["cpu_s_per_audio_s"]
    return [
        str(told["utterances"]),
        _percent(told["accuracy"]["value"]),
        _interval(told["accuracy"]),
        _percent(told["wrong"]),
        _percent(told["no_match"]),
        f"{told['latency_p50_ms']:.0f}",
        f"{told['latency_p95_ms']:.0f}",
        "-" if cpu is None else f"{cpu:.2f}",
    ]


def _print_rejection(told: Document, console: Console) -> None:
    table = Table("out of grammar", "n", "falsely accepted %", "interval", box=SIMPLE_HEAD)
    for name, mine in [*told["categories"].items(), ("all", told)]:
        accepted = mine["false_accepts"]
        table.add_row(name, str(mine["out_of_grammar"]), _percent(accepted["value"]), _interval(accepted))
    console.print(
        f"At confidence {told['threshold']:.3f}, {_percent(told['false_rejects'])} % of what is in the "
        "grammar is refused.",
        highlight=False,
    )
    console.print(table)
    curve = Table("at confidence", "falsely refused %", "falsely accepted %", box=SIMPLE_HEAD)
    for point in told["curve"][::2]:
        refused, accepted = point["false_rejects"], point["false_accepts"]["value"]
        curve.add_row(f"{point['threshold']:.1f}", _percent(refused), _percent(accepted))
    console.print(curve)


def _errors_table(document: Document) -> Table:
    table = Table("what", "file", "said", "heard", "confidence", title="What went wrong", box=SIMPLE_HEAD)
    threshold = (document["rejection"] or {}).get("threshold", 0.0)
    for told in document["utterances"]:
        accepted = told["verdict"] != "no_match" and told["confidence"] >= threshold
        if (told["verdict"] != "right") if told["in_grammar"] else accepted:
            said = told["said"] if told["in_grammar"] else f"({told['said'] or 'nobody'})"
            table.add_row(told["task"], told["name"], said, told["heard"] or "-", f"{told['confidence']:.2f}")
    return table


def _print_changes(earlier: Document, document: Document, console: Console) -> None:
    then, now = earlier["conditions"], document["conditions"]
    for key in sorted(set(then) | set(now)):
        if then.get(key) != now.get(key):
            console.print(f"differs: {key} was {then.get(key)} and is {now.get(key)}", highlight=False)
    before, after = _by_name(earlier), _by_name(document)
    rng = np.random.default_rng(now["seed"])
    columns = ("what", "in both", "then %", "now %", "points", "interval")
    table = Table(*columns, title="What changed", box=SIMPLE_HEAD)
    for task in [*dict.fromkeys(key[0] for key in after), "all"]:
        common = [key for key in after if key in before and task in {key[0], "all"}]
        if not common:
            continue
        was, is_now = [before[key] for key in common], [after[key] for key in common]
        change = paired_difference(was, is_now, rng)
        table.add_row(
            task,
            str(len(common)),
            _percent(float(np.mean(was))),
            _percent(float(np.mean(is_now))),
            f"{100 * change.value:+.1f}",
            f"{100 * change.low:+.1f} to {100 * change.high:+.1f}",
        )
    console.print(table)


def _by_name(document: Document) -> dict[tuple[str, str], bool]:
    return {
        (told["task"], told["name"]): told["verdict"] == "right"
        for told in document["utterances"]
        if told["in_grammar"]
    }


def _interval(share: Document) -> str:
    return f"{100 * share['low']:.0f} - {100 * share['high']:.0f}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"
