"""The `ivr` command."""
