"""The one place where adapters are chosen and joined: settings in, a serving worker out."""

from ivr.bootstrap.worker import serve_worker

__all__ = ["serve_worker"]
