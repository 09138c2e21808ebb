"""A loan book that does not answer: the caller hears so, and somebody will see to it."""

import pytest
from phone_call import CUSTOMER, hear_out, phone, press, speak, wait

from ivr.adapters.store_memory import MemoryLoanBook
from ivr.calls.events import CallEnded, TicketOpened, WishSettled
from ivr.calls.identity import Check, Piece
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Customer, Loan

BALANCE = "我要查询贷款余额"


class FailingLoanBook(MemoryLoanBook):
    """Fails in the operations named."""

    def __init__(self, *failing: str) -> None:
        super().__init__([CUSTOMER])
        self._failing = failing

    async def find_customer(self, phone: str) -> Customer | None:
        self._maybe_fail("find_customer")
        return await super().find_customer(phone)

    async def check_piece(self, customer_id: CustomerId, piece: Piece, value: str) -> Check:
        self._maybe_fail("check_piece")
        return await super().check_piece(customer_id, piece, value)

    async def loans(self, customer_id: CustomerId) -> tuple[Loan, ...]:
        self._maybe_fail("loans")
        return await super().loans(customer_id)

    def _maybe_fail(self, operation: str) -> None:
        if operation in self._failing:
            raise ConnectionError(operation)


def asks_for_the_balance(line):
    yield from hear_out(line)
    yield from speak()
    yield from hear_out(line)
    yield from press("1234")
    yield from wait(20_000)


@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        ("find_customer", "identify_down"),
        ("check_piece", "check_piece_down"),
        ("loans", "loan_summary_down"),
    ],
)
async def test_the_caller_hears_that_the_service_is_down_and_gets_a_ticket(failing: str, reason: str) -> None:
    call = await phone(asks_for_the_balance, [(BALANCE, 0.9)], loan_book=FailingLoanBook(failing))
    assert "service_down callback_promised goodbye" in " ".join(call.prompts)
    (ticket,) = call.of(TicketOpened)
    assert (ticket.reason, ticket.phone) == (reason, CUSTOMER.customer.phone)
    assert call.of(WishSettled) == []
    assert [end.outcome for end in call.of(CallEnded)] == ["ticket"]


async def test_where_people_are_there_the_caller_is_told_and_put_through() -> None:
    call = await phone(
        asks_for_the_balance,
        [(BALANCE, 0.9)],
        loan_book=FailingLoanBook("loans"),
        agent_uri="sip:agents@pbx.example",
    )
    assert "service_down transferring" in " ".join(call.prompts)
    assert call.line.transferred_to == ["sip:agents@pbx.example"]
