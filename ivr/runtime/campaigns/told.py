"""Campaigns, previews and explanations as programs read them, the same from the command and over HTTP."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from ivr.campaign.policy import Campaign
from ivr.runtime.campaign_ports import CampaignStatus
from ivr.runtime.campaigns.explaining import Explained
from ivr.runtime.campaigns.preview import Preview


def plain(value: object) -> object:
    """For `json.dumps(default=...)`: moments in ISO 8601, lengths of time in seconds, sets in order."""
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def campaign_told(campaign: Campaign) -> dict[str, Any]:
    """All that is known of a campaign."""
    told = asdict(campaign)
    told["retry"] = {
        "most_attempts": campaign.retry.most_attempts,
        "after": {result.value: list(rule.waits) for result, rule in campaign.retry.rules.items()},
    }
    return told


def status_told(campaign: Campaign, figures: CampaignStatus) -> dict[str, Any]:
    """A campaign with how far it has come."""
    return {
        **campaign_told(campaign),
        "contacts": dict(figures.contacts),
        "done": dict(figures.done),
        "attempts": dict(figures.attempts),
        "next_due_at": figures.next_due_at,
    }


def preview_told(found: Preview) -> dict[str, Any]:
    """All figures of it."""
    return {name: getattr(found, name) for name in Preview.__slots__}


def explained_told(found: Explained) -> dict[str, Any]:
    """One contact with every rule, and with the decision that led to each attempt."""
    contact, decision = found.case.contact, found.decision
    return {
        "campaign": found.case.campaign.name,
        "contact_id": contact.contact_id,
        "phone": contact.phone,
        "state": contact.state,
        "why": contact.why,
        "time_zones": contact.number.zones,
        "may_be_rung": decision.dial,
        "never": decision.for_good,
        "not_before": decision.not_before,
        "rules": [reason._asdict() for reason in decision.reasons],
        "attempts": [
            {
                "attempt_id": attempt.attempt_id,
                "dialled_at": attempt.dialled_at,
                "rang_back": attempt.rang_back,
                "answered_at": attempt.answered_at,
                "ended_at": attempt.ended_at,
                "result": attempt.result,
                "sip_code": attempt.sip_code,
                "call_id": attempt.call_id,
                "list_version": attempt.list_version,
                "rules": [reason._asdict() for reason in attempt.decision.reasons],
            }
            for attempt in found.attempts
        ],
    }
