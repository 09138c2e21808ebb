"""Log lines name their process and call, and the last safety net holds back what slipped through."""

import json
import subprocess
import sys

import pytest

from ivr.adapters.logs import PRIVATE_KEYS, redact

PROGRAM = """
import logging, warnings, structlog
from ivr.adapters.logs import configure_logging
configure_logging(process="worker-3", level="info", form="{form}")
log = structlog.get_logger("ivr.test")
structlog.contextvars.bind_contextvars(call_id="01JDCX12345678901234567890")
log.info("call_started", remote="13800000001", lines=4)
logging.getLogger("some.library").warning("call from sip:%s@pbx", "13800000001")
log.debug("too_detailed")
try:
    raise ValueError("no customer 13800000001")
except ValueError:
    log.exception("lookup_failed")
warnings.warn("be careful")
"""


def run(form: str) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(form=form)],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout, done.stderr


def test_json_lines_name_process_and_call_and_carry_no_number() -> None:
    out, err = run("json")
    rows = [json.loads(line) for line in err.splitlines()]
    assert out == "", "standard output belongs to the commands"
    assert [row["event"] for row in rows][:3] == [
        "call_started",
        "call from sip:[user]@pbx",
        "lookup_failed",
    ]
    assert {row["process"] for row in rows} == {"worker-3"}
    assert {row["call_id"] for row in rows} == {"01JDCX12345678901234567890"}
    assert rows[0]["lines"] == 4
    assert "ValueError" in rows[2]["exception"]
    assert "be careful" in rows[3]["event"]
    assert "13800000001" not in err


def test_console_lines_are_as_discreet() -> None:
    _, err = run("console")
    assert "call_started" in err
    assert "lookup_failed" in err
    assert "13800000001" not in err


@pytest.mark.parametrize(
    ("field", "value", "logged"),
    [
        ("text", "我的余额", "[private]"),
        ("hypothesis", "anything", "[private]"),
        ("meaning", {"id_tail": "1234"}, "[private]"),
        ("keys", "1234", "[private]"),
        ("customer_id", 17, "[private]"),
        ("phone", None, None),
        ("event", "dialling +86 138 0000 0001 now", "dialling +[digits] now"),
        ("reason", "6222 0212-3456 7890", "[digits]"),
        ("reason", "１３８００００００００１", "[digits]"),
        ("uri", "<sips:alice@example.com>", "<sips:[user]@example.com>"),
        ("uri", "tel:+8613800000001", "tel:[user]"),
        (
            "detail",
            {"phone": "1", "note": ["call 13800000001"]},
            {"phone": "[private]", "note": ["call [digits]"]},
        ),
        ("call_id", "01JDCX12345678901234567890", "01JDCX12345678901234567890"),
        ("duration_ms", 1234567, 1234567),
        ("reason", "timed out after 3.5 s on port 5060", "timed out after 3.5 s on port 5060"),
        ("address", "192.168.100.200:5060", "192.168.100.200:5060"),
    ],
)
def test_redaction_takes_private_fields_and_long_numbers_and_leaves_the_rest(
    field: str, value: object, logged: object
) -> None:
    assert redact(None, "info", {field: value}) == {field: logged}


def test_every_private_field_of_the_events_is_known_to_the_net() -> None:
    assert {"remote", "text", "hypothesis", "meaning", "phone", "customer_id"} <= PRIVATE_KEYS
