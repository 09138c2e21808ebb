"""Published pairs of spoken and written numbers: the readers understand every one of their kinds."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

from ivr.grammar.meanings import READERS
from ivr.grammar.meanings.find import find

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=timezone(timedelta(hours=8)))
Pair = tuple[str, str]
"""What is said, and how it is written."""


def pairs(data_dir: Path, file: str, *, written_first: bool) -> list[Pair]:
    """The pairs of a file; those of `tn` give the written form first, those of `itn` the spoken one."""
    path = data_dir / "text_itn_numbers" / file
    lines = [line.split(" => ") for line in path.read_text("utf-8").splitlines() if " => " in line]
    return [(right, left) if written_first else (left, right) for left, right in lines]


def missed(understood: Callable[[Pair], bool], of: list[Pair]) -> list[Pair]:
    return [pair for pair in of if not understood(pair)]


def test_chinese_amounts_in_yuan_are_read_and_ranges_and_other_currencies_refused(data_dir: Path) -> None:
    all_pairs = pairs(data_dir, "itn/chinese/money.txt", written_first=False)
    all_pairs += pairs(data_dir, "tn/chinese/money.txt", written_first=True)

    def understood(pair: Pair) -> bool:
        spoken, written = pair
        value = READERS["amount"](spoken, "zh-CN", NOW)
        yuan = re.fullmatch(r"(?:[¥￥]|CNY ?)([\d.]+)", written)
        return value == yuan[1] if yuan else value is None

    assert len(all_pairs) == 14
    assert missed(understood, all_pairs) == []


def test_chinese_dates_and_months_are_read(data_dir: Path) -> None:
    def understood(pair: Pair) -> bool:
        spoken, written = pair
        parts = re.split(r"[-/.]", written)
        if len(parts[-1]) == 4:
            parts = [parts[-1], *parts[:-1]]
        numbers = "-".join(part.zfill(2) for part in parts)
        read = READERS["date"](spoken, "zh-CN", NOW) or READERS["period"](spoken, "zh-CN", NOW) or ""
        return read.endswith(numbers)

    assert missed(understood, pairs(data_dir, "tn/chinese/date.txt", written_first=True)) == []


def test_chinese_times_are_read(data_dir: Path) -> None:
    def understood(pair: Pair) -> bool:
        spoken, written = pair
        return same_time(READERS["time"](spoken, "zh-CN", NOW), written.replace("：", ":"))

    assert missed(understood, pairs(data_dir, "tn/chinese/time.txt", written_first=True)) == []


def test_english_times_are_read_also_inside_a_sentence(data_dir: Path) -> None:
    def understood(pair: Pair) -> bool:
        spoken, written = pair
        found = [span.value for span in find(spoken, ["time"], "en-US", NOW)]
        return same_time(READERS["time"](spoken, "en-US", NOW) or (found or [None])[0], written)

    assert missed(understood, pairs(data_dir, "itn/english/en_time.txt", written_first=False)) == []


def same_time(read: str | None, written: str) -> bool:
    """On the clock, and in the same half of the day where the writing tells it."""
    clock = re.search(r"(\d{1,2}):(\d{2})", written)
    if read is None or clock is None:
        return False
    hour, minute = int(clock[1]), clock[2]
    half = re.search(r"([ap])\.?m", written)
    told = hour > 12 or half is not None
    expected = hour % 12 + (12 if (half and half[1] == "p") or hour > 12 else 0)
    read_hour = int(read[:2]) if told else int(read[:2]) % 12
    return (read_hour, read[3:]) == (expected, minute)


def test_english_digits_are_read(data_dir: Path) -> None:
    all_pairs = pairs(data_dir, "itn/english/en_telephone.txt", written_first=False)
    digits_only = [pair for pair in all_pairs if re.fullmatch(r"[\d +-]+", pair[1])]

    def understood(pair: Pair) -> bool:
        return READERS["digits"](pair[0], "en-US", NOW) == re.sub(r"\D", "", pair[1])

    assert len(digits_only) == 11
    assert missed(understood, digits_only) == []


def test_english_numbers_are_read(data_dir: Path) -> None:
    all_pairs = pairs(data_dir, "tn/english/cardinal.txt", written_first=True)
    positive = [pair for pair in all_pairs if not pair[1].startswith("-")]

    def understood(pair: Pair) -> bool:
        return READERS["amount"](pair[0], "en-US", NOW) == pair[1]

    assert len(positive) == 25
    assert missed(understood, positive) == []


def test_chinese_numbers_of_people_are_read(data_dir: Path) -> None:
    everyone = max(
        pairs(data_dir, "itn/chinese/measure.txt", written_first=False), key=lambda pair: len(pair[0])
    )
    counts = [
        (spoken.removeprefix("一共有"), written.removeprefix("一共有"))
        for spoken, written in zip(everyone[0].split("人"), everyone[1].split("人"), strict=True)
        if spoken
    ]

    def understood(pair: Pair) -> bool:
        value = READERS["amount"](pair[0], "zh-CN", NOW)
        return value is not None and Decimal(value) == Decimal(pair[1])

    assert len(counts) > 120
    assert missed(understood, counts) == []
