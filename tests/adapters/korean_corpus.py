"""A corpus of synthetic Korean, as `ivr bench asr` reads it: the language of the one Vosk model at hand.

    python tests/adapters/korean_corpus.py DIRECTORY

Nobody's real voice is in it: espeak-ng speaks in several voices. Its figures prove that the engine works, not
how well people are understood.
"""

import csv
import subprocess
import sys
from pathlib import Path

SPEAKERS = {
    "plain": ("ko", 140, 50),
    "m3": ("ko+m3", 130, 45),
    "f2": ("ko+f2", 150, 55),
    "m7": ("ko+m7", 160, 40),
}
"""Voice, words a minute, pitch."""

PHRASES = {
    "command": (
        "상담원 연결",
        "대출 잔액 조회",
        "다음 납부일",
        "이번 달 납부 금액",
        "주소 변경",
        "전화번호 변경",
        "다시 말해 주세요",
        "처음으로",
        "이전 메뉴",
        "종료",
        "영업 시간",
        "자동 이체 신청",
        "비밀번호 변경",
        "계약 내용",
        "영수증 발급",
        "카드 분실 신고",
        "이자율 안내",
        "중도 상환",
        "증명서 발급",
        "불편 신고",
    ),
    "yesno": ("네", "아니요", "맞습니다", "아닙니다", "괜찮아요", "싫어요", "좋아요", "몰라요"),
    "digit": ("영", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"),
    "other": (
        "오늘 날씨가 어때요",
        "피자 한 판 시켜 주세요",
        "강아지가 아파요",
        "노래 하나 틀어 줘",
        "학교에 가고 싶어요",
        "서울에서 부산까지 기차",
        "여보세요",
        "감사합니다",
        "점심 먹었어요",
        "축구 경기 몇 시에 해요",
        "우리 아버지는 선생님입니다",
        "바다가 정말 아름답다",
        "컴퓨터가 고장 났어요",
        "내일 만나요",
        "김치",
        "자전거",
        "할머니",
        "도서관",
    ),
}


def write_korean_corpus(directory: Path, categories: tuple[str, ...] = tuple(PHRASES)) -> Path:
    """Speak the phrases of these categories in every voice, and list them in a manifest."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "transcript", "language", "speaker", "category"])
        for category in categories:
            for number, phrase in enumerate(PHRASES[category]):
                for speaker, (voice, speed, pitch) in SPEAKERS.items():
                    name = f"{category}_{number}_{speaker}.wav"
                    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch)]
                    subprocess.run([*command, "-w", str(directory / name), phrase], check=True)
                    writer.writerow([name, phrase, "ko-KR", speaker, category])
    return directory


if __name__ == "__main__":
    write_korean_corpus(Path(sys.argv[1]))
