"""Rows into customer files: each cell read, each contradiction between rows found."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivr.adapters.loan_csv.columns import COLUMNS, CUSTOMER, INSTALMENT, LOAN, Column
from ivr.adapters.loan_csv.files import Cells, Place, read_rows, read_text
from ivr.calls.ids import CustomerId
from ivr.calls.loans import Customer, CustomerFile, Instalment, Loan

_LOAN_FROM, _PART_FROM = len(CUSTOMER), len(CUSTOMER) + len(LOAN)


@dataclass(frozen=True, slots=True)
class BadRow:
    """What is wrong with one row. Nothing of its content is repeated."""

    file: str
    row: int
    column: str
    reason: str
    mend: str


@dataclass(slots=True)
class _Entry:
    """A customer or a loan, from the row where it is first met."""

    cells: Cells
    place: Place
    values: Sequence[Any]


@dataclass(slots=True)
class LoanCsv:
    """What the files hold. A customer with a bad row is bad as a whole: half a plan is a wrong balance."""

    bad_rows: list[BadRow] = field(default_factory=list)
    _customers: dict[str, _Entry] = field(default_factory=dict)
    _loans: dict[str, _Entry] = field(default_factory=dict)
    _owners: dict[str, set[str]] = field(default_factory=dict)
    """Loan id to the customers under whom it stands."""
    _plans: dict[str, dict[int, Instalment]] = field(default_factory=dict)
    _seen: dict[tuple[str, str, str], Place] = field(default_factory=dict)
    _phones: dict[str, str] = field(default_factory=dict)
    _bad_customers: set[str] = field(default_factory=set)
    _bad_loans: set[str] = field(default_factory=set)
    _some_lost: bool = False
    """Whether a row could belong to any customer."""

    def good(self) -> list[CustomerFile]:
        """The customers without a bad row, in the order of the files, loans oldest first."""
        if self._some_lost:
            return []
        bad = self._bad_customers.union(*(self._owners.get(loan_id, ()) for loan_id in self._bad_loans))
        loans: dict[str, list[Loan]] = {}
        for loan_id, entry in self._loans.items():
            for owner in self._owners[loan_id] - bad:
                loans.setdefault(owner, []).append(self._loan(loan_id, entry))
        return [
            _file(entry, tuple(sorted(loans.get(key, ()), key=lambda loan: (loan.signed_on, loan.loan_id))))
            for key, entry in self._customers.items()
            if key not in bad
        ]

    @property
    def customers(self) -> int:
        """How many there are, good and bad."""
        return len({*self._customers, *self._bad_customers})

    def reject(self, customer_id: str, column: str, reason: str, mend: str) -> None:
        """Take a customer for bad for a reason that the files do not tell."""
        self._fault(self._customers[customer_id].place, column, reason, mend)
        self._bad_customers.add(customer_id)

    def add(self, place: Place, cells: Cells) -> None:
        """Take one row, as `read_rows` gives it."""
        if len(cells) != len(COLUMNS):
            self._fault(place, "", "has a wrong number of cells", "quote cells that hold a comma")
            self._bad_customers.update(cells)
            self._some_lost |= not cells
            return
        before = len(self.bad_rows)
        self._take(place, cells)
        if len(self.bad_rows) > before:
            self._bad_customers.add(cells[0])
            if cells[_LOAN_FROM]:
                self._bad_loans.add(cells[_LOAN_FROM])

    def _take(self, place: Place, cells: Cells) -> None:
        customer_id, loan_id, number = cells[0], cells[_LOAN_FROM], cells[_PART_FROM].lstrip("0")
        first = self._seen.setdefault((customer_id, loan_id, number), place)
        if first is not place:
            self._fault(place, "number" if number else "", f"repeats {first}", "take one of the two out")
            return
        self._take_customer(place, customer_id, cells[:_LOAN_FROM])
        has_loan, has_part = any(cells[_LOAN_FROM:_PART_FROM]), any(cells[_PART_FROM:])
        if has_loan or has_part:
            self._owners.setdefault(loan_id, set()).add(customer_id)
            self._take_loan(place, loan_id, cells[_LOAN_FROM:_PART_FROM])
        if has_part:
            part = self._read(place, INSTALMENT, cells[_PART_FROM:])
            if part is not None:
                self._plans.setdefault(loan_id, {})[part[0]] = Instalment(*part)

    def _take_customer(self, place: Place, customer_id: str, cells: Cells) -> None:
        known = self._customers.get(customer_id)
        if known is not None:
            self._compare(place, CUSTOMER, cells, known)
            return
        values = self._read(place, CUSTOMER, cells)
        if values is None:
            return
        self._customers[customer_id] = _Entry(cells, place, values)
        other = self._phones.setdefault(values[2], customer_id)
        if other != customer_id:
            first = self._customers[other].place
            self._fault(place, "phone", f"is also that of {first}", "find out whose number it is")
            self._bad_customers.add(other)

    def _take_loan(self, place: Place, loan_id: str, cells: Cells) -> None:
        known = self._loans.get(loan_id)
        if known is not None:
            self._compare(place, LOAN, cells, known)
            if len(self._owners[loan_id]) > 1:
                reason = f"stands under another customer in {known.place}"
                self._fault(place, "loan_id", reason, "find out whose loan it is")
            return
        values = self._read(place, LOAN, cells)
        if values is not None:
            self._loans[loan_id] = _Entry(cells, place, values)

    def _read(self, place: Place, columns: Sequence[Column], cells: Cells) -> Sequence[Any] | None:
        values: list[object] = []
        for column, cell in zip(columns, cells, strict=True):
            try:
                values.append(column.read(cell))
            except ValueError as error:
                reason = str(error) if cell else "is empty"
                self._fault(place, column.name, reason, column.mend)
        return values if len(values) == len(columns) else None

    def _compare(self, place: Place, columns: Sequence[Column], cells: Cells, known: _Entry) -> None:
        if cells == known.cells:
            return
        for column, cell, first in zip(columns, cells, known.cells, strict=True):
            if cell != first:
                reason = f"differs from {known.place}"
                self._fault(place, column.name, reason, "give all its rows the same value")

    def _fault(self, place: Place, column: str, reason: str, mend: str) -> None:
        self.bad_rows.append(BadRow(place.file, place.row, column, reason, mend))

    def _loan(self, loan_id: str, entry: _Entry) -> Loan:
        parts = self._plans.get(loan_id, {}).values()
        plan = sorted(parts, key=lambda part: (part.due_on, part.number))
        _, product, signed_on, principal, currency, *rates = entry.values
        return Loan(loan_id, product, signed_on, principal, currency, tuple(plan), *rates)


def read_loan_csv(paths: Iterable[Path], read: Callable[[int, int], None]) -> LoanCsv:
    """All files as one import. `read(done, total)` tells the rows of the present file.

    Raises `LoanCsvFault` for a file that cannot be read as a whole.
    """
    found = LoanCsv()
    for path in paths:
        text = read_text(path)
        total = text.count("\n")
        for place, cells in read_rows(path, text):
            found.add(place, cells)
            read(place.row, total)
    return found


def _file(entry: _Entry, loans: tuple[Loan, ...]) -> CustomerFile:
    customer_id, name, phone, locale, id_number, birth_date = entry.values
    return CustomerFile(Customer(CustomerId(customer_id), name, phone, locale), id_number, birth_date, loans)
