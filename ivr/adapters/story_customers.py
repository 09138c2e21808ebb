"""The customers of stories, `customers.yaml`: who they are, what they owe, and the moment of all stories."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ivr.adapters.story_files import StoryFault
from ivr.adapters.yaml_places import LINE, YamlFault, read_yaml
from ivr.calls.ids import CustomerId
from ivr.calls.instalment_plan import instalment_plan
from ivr.calls.loans import Application, ApplicationStatus, Customer, CustomerFile, Instalment, Loan, Payment

_MEND = "see tests/stories/customers.yaml for one of each kind"


@dataclass(frozen=True, slots=True)
class StoryBook:
    """All customers of the stories by the name that stories call them, and when the stories happen."""

    now: datetime
    files: Mapping[str, CustomerFile]

    def name(self, caller: str) -> str:
        """What a customer is called; of a number nobody knows."""
        return self.files[caller].customer.name if caller in self.files else caller

    def phone(self, caller: str) -> str:
        """The number of a customer; a number is its own. Raises `ValueError` with the known names."""
        if caller in self.files:
            return self.files[caller].customer.phone
        if caller.lstrip("+").isdigit():
            return caller
        raise ValueError(f"there is no customer {caller}; known are {', '.join(self.files)}, or a number")


def read_customers(path: Path) -> StoryBook:
    """Read the file. Raises `StoryFault` with file, line and mend."""
    line = 1
    try:
        data = read_yaml(path)
        now = data["now"]
        if not isinstance(now, datetime):
            raise TypeError("now must be a date and a time with its zone")
        files: dict[str, CustomerFile] = {}
        for name, raw in data["customers"].items():
            if name != LINE:
                line = raw[LINE]
                files[name] = _file(len(files) + 1, raw)
    except YamlFault as fault:
        raise StoryFault([f"{path}:{fault.line}: the file {fault}. Mend: {_MEND}."]) from None
    except KeyError as missing:
        raise StoryFault([f"{path}:{line}: {missing} is missing. Mend: {_MEND}."]) from None
    except (AttributeError, ArithmeticError, TypeError, ValueError) as error:
        raise StoryFault([f"{path}:{line}: {error}. Mend: {_MEND}."]) from None
    # YAML without a zone is read as UTC, with one it is turned into UTC.
    return StoryBook(now.astimezone(UTC) if now.tzinfo else now.replace(tzinfo=UTC), files)


def _file(number: int, raw: Mapping[str, Any]) -> CustomerFile:
    customer_id = CustomerId(f"S{number:03}")
    return CustomerFile(
        customer=Customer(customer_id, str(raw["name"]), str(raw["phone"]), str(raw["locale"])),
        id_number=str(raw["id_number"]),
        birth_date=_day(raw["birth_date"]),
        loans=tuple(_loan(f"{customer_id}-{n}", loan) for n, loan in enumerate(raw.get("loans", ()), 1)),
        payments=tuple(
            Payment(
                f"{customer_id}-P{n}", Decimal(str(paid["amount"])), _day(paid["day"]), bool(paid["booked"])
            )
            for n, paid in enumerate(raw.get("payments", ()), 1)
        ),
        applications=tuple(
            Application(
                f"{customer_id}-A{n}",
                str(asked["product"]),
                Decimal(str(asked["amount"])),
                ApplicationStatus(asked["status"]),
                _day(asked["day"]),
            )
            for n, asked in enumerate(raw.get("applications", ()), 1)
        ),
    )


def _loan(loan_id: str, raw: Mapping[str, Any]) -> Loan:
    principal, first_due = Decimal(str(raw["principal"])), _day(raw["first_due"])
    plan = instalment_plan(principal, Decimal(str(raw["rate"])), int(raw["months"]), first_due)
    paid = int(raw["paid"])
    return Loan(
        loan_id=loan_id,
        product=str(raw["product"]),
        signed_on=_day(raw["signed_on"]),
        principal=principal,
        currency="CNY",
        instalments=tuple(
            Instalment(p.number, p.due_on, p.amount, p.principal, p.due_on if p.number <= paid else None)
            for p in plan
        ),
        annual_rate=Decimal(str(raw["rate"])),
        late_daily_rate=Decimal(str(raw.get("late_daily", "0.0005"))),
        early_fee_rate=Decimal(str(raw.get("early_fee", "0.01"))),
    )


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError(f"{value!r} is no day such as 2026-11-23")
    return value
