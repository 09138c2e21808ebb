"""Scripts from YAML files."""

from pathlib import Path

import yaml

from ivr.dialogue.script import Script
from ivr.dialogue.script_data import ScriptFault, parse_script


def load_script(path: Path) -> Script:
    """Read and check one script. Raises `ScriptFault` with file, place and reason."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ScriptFault(str(path), [str(error)]) from error
    if not isinstance(data, dict):
        raise ScriptFault(str(path), ["must be a mapping with script, version, start, menu and steps"])
    return parse_script(data, str(path))
