"""Files that change under a running worker: new calls go by the new set, if the whole of it is right."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs
from watchfiles import awatch

from ivr.adapters.system_clock import SystemClock
from ivr.adapters.voice import open_prompter
from ivr.bootstrap.rulebook import Rulebook, load_rulebook
from ivr.bootstrap.rulebook_keeper import InForce, RulebookKeeper
from ivr.config import Settings, load_settings
from ivr.dialogue.script import Script

ROOT = Path(__file__).resolve().parents[2]
LOADED_S = 100.0
"""Three seconds on a quiet core; on a busy one the load stands back behind everything else."""
pytestmark = pytest.mark.slow

SCRIPT = """script: small
version: "1"
start: welcome
menu: wish
steps:
  welcome: {say: greeting, next: wish}
  wish:
    ask: wish_ask
    reprompt: wish_reprompt
    choice: wish_choice
    grammars: [yes_no]
    keys: {grammars: [keys_yes_no]}
    branch_on: answer
    branches: {"yes": wish, "no": goodbye}
  goodbye: {end: goodbye}
"""

Keeper = tuple[RulebookKeeper, Path, CollectorRegistry]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Rulebook]:
    """A copy of all files but the recordings, loaded."""
    root = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "grammars", root / "grammars")
    shutil.copytree(ROOT / "prompts", root / "prompts", ignore=shutil.ignore_patterns("recordings"))
    (root / "ivr" / "scripts").mkdir(parents=True)
    (root / "ivr" / "scripts" / "hotline.yaml").write_text(SCRIPT, "utf-8")
    for texts in (root / "prompts").iterdir():
        some = "".join(f"{name}: ok\n" for name in sorted(Script("", "", "", "", {}).prompt_ids()))
        known = "".join(path.read_text("utf-8") for path in texts.glob("*.yaml"))
        missing = [line for line in some.splitlines() if f"\n{line.partition(':')[0]}:" not in known]
        (texts / "more.yaml").write_text("\n".join(["only_here: ok", *missing]) + "\n", "utf-8")
    (root / "ivr.toml").write_text(f'[paths]\nroot = "{root}"\n', "utf-8")
    return root, load_rulebook(settings_of(root), SystemClock())


@pytest.fixture
async def keeper(pristine: tuple[Path, Rulebook], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Keeper]:
    """A keeper that watches, and the files it watches, which are put back afterwards."""
    root, rulebook = pristine
    monkeypatch.setenv("IVR_CONFIG", str(root / "ivr.toml"))
    kept = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    registry = CollectorRegistry()
    async with open_prompter(root / "prompts", root / "cache", root / "none") as prompter:
        keeper = RulebookKeeper(rulebook, prompter, SystemClock(), registry)
        async with running(keeper.watch()):
            await asyncio.sleep(1.0)  # the watch is on
            yield keeper, root, registry
    for path, content in kept.items():
        path.write_bytes(content)


def settings_of(root: Path) -> Settings:
    return load_settings(root / "ivr.toml", {})


@asynccontextmanager
async def running(work: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LOADED_S):
        while not condition():  # noqa: ASYNC110  # a promise about what is seen from outside
            await asyncio.sleep(0.05)


def replace(path: Path, old: str, new: str) -> None:
    """As editors save: a new file takes the old one's name."""
    text = path.read_text("utf-8")
    assert old in text
    part = path.with_name(path.name + ".new")
    part.write_text(text.replace(old, new, 1), "utf-8")
    part.replace(path)


def goodbye(in_force: InForce) -> str:
    prompt = in_force.rulebook.prompts.find("en-US", "goodbye")
    assert prompt is not None
    return str(prompt)


async def test_a_changed_text_is_spoken_to_new_calls_and_not_to_those_in_hand(keeper: Keeper) -> None:
    keeping, root, registry = keeper
    warmed: list[str] = []

    async def warm(rulebook: Rulebook) -> None:
        assert keeping.in_force is before, (
            "the recogniser knows the grammars before the first call needs them"
        )
        warmed.append(rulebook.version)

    keeping.warm_with(warm)
    before = keeping.in_force
    texts = next(p for p in (root / "prompts/en-US").glob("*.yaml") if "\ngoodbye:" in p.read_text("utf-8"))
    replace(texts, "\ngoodbye: ", "\ngoodbye: So long. ")
    await until(lambda: keeping.in_force is not before)
    now = keeping.in_force
    assert ("So long" in goodbye(now), "So long" in goodbye(before)) == (True, False)
    assert warmed == [now.rulebook.version] != [before.rulebook.version]
    assert registry.get_sample_value("ivr_rulebook", {"version": now.rulebook.version}) == 1
    keeping.tidy()
    assert "So long" in goodbye(keeping.in_force)


async def test_a_bad_set_is_refused_with_place_and_mend_and_the_old_goes_on(keeper: Keeper) -> None:
    keeping, root, registry = keeper
    before = keeping.in_force
    grammar = root / "grammars/zh-CN/yes_no.gram"
    good = grammar.read_text("utf-8")
    with capture_logs() as logs:
        grammar.write_text(good + "\n$broken = (;\n", "utf-8")
        await until(lambda: registry.get_sample_value("ivr_rulebook_refused") == 1)
    [refused] = [entry for entry in logs if entry["event"] == "rulebook_refused"]
    assert f"yes_no.gram:{good.count(chr(10)) + 2}" in refused["faults"][0]
    assert "Mend:" in refused["faults"][0]
    health = await keeping.check()
    assert health.ok, "the one in force serves on"
    assert "yes_no.gram" in health.reason
    assert keeping.in_force is before

    grammar.write_text(good, "utf-8")
    await until(lambda: registry.get_sample_value("ivr_rulebook_refused") == 0)
    assert keeping.in_force is before
    assert (await keeping.check()).reason == f"version {before.rulebook.version}"


async def test_live_settings_count_for_new_calls_and_others_wait_for_a_restart(keeper: Keeper) -> None:
    keeping, root, _ = keeper
    before = keeping.in_force
    changed = '[hotline]\nagent_uri = "sip:people@pbx.example"\ntimezone = "UTC"\n[sip]\nport = 6000\n[paths]'
    with capture_logs() as logs:
        replace(root / "ivr.toml", "[paths]", changed)
        await until(lambda: keeping.in_force is not before)
    settings = keeping.in_force.rulebook.settings
    assert settings.hotline.agent_uri == "sip:people@pbx.example"
    assert (settings.hotline.timezone, settings.sip.port) == ("Asia/Shanghai", 5060)
    [waiting] = [entry for entry in logs if entry["event"] == "settings_wait_for_restart"]
    assert set(waiting["keys"]) == {"hotline.timezone", "sip.port"}

    replace(root / "ivr.toml", "[hotline]", "[hotline]\nagents = 3")
    await until(lambda: "hotline.agents" in str(keeping.__dict__["_faults"]))


async def test_a_change_just_before_the_files_are_watched_again_is_not_lost(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping, root, _ = keeper
    script = root / "ivr/scripts/hotline.yaml"

    def changed_just_before(*paths: Path, **options: Any) -> Any:
        replace(script, 'version: "2"', 'version: "3"')
        monkeypatch.setattr("ivr.bootstrap.rulebook_keeper.awatch", awatch)
        return awatch(*paths, **options)

    monkeypatch.setattr("ivr.bootstrap.rulebook_keeper.awatch", changed_just_before)
    replace(script, 'version: "1"', 'version: "2"')
    await until(lambda: keeping.in_force.rulebook.script.version == "3")


async def test_the_event_loop_never_stands_still_while_a_set_is_loaded(keeper: Keeper) -> None:
    keeping, root, _ = keeper
    before, gaps = keeping.in_force, [0.0]

    async def tick() -> None:
        while True:
            then = time.perf_counter()
            await asyncio.sleep(0.005)
            gaps.append(time.perf_counter() - then)

    async with running(tick()):
        replace(root / "ivr/scripts/hotline.yaml", 'version: "1"', 'version: "2"')
        await until(lambda: keeping.in_force is not before)
    assert keeping.in_force.rulebook.script.version == "2"
    assert max(gaps) < 0.25, "the prompts play on from the C player, and received audio waits in its queue"
