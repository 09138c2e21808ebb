"""Which engine answers for which locale."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from ivr.adapters.models import all_models, find_engine_model
from ivr.adapters.recogniser.engine import BadRequest, Engine
from ivr.adapters.recogniser.vosk_engine import VoskEngine
from ivr.adapters.recogniser.whisper_engine import WhisperEngine

ENGINES = ("auto", "vosk", "whisper")


class Engines:
    """Engines by need: a model is loaded when its locale is first asked for, once, and kept."""

    def __init__(self, models_dir: Path, *, engine: str, threads: int) -> None:
        """`engine` is one of `ENGINES`; `auto` is Vosk where it has a model, else Whisper."""
        self._models_dir = models_dir
        self._default = engine
        self._threads = threads
        self._loaded: dict[Path, Engine] = {}
        self._lock = Lock()

    def locales(self) -> dict[str, tuple[str, str]]:
        """Engine and model of each locale that can be served."""
        found: dict[str, tuple[str, str]] = {}
        for locale in sorted({locale for spec in all_models() for locale in spec.locales}):
            place = self._find(self._default, locale)
            if place is not None:
                found[locale] = (place[0], place[1].name)
        return found

    def load(self, locales: Sequence[str]) -> None:
        """Load the models of these locales, so that no caller waits; those without one are left out."""
        for locale in locales:
            if self._find(self._default, locale) is not None:
                self.engine_for(locale, "")

    def engine_for(self, locale: str, wanted: str) -> Engine:
        """The engine of a locale, loaded; `wanted` overrides the default. Blocks. Raises `BadRequest`."""
        name = wanted or self._default
        if name not in ENGINES:
            raise BadRequest(f"there is no engine {name!r}; use {', '.join(ENGINES)}")
        place = self._find(name, locale)
        if place is None:
            raise BadRequest(
                f"no model of engine {name} is installed for {locale} in {self._models_dir}; "
                "see: ivr models list"
            )
        kind, directory = place
        with self._lock:
            if directory not in self._loaded:
                self._loaded[directory] = self._load_engine(kind, directory, locale)
            return self._loaded[directory]

    def _find(self, name: str, locale: str) -> tuple[str, Path] | None:
        for kind in ("vosk", "whisper"):
            if name in {kind, "auto"}:
                directory = find_engine_model(kind, locale, self._models_dir)
                if directory is not None:
                    return kind, directory
        return None

    def _load_engine(self, kind: str, directory: Path, locale: str) -> Engine:
        if kind == "vosk":
            return VoskEngine(directory, locale=locale)
        return WhisperEngine(directory, threads=self._threads)
