"""Orchestration with asyncio: one CallSession per call, and the ports the adapters fill. Opens no device."""
