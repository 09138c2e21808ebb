"""Scripts from YAML files."""

from pathlib import Path
from typing import Any

import yaml

from ivr.dialogue.script import Script
from ivr.dialogue.script_data import ScriptFault, parse_script
from ivr.dialogue.survey import Survey
from ivr.dialogue.survey_data import SURVEYS, parse_survey

SERVICES = "services"
"""The folder beside a script that holds a file for each of its services."""

DIALLED = "dialled.yaml"
"""The frame of the calls that we place, beside the folder of the surveys that are put in."""


def load_script(path: Path) -> Script:
    """Read and check a frame with its services, or a survey with the frame above its folder.

    Raises `ScriptFault` with file, place and reason.
    """
    if path.resolve().parent.name == SURVEYS:
        return _load_survey(path)
    data = _read(path, "must be a mapping with script, version, start, menu and steps")
    folder = path.parent / SERVICES
    services = {
        f"{SERVICES}/{file.name}": _read(file, "must be a mapping with service, intents, verify and steps")
        for file in sorted(folder.glob("*.yaml"))
    }
    return parse_script(data, str(path), services)


def _load_survey(path: Path) -> Script:
    frame = path.resolve().parents[1] / DIALLED
    data = _read(path, "must be a mapping with survey, version, facts, purpose, thanks and items")
    frame_data = _read(frame, "must be a mapping with script, version, start, menu, items and steps")
    return parse_survey(data, f"{SURVEYS}/{path.name}", frame_data, str(frame))


def survey_files(scripts: Path) -> list[Path]:
    """The surveys in a folder of scripts, by name."""
    return sorted((scripts / SURVEYS).glob("*.yaml"))


def survey_file(scripts: Path, survey_id: str) -> Path:
    """The file of one survey. Raises `ValueError` with the known ones."""
    found = {path.stem: path for path in survey_files(scripts)}
    if survey_id not in found:
        raise ValueError(f"there is no survey {survey_id}; known are {', '.join(found) or 'none'}")
    return found[survey_id]


def load_survey(scripts: Path, survey_id: str) -> Survey:
    """One survey. Raises `ValueError` with the known ones, or with its fault."""
    try:
        script = load_script(survey_file(scripts, survey_id))
    except ScriptFault as fault:
        raise ValueError(str(fault)) from None
    if script.survey is None:
        raise ValueError(f"{survey_id} is no survey")
    return script.survey


def _read(path: Path, wanted: str) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ScriptFault(str(path), [str(error)]) from error
    if not isinstance(data, dict):
        raise ScriptFault(str(path), [wanted])
    return data
