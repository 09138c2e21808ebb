"""Settings: every fault is found at once and says its mend; secrets neither come from nor go to a file."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ivr.config import ConfigError, Settings, example_toml, load_settings

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "ivr.example.toml"

Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "grammars").mkdir()
    (tmp_path / "ivr" / "scripts").mkdir(parents=True)

    def _load(text: str = "", environ: Mapping[str, str] | None = None) -> Settings:
        file = tmp_path / "ivr.toml"
        paths = "" if "[paths]" in text else f'[paths]\nroot = "{tmp_path}"\n'
        file.write_text(paths + text, encoding="utf-8")
        return load_settings(file, environ or {})

    return _load


def problems(load: Load, text: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        load(text, environ)
    return {problem.key: f"{problem.reason}. {problem.mend}" for problem in caught.value.problems}


def test_without_a_file_the_defaults_serve_one_worker_on_loopback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(environ={})
    assert (settings.sip.host, settings.sip_port(0), settings.workers.count) == ("127.0.0.1", 5060, 1)
    assert settings.runs_broker
    assert settings.runs_recogniser
    assert settings.hotline.numbers == {"hotline": "zh-CN", "hotline-en": "en-US"}


def test_a_file_in_the_working_directory_is_found_and_the_variable_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ivr.toml").write_text("[sip]\nport = 6001\n", encoding="utf-8")
    Path("other.toml").write_text("[sip]\nport = 6002\n", encoding="utf-8")
    assert load_settings(environ={}).sip.port == 6001
    assert load_settings(environ={"IVR_CONFIG": "other.toml"}).sip.port == 6002


def test_all_faults_are_told_at_once_with_key_reason_and_mend(load: Load) -> None:
    found = problems(
        load,
        """
        [sip]
        prot = 5060
        port = 70000
        peers = ["300.1.1.1/8"]
        codecs = ["OPUS"]
        [hotline]
        timezone = "Asia/Atlantis"
        default_locale = "chinese"
        [nonsense]
        a = 1
        """,
    )
    assert "did you mean `port`" in found["sip.prot"]
    assert "1 to 65535" in found["sip.port"]
    assert "192.0.2.0/24" in found["sip.peers.0"]
    assert "PCMA" in found["sip.codecs.0"]
    assert "no such time zone" in found["hotline.timezone"]
    assert "zh-CN" in found["hotline.default_locale"]
    assert "ivr.example.toml" in found["nonsense"]


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("[ladder]\nact = 0.5\nconfirm = 0.6", "ladder.confirm", "raise ladder.act"),
        ('[sip]\ntransports = ["tls"]', "sip.tls_cert", "name the PEM file"),
        ('[sip]\ntransports = ["tls"]\ntls_cert = "gone.pem"', "sip.tls_cert", "not a file"),
        ("[sip]\nclock_hz = 44100", "sip.clock_hz", "8000 or 16000"),
        ("[sip]\nrtp_port_first = 20001", "sip.rtp_port_first", "odd"),
        ("[sip]\nrtp_port_last = 20007", "sip.rtp_port_last", "too few"),
        ("[workers]\nhttp_port = 2700", "recogniser.port", "also used by workers.http_port"),
        ("[workers]\ncount = 3\n[sip]\nport = 65533", "sip.port", "start lower"),
        ('[paths]\nprompts = "nowhere"', "paths.prompts", "not a directory"),
        ('[store]\nurl = "sqlite://calls.db"', "store.url", "sqlite:///file"),
        ('[chat]\nenabled = true\nhost = "0.0.0.0"', "chat.host", "IVR_CHAT_TOKEN"),
        ("[chat]\nenabled = true\nport = 2700", "chat.port", "move one of them"),
        ('[campaign_api]\nenabled = true\nhost = "::"', "campaign_api.host", "IVR_CAMPAIGN_TOKEN"),
        ("[campaign_api]\nenabled = true\nport = 8081", "campaign_api.port", "move one of them"),
        ("[campaign_api]\nmax_upload_mib = 0", "campaign_api.max_upload_mib", "in MiB, 1 to 1024"),
        ('[chat]\norigins = ["https://www.example/page"]', "chat.origins.0", "such as https://www.example"),
        ('[chat]\nproxies = ["proxy"]', "chat.proxies.0", "X-Forwarded-For"),
        ('[loan_book]\nurl = "core.example"', "loan_book.url", "https://core.example/ivr"),
        ('[loan_book]\nurl = "http://core.example"', "loan_book.url", "IVR_LOAN_BOOK_TOKEN"),
        (
            '[loan_book]\nurl = "https://u:p@core.example"',
            "loan_book.url",
            "such as https://core.example/ivr",
        ),
        (
            '[loan_book]\nurl = "https://core.example"\nca_file = "gone.pem"',
            "loan_book.ca_file",
            "existing PEM",
        ),
        ('[store]\nurl = "mysql://host/calls"', "store.url", "postgresql://"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(load: Load, text: str, key: str, says: str) -> None:
    assert says in problems(load, text)[key]


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ('[store]\nurl = "postgresql://ivr:hunter2@db/ivr"', "IVR_DATABASE_URL"),
        ('[bus]\npassword = "hunter2"', "IVR_MQTT_PASSWORD"),
        ('[loan_book]\ntoken = "hunter2"', "IVR_LOAN_BOOK_TOKEN"),
        ('[campaign_api]\ntoken = "hunter2"', "IVR_CAMPAIGN_TOKEN"),
        ('[bus]\nurl = "mqtt://ivr:hunter2@broker"', "IVR_MQTT_PASSWORD"),
        (
            '[[sip.accounts]]\nname = "trunk"\nregistrar = "pbx"\nuser = "a"\npassword = "hunter2"',
            "IVR_SIP_PASSWORD_TRUNK",
        ),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(load: Load, text: str, variable: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert variable in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_secrets_come_from_the_environment_and_stay_out_of_every_printed_form(load: Load) -> None:
    settings = load(
        '[[sip.accounts]]\nname = "my-trunk"\nregistrar = "pbx.example"\nuser = "hotline"',
        {
            "IVR_SIP_PASSWORD_MY_TRUNK": "hunter2",
            "IVR_DATABASE_URL": "postgresql://ivr:hunter2@db/ivr",
            "IVR_MQTT_PASSWORD": "hunter2",
            "IVR_LOAN_BOOK_TOKEN": "hunter2",
            "IVR_CHAT_TOKEN": "hunter2",
            "IVR_CAMPAIGN_TOKEN": "hunter2",
        },
    )
    assert settings.campaign_api.token is not None
    assert settings.campaign_api.token.get_secret_value() == "hunter2"
    assert settings.chat.token is not None
    assert settings.chat.token.get_secret_value() == "hunter2"
    assert settings.loan_book.token is not None
    assert settings.loan_book.token.get_secret_value() == "hunter2"
    password = settings.sip.accounts[0].password
    assert password is not None
    assert password.get_secret_value() == "hunter2"
    assert settings.database_url == "postgresql://ivr:hunter2@db/ivr"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "clear"),
    [
        ("http://core.example/ivr", True),
        ("http://10.0.0.7:8080", True),
        ("http://127.0.0.1:8080/ivr", False),
        ("http://[::1]:8080", False),
        ("http://localhost", False),
        ("https://core.example/ivr", False),
    ],
)
def test_customers_data_does_not_leave_the_machine_in_the_clear(load: Load, url: str, clear: bool) -> None:
    text, token = f'[loan_book]\nurl = "{url}"', {"IVR_LOAN_BOOK_TOKEN": "hunter2"}
    if clear:
        assert "write https://" in problems(load, text, token)["loan_book.url"]
    else:
        assert load(text, token).loan_book.url == url


def test_an_account_without_its_password_and_a_password_without_its_account_are_faults(load: Load) -> None:
    found = problems(
        load,
        '[[sip.accounts]]\nname = "trunk"\nregistrar = "pbx"\nuser = "a"',
        {"IVR_SIP_PASSWORD_TRUNC": "x"},
    )
    assert "IVR_SIP_PASSWORD_TRUNC" in found
    assert (
        "export IVR_SIP_PASSWORD_TRUNK"
        in problems(load, '[[sip.accounts]]\nname = "trunk"\nregistrar = "pbx"\nuser = "a"')["sip.accounts.0"]
    )


@pytest.mark.parametrize(("text", "says"), [("[sip", "is not TOML"), ("\udcff", "is not TOML")])
def test_a_file_that_is_not_toml_is_told_by_name(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "broken.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=says):
        load_settings(file, {})


def test_a_missing_file_is_told_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--config"):
        load_settings(tmp_path / "absent.toml", {})


def test_workers_share_the_ports_without_overlap(load: Load) -> None:
    settings = load("[workers]\ncount = 3\n")
    ranges = [settings.rtp_ports(worker) for worker in range(3)]
    assert all(first % 2 == 0 for first, _ in ranges)
    assert all(ranges[i][1] < ranges[i + 1][0] for i in range(2))
    assert ranges[-1][1] <= settings.sip.rtp_port_last
    assert [settings.sip_port(worker) for worker in range(3)] == [5060, 5062, 5064]


def test_relative_paths_start_from_the_root_and_absolute_ones_stay(load: Load, tmp_path: Path) -> None:
    settings = load('[voice]\ncache_dir = "clips"\n[store]\nrecordings_dir = "/srv/recordings"\n')
    assert settings.voice_cache_dir == tmp_path / "clips"
    assert settings.recordings_dir == Path("/srv/recordings")
    assert settings.database_url == f"sqlite:///{tmp_path}/var/ivr.db"


def test_the_example_file_shows_every_key_with_its_true_default(load: Load) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text == example_toml(), (
        "docs/ivr.example.toml is stale. Mend: ivr config example > docs/ivr.example.toml"
    )
    uncommented = re.sub(r"(?m)^# (?=\S+ = |\[\[)", "", text)
    file = EXAMPLE.parent / "ivr.example.toml"
    assert file.exists()
    with pytest.raises(ConfigError, match="IVR_SIP_PASSWORD_TRUNK") as caught:
        load(uncommented)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("text", "key", "mend"),
    [
        ('[hours]\nmonday = ["8-22"]', "hours.monday", "08:00-22:00"),
        ('[hours]\nsunday = ["22:00-06:00"]', "hours.sunday", "22:00-24:00"),
        ('[hotline]\ncountry = "XQ"', "hotline.country", "write a country such as"),
        (
            '[hours]\nexceptions = { "2027-02-05" = ["9"] }',
            "hours.exceptions.2027-02-05",
            "is not a span of time",
        ),
        ('[hours]\nexceptions = { "spring" = [] }', "hours.exceptions.spring.[key]", "2027-02-05"),
    ],
)
def test_opening_hours_that_cannot_be_meant_are_told_with_their_key(
    load: Load, text: str, key: str, mend: str
) -> None:
    assert mend in problems(load, text)[key]
