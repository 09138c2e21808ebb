"""The core system over HTTP: what it costs, what goes wrong with it, and what is told of that."""

import asyncio
import json
import shutil
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from conftest import running_core_system
from core_system import CONTRACT, TOKEN, contract_faults
from core_system_client import OpenBook, Trial, open_book
from structlog.testing import capture_logs
from test_store_loan_book import LIN

from ivr.adapters.loan_book_http import CoreSystemFault, FaultKind
from ivr.adapters.loan_book_http.answers import (
    ApplicationsAnswer,
    FiledAnswer,
    FoundAnswer,
    IdentityAnswer,
    LoansAnswer,
    PaymentsAnswer,
    StatusAnswer,
)
from ivr.adapters.store_memory import MemoryLoanBook
from ivr.bootstrap.loan_book import open_loan_book
from ivr.calls.identity import Check, Piece
from ivr.calls.ids import CallId
from ivr.calls.tickets import Ticket, TicketRequest
from ivr.config import Settings
from ivr.config.loan_book import LoanBookSettings
from ivr.runtime.ticket_ports import NotFiled

WHO = LIN.customer.customer_id
PHONE = LIN.customer.phone
ANSWERS = {
    "getStatus": StatusAnswer,
    "findCustomer": FoundAnswer,
    "checkIdentity": IdentityAnswer,
    "listLoans": LoansAnswer,
    "listPayments": PaymentsAnswer,
    "listApplications": ApplicationsAnswer,
    "fileRequest": FiledAnswer,
}

TICKET = Ticket(
    TicketRequest(
        ticket_id="call-1-1",
        call_id=CallId("call-1"),
        kind="early_settlement",
        reason="asked",
        customer_id=WHO,
        phone=PHONE,
        details={"settle_on": date(2030, 3, 15), "settle_total": Decimal("2019.12")},
    ),
    datetime(2030, 3, 10, 4, 0, tzinfo=UTC),
    "100010",
    date(2030, 3, 12),
)


@pytest.fixture
async def opened(trial: Trial) -> AsyncIterator[OpenBook]:
    trial.fill([LIN])
    async with open_book(trial.settings) as opened:
        yield opened


async def kind_of(asking: Awaitable[object]) -> FaultKind:
    with pytest.raises(CoreSystemFault) as caught:
        await asking
    return caught.value.kind


def test_the_contracts_examples_keep_to_it_and_are_what_we_read() -> None:
    contract = yaml.safe_load(CONTRACT.read_text("utf-8"))
    operations = [operation for path in contract["paths"].values() for operation in path.values()]
    assert {operation["operationId"] for operation in operations} == set(ANSWERS)
    for operation in operations:
        content = operation["responses"]["200"]["content"]["application/json"]
        schema = content["schema"]["$ref"].rsplit("/", 1)[-1]
        assert contract_faults(schema, content["example"]) == []
        ANSWERS[operation["operationId"]].model_validate_json(json.dumps(content["example"]))


async def test_what_we_ask_keeps_to_the_contract(trial: Trial, opened: OpenBook) -> None:
    assert await opened.book.contract_version() == "2.0.0"
    await opened.book.find_customer("13800000001")
    assert await opened.book.check_piece(WHO, Piece.ID_TAIL, "567X") is Check.RIGHT
    await opened.book.loans(WHO)
    await opened.book.payments(WHO)
    await opened.book.applications(WHO)
    await opened.book.file_request(TICKET)
    assert trial.seen["offences"] == []
    assert set(trial.seen["asked"]) == set(ANSWERS)


async def test_a_check_whose_answer_was_lost_is_repeated_and_counted_once(trial: Trial) -> None:
    trial.fill([LIN])
    before = trial.seen
    trial.spoil({"status": 502}, {"delay_s": 1.0})
    async with open_book(trial.settings, read_timeout_s=0.5) as opened:
        assert await opened.book.check_piece(WHO, Piece.ID_TAIL, "567X") is Check.RIGHT
        assert opened.figure("retries_total", operation="checkIdentity") == 2
    after = trial.seen
    assert after["asked"]["checkIdentity"] - before["asked"].get("checkIdentity", 0) == 3
    assert after["checks"] - before["checks"] == 1


async def test_a_read_is_kept_and_an_identity_check_never_is(trial: Trial) -> None:
    trial.fill([LIN])
    before = trial.seen["asked"]
    async with open_book(trial.settings, cache_s=60.0) as opened:
        for _ in range(3):
            assert await opened.book.find_customer(PHONE) == LIN.customer
            assert await opened.book.find_customer("13900009999") is None
            assert await opened.book.loans(WHO) == LIN.loans
            assert await opened.book.payments(WHO) == LIN.payments
            assert await opened.book.applications(WHO) == LIN.applications
            assert await opened.book.check_piece(WHO, Piece.ID_TAIL, "0000") is Check.WRONG
        assert opened.figure("cache_hits_total", operation="findCustomer") == 4
    asked = {name: count - before.get(name, 0) for name, count in trial.seen["asked"].items()}
    assert (asked["findCustomer"], asked["listLoans"], asked["checkIdentity"]) == (2, 1, 3)
    assert (asked["listPayments"], asked["listApplications"]) == (1, 1)


async def test_what_is_kept_is_let_go_after_its_seconds(trial: Trial) -> None:
    async with open_book(trial.settings, cache_s=0.1) as opened:
        trial.fill([LIN])
        assert await opened.book.loans(WHO) == LIN.loans
        trial.fill([replace(LIN, loans=LIN.loans[:1])])
        await asyncio.sleep(0.15)
        assert await opened.book.loans(WHO) == LIN.loans[:1]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("", "json_invalid"),
        ("<html>", "json_invalid"),
        ("[]", "model_type"),
        ("{}", "loans: missing"),
        ('{"loans": null}', "loans: list_type"),
        ('{"loans": [{"loan_id": 7}]}', "loans.0.loan_id: string_type"),
    ],
)
async def test_an_answer_off_the_contract_is_a_fault_told_by_place_alone(
    trial: Trial, opened: OpenBook, body: str, place: str
) -> None:
    asked = trial.seen["asked"].get("listLoans", 0)
    trial.spoil({"status": 200, "body": body})
    with capture_logs() as logs:
        assert await kind_of(opened.book.loans(WHO)) is FaultKind.MALFORMED
    assert place in logs[0]["detail"]
    assert trial.seen["asked"]["listLoans"] == asked + 1, "asking again would not help"


LOAN = {
    "loan_id": "L1",
    "product": "p",
    "signed_on": "2030-01-01",
    "principal": "10.00",
    "currency": "CNY",
    "annual_rate": "0.126",
    "late_daily_rate": None,
    "early_fee_rate": "0.02",
    "instalments": [
        {"number": 1, "due_on": "2030-02-01", "amount": "5.00", "principal": "5.00", "paid_on": None}
    ],
}


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("instalment", {"amount": 5.0}),
        ("instalment", {"amount": "5.001"}),
        ("instalment", {"amount": "-5.00"}),
        ("instalment", {"number": "1"}),
        ("instalment", {"number": True}),
        ("instalment", {"due_on": "01.02.2030"}),
        ("instalment", {"due_on": "2030-02-30"}),
        ("instalment", {"paid_on": ""}),
        ("loan", {"currency": "yuan"}),
        ("loan", {"signed_on": None}),
        ("loan", {"annual_rate": 0.126}),
        ("loan", {"annual_rate": "12.6%"}),
        ("loan", {"instalments": [LOAN["instalments"][0]] * 2}),
        ("loans", {"loans": [LOAN, LOAN]}),
    ],
)
def test_no_amount_date_or_number_is_guessed(part: str, changes: dict[str, object]) -> None:
    instalment = LOAN["instalments"][0] | (changes if part == "instalment" else {})
    loan = LOAN | {"instalments": [instalment]} | (changes if part == "loan" else {})
    with pytest.raises(ValueError, match="validation error"):
        LoansAnswer.model_validate({"loans": [loan]} | (changes if part == "loans" else {}))
    LoansAnswer.model_validate({"loans": [LOAN | {"rating": "unknown fields are left aside"}]})


@pytest.mark.parametrize(
    ("status", "kind", "attempts"),
    [
        (500, FaultKind.BUSY, 3),
        (503, FaultKind.BUSY, 3),
        (429, FaultKind.BUSY, 3),
        (404, FaultKind.REFUSED, 1),
        (302, FaultKind.REFUSED, 1),
        (403, FaultKind.UNAUTHORISED, 1),
    ],
)
async def test_only_what_may_pass_is_tried_again(
    trial: Trial, opened: OpenBook, status: int, kind: FaultKind, attempts: int
) -> None:
    asked = trial.seen["asked"].get("findCustomer", 0)
    trial.spoil(*[{"status": status, "before": True}] * attempts)
    assert await kind_of(opened.book.find_customer(PHONE)) is kind
    assert trial.seen["asked"]["findCustomer"] == asked + attempts
    assert opened.figure("faults_total", operation="findCustomer", kind=kind.value) == 1
    assert opened.figure("seconds_count", operation="findCustomer") == 1


async def test_a_wrong_token_is_told_apart(trial: Trial) -> None:
    async with open_book(trial.settings, token="another") as opened:
        assert await kind_of(opened.book.contract_version()) is FaultKind.UNAUTHORISED


async def test_a_slow_core_system_costs_no_more_than_the_total_time_limit(trial: Trial) -> None:
    trial.spoil(*[{"delay_s": 1.0}] * 2)
    async with open_book(trial.settings, read_timeout_s=0.5, total_timeout_s=0.7) as opened:
        started_s = time.perf_counter()
        assert await kind_of(opened.book.loans(WHO)) is FaultKind.TIMEOUT
        assert time.perf_counter() - started_s < 2.0, "three attempts of a second each would take longer"


async def test_the_breaker_opens_spares_the_core_system_and_closes_again(
    trial: Trial, opened: OpenBook
) -> None:
    before = trial.seen["asked"].get("listLoans", 0)
    trial.spoil(*[{"status": 500, "before": True}] * 9)
    for _ in range(3):
        assert await kind_of(opened.book.loans(WHO)) is FaultKind.BUSY
    assert opened.figure("breaker", ivr_loan_book_breaker="opened") == 1
    assert await kind_of(opened.book.loans(WHO)) is FaultKind.PAUSED
    assert trial.seen["asked"]["listLoans"] == before + 9, "an open breaker asks nothing"
    await asyncio.sleep(0.35)
    assert await opened.book.loans(WHO) == LIN.loans
    assert opened.figure("breaker", ivr_loan_book_breaker="closed") == 1


async def test_a_request_whose_answer_was_lost_is_taken_over_once(trial: Trial, opened: OpenBook) -> None:
    trial.spoil({"status": 502})
    references = {await opened.book.file_request(TICKET) for _ in range(2)}
    (filed,) = trial.seen["requests"].values()
    assert references == {filed["reference"]}
    assert filed["details"] == {"settle_on": "2030-03-15", "settle_total": "2019.12"}


async def test_refused_requests_are_told_as_not_filed_and_keep_nobody_from_their_balance(
    trial: Trial, opened: OpenBook
) -> None:
    trial.spoil(*[{"status": 400, "before": True}] * 4)
    for _ in range(4):
        with pytest.raises(NotFiled) as caught:
            await opened.book.file_request(TICKET)
    assert "paused" in str(caught.value)
    assert not [secret for secret in (PHONE, WHO, "2019.12") if secret in str(caught.value)]
    trial.spoil()
    assert opened.figure("breaker", ivr_loan_book_breaker="opened") == 0
    trial.fill([LIN])
    assert await opened.book.loans(WHO) == LIN.loans


async def test_a_core_system_that_is_away_is_told_at_once_and_used_again_when_it_is_back(
    free_port: Callable[[], int],
) -> None:
    port = free_port()
    away = Trial(port)
    async with open_book(away.settings) as opened:
        assert await kind_of(opened.book.find_customer(PHONE)) is FaultKind.UNREACHABLE
        with running_core_system(port) as trial:
            trial.fill([LIN])
            assert await opened.book.find_customer(PHONE) == LIN.customer


async def test_nothing_private_is_logged(trial: Trial, opened: OpenBook) -> None:
    trial.spoil(*[{"status": 500, "before": True}] * 3, {"status": 200, "body": '{"result": "567X"}'})
    with capture_logs() as logs:
        await kind_of(opened.book.find_customer(PHONE))
        await kind_of(opened.book.check_piece(WHO, Piece.ID_TAIL, "567X"))
    told = str(logs)
    assert [(line["operation"], line["kind"]) for line in logs] == [
        ("findCustomer", "busy"),
        ("checkIdentity", "malformed"),
    ]
    assert not [secret for secret in ("13800000001", "567X", TOKEN, WHO) if secret in told]
    assert TOKEN not in repr(trial.settings)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str]:
    """One for 127.0.0.1 that signs itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command: apt-get install openssl")
    files = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    names = ["-subj", "/CN=core", "-addext", "subjectAltName=IP:127.0.0.1"]
    make = [openssl, "req", "-x509", *curve, *names, "-out", files[0], "-keyout", files[1]]
    subprocess.run(make, check=True, capture_output=True)
    return files


async def test_a_certificate_is_verified_and_an_authority_of_ones_own_can_be_named(
    free_port: Callable[[], int], certificate: tuple[str, str]
) -> None:
    with running_core_system(free_port(), *certificate) as trial:
        settings = replace(trial.settings, url=trial.settings.url.replace("http:", "https:"))
        async with open_book(settings, ca_file=certificate[0]) as opened:
            assert await opened.book.contract_version() == "2.0.0"
        async with open_book(settings, attempts=1) as opened:
            assert await kind_of(opened.book.contract_version()) is FaultKind.UNREACHABLE


async def test_the_settings_choose_between_the_core_system_and_the_stores_own_tables(trial: Trial) -> None:
    trial.fill([LIN])
    own = MemoryLoanBook()
    async with open_loan_book(Settings(), own) as opened:
        assert (opened.book, opened.requests) == (own, None)
    section = LoanBookSettings.model_validate({"url": trial.settings.url, "token": TOKEN})
    async with open_loan_book(Settings(loan_book=section), own) as opened:
        assert await opened.book.find_customer(PHONE) == LIN.customer
        assert opened.requests is opened.book


async def test_a_ca_file_that_is_none_is_refused_at_the_start(trial: Trial, tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("no certificate")
    with pytest.raises(ssl.SSLError):
        async with open_book(trial.settings, ca_file=str(empty)):
            pass
