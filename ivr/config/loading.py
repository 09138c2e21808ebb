"""Reading the settings: every fault at once, each with its file, key, reason and mend."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ivr.config.cross_checks import cross_check
from ivr.config.problem import Problem
from ivr.config.settings import Settings

CONFIG_VARIABLE = "IVR_CONFIG"
WORKERS_VARIABLE = "IVR_WORKERS"
"""Goes before workers.count: `ivr run --workers` tells its processes by it."""
DEFAULT_FILE = Path("ivr.toml")
SIP_PASSWORD_PREFIX = "IVR_SIP_PASSWORD_"
_SECRETS = {
    ("bus", "password"): "IVR_MQTT_PASSWORD",
    ("loan_book", "token"): "IVR_LOAN_BOOK_TOKEN",
    ("chat", "token"): "IVR_CHAT_TOKEN",
    ("campaign_api", "token"): "IVR_CAMPAIGN_TOKEN",
}


class ConfigError(Exception):
    """The settings cannot be used. `problems` lists everything that is wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def load_settings(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read `path`, else $IVR_CONFIG, else ./ivr.toml when present, else defaults; add the secrets.

    Raises `ConfigError` with all problems.
    """
    source = find_file(path, environ)
    name = str(source) if source else "(defaults)"
    data = _read(source) if source else {}
    problems = [*_misplaced_secrets(data, name), *_add_environment(data, environ)]
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        problems += [_problem(name, dict(fault)) for fault in error.errors()]
    if settings is not None:
        problems += [Problem(name, *found) for found in cross_check(settings)]
    if settings is None or problems:
        raise ConfigError(tuple(problems))
    return settings


def find_file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The settings file that `load_settings` reads, or None for the defaults."""
    if path is not None:
        return path
    if environ.get(CONFIG_VARIABLE):
        return Path(environ[CONFIG_VARIABLE])
    return DEFAULT_FILE if DEFAULT_FILE.is_file() else None


def _read(source: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        problem = Problem(
            str(source),
            "",
            error.strerror or str(error),
            f"name a readable file in --config or ${CONFIG_VARIABLE}",
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = Problem(str(source), "", f"is not TOML in UTF-8: {error}", "see docs/ivr.example.toml")
    raise ConfigError((problem,))


def _misplaced_secrets(data: Mapping[str, Any], name: str) -> Iterator[Problem]:
    for section, key, variable in (("store", "url", "IVR_DATABASE_URL"), ("bus", "url", "IVR_MQTT_PASSWORD")):
        value = _section(data, section).get(key)
        if isinstance(value, str) and re.search(r"://[^/@]*:[^/@]*@", value):
            yield Problem(
                name, f"{section}.{key}", "holds a password", f"take it out of the file and export {variable}"
            )
    for (section, key), variable in _SECRETS.items():
        if key in _section(data, section):
            mend = f"take it out of the file and export {variable}"
            yield Problem(name, f"{section}.{key}", "is a secret", mend)
    for account in _accounts(data):
        if "password" in account:
            mend = f"take it out of the file and export {password_variable(str(account.get('name', 'NAME')))}"
            yield Problem(name, "sip.accounts.password", "is a secret", mend)


def _add_environment(data: dict[str, Any], environ: Mapping[str, str]) -> Iterator[Problem]:
    if environ.get("IVR_DATABASE_URL"):
        data["store"] = {**_section(data, "store"), "url": environ["IVR_DATABASE_URL"]}
    if environ.get(WORKERS_VARIABLE):
        data["workers"] = {**_section(data, "workers"), "count": environ[WORKERS_VARIABLE]}
    for (section, key), variable in _SECRETS.items():
        if environ.get(variable):
            data[section] = {**_section(data, section), key: environ[variable]}
    unused = {key for key in environ if key.startswith(SIP_PASSWORD_PREFIX)}
    for account in _accounts(data):
        variable = password_variable(str(account.get("name", "")))
        if variable in unused:
            unused.discard(variable)
            account["password"] = environ[variable]
    for variable in sorted(unused):
        yield Problem(
            "environment",
            variable,
            "belongs to no account",
            "add the account to [[sip.accounts]] or unset it",
        )


def password_variable(account: str) -> str:
    """The environment variable that holds an account's password."""
    return SIP_PASSWORD_PREFIX + re.sub(r"\W", "_", account.upper())


def _section(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    section = data.get(name, {})
    return section if isinstance(section, dict) else {}


def _accounts(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    accounts = _section(data, "sip").get("accounts", [])
    return [a for a in accounts if isinstance(a, dict)] if isinstance(accounts, list) else []


def _problem(name: str, fault: Mapping[str, Any]) -> Problem:
    place: tuple[str | int, ...] = fault["loc"]
    key = ".".join(str(part) for part in place)
    model, field = _find_field(place)
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(field, model.model_fields, n=1) if model else []
        mend = f"did you mean `{near[0]}`?" if near else "take it out; docs/ivr.example.toml lists all keys"
        return Problem(name, key, "is not a setting", mend)
    reason = str(fault["msg"]).removeprefix("Value error, ")
    known = model.model_fields.get(field) if model else None
    mend = (known.description if known else None) or "see docs/ivr.example.toml"
    return Problem(name, key, reason[0].lower() + reason[1:], mend)


def _find_field(place: tuple[str | int, ...]) -> tuple[type[BaseModel] | None, str]:
    """The deepest settings class on the way to a fault, and the name of the field in it."""
    model: type[BaseModel] | None = Settings
    field = ""
    for part in place:
        if not isinstance(part, str) or model is None:
            continue
        owner, field = model, part
        known = owner.model_fields.get(part)
        inner = _model_in(known.annotation) if known else None
        if inner is None:
            return owner, field
        model = inner
    return model, field


def _model_in(annotation: Any) -> type[BaseModel] | None:
    candidates = [annotation, *getattr(annotation, "__args__", ())]
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
