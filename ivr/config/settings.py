"""The whole of the settings, and what follows from them: directories, ports, addresses."""

from pathlib import Path

from ivr.config.campaign_api import CampaignApi
from ivr.config.chat import ChatSettings
from ivr.config.hours import Hours
from ivr.config.loan_book import LoanBookSettings
from ivr.config.outbound import Outbound
from ivr.config.sections import (
    Bus,
    Hotline,
    LadderSettings,
    Log,
    Models,
    Paths,
    RecogniserSettings,
    Section,
    Sip,
    Store,
    Voice,
    Workers,
)

PROJECT_DIR = Path(__file__).resolve().parents[2]


class Settings(Section):
    """All sections. Built by `load_settings`, never changed afterwards."""

    paths: Paths = Paths()
    hotline: Hotline = Hotline()
    hours: Hours = Hours()
    ladder: LadderSettings = LadderSettings()
    sip: Sip = Sip()
    workers: Workers = Workers()
    recogniser: RecogniserSettings = RecogniserSettings()
    models: Models = Models()
    voice: Voice = Voice()
    store: Store = Store()
    loan_book: LoanBookSettings = LoanBookSettings()
    chat: ChatSettings = ChatSettings()
    outbound: Outbound = Outbound()
    campaign_api: CampaignApi = CampaignApi()
    bus: Bus = Bus()
    log: Log = Log()

    @property
    def root_dir(self) -> Path:
        """Where relative paths start."""
        return (PROJECT_DIR / Path(self.paths.root).expanduser()).resolve()

    def resolve(self, path: str) -> Path:
        """A path of the settings file as an absolute one."""
        return self.root_dir / Path(path).expanduser()

    @property
    def var_dir(self) -> Path:
        """Where the program writes."""
        return self.resolve(self.paths.var)

    @property
    def prompts_dir(self) -> Path:
        """Texts and recordings of the prompts."""
        return self.resolve(self.paths.prompts)

    @property
    def grammars_dir(self) -> Path:
        """SRGS grammars."""
        return self.resolve(self.paths.grammars)

    @property
    def scripts_dir(self) -> Path:
        """The script of the hotline and those of its services."""
        return self.resolve(self.paths.scripts)

    @property
    def models_dir(self) -> Path | None:
        """The models' directory when the settings name one; None leaves it to $IVR_MODELS and the default."""
        return self.resolve(self.models.dir) if self.models.dir else None

    @property
    def voice_cache_dir(self) -> Path:
        """Rendered clips."""
        return self.resolve(self.voice.cache_dir) if self.voice.cache_dir else self.var_dir / "voice-cache"

    @property
    def recordings_dir(self) -> Path:
        """Recordings of calls."""
        return (
            self.resolve(self.store.recordings_dir)
            if self.store.recordings_dir
            else self.var_dir / "recordings"
        )

    @property
    def database_url(self) -> str:
        """The database as a URL, with its password when it has one: never log it."""
        return self.store.url or f"sqlite:///{self.var_dir / 'ivr.db'}"

    @property
    def runs_broker(self) -> bool:
        """Whether the embedded broker is used."""
        return not self.bus.url

    @property
    def broker_url(self) -> str:
        """The MQTT broker, ours or theirs."""
        return self.bus.url or f"mqtt://127.0.0.1:{self.bus.embedded_port}"

    @property
    def runs_recogniser(self) -> bool:
        """Whether our own recogniser is used."""
        return not self.recogniser.url

    @property
    def recogniser_url(self) -> str:
        """The recogniser's WebSocket, ours or theirs."""
        return self.recogniser.url or f"ws://{dialable(self.recogniser.host)}:{self.recogniser.port}"

    def sip_port(self, worker: int) -> int:
        """SIP port (UDP and TCP) of a worker counted from 0; TLS is on the next one."""
        return self.sip.port + 2 * worker

    def http_port(self, worker: int) -> int:
        """Port of a worker's /healthz and /metrics."""
        return self.workers.http_port + worker

    def rtp_ports(self, worker: int) -> tuple[int, int]:
        """First and last RTP port of a worker: its even share of the range, starting on an even port."""
        share = (self.sip.rtp_port_last - self.sip.rtp_port_first + 1) // self.workers.count // 2 * 2
        first = self.sip.rtp_port_first + worker * share
        return first, first + share - 1


def dialable(host: str) -> str:
    """The address to reach a listener at, from the one it listens on, bracketed when it is IPv6."""
    if host in {"0.0.0.0", ""}:
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host
