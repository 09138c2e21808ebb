"""What the voice tests share: the repository's own prompts, and sentences to try."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from ivr.calls.speech import Say

PROMPTS_DIR = Path(__file__).resolve().parents[2] / "prompts"
LOCALES = ("zh-CN", "en-US")

BALANCE = Say("balance_told", {"balance": Decimal("123456.78")})
NEXT_DUE = Say("next_due_told", {"due_on": date(2026, 11, 21), "due_amount": Decimal("2005.30")})
