"""The SIP endpoint's settings for one worker."""

from ivr.adapters.sip_pjsua2.settings import SipAccount, SipSettings, SrtpMode, Transport
from ivr.config import Settings


def sip_settings(settings: Settings, index: int) -> SipSettings:
    """What worker `index` listens on and whom it takes calls from. Raises `ValueError` with the mend."""
    sip = settings.sip
    first, last = settings.rtp_ports(index)
    return SipSettings(
        bind_host=sip.host,
        port=settings.sip_port(index),
        transports=frozenset(Transport(transport.value) for transport in sip.transports),
        tls_port=settings.sip_port(index) + 1,
        tls_certificate_path=str(settings.resolve(sip.tls_cert)) if sip.tls_cert else "",
        tls_private_key_path=str(settings.resolve(sip.tls_key)) if sip.tls_key else "",
        srtp=SrtpMode(sip.srtp.value),
        codecs=tuple(codec.value for codec in sip.codecs),
        clock_rate_hz=sip.clock_hz,
        public_address=sip.public_address,
        rtp_port_first=first,
        rtp_port_last=last,
        allowed_peers=sip.peers,
        accounts=tuple(
            SipAccount(
                registrar=account.registrar,
                user=account.user,
                password=account.password.get_secret_value() if account.password else "",
                realm=account.realm,
                proxy=account.proxy,
                registration_interval_s=account.expires_s,
            )
            for account in sip.accounts
        ),
    )
