"""Days: 下个月五号, 月底, "next Friday"."""

from ivr.grammar.meanings import dates_en, dates_zh
from ivr.grammar.meanings.forms import Kind


def _inherit_month(before: str, after: str) -> str | None:
    return dates_zh.inherit_month(before, after) or dates_en.inherit_month(before, after)


DATE = Kind(dates_zh.FORMS_ZH, dates_en.FORMS_EN, _inherit_month)
"""An ISO 8601 date. Days without a month or year are the next ones, for callers promise and plan."""
