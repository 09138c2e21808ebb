"""How what was heard is compared with what was said, and what is remembered of it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.adapters.voice.prompt_files import load_prompt_texts
from ivr.adapters.voice.recordings import load_recordings
from ivr.cli.heard_words import heard_error
from ivr.cli.prompt_hearing import HeardBook, Hearing, Item, digests, items, listen, verdict
from ivr.cli.prompts import app
from ivr.dialogue.prompt_filling import Segment
from ivr.dialogue.spoken import Place

PROMPTS_DIR = Path(__file__).resolve().parents[2] / "prompts"


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("您的贷款余额是三千五百元。", "您的贷款余额是3,500元。"),
        ("人工服务，请按0。", "人工服务请按零"),
        ("还款日是二零二六年七月十五号", "还款日是2026年7月15号"),
        ("号码是要三八", "號碼是138"),
        ("您的代款余额", "您的贷款余额"),
        ("请问还有别的吗", "请问还有别的吗?请问还有别的吗?"),
    ],
)
def test_mandarin_is_compared_by_its_sounds(said: str, heard: str) -> None:
    assert heard_error(said, heard, "zh-CN") == 0.0


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("For English, press nine.", "For English press 9"),
        ("Your balance is three thousand five hundred yuan.", "Your balance is 3,500 Yuan."),
        ("It is due on July fifteenth twenty twenty-six", "It is due on July 15, 2026."),
        ("The rate is zero point zero five percent", "The rate is 0.05%"),
        ("The second instalment", "The 2nd instalment"),
        ("Open until nine p.m.", "Open until 9 PM."),
        ("Your number is one three eight", "Your number is 138."),
    ],
)
def test_english_is_compared_by_its_letters(said: str, heard: str) -> None:
    assert heard_error(said, heard, "en-US") == 0.0


@pytest.mark.parametrize(
    ("said", "heard", "locale", "error"),
    [
        ("您的贷款余额", "您的贷款", "zh-CN", 2 / 6),
        ("您的贷款余额", "", "zh-CN", 1.0),
        ("please hold", "please told", "en-US", 1 / 10),
    ],
)
def test_what_is_misheard_counts_by_the_length_of_what_was_said(
    said: str, heard: str, locale: str, error: float
) -> None:
    assert heard_error(said, heard, locale) == pytest.approx(error)


def test_every_wording_name_and_piece_is_listened_to() -> None:
    texts = load_prompt_texts(PROMPTS_DIR)
    for locale in texts.by_locale:
        every = items(texts, locale)
        assert len({item.name for item in every}) == len(every)
        heard = {segment.recordings[0] for item in every for segment in item.segments}
        recorded = set(Path(PROMPTS_DIR, locale, "recordings").glob("*.opus"))
        assert {f"{locale}/{path.stem}" for path in recorded} <= heard


def item(name: str, *rivals: str) -> Item:
    return Item(name, "en-US", (Segment((f"en-US/{name}",), "Hello.", Place.FINAL, "en-US"),), rivals)


def test_what_is_too_short_to_be_written_down_is_told_from_others_as_short(tmp_path: Path) -> None:
    (tmp_path / "en-US").mkdir()
    text = "fine: All right.\nbye: Goodbye.\nwait: One moment.\nlong: What would you like to do today?\n"
    (tmp_path / "en-US" / "texts.yaml").write_text(text, encoding="utf-8")
    prompts = {it.name: it for it in items(load_prompt_texts(tmp_path), "en-US") if " " not in it.name}
    assert prompts["en-US/long"].rivals == ()
    assert prompts["en-US/fine"].rivals[0] in ("Goodbye.", "One moment.")


def test_what_has_changed_is_not_taken_for_heard(tmp_path: Path) -> None:
    sound = tmp_path / "hello.opus"
    sound.write_bytes(b"one")
    hello = item("hello")
    before = digests({"en-US/hello": sound})(hello)
    book = HeardBook(tmp_path / "en-US" / "recordings" / "heard.json")
    book.path.parent.mkdir(parents=True)
    book.note(Hearing(hello, 0.125, "Hallo."), before)
    book.note(Hearing(item("gone"), 0.0, ""), "x")
    book.save(["hello"])
    again = HeardBook.load(tmp_path, "en-US")
    assert (again.error(hello, before), list(again.errors)) == (0.125, ["hello"])
    sound.write_bytes(b"two")
    assert again.error(hello, digests({"en-US/hello": sound})(hello)) is None


def test_a_broken_book_knows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "en-US" / "recordings" / "heard.json"
    path.parent.mkdir(parents=True)
    path.write_text("[1]", encoding="utf-8")
    assert HeardBook.load(tmp_path, "en-US").errors == {}


def test_a_value_is_told_or_not_and_a_prompt_may_lack_a_little() -> None:
    assert Hearing(item("hello"), 0.2, "").fits
    assert not Hearing(item("hello"), 0.3, "").fits
    assert not Hearing(item("seven", "eleven"), 1.0, "").fits


def test_the_verdict_names_what_is_beyond_the_stated_error() -> None:
    prompts = {"a", "b"}
    assert verdict({"a": 0.0, "b": 0.04, "seven": 0.0}, prompts) == []
    faults = verdict({"a": 0.0, "b": 0.5, "seven": 1.0, "nine": 0.0}, prompts)
    assert [fault.partition(":")[0] for fault in faults] == ["b", "prompts", "words and values"]


def test_a_missing_recording_is_named() -> None:
    with pytest.raises(KeyError, match="en-US/nothing has no recording: run"):
        listen(item("nothing"), load_recordings(PROMPTS_DIR, 8000), None)  # type: ignore[arg-type]


def test_without_an_ear_the_command_tells_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVR_MODELS", str(tmp_path))
    done = CliRunner().invoke(app, ["hear", "--prompts-dir", str(PROMPTS_DIR)])
    assert (done.exit_code, "ivr models pull whisper-base" in done.output) == (1, True)
