"""Three sounds that the tests of calls can tell apart, in pieces of 20 ms."""

RATE_HZ = 8000
TICK_MS = 20
SPEECH = b"\x01\x10" * (RATE_HZ * TICK_MS // 1000)
SILENCE = bytes(len(SPEECH))
NOISE = b"\x01\x00" * (len(SPEECH) // 2)
