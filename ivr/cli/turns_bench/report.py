"""The figures of turn-taking, as JSON and as tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ivr.cli.asr_bench.figures import share
from ivr.cli.turns_bench.trials import Barge, Ending, FalseStops

Document = dict[str, Any]

_ALL = "all"


@dataclass
class Results:
    """Everything that was played."""

    false_stops: list[FalseStops]
    barges: list[Barge]
    endings: list[Ending]
    cpu_s: float = 0.0


def as_document(results: Results, seed: int) -> Document:
    """All figures; shares with 95 % bootstrap intervals."""
    rng = np.random.default_rng(seed)
    levels = list(dict.fromkeys(barge.snr_db for barge in results.barges))
    return {
        "seed": seed,
        "cpu_s": round(results.cpu_s, 1),
        "false_barge_ins": {
            _ALL: _stops(results.false_stops),
            "by_sound": [
                {"sound": stops.sound, "snr_db": stops.snr_db, **_stops([stops])}
                for stops in results.false_stops
            ],
        },
        "barge_ins": [_barges(snr, [b for b in results.barges if b.snr_db == snr], rng) for snr in levels],
        "numbers_with_pauses": [
            _endings(known, [e for e in results.endings if e.words_known is known], rng)
            for known in (True, False)
            if results.endings
        ],
    }


def print_report(document: Document, console: Console) -> None:
    """The same for reading."""
    table = Table("sound", "below speech", "minutes", "false", "per hour", "asked", "kept because")
    false = document["false_barge_ins"]
    for row in [*false["by_sound"], {"sound": _ALL, "snr_db": None, **false[_ALL]}]:
        reasons = ", ".join(f"{reason} {count}" for reason, count in row["kept"].items())
        minutes = f"{row['minutes']:.1f}"
        table.add_row(
            row["sound"],
            _db(row["snr_db"]),
            minutes,
            str(row["stopped"]),
            f"{row['per_hour']:.1f}",
            str(row["asked"]),
            reasons,
        )
    console.print("Prompts stopped by nobody", table)
    table = Table("room below speech", "utterances", "missed", "95 %", "reaction p50", "p95")
    for row in document["barge_ins"]:
        table.add_row(
            _db(row["snr_db"]),
            str(row["utterances"]),
            f"{row['missed']['share']:.1%}",
            _range(row["missed"]),
            _ms(row["reaction_ms"]["p50"]),
            _ms(row["reaction_ms"]["p95"]),
        )
    console.print("Speech of 600 ms or more over a question", table)
    table = Table("words known", "numbers", "premature", "95 %", "wait p50", "p95")
    for row in document["numbers_with_pauses"]:
        table.add_row(
            "yes" if row["words_known"] else "no",
            str(row["numbers"]),
            f"{row['premature']['share']:.1%}",
            _range(row["premature"]),
            _ms(row["wait_ms"]["p50"]),
            _ms(row["wait_ms"]["p95"]),
        )
    console.print("Numbers of 4, 6 and 11 digits with pauses of 200 to 900 ms", table)


def _stops(found: Sequence[FalseStops]) -> Document:
    audio_ms = sum(stops.audio_ms for stops in found)
    stopped = sum(stops.stopped for stops in found)
    kept: dict[str, int] = {}
    for stops in found:
        for reason, count in stops.kept.items():
            kept[reason] = kept.get(reason, 0) + count
    return {
        "minutes": round(audio_ms / 60_000, 1),
        "stopped": stopped,
        "per_hour": round(stopped * 3_600_000 / audio_ms, 2),
        "asked": sum(stops.asked for stops in found),
        "kept": kept,
    }


def _barges(snr_db: float | None, found: Sequence[Barge], rng: np.random.Generator) -> Document:
    return {
        "snr_db": snr_db,
        "utterances": len(found),
        "missed": _share([barge.reaction_ms is None and not barge.asked for barge in found], rng),
        "stopped_when_understood": sum(barge.reaction_ms is None and barge.asked for barge in found),
        "reaction_ms": _percentiles([b.reaction_ms for b in found if b.reaction_ms is not None]),
        "missed_names": [b.name for b in found if b.reaction_ms is None and not b.asked],
    }


def _endings(words_known: bool, found: Sequence[Ending], rng: np.random.Generator) -> Document:
    return {
        "words_known": words_known,
        "numbers": len(found),
        "premature": _share([ending.premature for ending in found], rng),
        "wait_ms": _percentiles([ending.wait_ms for ending in found if ending.wait_ms is not None]),
    }


def _share(hits: Sequence[bool], rng: np.random.Generator) -> Document:
    found = share(hits, rng)
    return {"share": found.value, "low": found.low, "high": found.high}


def _percentiles(values: Sequence[int]) -> dict[str, int | None]:
    if not values:
        return {"p50": None, "p95": None}
    return {f"p{rank}": round(float(np.percentile(values, rank))) for rank in (50, 95)}


def _db(value: float | None) -> str:
    return "" if value is None else f"{value:g} dB"


def _ms(value: int | None) -> str:
    return "" if value is None else f"{value} ms"


def _range(told: Document) -> str:
    return f"{told['low']:.1%} to {told['high']:.1%}"
