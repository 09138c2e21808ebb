"""Customers call, are understood, verified and served; record, recording and news tell it afterwards."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from served import CHINESE_CALLER, ENGLISH_CALLER, News, Outcome, ended_call, ivr, owed, place

from ivr.adapters.throwaway_hotline import ThrowawayHotline
from ivr.calls.events import CallEvent
from ivr.grammar.says import says
from ivr.media.level import level_db

pytestmark = pytest.mark.slow

SECRET = "1234"
STORE_ONLY = (
    "customer_id", "details", "hypothesis", "meaning", "path", "phone", "remote", "text", "value", "words",
)  # fmt: skip


@pytest.fixture(scope="module")
def placed(hotline: ThrowawayHotline, news: News, data_dir: Path) -> Mapping[str, Outcome]:
    """Calls of all kinds, three at a time, over both workers."""
    zh, en = owed(hotline, CHINESE_CALLER).balance, owed(hotline, ENGLISH_CALLER).balance
    room = str(data_dir / "noise_room" / "wav" / "office_ambience_8k_60s.wav")
    wish = ("--say", "我要查询贷款余额")
    told = ("--keys", SECRET, "--expect", f"{zh}元")
    english = ("--locale", "en-US", "--barge-in", "--say", "what is my balance", "--keys", SECRET)
    english += ("--expect", f"{en} yuan")
    wanted = {
        "to the end": (0, "hotline", (*wish, *told, "--say", "没有了，谢谢", "--expect", "再见")),
        "all by speech": (1, "hotline", ("--barge-in", *wish, "--say", "一二三四", "--expect", f"{zh}元")),
        "English by number": (0, "hotline-en", english),
        "English by language": (1, "hotline", english),
        "in a noisy room": (0, "hotline", (*wish, *told, "--noise", room, "--snr", "15")),
    }
    with ThreadPoolExecutor(3) as pool:
        calls = {
            kind: pool.submit(place, hotline, hotline.uri(number=number, worker=worker), *steps)
            for kind, (worker, number, steps) in wanted.items()
        }
        return {kind: call.result() for kind, call in calls.items()}


@pytest.fixture(scope="module")
def served(placed: Mapping[str, Outcome], hotline: ThrowawayHotline) -> tuple[Outcome, dict[str, Any]]:
    """The trial call and its record: wish spoken, ID number's tail by keys, balance told, goodbye."""
    call_id = ended_call(hotline, remote=CHINESE_CALLER, cause="completed", outcome="settled")["call"][
        "call_id"
    ]
    return placed["to the end"], json.loads(ivr(hotline.environ, "calls", "show", call_id, "--json"))


@pytest.mark.parametrize(
    "kind", ["to the end", "all by speech", "English by number", "English by language", "in a noisy room"]
)
def test_a_customer_hears_what_the_loan_book_says(placed: Mapping[str, Outcome], kind: str) -> None:
    assert placed[kind].exit_code == 0, placed[kind].said


def test_the_bot_says_goodbye_and_hangs_up_itself(served: tuple[Outcome, dict[str, Any]]) -> None:
    assert served[0].report["call"]["ended_by"] == "bot"


def test_the_next_due_date_told_is_that_of_the_loan_book(
    served: tuple[Outcome, dict[str, Any]], hotline: ThrowawayHotline
) -> None:
    due_on = owed(hotline, CHINESE_CALLER).next_due_on
    assert due_on is not None
    told = " ".join(prompt["text"] for prompt in served[1]["prompts_played"])
    assert says(told, f"{due_on.month}月{due_on.day}日", "zh-CN"), told


def test_a_call_leaves_one_cdr_with_its_times_and_how_it_ended(
    served: tuple[Outcome, dict[str, Any]],
) -> None:
    outcome, shown = served
    (leg,) = shown["legs"]
    assert leg["started_at"] <= leg["answered_at"] < leg["ended_at"]
    assert (leg["disposition"], leg["cause"], leg["sip_code"]) == ("answered", "completed", 200)
    assert leg["codec"] == "PCMA/8000"
    assert leg["duration_ms"] == pytest.approx(outcome.report["call"]["duration_ms"], abs=500)
    call = shown["call"]
    assert (call["outcome"], call["verified"], call["customer_id"]) == ("settled", True, "C000001")


def test_every_turn_keeps_what_was_heard_how_surely_what_it_meant_and_the_rung(
    served: tuple[Outcome, dict[str, Any]],
) -> None:
    wish, _, more = served[1]["turns"]
    assert (wish["item"], wish["source"], wish["result"]) == ("wish", "speech", "match")
    assert (wish["intent"], wish["meaning"]) == ("balance", {"intent": "balance"})
    assert "查询贷款" in wish["hypothesis"]
    assert 0.4 < wish["confidence"] <= 1.0
    assert wish["rung"] == more["rung"] == "self_service"
    assert 800 < wish["speech_ms"] < 3000
    assert (more["item"], more["meaning"]) == ("done", {"answer": "no"})


def test_a_secret_turn_keeps_neither_words_nor_meaning(served: tuple[Outcome, dict[str, Any]]) -> None:
    secret = served[1]["turns"][1]
    assert (secret["item"], secret["result"], secret["secret"]) == ("id_tail", "match", True)
    assert (secret["hypothesis"], secret["meaning"], secret["intent"]) == (None, None, None)


def test_a_secret_is_nowhere_in_the_records_of_calls_the_outbox_the_log_or_the_news(
    served: tuple[Outcome, dict[str, Any]], hotline: ThrowawayHotline, news: News
) -> None:
    call_id = served[1]["call"]["call_id"]
    news.await_end(call_id)
    mine = sqlite3.connect(hotline.directory / "var" / "ivr.db")
    try:
        names = [row[0] for row in mine.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = {
            name: [row for row in mine.execute(f'SELECT * FROM "{name}"') if call_id in map(str, row)]
            for name in names
        }
    finally:
        mine.close()
    assert all(kept[name] for name in ("calls", "legs", "turns", "prompts_played", "recordings", "outbox"))
    values = [value for rows in kept.values() for row in rows for value in row if isinstance(value, str)]
    written = [value.replace(call_id, "") for value in values if not is_digest(value)]
    assert not [value for value in written if holds_secret(value)]
    assert not [line for line in hotline.output.splitlines() if call_id in line and holds_secret(line)]
    assert not [topic for topic, text in news.messages if SECRET in without_times(text)]


def is_digest(value: str) -> bool:
    """A hash or a random key, in which any four digits may come by chance."""
    return re.fullmatch(r"[0-9a-f]{64}|[0-9a-f]{32}(/\d+)?", value) is not None


def holds_secret(text: str) -> bool:
    return SECRET in without_times(text)


def without_times(text: str) -> str:
    """JSON without the fields in which any four digits may come by chance."""
    try:
        fields = json.loads(text)
    except ValueError:
        return text
    if not isinstance(fields, dict):
        return text
    by_chance = ("at", "timestamp", "call_id", "leg_id", "sip_call_id", "sha256", "message_id", "pid", "port")
    by_chance += ("ticket_id", "number", *(name for name in fields if name.endswith("_ms")))
    return json.dumps({key: value for key, value in fields.items() if key not in by_chance})


def test_the_recording_has_the_caller_left_and_the_bot_right_for_the_whole_call(
    served: tuple[Outcome, dict[str, Any]],
) -> None:
    outcome, shown = served
    (kept,) = shown["recordings"]
    samples, rate_hz = soundfile.read(kept["path"], dtype="int16", always_2d=True)
    assert (samples.shape[1], rate_hz) == (2, 8000)
    length_ms = len(samples) * 1000 // rate_hz
    assert length_ms == kept["duration_ms"]
    assert length_ms == pytest.approx(shown["legs"][0]["duration_ms"], abs=500)
    assert hashlib.sha256(Path(kept["path"]).read_bytes()).hexdigest() == kept["sha256"]
    _, wish, *_ = outcome.report["exchanges"]
    bot_speaks = samples[rate_hz : rate_hz * 3]
    assert levels(bot_speaks) == [False, True]
    middle_ms = (wish["start_ms"] + wish["sent_until_ms"]) // 2
    caller_speaks = samples[(middle_ms - 300) * rate_hz // 1000 :][: rate_hz * 6 // 10]
    assert levels(caller_speaks) == [True, False]


def test_the_recording_is_silent_while_the_secret_is_given(served: tuple[Outcome, dict[str, Any]]) -> None:
    outcome, shown = served
    (kept,) = shown["recordings"]
    samples, rate_hz = soundfile.read(kept["path"], dtype="int16", always_2d=True)
    keys = outcome.report["exchanges"][2]
    from_ms, until_ms = keys["start_ms"] - 500, keys["start_ms"] + 300
    assert not np.any(samples[from_ms * rate_hz // 1000 : until_ms * rate_hz // 1000])
    assert kept["paused_ms"] > 800


def levels(stretch: Any) -> list[bool]:
    """For each channel, whether somebody speaks."""
    return [level_db(channel) > -45.0 for channel in stretch.T]


def test_the_news_of_a_call_comes_in_the_order_of_happening_without_private_fields(
    served: tuple[Outcome, dict[str, Any]], news: News
) -> None:
    told = news.await_end(served[1]["call"]["call_id"])
    kinds = [message["kind"] for message in told]
    assert kinds[0] == "call_started"
    assert kinds[-1] == "call_ended"
    assert kinds.count("turn_taken") == len(served[1]["turns"])
    assert {"call_answered", "prompt_played", "caller_identified", "wish_settled", "recording_saved"} <= set(
        kinds
    )
    assert [m["at"] for m in told] == sorted(m["at"] for m in told)
    private = {name for message in told for name in STORE_ONLY if name in message}
    assert not private


def test_the_names_held_back_from_the_news_are_all_that_events_call_private() -> None:
    kinds = CallEvent.__subclasses__()
    marked = {
        name
        for kind in kinds
        for name, field in kind.__dataclass_fields__.items()
        if field.metadata.get("private")
    }
    assert marked == set(STORE_ONLY)
