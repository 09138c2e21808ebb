"""YAML with the line of each mapping, for faults that say where they are."""

from pathlib import Path
from typing import Any

import yaml

LINE = "__line__"
"""The key under which each mapping tells the line that it begins on."""


class YamlFault(ValueError):
    """The file is no YAML; `line` is where it stops being so."""

    def __init__(self, reason: str, line: int) -> None:
        self.line = line
        super().__init__(reason)


class _Loader(yaml.SafeLoader):
    """Keeps lines."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    return {LINE: node.start_mark.line + 1, **loader.construct_mapping(node, deep=True)}


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> Any:
    """The file's data; every mapping has its line under `LINE`. Raises `YamlFault`."""
    try:
        return yaml.load(path.read_text("utf-8"), Loader=_Loader)
    except UnicodeDecodeError:
        raise YamlFault("is not UTF-8", 1) from None
    except OSError as error:
        raise YamlFault(f"cannot be read: {error.strerror}", 1) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlFault(f"is not YAML: {error.problem}", line) from None
