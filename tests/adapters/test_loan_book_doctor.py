"""What the doctor says of a core system, and how to mend it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from core_system import TOKEN
from core_system_client import Trial

from ivr.cli.finding import Finding, Status
from ivr.cli.loan_book_check import check_loan_book
from ivr.config import Settings
from ivr.config.loan_book import LoanBookSettings


def _look(url: str, token: str = TOKEN, **settings: object) -> Finding:
    book = LoanBookSettings.model_validate({"url": url, "token": token, **settings})
    (finding,) = asyncio.run(check_loan_book(Settings(loan_book=book)))
    assert token not in finding.detail + finding.mend
    return finding


def test_a_good_core_system_is_told_with_its_contract(trial: Trial) -> None:
    finding = _look(trial.settings.url)
    assert (finding.status, "contract 2.0.0" in finding.detail) == (Status.OK, True)


def test_the_stores_own_tables_need_no_looking_at() -> None:
    (finding,) = asyncio.run(check_loan_book(Settings()))
    assert (finding.status, finding.detail) == (Status.OK, "the store's own tables")


@pytest.mark.parametrize(
    ("fault", "mend"),
    [
        ({"status": 503, "before": True}, "log"),
        ({"status": 404, "before": True}, "v1/status"),
        ({"status": 200, "body": "<html>"}, "openapi.yaml"),
        ({"status": 200, "body": '{"contract_version": "1.0.0"}'}, "up to date"),
    ],
)
def test_each_fault_has_its_mend(trial: Trial, fault: dict[str, object], mend: str) -> None:
    trial.spoil(fault)
    finding = _look(trial.settings.url)
    assert (finding.status, mend in finding.mend) == (Status.FAIL, True)


def test_a_refused_token_an_absent_server_and_a_bad_ca_file_have_theirs(
    trial: Trial, free_port: Callable[[], int], tmp_path: Path
) -> None:
    assert "IVR_LOAN_BOOK_TOKEN" in _look(trial.settings.url, token="old").mend
    assert "loan_book.url" in _look(f"http://127.0.0.1:{free_port()}").mend
    assert "loan_book.ca_file" in _look(f"http://127.0.0.1:{free_port()}").mend
    empty = tmp_path / "ca.pem"
    empty.write_text("no certificate")
    assert "PEM" in _look(trial.settings.url, ca_file=str(empty)).mend
