"""Campaigns, contacts and attempts as rows, and back."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Row

from ivr.calls.attempts import AttemptResult
from ivr.calls.ids import AttemptId, CallId, CampaignId, ContactId, CustomerId, WorkerId
from ivr.campaign.attempt import Attempt
from ivr.campaign.decision import Decision, Reason, Rule, Shown
from ivr.campaign.people import Contact, ContactState, Hours, NumberFacts
from ivr.campaign.policy import CallWindow, Campaign, CampaignState, Caps, RetryPolicy, RetryRule

_AT = "at"
"""The key of a moment in a stored decision, which JSON has no type for."""


def campaign_row(campaign: Campaign) -> dict[str, Any]:
    """All columns but `created_at`."""
    window, caps, retry = campaign.window, campaign.caps, campaign.retry
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "script_id": campaign.script_id,
        "locale": campaign.locale,
        "state": campaign.state.value,
        "priority": campaign.priority,
        "policy": {
            "window": {
                "opens": window.opens.isoformat(),
                "closes": window.closes.isoformat(),
                "weekdays": sorted(window.weekdays),
                "keep_holidays": window.keep_holidays,
                "country": window.country,
            },
            "caps": {
                "per_day": caps.per_day,
                "per_week": caps.per_week,
                "least_gap_s": caps.least_gap.total_seconds(),
            },
            "retry": {
                "waits_s": {
                    result.value: [wait.total_seconds() for wait in rule.waits]
                    for result, rule in retry.rules.items()
                },
                "most_attempts": retry.most_attempts,
            },
            "regions": sorted(campaign.regions),
            "message_on_machine": campaign.message_on_machine,
        },
        "max_lines": campaign.max_lines,
        "calls_per_s": campaign.calls_per_s,
        "starts_at": campaign.starts_at,
        "ends_at": campaign.ends_at,
        "needs_consent": campaign.needs_consent,
        "cloned_from": campaign.cloned_from,
        "version": campaign.version,
    }


def campaign_of(row: Row[Any]) -> Campaign:
    """The campaign of a row of `campaigns`."""
    policy = row.policy
    window, caps, retry = policy["window"], policy["caps"], policy["retry"]
    return Campaign(
        campaign_id=CampaignId(row.campaign_id),
        name=row.name,
        script_id=row.script_id,
        locale=row.locale,
        state=CampaignState(row.state),
        priority=row.priority,
        window=CallWindow(
            time.fromisoformat(window["opens"]),
            time.fromisoformat(window["closes"]),
            frozenset(window["weekdays"]),
            window["keep_holidays"],
            window["country"],
        ),
        caps=Caps(caps["per_day"], caps["per_week"], timedelta(seconds=caps["least_gap_s"])),
        retry=RetryPolicy(
            {
                AttemptResult(result): RetryRule(tuple(timedelta(seconds=wait) for wait in waits))
                for result, waits in retry["waits_s"].items()
            },
            retry["most_attempts"],
        ),
        regions=frozenset(policy["regions"]),
        max_lines=row.max_lines,
        calls_per_s=row.calls_per_s,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        needs_consent=row.needs_consent,
        message_on_machine=policy.get("message_on_machine", ""),
        cloned_from=CampaignId(row.cloned_from) if row.cloned_from is not None else None,
        version=row.version,
    )


def zones_key(zones: tuple[str, ...]) -> str:
    """Possible zones as one text; empty where none is known."""
    return " ".join(zones)


def contact_row(contact: Contact) -> dict[str, Any]:
    """All columns."""
    return {
        "contact_id": contact.contact_id,
        "campaign_id": contact.campaign_id,
        "phone": contact.phone,
        "number_valid": contact.number.valid,
        "number_kind": contact.number.kind,
        "region": contact.number.region,
        "zones": zones_key(contact.number.zones),
        "locale": contact.locale,
        "customer_id": contact.customer_id,
        "facts": dict(contact.facts),
        "consent": contact.consent,
        "wish": _wish_text(contact.wish),
        **progress_row(contact),
    }


def progress_row(contact: Contact) -> dict[str, Any]:
    """The columns that change while a contact is rung."""
    return {
        "due_at": contact.due_at,
        "promised": contact.promised,
        "state": contact.state.value,
        "tries": {result.value: count for result, count in contact.tries.items() if count},
        "final": contact.final.value if contact.final is not None else None,
        "why": contact.why,
        "attempt_id": contact.attempt_id,
    }


def contact_of(row: Row[Any]) -> Contact:
    """The contact of a row of `contacts`."""
    return Contact(
        contact_id=ContactId(row.contact_id),
        campaign_id=CampaignId(row.campaign_id),
        phone=row.phone,
        number=NumberFacts(row.number_valid, row.number_kind, row.region, tuple(row.zones.split())),
        locale=row.locale,
        due_at=row.due_at,
        customer_id=CustomerId(row.customer_id) if row.customer_id is not None else None,
        facts=row.facts,
        consent=row.consent,
        wish=_wish(row.wish),
        promised=row.promised,
        state=ContactState(row.state),
        tries={AttemptResult(result): count for result, count in row.tries.items()},
        final=AttemptResult(row.final) if row.final is not None else None,
        why=row.why,
        attempt_id=AttemptId(row.attempt_id) if row.attempt_id is not None else None,
    )


def _wish_text(wish: Hours | None) -> str | None:
    return f"{wish.opens.isoformat()}-{wish.closes.isoformat()}" if wish is not None else None


def _wish(text: str | None) -> Hours | None:
    if text is None:
        return None
    opens, _, closes = text.partition("-")
    return Hours(time.fromisoformat(opens), time.fromisoformat(closes))


def attempt_row(attempt: Attempt) -> dict[str, Any]:
    """All columns."""
    return {
        "attempt_id": attempt.attempt_id,
        "contact_id": attempt.contact_id,
        "campaign_id": attempt.campaign_id,
        "phone": attempt.phone,
        "worker_id": attempt.worker_id,
        "leased_at": attempt.leased_at,
        "lease_until": attempt.lease_until,
        "decision": decision_json(attempt.decision),
        "list_version": attempt.list_version,
        "dialled_at": attempt.dialled_at,
        "answered_at": attempt.answered_at,
        "ended_at": attempt.ended_at,
        "result": attempt.result.value if attempt.result is not None else None,
        "sip_code": attempt.sip_code,
        "call_id": attempt.call_id,
        "rang_back": attempt.rang_back,
    }


def attempt_of(row: Row[Any]) -> Attempt:
    """The attempt of a row of `attempts`."""
    return Attempt(
        attempt_id=AttemptId(row.attempt_id),
        contact_id=ContactId(row.contact_id),
        campaign_id=CampaignId(row.campaign_id),
        phone=row.phone,
        worker_id=WorkerId(row.worker_id),
        leased_at=row.leased_at,
        lease_until=row.lease_until,
        decision=_decision(row.decision),
        list_version=row.list_version,
        dialled_at=row.dialled_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        result=AttemptResult(row.result) if row.result is not None else None,
        sip_code=row.sip_code,
        call_id=CallId(row.call_id) if row.call_id is not None else None,
        rang_back=row.rang_back,
    )


def decision_json(decision: Decision) -> list[list[Any]]:
    """A decision to dial as it is stored: rule, value and limit of each reason. All of them were right."""
    return [
        [reason.rule.value, _written(reason.value), _written(reason.limit), reason.ok]
        for reason in decision.reasons
    ]


def _decision(stored: list[list[Any]]) -> Decision:
    reasons = tuple(Reason(Rule(rule), _read(value), _read(limit), ok) for rule, value, limit, ok in stored)
    return Decision(all(reason.ok for reason in reasons), reasons, None)


def _written(value: Shown) -> Any:
    return {_AT: value.isoformat()} if isinstance(value, datetime) else value


def _read(value: Any) -> Shown:
    return datetime.fromisoformat(value[_AT]) if isinstance(value, Mapping) else value
