"""What is wrong with settings whose keys are right one by one."""

from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from ipaddress import ip_address
from urllib.parse import urlsplit

from holidays import list_supported_countries

from ivr.config.sections import Transport
from ivr.config.settings import Settings

Found = tuple[str, str, str]
"""Key, reason, mend."""

RTP_PORTS_PER_WORKER = 18
"""Four lines of two ports (RTP and RTCP), as many again for those still closing, and one pair in reserve."""


def cross_check(settings: Settings) -> Iterator[Found]:
    """Everything that does not fit together."""
    yield from _ladder(settings)
    yield from _country(settings)
    yield from _tls(settings)
    yield from _media(settings)
    yield from _accounts(settings)
    yield from _loan_book(settings)
    yield from _apis(settings)
    yield from _ports(settings)
    yield from _directories(settings)


def _ladder(settings: Settings) -> Iterator[Found]:
    if settings.ladder.confirm >= settings.ladder.act:
        yield "ladder.confirm", "is not under ladder.act", "lower it, or raise ladder.act"


def _country(settings: Settings) -> Iterator[Found]:
    country = settings.hotline.country
    known = list_supported_countries()
    if country not in known:
        near = ", ".join(get_close_matches(country, known, n=3, cutoff=0.5)) or "CN"
        mend = f"write a country such as {near}"
        yield "hotline.country", f"nothing is known of the holidays of {country}", mend


def _tls(settings: Settings) -> Iterator[Found]:
    if Transport.TLS not in settings.sip.transports:
        return
    for key in ("tls_cert", "tls_key"):
        value: str = getattr(settings.sip, key)
        if not value:
            yield f"sip.{key}", "is empty while sip.transports has tls", "name the PEM file, or take tls out"
        elif not settings.resolve(value).is_file():
            yield f"sip.{key}", f"{settings.resolve(value)} is not a file", "name an existing PEM file"


def _media(settings: Settings) -> Iterator[Found]:
    if settings.sip.clock_hz not in {8000, 16000}:
        yield "sip.clock_hz", "must be 8000 or 16000", "use 8000 unless G.722 quality matters more than CPU"
    if settings.sip.rtp_port_first % 2:
        yield "sip.rtp_port_first", "is odd", "RTP takes the even port of each pair (RFC 3550 section 11)"
    first, last = settings.rtp_ports(0)
    if last - first + 1 < RTP_PORTS_PER_WORKER:
        mend = f"give {RTP_PORTS_PER_WORKER} ports for each of the {settings.workers.count} workers"
        yield "sip.rtp_port_last", "leaves too few RTP ports", mend


def _accounts(settings: Settings) -> Iterator[Found]:
    names = [account.name for account in settings.sip.accounts]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield "sip.accounts", f"has two accounts named {name}", "give each its own name"
    for index, account in enumerate(settings.sip.accounts):
        if account.password is None:
            variable = f"IVR_SIP_PASSWORD_{account.name.upper().replace('-', '_')}"
            yield f"sip.accounts.{index}", f"account {account.name} has no password", f"export {variable}"


def _loan_book(settings: Settings) -> Iterator[Found]:
    book = settings.loan_book
    if not book.url:
        return
    place = urlsplit(book.url)
    if place.scheme == "http" and not _is_loopback(place.hostname or ""):
        yield "loan_book.url", "would send the token and customers' data in the clear", "write https://"
    if book.token is None:
        yield "loan_book.url", "is set, but there is no token for it", "export IVR_LOAN_BOOK_TOKEN"
    if book.ca_file and not settings.resolve(book.ca_file).is_file():
        mend = "name an existing PEM file"
        yield "loan_book.ca_file", f"{settings.resolve(book.ca_file)} is not a file", mend


def _apis(settings: Settings) -> Iterator[Found]:
    for section, api, variable in (
        ("chat", settings.chat, "IVR_CHAT_TOKEN"),
        ("campaign_api", settings.campaign_api, "IVR_CAMPAIGN_TOKEN"),
    ):
        if api.enabled and api.token is None and not _is_loopback(api.host):
            mend = f"export {variable}, or use 127.0.0.1"
            yield f"{section}.host", "lets strangers in, as there is no token", mend


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ports(settings: Settings) -> Iterator[Found]:
    users: dict[int, list[str]] = defaultdict(list)
    for worker in range(settings.workers.count):
        users[settings.sip_port(worker)].append("sip.port")
        if Transport.TLS in settings.sip.transports:
            users[settings.sip_port(worker) + 1].append("sip.port")
        users[settings.http_port(worker)].append("workers.http_port")
    if settings.runs_recogniser:
        users[settings.recogniser.port].append("recogniser.port")
    if settings.runs_broker:
        users[settings.bus.embedded_port].append("bus.embedded_port")
    if settings.chat.enabled:
        users[settings.chat.port].append("chat.port")
        users[settings.chat.health_port].append("chat.health_port")
    if settings.campaign_api.enabled:
        users[settings.campaign_api.port].append("campaign_api.port")
        users[settings.campaign_api.health_port].append("campaign_api.health_port")
    for port, keys in users.items():
        if len(keys) > 1:
            yield keys[-1], f"port {port} is also used by {keys[0]}", "move one of them"
        if port > 65535:
            yield keys[0], f"reaches port {port} with {settings.workers.count} workers", "start lower"


def _directories(settings: Settings) -> Iterator[Found]:
    needed = {
        "prompts": settings.prompts_dir,
        "grammars": settings.grammars_dir,
        "scripts": settings.scripts_dir,
    }
    for key, path in needed.items():
        if not path.is_dir():
            yield f"paths.{key}", f"{path} is not a directory", "name an existing one, or set paths.root"
    scheme = urlsplit(settings.database_url).scheme
    if scheme.startswith("sqlite") and not settings.database_url.startswith(f"{scheme}:///"):
        yield "store.url", "lacks a file", "write sqlite:///file, or sqlite:////absolute/file"
