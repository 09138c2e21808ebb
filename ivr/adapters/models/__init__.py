"""The models that recognition and synthesis stand on: a manifest, and pulling, finding and verifying them."""

from ivr.adapters.models.install import (
    Fault,
    PullFailed,
    default_models_dir,
    find_engine_model,
    installed,
    pull,
    verify,
)
from ivr.adapters.models.manifest import ModelSpec, UnknownModel, all_models, find_model
from ivr.adapters.models.sources import NoProgress, PullProgress

__all__ = [
    "Fault",
    "ModelSpec",
    "NoProgress",
    "PullFailed",
    "PullProgress",
    "UnknownModel",
    "all_models",
    "default_models_dir",
    "find_engine_model",
    "find_model",
    "installed",
    "pull",
    "verify",
]
