"""A ticket's number can be spoken, and a misheard one is noticed."""

import pytest

from ivr.calls.tickets import is_ticket_number, ticket_number


def test_numbers_are_short_distinct_and_hold_digits_only() -> None:
    numbers = [ticket_number(serial) for serial in range(1, 2_000)]
    assert numbers[:3] == ["100010", "100028", "100036"]
    assert len(set(numbers)) == len(numbers)
    assert all(len(number) == 6 and number.isdigit() and is_ticket_number(number) for number in numbers)
    with pytest.raises(ValueError, match="from 1"):
        ticket_number(0)


def test_one_wrong_digit_is_always_noticed_and_two_swapped_ones_nearly_always() -> None:
    number = ticket_number(27_182)
    for place, digit in enumerate(number):
        for other in set("0123456789") - {digit}:
            assert not is_ticket_number(number[:place] + other + number[place + 1 :])
    swaps = unnoticed = 0
    for serial in range(1, 3_000):
        told = ticket_number(serial)
        for place in range(len(told) - 1):
            swapped = told[:place] + told[place + 1] + told[place] + told[place + 2 :]
            if swapped != told:
                swaps += 1
                unnoticed += is_ticket_number(swapped)
    assert unnoticed / swaps < 0.03


@pytest.mark.parametrize("text", ["", "1", "100011", "07945", "１００００１", "10 0010", "abc"])
def test_what_is_no_number_of_a_ticket_is_told_apart(text: str) -> None:
    assert not is_ticket_number(text)
