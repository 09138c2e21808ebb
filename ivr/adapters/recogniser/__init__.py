"""Speech recognition in a process of its own, spoken to by the vosk-server WebSocket protocol."""
