"""Installing models: pull, check, find. A model's directory appears whole or not at all."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ivr.adapters.models.manifest import ModelFile, ModelSpec, all_models, find_model
from ivr.adapters.models.sources import NoProgress, PullProgress, SourceFailed, fetch

_RECEIPT = ".ivr-model.json"
"""Noted in each installed model: its files' sizes and hashes, and the sources that delivered them."""


class PullFailed(Exception):
    """No source delivered the model; the message lists each source and its reason."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A file of an installed model that is not as it should be."""

    path: str
    reason: str


def default_models_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """`$IVR_MODELS`, or `ivr/models` in the user's cache directory."""
    if environ.get("IVR_MODELS"):
        return Path(environ["IVR_MODELS"]).expanduser()
    return Path(environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "ivr" / "models"


def installed(name: str, models_dir: Path) -> Path | None:
    """The model's directory if it is installed, else None. Looks at sizes only; `verify` reads everything.

    Raises `UnknownModel`.
    """
    directory = models_dir / find_model(name).name
    try:
        files = _receipt_files(directory)
        whole = all((directory / file.path).stat().st_size == file.size for file in files)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return directory if whole else None


def find_engine_model(engine: str, locale: str, models_dir: Path) -> Path | None:
    """The first installed model of the engine for the locale, in the manifest's order."""
    for spec in all_models():
        if spec.engine == engine and locale in spec.locales:
            directory = installed(spec.name, models_dir)
            if directory is not None:
                return directory
    return None


def pull(
    name: str,
    models_dir: Path,
    progress: PullProgress | None = None,
    *,
    allow_unverified: bool = False,
) -> Path:
    """Install the model unless it is installed, and return its directory.

    Raises `UnknownModel` and `PullFailed`. Several processes may pull the same model: one works, the
    others wait for it.
    """
    return pull_spec(
        find_model(name), models_dir, progress or NoProgress(), allow_unverified=allow_unverified
    )


def pull_spec(
    spec: ModelSpec, models_dir: Path, progress: PullProgress, *, allow_unverified: bool = False
) -> Path:
    """`pull` for a model that need not be in the packaged manifest."""
    target = models_dir / spec.name
    models_dir.mkdir(parents=True, exist_ok=True)
    with _locked(models_dir / f".{spec.name}.lock"):
        if target.is_dir() and not verify_directory(target):
            return target
        if not spec.verifiable and not allow_unverified:
            raise PullFailed(
                f"No sha256 is known for {spec.name}, so it cannot be verified. If you trust "
                f"{spec.sources[0].label}, run: ivr models pull {spec.name} --allow-unverified"
            )
        staging, partial = models_dir / f".staging-{spec.name}", models_dir / f".partial-{spec.name}"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        try:
            used = _fetch_from_sources(spec, staging, partial, progress)
            _write_receipt(spec, staging, used)
            shutil.rmtree(target, ignore_errors=True)
            staging.rename(target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
            with suppress(OSError):  # kept while it holds unfinished downloads
                partial.rmdir()
        shutil.rmtree(partial, ignore_errors=True)
    return target


def verify(name: str, models_dir: Path) -> list[Fault]:
    """Hash every file of an installed model again. An empty list means that all is well.

    Raises `UnknownModel`.
    """
    return verify_directory(models_dir / find_model(name).name)


def verify_directory(directory: Path) -> list[Fault]:
    """Compare a model's directory with the receipt written at its installation."""
    try:
        files = _receipt_files(directory)
    except (FileNotFoundError, NotADirectoryError):
        return [Fault(_RECEIPT, f"not installed; run: ivr models pull {directory.name}")]
    return [fault for file in files if (fault := _fault(file, directory)) is not None]


def _fetch_from_sources(
    spec: ModelSpec, staging: Path, partial: Path, progress: PullProgress
) -> tuple[str, ...]:
    """Go down the sources until the model is whole; return the labels of those that delivered."""
    failures: list[str] = []
    used: list[str] = []
    for source in spec.sources:
        try:
            fetch(source, staging, partial, progress)
            used.append(source.label)
            faults = [fault for file in spec.files if (fault := _fault(file, staging)) is not None]
            if not faults:
                return tuple(used)
            for fault in faults:
                (staging / fault.path).unlink(missing_ok=True)
            failures.append(f"{source.label}: " + "; ".join(f"{f.path} {f.reason}" for f in faults))
        except (SourceFailed, OSError) as error:
            reason = str(error)
            failures.append(reason if source.label in reason else f"{source.label}: {reason}")
    reasons = "\n".join(f"  - {failure}" for failure in failures)
    raise PullFailed(f"No source delivered {spec.name} whole:\n{reasons}")


def _fault(file: ModelFile, directory: Path) -> Fault | None:
    path = directory / file.path
    if not path.is_file():
        return Fault(file.path, "is missing")
    if path.stat().st_size != file.size:
        return Fault(file.path, f"has {path.stat().st_size} bytes instead of {file.size}")
    digest = _sha256(path)
    return None if digest == file.sha256 else Fault(file.path, f"has sha256 {digest}, not {file.sha256}")


def _write_receipt(spec: ModelSpec, directory: Path, used: tuple[str, ...]) -> None:
    found = sorted(path for path in directory.rglob("*") if path.is_file())
    files = spec.files or tuple(
        ModelFile(path.relative_to(directory).as_posix(), path.stat().st_size, _sha256(path))
        for path in found
    )
    receipt = {
        "name": spec.name,
        "verified": spec.verifiable,
        "sources": used,
        "files": [asdict(file) for file in files],
    }
    (directory / _RECEIPT).write_text(json.dumps(receipt, indent=1), encoding="utf-8")


def _receipt_files(directory: Path) -> tuple[ModelFile, ...]:
    receipt = json.loads((directory / _RECEIPT).read_text(encoding="utf-8"))
    return tuple(ModelFile(**file) for file in receipt["files"])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
