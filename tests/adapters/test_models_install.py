"""Models arrive whole or not at all, from whichever source answers."""

import hashlib
import http.server
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.models import PullFailed, all_models, default_models_dir, find_engine_model, installed
from ivr.adapters.models.install import pull_spec, verify_directory
from ivr.adapters.models.manifest import (
    Member,
    ModelFile,
    ModelSpec,
    PypiSource,
    Source,
    UnknownModel,
    UrlSource,
    ZipSource,
    find_model,
)
from ivr.adapters.models.sources import NoProgress

_BODY = bytes(range(256)) * 400


class FileServer(http.server.ThreadingHTTPServer):
    """Serves `_BODY` for every path but /absent, honouring Range; can break off a first answer half way."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.break_next = False
        self.ranges: list[str | None] = []
        self.bodies: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        if self.path == "/absent":
            self.send_error(404)
            return
        body = self.server.bodies.get(self.path, _BODY)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        end = len(body) // 2 if self.server.break_next else len(body)
        self.server.break_next = False
        self.wfile.write(body[start:end])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _spec(*sources: Source, body: bytes = _BODY, known: bool = True) -> ModelSpec:
    file = ModelFile("deep/model.bin", len(body), hashlib.sha256(body).hexdigest())
    return ModelSpec("toy", "a toy", "vosk", ("xx-XX",), "MIT", False, sources, (file,) if known else ())


def test_a_model_is_fetched_verified_and_not_fetched_again(tmp_path: Path, server: FileServer) -> None:
    spec = _spec(UrlSource(server.url, ("deep/model.bin",)))
    directory = pull_spec(spec, tmp_path, NoProgress())
    assert (directory / "deep/model.bin").read_bytes() == _BODY
    assert verify_directory(directory) == []
    assert pull_spec(spec, tmp_path, NoProgress()) == directory
    assert len(server.ranges) == 1


def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path, server: FileServer) -> None:
    spec = _spec(UrlSource(server.url, ("deep/model.bin",)))
    server.break_next = True
    with pytest.raises(PullFailed):
        pull_spec(spec, tmp_path, NoProgress())
    assert not (tmp_path / "toy").exists()
    directory = pull_spec(spec, tmp_path, NoProgress())
    assert server.ranges == [None, f"bytes={len(_BODY) // 2}-"]
    assert (directory / "deep/model.bin").read_bytes() == _BODY


def test_the_next_source_is_tried_and_every_reason_is_told(tmp_path: Path, server: FileServer) -> None:
    absent, wrong = (
        ZipSource(server.url + "absent", "x"),
        UrlSource(server.url + "wrong/", ("deep/model.bin",)),
    )
    server.bodies["/wrong/deep/model.bin"] = b"x" * len(_BODY)
    with pytest.raises(PullFailed) as failure:
        pull_spec(_spec(absent, wrong), tmp_path, NoProgress())
    assert "absent answered 404" in str(failure.value)
    assert "/wrong/: deep/model.bin has sha256" in str(failure.value)
    good = UrlSource(server.url, ("deep/model.bin",))
    directory = pull_spec(_spec(absent, wrong, good), tmp_path, NoProgress())
    assert verify_directory(directory) == []


def test_a_damaged_model_is_found_and_mended(tmp_path: Path, server: FileServer) -> None:
    spec = _spec(UrlSource(server.url, ("deep/model.bin",)))
    directory = pull_spec(spec, tmp_path, NoProgress())
    (directory / "deep/model.bin").write_bytes(b"y" + _BODY[1:])
    assert [fault.path for fault in verify_directory(directory)] == ["deep/model.bin"]
    pull_spec(spec, tmp_path, NoProgress())
    assert verify_directory(directory) == []


def test_unverified_models_need_consent_and_are_pinned_by_it(tmp_path: Path, server: FileServer) -> None:
    archive = tmp_path / "toy.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("toy-1/deep/model.bin", _BODY)
    server.bodies["/toy.zip"] = archive.read_bytes()
    spec = _spec(ZipSource(server.url + "toy.zip", "toy-1"), known=False)
    with pytest.raises(PullFailed, match="--allow-unverified"):
        pull_spec(spec, tmp_path, NoProgress())
    directory = pull_spec(spec, tmp_path, NoProgress(), allow_unverified=True)
    assert verify_directory(directory) == []
    (directory / "deep/model.bin").write_bytes(b"changed")
    assert verify_directory(directory)


def test_packages_are_fetched_by_pip_and_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for part, body in (("one", _BODY[:1000]), ("two", _BODY[1000:])):
        _write_wheel(wheels, f"toy_model_{part}", body)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    parts = ("toy_model_one/part.bin", "toy_model_two/part.bin")
    members = (Member("deep/model.bin", parts),)
    source = PypiSource(("toy-model-one==1.0", "toy-model-two==1.0"), members)
    directory = pull_spec(_spec(source), tmp_path / "models", NoProgress())
    assert (directory / "deep/model.bin").read_bytes() == _BODY
    missing = PypiSource(("toy-model-three==1.0",), members)
    with pytest.raises(PullFailed, match="toy-model-three"):
        pull_spec(_spec(missing), tmp_path / "elsewhere", NoProgress())


def _write_wheel(directory: Path, name: str, body: bytes) -> None:
    with zipfile.ZipFile(directory / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/part.bin", body)
        info = f"{name}-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_the_packaged_manifest_can_deliver_each_verified_file() -> None:
    for spec in all_models():
        assert spec.sources, spec.name
        for source in spec.sources:
            if isinstance(source, PypiSource) and source.members:
                assert {m.path for m in source.members} == {f.path for f in spec.files}
            if isinstance(source, UrlSource):
                assert set(source.paths) <= {f.path for f in spec.files}


def test_names_and_places() -> None:
    with pytest.raises(UnknownModel, match="whisper-base"):
        find_model("whisper-huge")
    assert default_models_dir({"IVR_MODELS": "/srv/models"}) == Path("/srv/models")
    assert default_models_dir({"XDG_CACHE_HOME": "/c"}) == Path("/c/ivr/models")


def test_nothing_is_installed_in_an_empty_place(tmp_path: Path) -> None:
    assert installed("whisper-base", tmp_path) is None
    assert find_engine_model("vosk", "zh-CN", tmp_path) is None
