"""The doctor's look at the machine: Python, libraries, models, prompts, disk."""

import ctypes.util
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from ivr.adapters.grammar_files import grammar_paths
from ivr.adapters.models import all_models, installed, verify
from ivr.cli.finding import Finding, fail, ok, warn
from ivr.cli.settings import models_dir
from ivr.config import Settings

RECORDING_BYTES_PER_HOUR = 8000 * 2 * 2 * 3600
"""Two channels of 16-bit samples at 8 kHz."""
LOW_DISK_HOURS, NO_DISK_HOURS = 50.0, 5.0


def check_machine(settings: Settings) -> Iterator[Finding]:
    """Everything that can be told without asking another process."""
    yield _python()
    yield _sip_library()
    yield _espeak()
    yield from _models(settings)
    yield from _prompts(settings)
    yield _var_dir(settings)
    yield _disk(settings)


def _python() -> Finding:
    return ok("python", f"{platform.python_version()} at {sys.executable}")


def _sip_library() -> Finding:
    # Found, not imported: the library starts threads and the doctor has no use for them.
    if importlib.util.find_spec("pjsua2") is None:
        return fail(
            "sip library",
            "pjsua2 is not installed",
            "run `make setup` with Python 3.11 or 3.12 on x86-64 Linux",
        )
    return ok("sip library", "pjsua2 installed")


def _espeak() -> Finding:
    library = ctypes.util.find_library("espeak-ng")
    if library is None:
        mend = "apt-get install libespeak-ng1; without it free text has no last-resort voice"
        return warn("espeak-ng", "library not found", mend)
    return ok("espeak-ng", library)


def _models(settings: Settings) -> Iterator[Finding]:
    root = models_dir(settings)
    for spec in all_models():
        what = f"model {spec.name}"
        present = installed(spec.name, root) is not None
        if present and (faults := verify(spec.name, root)):
            told = ", ".join(f"{fault.path} {fault.reason}" for fault in faults)
            yield fail(what, told, f"ivr models pull {spec.name}")
        elif present:
            yield ok(what, f"installed and verified in {root}")
        elif spec.default:
            yield fail(what, f"not installed in {root}", f"ivr models pull {spec.name}")


def _prompts(settings: Settings) -> Iterator[Finding]:
    for locale in sorted({settings.hotline.default_locale, *settings.hotline.numbers.values()}):
        what, directory = f"prompts {locale}", settings.prompts_dir / locale
        texts = list(directory.glob("*.yaml"))
        recordings = sum(1 for file in directory.rglob("*") if file.suffix in {".flac", ".wav"})
        if not texts:
            yield fail(
                what, f"no texts in {directory}", "restore them, or take the locale out of hotline.numbers"
            )
        elif not recordings:
            yield warn(what, "no recordings: everything would be synthesised", "ivr prompts render")
        else:
            yield ok(what, f"{recordings} recordings")
        grammars = grammar_paths(settings.grammars_dir / locale)
        if not grammars:
            yield fail(
                f"grammars {locale}", "none found", f"restore them in {settings.grammars_dir / locale}"
            )
        else:
            yield ok(f"grammars {locale}", f"{len(grammars)} files")


def _var_dir(settings: Settings) -> Finding:
    nearest = _nearest_existing(settings.var_dir)
    if not os.access(nearest, os.W_OK):
        return fail("var directory", f"{nearest} is not writable", "give it to this user, or set paths.var")
    return ok("var directory", str(settings.var_dir))


def _disk(settings: Settings) -> Finding:
    free_bytes = shutil.disk_usage(_nearest_existing(settings.recordings_dir)).free
    hours = free_bytes / RECORDING_BYTES_PER_HOUR
    detail = f"{free_bytes / 1e9:.1f} GB free, enough for {hours:.0f} hours of recordings"
    mend = "free some, or set store.recordings_dir to a larger disk"
    if hours < NO_DISK_HOURS:
        return fail("disk", detail, mend)
    return warn("disk", detail, mend) if hours < LOW_DISK_HOURS else ok("disk", detail)


def _nearest_existing(path: Path) -> Path:
    return next(p for p in (path, *path.parents) if p.exists())
