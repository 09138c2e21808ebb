"""The core system's answers as the contract has them, read strictly; unknown fields are left aside."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from ivr.calls.identity import Check
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Application, ApplicationStatus, Customer, Instalment, Loan, Payment

_MONEY = re.compile(r"\d{1,12}\.\d{2}")
_RATE = re.compile(r"\d{1,2}\.\d{1,8}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _money(written: object) -> Decimal:
    # JSON numbers are floats to most writers: a cent would be lost without anybody's noticing.
    if not isinstance(written, str) or _MONEY.fullmatch(written) is None:
        raise ValueError("must be a text such as 1234.56")
    return Decimal(written)


def _day(written: object) -> date:
    if not isinstance(written, str) or _DAY.fullmatch(written) is None:
        raise ValueError("must be a text such as 2030-01-31")
    return date.fromisoformat(written)


def _rate(written: object) -> Decimal:
    if not isinstance(written, str) or _RATE.fullmatch(written) is None:
        raise ValueError("must be a fraction as a text such as 0.156")
    return Decimal(written)


Money = Annotated[Decimal, BeforeValidator(_money)]
Rate = Annotated[Decimal, BeforeValidator(_rate)]
Day = Annotated[date, BeforeValidator(_day)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]


class Answer(BaseModel):
    """Nothing is converted on the way in, so a wrong type is a fault and not a guess."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", hide_input_in_errors=True)


class StatusAnswer(Answer):
    """`getStatus`."""

    contract_version: str = Field(pattern=r"^\d+\.\d+\.\d+$")


class CustomerRecord(Answer):
    """`Customer` of the contract."""

    customer_id: Key
    name: str
    phone: str = Field(pattern=r"^\+[1-9]\d{6,14}$")
    locale: str = Field(pattern=r"^[a-z]{2}-[A-Z]{2}$")


class FoundAnswer(Answer):
    """`findCustomer`; `customer` is null when nobody has the number."""

    customer: CustomerRecord | None

    def read(self) -> Customer | None:
        """In the program's own words."""
        found = self.customer
        if found is None:
            return None
        return Customer(CustomerId(found.customer_id), found.name, found.phone, found.locale)


class IdentityAnswer(Answer):
    """`checkIdentity`."""

    result: Annotated[Check, BeforeValidator(Check)]


class InstalmentRecord(Answer):
    """`Instalment` of the contract."""

    number: int = Field(ge=0)
    due_on: Day
    amount: Money
    principal: Money
    paid_on: Day | None


class LoanRecord(Answer):
    """`Loan` of the contract."""

    loan_id: Key
    product: str
    signed_on: Day
    principal: Money
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    annual_rate: Rate | None
    late_daily_rate: Rate | None
    early_fee_rate: Rate | None
    instalments: list[InstalmentRecord]

    @model_validator(mode="after")
    def _numbered_once(self) -> "LoanRecord":
        # An instalment told twice would be owed twice.
        if len({part.number for part in self.instalments}) != len(self.instalments):
            raise ValueError("two instalments have the same number")
        return self

    def read(self) -> Loan:
        """In the program's own words, the plan in the order of its due dates."""
        plan = sorted(self.instalments, key=lambda part: (part.due_on, part.number))
        return Loan(
            self.loan_id,
            self.product,
            self.signed_on,
            self.principal,
            self.currency,
            tuple(Instalment(p.number, p.due_on, p.amount, p.principal, p.paid_on) for p in plan),
            self.annual_rate,
            self.late_daily_rate,
            self.early_fee_rate,
        )


class LoansAnswer(Answer):
    """`listLoans`."""

    loans: list[LoanRecord]

    @model_validator(mode="after")
    def _listed_once(self) -> "LoansAnswer":
        if len({loan.loan_id for loan in self.loans}) != len(self.loans):
            raise ValueError("a loan is listed twice")
        return self

    def read(self) -> tuple[Loan, ...]:
        """In the program's own words, oldest first."""
        loans = (record.read() for record in self.loans)
        return tuple(sorted(loans, key=lambda loan: (loan.signed_on, loan.loan_id)))


class PaymentRecord(Answer):
    """`Payment` of the contract."""

    payment_id: Key
    amount: Money
    received_on: Day
    booked: bool


class PaymentsAnswer(Answer):
    """`listPayments`."""

    payments: list[PaymentRecord]

    def read(self) -> tuple[Payment, ...]:
        """In the program's own words, newest first."""
        found = sorted(self.payments, key=lambda one: one.payment_id)
        found.sort(key=lambda one: one.received_on, reverse=True)
        return tuple(Payment(p.payment_id, p.amount, p.received_on, p.booked) for p in found)


class ApplicationRecord(Answer):
    """`Application` of the contract."""

    application_id: Key
    product: str
    amount: Money
    status: Annotated[ApplicationStatus, BeforeValidator(ApplicationStatus)]
    submitted_on: Day


class ApplicationsAnswer(Answer):
    """`listApplications`."""

    applications: list[ApplicationRecord]

    def read(self) -> tuple[Application, ...]:
        """In the program's own words, newest first."""
        found = sorted(self.applications, key=lambda one: one.application_id)
        found.sort(key=lambda one: one.submitted_on, reverse=True)
        return tuple(
            Application(a.application_id, a.product, a.amount, a.status, a.submitted_on) for a in found
        )


class FiledAnswer(Answer):
    """`fileRequest`."""

    reference: Key
