"""The parts of `ivr bench asr`."""
