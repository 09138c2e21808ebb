"""Telephone numbers as people and trunks write them, into the one form that the books are kept in."""

import phonenumbers


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
