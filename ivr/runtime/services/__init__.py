"""What scripts can look up, and have done: one file for each family of lookups."""

from ivr.runtime.services.hotline import HotlineServices
from ivr.runtime.services.lookup import Found, Slots

__all__ = ["Found", "HotlineServices", "Slots"]
