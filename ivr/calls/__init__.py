"""The shared words of the trade: calls, legs, events, dispositions, loans. Standard library only."""
