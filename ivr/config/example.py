"""The commented example file, made from the settings themselves so that it cannot lie."""

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ivr.config.sections import Account
from ivr.config.settings import Settings

_HEAD = """\
# Settings of the hotline. Every key is shown with its default, commented out: uncomment what you change.
# Read from --config FILE, else $IVR_CONFIG, else ./ivr.toml. Secrets come from the environment only:
# IVR_DATABASE_URL, IVR_MQTT_PASSWORD, IVR_LOAN_BOOK_TOKEN, IVR_CHAT_TOKEN, IVR_CAMPAIGN_TOKEN,
# IVR_SIP_PASSWORD_<ACCOUNT>.
# IVR_WORKERS goes before workers.count.
# `ivr config check` names every fault; `ivr config show` prints what is in force.
"""

_ACCOUNT = Account(name="trunk", registrar="sip.example", user="hotline")


def example_toml() -> str:
    """The example file's text."""
    defaults = Settings()
    parts = [_HEAD, *("\n".join(_section(name, getattr(defaults, name))) for name in Settings.model_fields)]
    parts.append("\n".join(_account()))
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _section(name: str, section: BaseModel) -> Iterator[str]:
    yield f"[{name}]"
    yield from _comment(type(section).__doc__ or "")
    for key, field in type(section).model_fields.items():
        if not field.exclude and not (name == "sip" and key == "accounts"):
            yield from _key(key, field, section.model_dump(mode="json")[key])


def _account() -> Iterator[str]:
    yield "# [[sip.accounts]]"
    yield from _comment(Account.__doc__ or "")
    shown = _ACCOUNT.model_dump(mode="json")
    for key, field in Account.model_fields.items():
        if not field.exclude:
            yield from _key(key, field, shown[key])


def _key(key: str, field: FieldInfo, value: Any) -> Iterator[str]:
    yield from _comment(field.description or "")
    yield f"# {key} = {_toml(value)}"


def _comment(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, width=105, initial_indent="## ", subsequent_indent="## ")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
