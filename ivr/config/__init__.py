"""One TOML file and environment secrets into frozen settings, checked whole before anything starts."""

from ivr.config.example import example_toml
from ivr.config.loading import ConfigError, find_file, load_settings
from ivr.config.problem import Problem
from ivr.config.sections import Account
from ivr.config.settings import Settings

__all__ = ["Account", "ConfigError", "Problem", "Settings", "example_toml", "find_file", "load_settings"]
