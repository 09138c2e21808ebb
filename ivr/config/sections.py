"""The sections of the settings file. A field's description says what a right value is: errors repeat it."""

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
)

Port = Annotated[int, Field(ge=1, le=65535)]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}-[A-Z]{2}$")]
SipUri = Annotated[str, StringConstraints(pattern=r"^$|^sips?:[^\s@]+(@[^\s@]+)?$")]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


def _network(written: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(str(written))
    except ValueError as error:
        raise ValueError(f"is not a network: {error}") from None


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


def _known_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ValueError("no such time zone") from None
    return name


class Section(BaseModel):
    """Frozen, and a key that nobody reads is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Transport(StrEnum):
    """How SIP messages travel."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class Srtp(StrEnum):
    """Whether media is encrypted."""

    OFF = "off"
    OPTIONAL = "optional"
    MANDATORY = "mandatory"


class Codec(StrEnum):
    """Audio codecs that the SIP adapter offers."""

    PCMA = "PCMA"
    PCMU = "PCMU"
    G722 = "G722"


class Engine(StrEnum):
    """Recognition engines; `auto` takes Vosk where the locale's model is installed, else Whisper."""

    AUTO = "auto"
    VOSK = "vosk"
    WHISPER = "whisper"


class LogLevel(StrEnum):
    """The least severe message that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """`auto` is console on a terminal and JSON elsewhere."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class Paths(Section):
    """Where the program's files are."""

    root: str = Field(
        default="", description="Directory that relative paths start from; empty: the project directory."
    )
    prompts: str = Field(
        default="prompts", description="Directory with the texts and recordings of each locale."
    )
    grammars: str = Field(default="grammars", description="Directory with the SRGS grammars of each locale.")
    scripts: str = Field(
        default="ivr/scripts", description="Directory with hotline.yaml and the scripts of its services."
    )
    var: str = Field(default="var", description="Directory that the program writes to.")


class Hotline(Section):
    """What callers reach."""

    default_locale: Locale = Field(
        default="zh-CN", description="Locale of numbers that are not listed, such as zh-CN."
    )
    numbers: dict[str, Locale] = Field(
        default={"hotline": "zh-CN", "hotline-en": "en-US"},
        description='Dialled user to locale, such as { hotline = "zh-CN" }.',
    )
    agent_uri: SipUri = Field(
        default="",
        description="SIP URI of the people, such as sip:agents@pbx.example; empty: callbacks only.",
    )
    timezone: Annotated[str, AfterValidator(_known_timezone)] = Field(
        default="Asia/Shanghai",
        description="IANA time zone that due dates are counted in, such as Asia/Shanghai.",
    )
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = Field(
        default="CN", description="ISO country whose public holidays count, such as CN."
    )
    max_call_s: int = Field(
        default=900, ge=30, description="Seconds after which a call is ended politely, 30 or more."
    )
    drain_s: int = Field(
        default=30, ge=0, le=600, description="Seconds that calls in hand get to finish at a stop, 0 to 600."
    )


class LadderSettings(Section):
    """When the robot acts, asks back, or fetches a person."""

    act: Share = Field(default=0.70, description="Confidence from which an answer is acted on, 0 to 1.")
    confirm: Share = Field(
        default=0.40, description="Confidence from which an answer is confirmed first, 0 to 1, under `act`."
    )
    reprompts: int = Field(
        default=1, ge=0, le=5, description="Times a question is put again in other words, 0 to 5."
    )
    choices: int = Field(
        default=1, ge=0, le=5, description="Times it is then put as a choice with keys, 0 to 5."
    )


class Account(Section):
    """One registration on a trunk or PBX. Its password is read from IVR_SIP_PASSWORD_<NAME>."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$", description="Short name, lower case, such as trunk.")
    registrar: str = Field(
        min_length=1, description="Host, or host:port, to register with, such as pbx.example."
    )
    user: str = Field(min_length=1, description="User part to register and to authenticate as.")
    realm: str = Field(default="*", min_length=1, description="Digest realm; * answers any.")
    proxy: SipUri = Field(default="", description="Outbound proxy as a SIP URI; empty: none.")
    expires_s: int = Field(
        default=300, ge=60, le=86400, description="Seconds between registrations, 60 to 86400."
    )
    password: SecretStr | None = Field(default=None, exclude=True, repr=False)


class Sip(Section):
    """Signalling and media. Worker i listens on port + 2*i, and on the next port for TLS."""

    host: str = Field(default="127.0.0.1", min_length=1, description="Address to listen on; 0.0.0.0: all.")
    port: Port = Field(default=5060, description="SIP port of the first worker, 1 to 65535.")
    public_address: str = Field(
        default="", description="Address to write into SIP and SDP behind NAT; empty: the own one."
    )
    transports: tuple[Transport, ...] = Field(
        default=(Transport.UDP, Transport.TCP), min_length=1, description="Any of udp, tcp, tls."
    )
    tls_cert: str = Field(
        default="", description="PEM file with the certificate chain, needed by the tls transport."
    )
    tls_key: str = Field(
        default="", description="PEM file with its private key, needed by the tls transport."
    )
    srtp: Srtp = Field(default=Srtp.OFF, description="off, optional or mandatory.")
    codecs: tuple[Codec, ...] = Field(
        default=(Codec.PCMA, Codec.PCMU, Codec.G722),
        min_length=1,
        description="PCMA, PCMU, G722, best liked first.",
    )
    peers: tuple[Network, ...] = Field(
        default=(IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")),
        description="Networks that may call in without an account, such as 192.0.2.0/24.",
    )
    rtp_port_first: Port = Field(
        default=20000, ge=1024, description="First port of RTP, even, 1024 to 65535."
    )
    rtp_port_last: Port = Field(
        default=20999, description="Last port of RTP; the workers share the range evenly."
    )
    clock_hz: int = Field(default=8000, description="Sample rate of the conference bridge: 8000 or 16000.")
    accounts: tuple[Account, ...] = Field(
        default=(), max_length=7, description="Registrations, as [[sip.accounts]] tables, 7 at most."
    )


class Workers(Section):
    """Processes that hold calls."""

    count: int = Field(
        default=1,
        ge=1,
        le=64,
        description="How many to run, 1 to 64; each holds the lines its library allows.",
    )
    http_host: str = Field(default="127.0.0.1", min_length=1, description="Address of /healthz and /metrics.")
    http_port: Port = Field(default=8081, description="HTTP port of the first worker; worker i has this + i.")


class RecogniserSettings(Section):
    """Speech recognition."""

    url: str = Field(
        default="",
        pattern=r"^$|^wss?://[^\s]+$",
        description="A running recogniser, such as ws://10.0.0.5:2700; empty: run one here.",
    )
    host: str = Field(
        default="127.0.0.1", min_length=1, description="Address that our own recogniser listens on."
    )
    port: Port = Field(default=2700, description="Port that our own recogniser listens on.")
    engine: Engine = Field(default=Engine.AUTO, description="auto, vosk or whisper.")
    threads: int = Field(
        default=2, ge=1, le=64, description="Utterances decoded at once, 1 to 64; the cores it may use."
    )
    timeout_s: float = Field(
        default=6.0, gt=0, le=60, description="Seconds after which a caller is asked again, up to 60."
    )


class Models(Section):
    """Recognition and voice models."""

    dir: str = Field(
        default="", description="Directory of the models; empty: $IVR_MODELS, else ~/.cache/ivr/models."
    )


class Voice(Section):
    """Speech that is made rather than recorded."""

    cache_dir: str = Field(
        default="", description="Directory of rendered clips; empty: voice-cache under paths.var."
    )


class Store(Section):
    """Where calls are kept."""

    url: str = Field(
        default="",
        repr=False,
        pattern=r"^$|^(sqlite|postgresql)(\+\w+)?://[^\s]+$",
        description="sqlite:///file or postgresql://host/db; empty: ivr.db under paths.var. "
        "A URL with a password goes into IVR_DATABASE_URL.",
    )
    recordings_dir: str = Field(
        default="", description="Directory of recordings; empty: recordings under paths.var."
    )


class Bus(Section):
    """Where events are published."""

    url: str = Field(
        default="",
        pattern=r"^$|^mqtts?://[^\s/]+$",
        description="MQTT broker, such as mqtt://10.0.0.5:1883; empty: run the embedded one.",
    )
    username: str = Field(
        default="", description="User name at the broker; its password is read from IVR_MQTT_PASSWORD."
    )
    embedded_port: Port = Field(default=1884, description="Loopback port of the embedded broker.")
    password: SecretStr | None = Field(default=None, exclude=True, repr=False)


class Log(Section):
    """What is written to standard error."""

    level: LogLevel = Field(default=LogLevel.INFO, description="debug, info, warning or error.")
    format: LogFormat = Field(default=LogFormat.AUTO, description="auto, json or console.")
