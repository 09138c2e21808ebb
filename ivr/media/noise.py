"""A noisy room of a stated loudness under the caller's speech."""

from ivr.media.level import FLOOR_DB, Samples, amplified, level_db


def room_at_snr(noise: Samples, *, speech_db: float, snr_db: float) -> Samples:
    """Bring the noise `snr_db` below speech of the active level `speech_db` (dBov).

    The noise's own level is the RMS over its whole length. Raises `ValueError` for a silent noise, which
    no gain can bring to any level.
    """
    noise_db = level_db(noise)
    if noise_db <= FLOOR_DB:
        raise ValueError("the noise is silent")
    return amplified(noise, speech_db - snr_db - noise_db)
