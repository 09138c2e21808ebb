"""`ivr call`: a simulated customer who places a real SIP call, says and presses what it is told, listens."""

import asyncio
import json
import socket
import tempfile
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import typer
from rich.console import Console

from ivr.adapters.recording_wav import WavRecorder
from ivr.adapters.sip_pjsua2.endpoint import Pjsua2Endpoint, SipStartError
from ivr.adapters.sip_pjsua2.settings import SipSettings
from ivr.adapters.voice.errors import VoiceError
from ivr.adapters.voice.speaking import speak as speak_text
from ivr.calls.speech import Clip
from ivr.cli import call_options as options
from ivr.cli.call_audio import CustomerAudio
from ivr.cli.call_reading import reply_reader
from ivr.cli.call_steps import OptionsInOrder, WrittenStep, written_call
from ivr.cli.call_story import find_story, story_listener
from ivr.cli.call_view import Timeline, print_report
from ivr.cli.settings import models_dir, settings_or_exit
from ivr.config import Settings
from ivr.runtime.customer.placing import ReadSpeech, place_call
from ivr.runtime.customer.plan import CustomerPlan, Press, Speak, Step
from ivr.runtime.customer.report import CallReport, Verdict, to_json
from ivr.runtime.ports import RecogniserLost

_HOW = (
    "Place a real SIP call as a simulated customer, and measure how the other side replies.",
    "Each --say, --keys and --wav is a step. Steps are taken in the order given, each once the other side "
    "has been quiet for a second; --barge-in before a step makes it start 1.5 s into the prompt instead. "
    "--expect after a step must be heard in the reply to it, before the first step in the greeting: Chinese "
    "is compared by pinyin, numbers in any spelling. Then we hang up, unless the other side does.",
    "--story NAME is a customer who listens: they know the hotline's recordings by ear and answer what they "
    "are asked, as the story says.",
)

HELP = (
    "\n\n".join(_HOW)
    + """

\b
Examples:
  ivr call sip:hotline@127.0.0.1:5060
  ivr call sip:hotline@127.0.0.1:5060 --say 我要查询贷款余额 --keys 1234
  ivr call sip:hotline@127.0.0.1:5060 --say 余额 --expect 身份证 --json -
  ivr call sip:hotline@127.0.0.1:5060 --locale en-US --say "my balance"
  ivr call sip:hotline@127.0.0.1:5060 --barge-in --keys 0 --record 1.wav
  ivr call sip:hotline@127.0.0.1:5060 --wav me.wav --noise bar.wav --snr 15
  ivr call sip:hotline@127.0.0.1:5060 --hangup-after 3
  ivr call sip:hotline@127.0.0.1:5060 --story zh_overdue_cost

\b
Exit codes:
  0  went through: all steps sent, all replies heard, all --expect met
  1  could not be placed, or the replies could not be read
  2  wrong usage
  3  not answered
  4  dropped in the middle
  5  a reply did not come within 12 s
  6  an --expect was not met
  7  longer than --timeout
  8  --hangup-after came before the last step
"""
)

EXIT_CODES = {
    Verdict.PASSED: 0,
    Verdict.NOT_ANSWERED: 3,
    Verdict.DROPPED: 4,
    Verdict.NO_REPLY: 5,
    Verdict.EXPECT_MISSED: 6,
    Verdict.TIMED_OUT: 7,
    Verdict.STEPS_LEFT: 8,
}


def call(
    ctx: typer.Context,
    uri: options.Uri,
    say: options.Say = None,
    keys: options.Keys = None,
    wav: options.Wav = None,
    expect: options.Expect = None,
    barge_in: options.BargeIn = False,
    story: options.AsStory = None,
    locale: options.Speaks = options.Locale.ZH_CN,
    from_user: options.From = None,
    noise: options.Noise = None,
    snr: options.Snr = 20.0,
    codec: options.OnlyCodec = None,
    hangup_after: options.HangupAfter = None,
    record: options.Record = None,
    json_to: options.JsonTo = None,
    timeout: options.Timeout = 120.0,
    header: options.Header = None,
    no_read: options.NoRead = False,
    recogniser: options.RecogniserUrl = "",
) -> None:
    """Place one call; `HELP` is its help text."""
    settings = settings_or_exit()
    try:
        told = find_story(story) if story else None
        wish = options.Wish(
            uri=uri,
            locale=told.locale if told else locale.value,
            from_user=from_user or options.DEMO_NUMBERS[locale],
            written=written_call(ctx),
            story=told,
            noise=noise,
            snr_db=snr,
            codec=codec.value if codec else None,
            hangup_after_s=hangup_after,
            record=record,
            json_to=json_to,
            timeout_s=timeout,
            headers=tuple(options.parse_header(line) for line in header or ()),
            read=not no_read,
            recogniser_url=recogniser or settings.recogniser_url,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    try:
        report = asyncio.run(carry_out(wish, settings))
        if json_to is not None:
            _write_json(report, json_to)
    except (SipStartError, VoiceError, RecogniserLost, OSError, ValueError) as error:
        Console(stderr=True).print(f"ivr call: {error}", style="red", markup=False, highlight=False)
        raise typer.Exit(1) from error
    raise typer.Exit(EXIT_CODES[report.verdict])


async def carry_out(wish: options.Wish, settings: Settings) -> CallReport:
    """Make the clips, place the call, read the replies, and hand out what was asked for."""
    console = Console(quiet=wish.json_to == "-")
    read: ReadSpeech | None = None
    if wish.read:
        read = await reply_reader(wish.recogniser_url, locale=wish.locale, models_dir=models_dir(settings))
    with tempfile.TemporaryDirectory(prefix="ivr-call-") as directory:
        plan = await asyncio.to_thread(make_plan, wish, settings, Path(directory))
        endpoint = await Pjsua2Endpoint.start(caller_settings(wish))
        try:
            report = await place_call(plan, endpoint, read=read, on_moment=Timeline(console).show)
        finally:
            await endpoint.shutdown()
    if wish.record is not None:
        await _save_recording(report, wish.record)
    print_report(report, console)
    return report


def make_plan(wish: options.Wish, settings: Settings, directory: Path) -> CustomerPlan:
    """Turn what was asked for into clips and a plan; a text spoken for the first time takes seconds.

    Raises `OSError` and `ValueError` for files that cannot be used, `VoiceError` for texts.
    """
    speak = partial(
        speak_text,
        locale=wish.locale,
        cache_dir=settings.voice_cache_dir / "callers",
        prompts_dir=settings.prompts_dir,
        models_dir=models_dir(settings),
    )
    audio = CustomerAudio(directory, wish.sample_rate_hz, speak)
    steps = tuple(_step(written, audio) for written in wish.written.steps)
    speech = [step.action for step in steps if isinstance(step.action, Speak)]
    listener = story_listener(wish.story, settings, audio.text) if wish.story else None
    if listener is not None:
        speech += listener.clips.values()
    background: Clip | None = None
    if wish.noise is not None:
        background = audio.room(wish.noise, snr_db=wish.snr_db, speech=speech)
    return CustomerPlan(
        uri=wish.uri,
        locale=wish.locale,
        from_user=wish.from_user,
        steps=steps,
        listener=listener,
        greeting_expects=wish.written.greeting_expects,
        background=background,
        hangup_after_s=wish.hangup_after_s,
        timeout_s=wish.timeout_s,
        headers=wish.headers,
    )


def _step(written: WrittenStep, audio: CustomerAudio) -> Step:
    action: Speak | Press
    match written.kind:
        case "keys":
            action = Press(written.value)
        case "wav":
            action = audio.file(Path(written.value))
        case _:
            action = audio.text(written.value)
    return Step(action, written.barge_in, written.expects)


def caller_settings(wish: options.Wish) -> SipSettings:
    """A SIP endpoint on a free port of the address that leads to the one called."""
    return SipSettings(
        bind_host=_local_address(wish.uri),
        port=0,
        codecs=(wish.codec,) if wish.codec else ("PCMA", "PCMU", "G722"),
        clock_rate_hz=wish.sample_rate_hz,
        refusal_slots=0,
    )


def _local_address(uri: str) -> str:
    target = urlsplit("//" + uri.partition(":")[2].rpartition("@")[2].partition(";")[0].partition("?")[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((target.hostname or "", target.port or 5060))
        except OSError as error:
            raise ConnectionError(f"no way to {target.hostname}: {error.strerror or error}") from None
        return str(probe.getsockname()[0])


async def _save_recording(report: CallReport, path: Path) -> None:
    recorder = WavRecorder(path, report.tape.sample_rate_hz)
    recorder.write(bytes(report.tape.sent), bytes(report.tape.received))
    if await recorder.close() is None and report.tape.length_ms:
        raise OSError(f"the recording could not be written to {path}")


def _write_json(report: CallReport, json_to: str) -> None:
    text = json.dumps(to_json(report), ensure_ascii=False, indent=2)
    if json_to == "-":
        typer.echo(text)
    else:
        Path(json_to).write_text(text + "\n", encoding="utf-8")


_app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
_app.command("call", cls=OptionsInOrder, help=HELP)(call)
command = typer.main.get_command(_app)
"""`ivr call` as a command that knows the order of its steps."""
