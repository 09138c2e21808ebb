"""Customers, loans and instalments from CSV files: one row an instalment."""

from ivr.adapters.loan_csv.columns import COLUMNS, template
from ivr.adapters.loan_csv.files import LoanCsvFault, Place, csv_paths, read_rows
from ivr.adapters.loan_csv.reading import BadRow, LoanCsv, read_loan_csv

__all__ = [
    "COLUMNS",
    "BadRow",
    "LoanCsv",
    "LoanCsvFault",
    "Place",
    "csv_paths",
    "read_loan_csv",
    "read_rows",
    "template",
]
