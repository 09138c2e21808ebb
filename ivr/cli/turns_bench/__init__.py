"""The parts of `ivr bench turns`."""
