"""Prometheus metrics of the SIP endpoint."""

from prometheus_client import Counter, Gauge

LINES_IN_USE = Gauge("ivr_sip_lines_in_use", "Lines that carry a call at this moment")
LINES_CAPACITY = Gauge("ivr_sip_lines_capacity", "Lines that this process can carry")
INVITES = Counter(
    "ivr_sip_invites",
    "Incoming INVITEs by what became of them: admitted, foreign_peer, no_free_line, draining, library",
    ["result"],
)
RTP_RECEIVED = Counter("ivr_rtp_packets_received", "RTP packets received on ended calls")
RTP_LOST = Counter("ivr_rtp_packets_lost", "RTP packets lost on the way to us on ended calls")
FRAMES_LATE = Counter("ivr_media_frames_late", "Audio frames more than 20 ms late on ended calls")
CALLBACK_ERRORS = Counter("ivr_sip_callback_errors", "Exceptions inside callbacks of the SIP library")
