"""Identifiers that travel through every layer; distinct types so that one cannot stand for another."""

from typing import NewType

CallId = NewType("CallId", str)
"""One conversation: 26 characters, sortable by time of creation."""

LegId = NewType("LegId", str)
"""One SIP INVITE session of a call."""

CustomerId = NewType("CustomerId", str)
WorkerId = NewType("WorkerId", str)
"""A worker's stable name over restarts: host and SIP port."""

CampaignId = NewType("CampaignId", str)
ContactId = NewType("ContactId", str)
"""One person to be rung in one campaign."""

AttemptId = NewType("AttemptId", str)
"""One outbound INVITE for a contact."""
