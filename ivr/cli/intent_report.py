"""The figures of an intent trial, for machines and for people."""

import math
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ivr.cli.intent_trial import Trial
from ivr.grammar.intents import measures

_WORST = 15


def figures(trial: Trial, *, seed: int, errors: bool) -> dict[str, Any]:
    """All figures; the texts that went wrong only on demand, for they are what people said."""
    judged = trial.judged
    low, high = measures.accuracy_interval(judged, np.random.default_rng(seed))
    scores = measures.intent_scores(judged)
    p50, p95 = np.percentile(trial.classify_us, [50, 95])
    rejected = measures.rejection(judged)
    report: dict[str, Any] = {
        "texts": sum(score.examples for score in scores),
        "accuracy": _share(measures.accuracy(judged)),
        "accuracy_interval_95": [_share(low), _share(high)],
        "macro_f1": _share(float(np.mean([score.f1 for score in scores]))) if scores else None,
        "calibration_error": _share(measures.calibration_error(judged)),
        "out_of_scope": None
        if rejected is None
        else {
            "texts": rejected.texts,
            "auroc": _share(rejected.auroc),
            "threshold_at_5_percent_false_rejects": _share(rejected.threshold),
            "accepted_share_there": _share(rejected.accepted_share),
        },
        "train_cpu_s": round(float(np.mean(trial.train_s)), 2),
        "classify_cpu_us": {"p50": round(float(p50)), "p95": round(float(p95))},
        "intents": [
            {
                "intent": score.intent,
                "texts": score.examples,
                "precision": _share(score.precision),
                "recall": _share(score.recall),
                "f1": _share(score.f1),
            }
            for score in scores
        ],
        "confusions": [
            {"intent": true, "found": found, "count": count}
            for true, found, count in measures.confusions(judged)
        ],
    }
    if errors:
        report["errors"] = [
            {"text": it.text, "intent": it.intent, "found": it.found, "confidence": _share(it.confidence)}
            for it in judged
            if it.intent is not None and not it.right
        ]
    return report


def show(report: dict[str, Any], console: Console) -> None:
    """A summary, the worst intents, the most frequent confusions, and the errors where asked for."""
    low, high = report["accuracy_interval_95"]
    summary = Table("measure", "value", title=f"{report['texts']} texts")
    summary.add_row("accuracy", f"{_percent(report['accuracy'])} ({_percent(low)} to {_percent(high)})")
    summary.add_row("macro F1", _percent(report["macro_f1"]))
    summary.add_row("expected calibration error", _percent(report["calibration_error"]))
    if foreign := report["out_of_scope"]:
        summary.add_row("out of scope, texts", str(foreign["texts"]))
        summary.add_row("out of scope, AUROC", f"{foreign['auroc']:.3f}")
        summary.add_row(
            "out of scope, accepted at 5 % false rejects", _percent(foreign["accepted_share_there"])
        )
    summary.add_row("training, CPU seconds", f"{report['train_cpu_s']:.2f}")
    pace = report["classify_cpu_us"]
    summary.add_row("classifying, CPU microseconds p50 / p95", f"{pace['p50']} / {pace['p95']}")
    console.print(summary)
    worst = Table("intent", "texts", "precision", "recall", "F1", title=f"The {_WORST} hardest intents")
    for row in report["intents"][:_WORST]:
        shares = [_percent(row[name]) for name in ("precision", "recall", "f1")]
        worst.add_row(row["intent"], str(row["texts"]), *shares)
    console.print(worst)
    mixed = Table("intent", "taken for", "times", title="Most frequent confusions")
    for row in report["confusions"][:_WORST]:
        mixed.add_row(row["intent"], row["found"], str(row["count"]))
    console.print(mixed)
    if "errors" in report:
        wrong = Table("text", "intent", "taken for", "confidence", title="Errors")
        for row in report["errors"]:
            wrong.add_row(row["text"], row["intent"], str(row["found"]), f"{row['confidence']:.2f}")
        console.print(wrong)


def _share(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
