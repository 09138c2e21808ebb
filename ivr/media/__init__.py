"""Audio rules counted in milliseconds of audio: endpointing, barge-in, key collection."""
