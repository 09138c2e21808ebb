"""What the recogniser has done, for Prometheus."""

from prometheus_client import Counter, Histogram

UTTERANCES = Counter("ivr_recogniser_utterances", "Utterances recognised.", ["engine", "outcome"])
"""`outcome` is `words`, `nothing` or `error`."""

AUDIO_SECONDS = Counter("ivr_recogniser_audio_seconds", "Audio received.", ["engine"])

DECODE_SECONDS = Histogram(
    "ivr_recogniser_decode_seconds",
    "From the end of an utterance to its last words, waiting for a free thread included.",
    ["engine"],
    buckets=(0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0),
)

EARLY_DECODES = Counter("ivr_recogniser_early_decodes", "Decodings started in a pause.", ["fate"])
"""`fate` is `used` or `dropped`."""
