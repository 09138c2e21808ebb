"""How a fault in a call is told: enough to find it, nothing that a customer said."""

from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


def report_error(what: str, error: Exception) -> None:
    """Log a fault with its type and place, but not its text: that may quote a customer."""
    frames = error.__traceback__
    while frames is not None and frames.tb_next is not None:
        frames = frames.tb_next
    place = f"{Path(frames.tb_frame.f_code.co_filename).name}:{frames.tb_lineno}" if frames else "unknown"
    log.error("fault", what=what, error=type(error).__name__, place=place)
