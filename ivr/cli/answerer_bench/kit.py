"""What the bench and the fitting of the model have in common: voices, rooms and the stage."""

from pathlib import Path

from ivr.adapters.models import default_models_dir, installed
from ivr.adapters.voice.voices import load_voices
from ivr.cli.answerer_bench.clips import Clips, default_clips_dir
from ivr.cli.answerer_bench.scenes import Stage
from ivr.cli.asr_bench.line import noise_files
from ivr.cli.turns_bench.sounds import read_rooms

_PROMPTS = Path("prompts")


def open_stage(noise: list[Path], voice_dirs: list[Path], seed: int, clips_dir: Path | None = None) -> Stage:
    """A stage with Kokoro's voices and these rooms. Raises `PromptFilesError`, `OSError`."""
    voices = load_voices(_PROMPTS)
    clips = Clips(
        directory=clips_dir or default_clips_dir(),
        model_dir=installed("kokoro-82m", default_models_dir()),
        voice_dirs=[voices.directory, *voice_dirs],
        readings=voices.readings,
    )
    return Stage(clips.speak, list(read_rooms(noise_files(noise)).values()), seed)
