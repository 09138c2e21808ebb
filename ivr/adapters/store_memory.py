"""A store that forgets: the same promises as the real one, in memory, for tests and trials."""

from collections.abc import Sequence

from ivr.adapters.phone_numbers import to_e164
from ivr.calls.events import CallEvent
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Customer, CustomerFile, Loan, ends_with_tail


class MemoryEventSink:
    """Keeps the events in the order they came."""

    def __init__(self) -> None:
        self.events: list[CallEvent] = []

    async def append(self, events: Sequence[CallEvent]) -> None:
        """Take the events."""
        self.events.extend(events)


class MemoryLoanBook:
    """A loan book made of the files it was given."""

    def __init__(self, files: Sequence[CustomerFile] = (), *, default_region: str = "CN") -> None:
        self._default_region = default_region
        self._files: dict[CustomerId, CustomerFile] = {file.customer.customer_id: file for file in files}

    async def save(self, files: Sequence[CustomerFile]) -> None:
        """Put these in place of what was known of the same customers."""
        self._files.update({file.customer.customer_id: file for file in files})

    async def find_customer(self, phone: str) -> Customer | None:
        """The customer with this number, in any common way of writing it."""
        number = to_e164(phone, self._default_region)
        return next((f.customer for f in self._files.values() if f.customer.phone == number), None)

    async def verify_id_tail(self, customer_id: CustomerId, tail: str) -> bool:
        """Whether the customer's ID number ends in these characters; never for an empty tail."""
        file = self._files.get(customer_id)
        return file is not None and ends_with_tail(file.id_number, tail)

    async def loans(self, customer_id: CustomerId) -> tuple[Loan, ...]:
        """All loans of the customer, oldest first, the settled ones too."""
        file = self._files.get(customer_id)
        return tuple(sorted(file.loans, key=lambda loan: (loan.signed_on, loan.loan_id))) if file else ()
