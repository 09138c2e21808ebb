"""The doctor's look at the loan book: does it answer, take the token, and speak our contract?"""

from dataclasses import replace

from prometheus_client import CollectorRegistry

from ivr.adapters.loan_book_http import (
    CoreSystem,
    CoreSystemFault,
    FaultKind,
    HttpLoanBook,
    LoanBookMetrics,
)
from ivr.bootstrap.loan_book import core_system_settings
from ivr.cli.finding import Finding, fail, ok
from ivr.config import Settings

_CONTRACT_MAJOR = "2"
_WHAT = "loan book"
_MENDS = {
    FaultKind.UNREACHABLE: "see that it runs and lets this machine in; check loan_book.url, and "
    "loan_book.ca_file where its certificate comes from an authority of your own",
    FaultKind.TIMEOUT: "see what keeps it, or a firewall on the way; the time limits are in [loan_book]",
    FaultKind.BUSY: "see the core system's log",
    FaultKind.UNAUTHORISED: "renew IVR_LOAN_BOOK_TOKEN",
    FaultKind.REFUSED: "check the path in loan_book.url: GET v1/status under it must answer 200",
    FaultKind.MALFORMED: "compare its answer with docs/loan-book.openapi.yaml, and check loan_book.url",
}


async def check_loan_book(settings: Settings) -> list[Finding]:
    """Ask for its status once, without retries."""
    url = settings.loan_book.url
    if not url:
        return [ok(_WHAT, "the store's own tables")]
    metrics = LoanBookMetrics(CollectorRegistry())
    try:
        async with CoreSystem.open(replace(core_system_settings(settings), attempts=1), metrics) as core:
            version = await HttpLoanBook(core, metrics, cache_s=0).contract_version()
    except CoreSystemFault as fault:
        return [fail(_WHAT, f"{url}: {fault}", _MENDS[fault.kind])]
    except OSError as error:
        return [
            fail(_WHAT, f"loan_book.ca_file cannot be used: {error}", "name a PEM file with a certificate")
        ]
    if version.partition(".")[0] != _CONTRACT_MAJOR:
        mend = "bring the older of the two up to date"
        return [fail(_WHAT, f"{url} speaks contract {version}, this program {_CONTRACT_MAJOR}.x", mend)]
    return [ok(_WHAT, f"{url} answers and takes the token, contract {version}")]
