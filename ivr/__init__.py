"""A SIP-connected voice agent for a consumer-finance hotline."""
