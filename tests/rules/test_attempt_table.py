"""What attempts come to that reach nobody."""

import pytest

from ivr.calls.answer_kinds import Announcement as A
from ivr.calls.answer_kinds import AnswerKind as K
from ivr.calls.attempt_table import result_of_sound, result_of_unanswered
from ivr.calls.attempts import AttemptResult as R


@pytest.mark.parametrize(
    ("sip_code", "result"),
    [
        (404, R.INVALID_NUMBER), (410, R.INVALID_NUMBER), (484, R.INVALID_NUMBER), (604, R.INVALID_NUMBER),
        (408, R.NO_ANSWER), (487, R.NO_ANSWER), (480, R.UNREACHABLE), (504, R.UNREACHABLE),
        (486, R.BUSY), (600, R.BUSY), (603, R.REFUSED), (607, R.REFUSED), (608, R.REFUSED),
        (500, R.CONGESTION), (502, R.CONGESTION), (503, R.CONGESTION), (580, R.CONGESTION),
        (401, R.FAILED), (403, R.FAILED), (407, R.FAILED), (302, R.FAILED), (488, R.FAILED), (699, R.FAILED),
    ],
)  # fmt: skip
def test_a_final_code_alone_says_what_came_of_it(sip_code: int, result: R):
    assert result_of_unanswered(sip_code) is result


@pytest.mark.parametrize(
    ("announcement", "result"),
    [
        (A.SWITCHED_OFF, R.SWITCHED_OFF), (A.INVALID_NUMBER, R.INVALID_NUMBER), (A.BUSY, R.BUSY),
        (A.OUT_OF_SERVICE, R.OUT_OF_SERVICE), (A.UNREACHABLE, R.UNREACHABLE), (A.NO_ANSWER, R.NO_ANSWER),
        (A.VOICEMAIL, R.MACHINE), (A.CALL_ASSISTANT, R.MACHINE),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sip_code", [404, 480, 486, 487, 503])
def test_what_the_carrier_says_wins_over_the_code_it_ends_with(sip_code: int, announcement: A, result: R):
    assert result_of_unanswered(sip_code, K.ANNOUNCEMENT, announcement) is result


@pytest.mark.parametrize(
    ("kind", "sit", "result"),
    [
        (K.BUSY_TONE, "", R.BUSY), (K.CONGESTION_TONE, "", R.CONGESTION), (K.FAX, "", R.FAX),
        (K.SIT, "intercept", R.OUT_OF_SERVICE), (K.SIT, "vacant", R.INVALID_NUMBER),
        (K.SIT, "no_circuit", R.CONGESTION), (K.SIT, "unobtainable", R.INVALID_NUMBER),
        (K.SIT, "uncoded", R.UNREACHABLE), (K.MACHINE, "", R.MACHINE), (K.BEEP, "", R.MACHINE),
    ],
)  # fmt: skip
def test_tones_and_machines_have_results_of_their_own(kind: K, sit: str, result: R):
    assert result_of_sound(kind, sit=sit) is result
    assert result_of_unanswered(480, kind, sit=sit) is result


@pytest.mark.parametrize("kind", [K.RINGBACK, K.MUSIC, K.UNSURE, K.HUMAN])
def test_ringing_and_people_leave_it_to_the_code(kind: K):
    assert result_of_sound(kind) is None
    assert result_of_unanswered(486, kind) is R.BUSY


def test_every_announcement_and_every_failure_code_has_a_result():
    assert all(result_of_sound(K.ANNOUNCEMENT, each) for each in A)
    assert all(result_of_unanswered(code) for code in range(300, 700))


@pytest.mark.parametrize("sip_code", [0, 180, 200, 700])
def test_a_code_that_is_no_failure_is_refused(sip_code: int):
    with pytest.raises(ValueError, match="300 to 699"):
        result_of_unanswered(sip_code)
