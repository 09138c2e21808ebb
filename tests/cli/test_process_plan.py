"""What `ivr run` starts, in which order, on which ports, follows from the settings alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.cli.processes import recogniser_health_url, stages
from ivr.cli.run import ready_text
from ivr.config import Settings, load_settings

SettingsOf = Callable[[str], Settings]


@pytest.fixture
def settings_of(tmp_path: Path) -> SettingsOf:
    def _settings(text: str) -> Settings:
        file = tmp_path / "ivr.toml"
        file.write_text(text, encoding="utf-8")
        return load_settings(file, {})

    return _settings


def names(settings: Settings) -> list[list[str]]:
    return [[spec.name for spec in stage] for stage in stages(settings)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [["broker"], ["recogniser"], ["worker-0"]]),
        ("[workers]\ncount = 3", [["broker"], ["recogniser"], ["worker-0", "worker-1", "worker-2"]]),
        ("[chat]\nenabled = true", [["broker"], ["recogniser"], ["worker-0"], ["chat"]]),
        (
            "[chat]\nenabled = true\n[campaign_api]\nenabled = true",
            [["broker"], ["recogniser"], ["worker-0"], ["chat", "campaign-api"]],
        ),
        ('[bus]\nurl = "mqtt://broker:1883"', [["recogniser"], ["worker-0"]]),
        ('[recogniser]\nurl = "ws://asr:2700"\n[bus]\nurl = "mqtt://broker"', [["worker-0"]]),
    ],
)
def test_only_what_does_not_run_elsewhere_is_started_and_apis_come_last(
    settings_of: SettingsOf, text: str, expected: list[list[str]]
) -> None:
    assert names(settings_of(text)) == expected


def test_each_worker_has_ports_of_its_own_and_tls_takes_the_odd_one(settings_of: SettingsOf) -> None:
    cert = Path(__file__)
    settings = settings_of(
        f'[workers]\ncount = 2\n[sip]\ntransports = ["udp", "tls"]\ntls_cert = "{cert}"\ntls_key = "{cert}"'
    )
    ports = [[(p.port, p.protocol) for p in spec.ports] for spec in stages(settings)[-1]]
    assert ports == [
        [(5060, "udp"), (5061, "tcp"), (8081, "tcp")],
        [(5062, "udp"), (5063, "tcp"), (8082, "tcp")],
    ]


def test_a_worker_gets_its_draining_time_before_it_is_ended(settings_of: SettingsOf) -> None:
    worker = stages(settings_of("[hotline]\ndrain_s = 90"))[-1][0]
    assert worker.stop_timeout_s > 90


@pytest.mark.parametrize(
    ("recogniser", "health"),
    [
        ("", "http://127.0.0.1:2700/healthz"),
        ('host = "0.0.0.0"\nport = 2800', "http://127.0.0.1:2800/healthz"),
        ('url = "wss://asr.example/"', "https://asr.example/healthz"),
    ],
)
def test_the_recognisers_health_is_asked_where_it_listens(
    settings_of: SettingsOf, recogniser: str, health: str
) -> None:
    assert recogniser_health_url(settings_of(f"[recogniser]\n{recogniser}")) == health


def test_ready_names_an_address_for_every_worker_and_number_and_a_call_to_try(
    settings_of: SettingsOf,
) -> None:
    text = ready_text(settings_of('[workers]\ncount = 2\n[sip]\nhost = "0.0.0.0"'))
    assert text.splitlines()[0] == "ready"
    for address in (
        "sip:hotline@127.0.0.1:5060",
        "sip:hotline@127.0.0.1:5062",
        "sip:hotline-en@127.0.0.1:5060",
    ):
        assert address in text
    assert "call sip:hotline@127.0.0.1:5060 --say 我要查询贷款余额 --keys 1234" in text
