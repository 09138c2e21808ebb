"""The steps of a simulated call as written on the command line."""

import pytest

from ivr.cli.call_options import parse_header
from ivr.cli.call_steps import StepError, WrittenCall, WrittenStep, arrange


def step(kind: str, value: str, *expects: str, barge_in: bool = False) -> WrittenStep:
    return WrittenStep(kind, value, barge_in, expects)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([], WrittenCall((), ())),
        ([("expect", "您好")], WrittenCall(("您好",), ())),
        (
            [("keys", "1"), ("say", "余额"), ("keys", "2")],
            WrittenCall((), (step("keys", "1"), step("say", "余额"), step("keys", "2"))),
        ),
        (
            [("expect", "您好"), ("say", "余额"), ("expect", "身份证"), ("expect", "四位"), ("keys", "1234")],
            WrittenCall(("您好",), (step("say", "余额", "身份证", "四位"), step("keys", "1234"))),
        ),
        (
            [("say", "余额"), ("barge_in", ""), ("wav", "a.wav"), ("say", "再见")],
            WrittenCall((), (step("say", "余额"), step("wav", "a.wav", barge_in=True), step("say", "再见"))),
        ),
        ([("keys", "1a#")], WrittenCall((), (step("keys", "1A#"),))),
    ],
    ids=["nothing", "greeting only", "order", "expectations", "barge-in", "letters are keys too"],
)
def test_options_become_steps_in_their_order(written: list[tuple[str, str]], expected: WrittenCall) -> None:
    assert arrange(written) == expected


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ([("barge_in", "")], "put it before"),
        ([("say", "余额"), ("barge_in", "")], "put it before"),
        ([("barge_in", ""), ("barge_in", ""), ("say", "余额")], "once is enough"),
        ([("barge_in", ""), ("expect", "您好")], "right before --say"),
        ([("keys", "12x")], "not .X."),
        ([("keys", "")], "0-9"),
        ([("keys", "1" * 33)], "split"),
        ([("say", "  ")], "text to speak"),
        ([("expect", "")], "text that the reply"),
    ],
)
def test_steps_that_make_no_sense_are_refused_with_the_mend(
    written: list[tuple[str, str]], mend: str
) -> None:
    with pytest.raises(StepError, match=mend):
        arrange(written)


@pytest.mark.parametrize(
    ("line", "parsed"),
    [("X-Tier:gold", ("X-Tier", "gold")), (" X-Tier :  a:b ", ("X-Tier", "a:b"))],
)
def test_headers_are_name_and_value(line: str, parsed: tuple[str, str]) -> None:
    assert parse_header(line) == parsed


@pytest.mark.parametrize("line", ["gold", ":gold", "X Tier:gold", "X-Tier:", "X-Tier:a\r\nVia: b"])
def test_a_header_that_would_break_the_message_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="NAME:VALUE"):
        parse_header(line)
