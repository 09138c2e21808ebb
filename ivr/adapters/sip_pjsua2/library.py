"""pjsua2 as a library: its compiled limits, its configuration, and copies between C and Python memory."""

import ctypes
from typing import Any

import pjsua2 as pj

from ivr.adapters.sip_pjsua2.settings import SipAccount, SipSettings, SrtpMode, Transport

_SRTP_USE = {
    SrtpMode.OFF: pj.PJMEDIA_SRTP_DISABLED,
    SrtpMode.OPTIONAL: pj.PJMEDIA_SRTP_OPTIONAL,
    SrtpMode.MANDATORY: pj.PJMEDIA_SRTP_MANDATORY,
}
_PJSIP_TRANSPORT = {
    Transport.UDP: pj.PJSIP_TRANSPORT_UDP,
    Transport.TCP: pj.PJSIP_TRANSPORT_TCP,
    Transport.TLS: pj.PJSIP_TRANSPORT_TLS,
}
FRAME_MS = 20
TOO_MANY = 70010
"""PJ_ETOOMANY."""


def _exports() -> ctypes.CDLL:
    return ctypes.CDLL(pj._pjsua2.__file__)


def compiled_call_limit() -> int:
    """How many calls the installed build takes. Only true after `libInit`."""
    return int(_exports().pjsua_call_get_max_count())


def keep_quiet() -> None:
    """Print nothing to standard output before `libInit` has set where the log goes."""
    _exports().pj_log_set_level(0)


def set_transaction_timeout(timeout_s: int) -> None:
    """Give up SIP transactions after this time instead of 32 s (timers B, F and H of RFC 3261 section 17).

    Shorter, it also ends sooner what a vanished far end would keep open.
    """
    _exports().pjsip_tsx_set_timers(0, 0, 0, timeout_s * 1000)


def frame_bytes(frame: Any) -> bytes:
    """Copy a `MediaFrame` by its vector's own pointer: a hundred times cheaper than walking the vector."""
    size = int(frame.size)
    if not size:
        return b""
    start = ctypes.c_size_t.from_address(int(frame.buf.this)).value
    return ctypes.string_at(start, size)


def endpoint_config(settings: SipSettings, log_writer: Any) -> Any:
    """The `EpConfig` of a telephony server without a sound card; `log_writer` gets the library's warnings."""
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.maxCalls = 1000  # the library takes the smaller of this and its compiled limit
    config.uaConfig.userAgent = "ivr"
    config.uaConfig.mwiUnsolicitedEnabled = False
    config.logConfig.level = 2
    config.logConfig.consoleLevel = 0
    config.logConfig.msgLogging = 0
    config.logConfig.writer = log_writer
    media = config.medConfig
    media.clockRate = settings.clock_rate_hz
    media.sndClockRate = settings.clock_rate_hz
    media.audioFramePtime = FRAME_MS
    media.quality = 1
    media.noVad = True
    media.ecTailLen = 0
    media.sndAutoCloseTime = -1
    return config


def transport_config(settings: SipSettings, transport: Transport, port: int) -> tuple[int, Any]:
    """The pjsip type and `TransportConfig` of one transport."""
    config = pj.TransportConfig()
    config.port = settings.tls_port if transport is Transport.TLS else port
    config.boundAddress = _bound(settings)
    config.publicAddress = settings.public_address
    if transport is Transport.TLS:
        config.tlsConfig.certFile = settings.tls_certificate_path
        config.tlsConfig.privKeyFile = settings.tls_private_key_path
        # Without this the library still takes TLS 1.0 and 1.1.
        config.tlsConfig.proto = pj.PJ_SSL_SOCK_PROTO_TLS1_2
    return _PJSIP_TRANSPORT[transport], config


def own_account_config(settings: SipSettings, local_host: str) -> Any:
    """The account without registration: direct calls in and out."""
    config = _account_config(settings)
    config.idUri = f"{_display(settings)}<sip:{settings.user}@{local_host}>"
    return config


def registered_account_config(settings: SipSettings, account: SipAccount) -> Any:
    """An account that registers with digest authentication and keeps registered."""
    config = _account_config(settings)
    config.idUri = f"{_display(settings)}<sip:{account.user}@{account.registrar}>"
    config.regConfig.registrarUri = f"sip:{account.registrar}"
    config.regConfig.timeoutSec = account.registration_interval_s
    config.regConfig.retryIntervalSec = 30
    config.regConfig.firstRetryIntervalSec = 2
    credentials = pj.AuthCredInfo("digest", account.realm, account.user, 0, account.password)
    config.sipConfig.authCreds.append(credentials)
    if account.proxy:
        config.sipConfig.proxies.append(account.proxy)
    return config


def _account_config(settings: SipSettings) -> Any:
    config = pj.AccountConfig()
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL
    media = config.mediaConfig
    media.srtpUse = _SRTP_USE[settings.srtp]
    media.srtpSecureSignaling = 0
    media.transportConfig.port = settings.rtp_port_first
    media.transportConfig.portRange = settings.rtp_port_last - settings.rtp_port_first
    media.transportConfig.boundAddress = _bound(settings)
    media.transportConfig.publicAddress = settings.public_address
    return config


def _bound(settings: SipSettings) -> str:
    return "" if settings.bind_host == "0.0.0.0" else settings.bind_host


def _display(settings: SipSettings) -> str:
    name = settings.display_name.replace("\\", "").replace('"', "")
    return f'"{name}" ' if name else ""


def choose_codecs(endpoint: Any, codecs: tuple[str, ...]) -> None:
    """Enable these codecs in this order and no others."""
    for info in endpoint.codecEnum2():
        name = str(info.codecId).partition("/")[0]
        priority = 255 - codecs.index(name) if name in codecs else 0
        endpoint.codecSetPriority(info.codecId, priority)


def op_param(code: int = 0, headers: tuple[tuple[str, str], ...] = ()) -> Any:
    """A `CallOpParam` with default call settings, a status code and extra headers."""
    param = pj.CallOpParam(True)
    if code:
        param.statusCode = code
    for name, value in headers:
        extra = pj.SipHeader()
        extra.hName = name
        extra.hValue = value
        param.txOption.headers.append(extra)
    return param
