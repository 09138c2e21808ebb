"""Telephone numbers as people and trunks write them, into the one form that the books are kept in."""

from dataclasses import dataclass

import phonenumbers
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from ivr.campaign.people import NumberFacts


def to_e164(text: str, default_region: str) -> str | None:
    """`138 0000 0001`, `008613800000001` or `+86-138-0000-0001` to `+8613800000001`.

    `default_region` (ISO 3166, such as CN) is where a number without a country code belongs. None for what
    cannot be a subscriber's number: an extension, a name, `anonymous`.
    """
    try:
        number = phonenumbers.parse(text, default_region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@dataclass(frozen=True, slots=True)
class KnownNumber:
    """A number in E.164 with what is known of it."""

    phone: str
    facts: NumberFacts


def known_number(text: str, default_region: str) -> KnownNumber | None:
    """What the numbering plans say of a number, about 0.1 ms each; None for what is not like a number at all.

    Zones that the library does not know are left out, so that nobody takes them for some zone.
    """
    try:
        number = phonenumbers.parse(text, default_region)
    except phonenumbers.NumberParseException:
        return None
    kind = phonenumbers.PhoneNumberType.to_string(phonenumbers.number_type(number)).lower()
    zones = tuple(zone for zone in time_zones_for_number(number) if zone != UNKNOWN_TIMEZONE)
    facts = NumberFacts(
        valid=phonenumbers.is_valid_number(number),
        kind=kind,
        region=phonenumbers.region_code_for_number(number) or "",
        zones=zones,
    )
    return KnownNumber(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), facts)
