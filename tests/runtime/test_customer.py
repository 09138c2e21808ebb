"""The simulated customer against a hotline in memory: audio time only, no clock."""

from collections.abc import Sequence

import pytest
from customer_hotline import ENDPOINT_MS, Hotline, noise, press, say

from ivr.calls.speech import Clip
from ivr.runtime.customer.conversation import Moment
from ivr.runtime.customer.placing import ReadSpeech, place_call
from ivr.runtime.customer.plan import BARGE_AFTER_MS, CustomerPlan, Step
from ivr.runtime.customer.report import CallReport, Verdict


async def place(
    hotline: Hotline, steps: Sequence[Step] = (), *, read: ReadSpeech | None = None, **plan: object
) -> CallReport:
    hotline.knows(steps)
    fields = {"uri": "sip:hotline@127.0.0.1", "locale": "zh-CN", "from_user": "+8613800000001", **plan}
    return await place_call(CustomerPlan(steps=tuple(steps), **fields), hotline, read=read)  # type: ignore[arg-type]  # the test's keyword arguments


def reader(*texts: str) -> ReadSpeech:
    left = list(texts)

    async def read(pcm: bytes, sample_rate_hz: int, locale: str) -> str:
        assert len(pcm) > sample_rate_hz, "less than half a second of reply"
        return left.pop(0)

    return read


async def test_each_step_waits_for_the_other_side_to_finish() -> None:
    report = await place(Hotline(), [say("余额"), press("1234"), say("再见")])
    greeting, balance, keys, goodbye = report.exchanges
    assert report.verdict is Verdict.PASSED, report.problem
    for before, after in ((greeting, balance), (balance, keys), (keys, goodbye)):
        assert before.reply_end_ms is not None
        assert after.start_ms is not None
        assert after.start_ms >= before.reply_end_ms + 1000
    assert report.ended_by == "caller"


async def test_latency_runs_from_the_last_sample_spoken_to_the_first_reply_audio() -> None:
    hotline = Hotline(think_ms=200)
    report = await place(hotline, [say("余额", speech_ms=1000, tail_ms=300)])
    step = report.exchanges[1]
    assert step.reply_start_ms == hotline.lines[0].started_ms[1]
    # The hotline counts its silence in batches of 40 ms and answers a batch after it has thought.
    assert step.reply_latency_ms == pytest.approx(ENDPOINT_MS + 200, abs=80)
    assert step.reply_ms == pytest.approx(1500, abs=40)


async def test_latency_is_the_same_in_a_noisy_room() -> None:
    hotline = Hotline()
    hotline.pcm_of["room"] = noise(40, rms=60, seed=5)
    quiet = await place(hotline, [say("余额")])
    noisy = await place(hotline, [say("余额")], background=Clip("room", 40, ""))
    assert hotline.lines[1].background
    assert noisy.exchanges[1].reply_latency_ms == pytest.approx(quiet.exchanges[1].reply_latency_ms, abs=80)


async def test_greeting_latency_is_counted_from_the_answer_and_left_out_of_the_totals() -> None:
    report = await place(Hotline(greeting_after_ms=400), [say("余额")])
    assert report.exchanges[0].reply_latency_ms == 400
    assert report.reply_latencies_ms == (report.exchanges[1].reply_latency_ms,)


@pytest.mark.parametrize(
    "step", [say("余额", barge_in=True), press("1", barge_in=True)], ids=["speech", "key"]
)
async def test_barge_in_starts_within_the_prompt_and_cuts_it(step: Step) -> None:
    report = await place(Hotline(prompts_ms=(8000, 1500)), [step])
    greeting, barged = report.exchanges
    assert report.verdict is Verdict.PASSED, report.problem
    assert greeting.reply_start_ms is not None
    assert barged.start_ms == pytest.approx(greeting.reply_start_ms + BARGE_AFTER_MS, abs=80)
    assert greeting.reply_ms == pytest.approx(BARGE_AFTER_MS + 250, abs=250)
    assert barged.reply_ms == pytest.approx(1500, abs=40)


async def test_a_prompt_shorter_than_the_barge_in_point_is_not_waited_for_in_vain() -> None:
    report = await place(Hotline(prompts_ms=(300, 1500)), [say("余额", barge_in=True)])
    assert report.verdict is Verdict.PASSED, report.problem


@pytest.mark.parametrize(
    ("behaviour", "verdict", "problem"),
    [
        ({"refuse_with": 486}, Verdict.NOT_ANSWERED, "486"),
        ({"drops_at_ms": 1000}, Verdict.DROPPED, "before step 1"),
        ({"drops_at_ms": 4000}, Verdict.DROPPED, "before step 1"),
        ({"hangs_up_after_prompts": 2}, Verdict.DROPPED, "before step 2"),
        ({"hangs_up_after_prompts": 3}, Verdict.PASSED, ""),
        ({"prompts_ms": ()}, Verdict.NO_REPLY, "the answer"),
        ({"prompts_ms": (1000, 1000)}, Verdict.NO_REPLY, "step 2"),
    ],
    ids=[
        "refused",
        "dropped in the greeting",
        "dropped while the caller speaks",
        "hung up after the first reply",
        "hung up after the last reply",
        "answered and silent",
        "no reply to the last step",
    ],
)
async def test_a_call_passes_only_when_it_went_through(
    behaviour: dict[str, object], verdict: Verdict, problem: str
) -> None:
    report = await place(Hotline(**behaviour), [say("余额"), say("再见")])
    assert report.verdict is verdict, report.problem
    assert problem in report.problem


async def test_a_hangup_of_the_other_side_is_told_from_ours() -> None:
    report = await place(Hotline(hangs_up_after_prompts=2), [say("再见")])
    assert (report.verdict, report.ended_by) == (Verdict.PASSED, "bot")


async def test_a_hotline_that_never_answers_runs_into_the_timeout() -> None:
    hotline = Hotline(answers=False)
    report = await place(hotline, timeout_s=0.1)
    assert (report.verdict, report.answered) == (Verdict.TIMED_OUT, False)
    assert hotline.lines[0].hung_up


async def test_hangup_after_ends_the_call_in_mid_prompt() -> None:
    hotline = Hotline(prompts_ms=(8000,))
    report = await place(hotline, hangup_after_s=3.0)
    assert report.verdict is Verdict.PASSED, report.problem
    assert report.duration_ms == pytest.approx(3000, abs=120)
    assert hotline.lines[0].hung_up


async def test_hangup_after_holds_a_finished_call_until_then() -> None:
    report = await place(Hotline(), [say("余额")], hangup_after_s=15.0)
    assert report.verdict is Verdict.PASSED, report.problem
    assert report.duration_ms == pytest.approx(15_000, abs=120)


async def test_hanging_up_before_the_steps_are_done_is_a_failure() -> None:
    report = await place(Hotline(), [say("余额")], hangup_after_s=1.0)
    assert report.verdict is Verdict.STEPS_LEFT


async def test_replies_are_read_after_the_call_and_compared() -> None:
    steps = [say("余额", expects=("一千元",))]
    heard = await place(
        Hotline(), steps, read=reader("您好", "您的贷款余额是一千元"), greeting_expects=("您好",)
    )
    assert heard.verdict is Verdict.PASSED, heard.problem
    assert [e.reply_text for e in heard.exchanges] == ["您好", "您的贷款余额是一千元"]
    missed = await place(Hotline(), steps, read=reader("您好", "您的贷款余额是两千元"))
    assert (missed.verdict, "一千元" in missed.problem) == (Verdict.EXPECT_MISSED, True)


async def test_a_plan_with_expectations_needs_a_reader() -> None:
    hotline = Hotline()
    with pytest.raises(ValueError, match="read"):
        await place(hotline, [say("余额", expects=("一千元",))])
    assert not hotline.dialled


async def test_the_invite_carries_number_locale_and_headers() -> None:
    hotline = Hotline()
    await place(hotline, locale="en-US", headers=(("X-Test", "1"),))
    expected = ("sip:hotline@127.0.0.1", "+8613800000001", (("Accept-Language", "en-US"), ("X-Test", "1")))
    assert hotline.dialled == [expected]


async def test_both_channels_are_on_the_tape() -> None:
    report = await place(Hotline(), [say("余额")])
    assert len(report.tape.sent) == len(report.tape.received) == report.duration_ms * 16
    assert any(report.tape.sent)
    assert any(report.tape.received)


async def test_a_watcher_sees_the_call_as_it_goes() -> None:
    moments: list[Moment] = []
    hotline, steps = Hotline(), [press("1")]
    plan = CustomerPlan(uri="sip:hotline", locale="zh-CN", from_user="", steps=tuple(steps))
    await place_call(plan, hotline, on_moment=moments.append)
    assert [moment.what for moment in moments] == [
        *("dialling", "answered", "bot_speaks", "bot_done", "step", "bot_speaks", "bot_done", "ended")
    ]
    assert [moment.at_ms for moment in moments] == sorted(moment.at_ms for moment in moments)
