"""The texts around SIP: headers, admission, settings and the log's redaction, as tables."""

from ipaddress import ip_network
from typing import Any

import pytest

from ivr.adapters.sip_pjsua2.admission import Admission
from ivr.adapters.sip_pjsua2.log import redact
from ivr.adapters.sip_pjsua2.messages import header, info_key, invite_of, uri_of, user_of
from ivr.adapters.sip_pjsua2.settings import SipAccount, SipSettings, Transport

INVITE = """INVITE sip:hot%6cine;x=1@10.0.0.1:5060;transport=udp SIP/2.0\r
Via: SIP/2.0/UDP 10.0.0.2\r
f: "Zhang, <San>" <sip:+8613800000001;phone-context=x@example.net>;tag=1\r
To: <sip:hotline@10.0.0.1>\r
i: abc@10.0.0.2\r
Accept-Language: zh-CN,\r
 en;q=0.5\r
Content-Type: application/sdp\r
\r
v=0\r
Accept-Language: not-a-header\r
"""


def test_an_invite_is_read_through_compact_names_folding_and_escapes() -> None:
    invite = invite_of(INVITE, "10.0.0.2:5060")
    assert invite.sip_call_id == "abc@10.0.0.2"
    assert invite.dialled_user == "hotline"
    assert invite.remote_user == "+8613800000001"
    assert invite.accept_language == "zh-CN, en;q=0.5"
    assert invite.source_address == "10.0.0.2:5060"


@pytest.mark.parametrize(
    "message", ["", "INVITE", "\r\n\r\n", "INVITE sip:x SIP/2.0\r\nFrom: \ud800\udc80\r\n\r\n"]
)
def test_what_is_missing_or_broken_stays_empty(message: str) -> None:
    invite = invite_of(message, "")
    assert (invite.remote_user, invite.sip_call_id, invite.accept_language) == ("", "", "")


def test_bytes_that_are_no_utf8_cannot_reach_a_store() -> None:
    header("INVITE sip:a@b SIP/2.0\r\nAccept-Language: \udcff\r\n\r\n", "Accept-Language").encode("utf-8")


@pytest.mark.parametrize(
    ("value", "uri"),
    [
        ("<sip:a@b;lr>;tag=1", "sip:a@b;lr"),
        ("sip:a@b;tag=1", "sip:a@b"),
        ('"sip:x@y" <tel:+861380000>', "tel:+861380000"),
        ("anonymous", ""),
    ],
)
def test_a_uri_is_told_from_the_parameters_around_it(value: str, uri: str) -> None:
    assert uri_of(value) == uri


@pytest.mark.parametrize(
    ("uri", "user"),
    [
        ("sip:10086@h", "10086"),
        ("sip:u:pw@h", "u"),
        ("tel:+86;ext=1", "+86"),
        ("sip:host.only", ""),
        ("", ""),
    ],
)
def test_the_user_part_comes_without_password_and_parameters(uri: str, user: str) -> None:
    assert user_of(uri) == user


@pytest.mark.parametrize(
    ("media_type", "body", "key"),
    [
        ("application/dtmf", "5", "5"),
        ("Application/DTMF; x=1", "Signal=#\r\nDuration=100\r\n", "#"),
        ("application/dtmf", "d", "D"),
        ("application/dtmf", "12", ""),
        ("application/dtmf-relay", "Signal=5\r\n", ""),
        ("text/plain", "5", ""),
    ],
)
def test_a_key_is_read_from_an_info_body_that_the_library_does_not_know(
    media_type: str, body: str, key: str
) -> None:
    assert info_key(f"INFO sip:a@b SIP/2.0\r\nContent-Type: {media_type}\r\n\r\n{body}") == key


@pytest.mark.parametrize(
    ("source", "admitted"),
    [
        ("10.1.2.3:5060", True),
        ("[2001:db8::7]:5060", True),
        ("10.2.0.1:5060", False),
        ("198.51.100.9:5070", True),
        ("proxy.example.net:5060", False),
        ("", False),
    ],
)
def test_admission_goes_by_listed_networks_and_registrars(source: str, admitted: bool) -> None:
    admission = Admission([ip_network("10.1.0.0/16"), ip_network("2001:db8::/32")])
    admission.add_registrar("198.51.100.9:5060")
    admission.add_registrar("not an address")
    assert admission.admits(source) is admitted


@pytest.mark.parametrize(
    "text",
    ["From sip:13800000001@10.0.0.1;x", "call of 李四@example.net", "tel:+8613800000001", "id 110101199003"],
)
def test_no_name_or_number_survives_redaction(text: str) -> None:
    clean = redact(text)
    assert "1380000" not in clean
    assert "李四" not in clean
    assert "110101" not in clean


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ({"transports": frozenset()}, "at least one SIP transport"),
        ({"codecs": ("opus",)}, "PCMA, PCMU, G722"),
        ({"codecs": ()}, "PCMA, PCMU, G722"),
        ({"clock_rate_hz": 44100}, "8000 or 16000"),
        ({"port": 70000}, "0 to 65535"),
        ({"rtp_port_first": 10000, "rtp_port_last": 10003}, "16 ports"),
        ({"transports": frozenset({Transport.TLS})}, "certificate"),
        ({"accounts": tuple(SipAccount("h", str(n), "p") for n in range(8))}, "7 accounts"),
        ({"max_lines": 0}, "1 or more"),
        ({"refusal_slots": -1}, "0 or more"),
        ({"ack_timeout_s": 12, "transaction_timeout_s": 12}, "above it"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_the_mend(wrong: dict[str, Any], mend: str) -> None:
    with pytest.raises(ValueError, match=mend):
        SipSettings(**wrong)


def test_a_password_does_not_show_in_the_settings_text() -> None:
    assert "hush" not in repr(SipSettings(accounts=(SipAccount("h", "u", "hush"),)))
