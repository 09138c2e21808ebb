"""What words are worth: amounts, dates, digits, ratings, choices, yes and no. `now` is an argument."""

from ivr.grammar.meanings.readers import READERS, Reader

__all__ = ["READERS", "Reader"]
