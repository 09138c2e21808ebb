"""The loan book of the company's core system, over HTTP (the contract is docs/loan-book.openapi.yaml)."""

from ivr.adapters.loan_book_http.core_system import CoreSystem, CoreSystemSettings
from ivr.adapters.loan_book_http.faults import CoreSystemFault, FaultKind
from ivr.adapters.loan_book_http.loan_book import HttpLoanBook
from ivr.adapters.loan_book_http.metrics import LoanBookMetrics

__all__ = [
    "CoreSystem",
    "CoreSystemFault",
    "CoreSystemSettings",
    "FaultKind",
    "HttpLoanBook",
    "LoanBookMetrics",
]
