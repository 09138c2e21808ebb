"""In which format somebody wants the results."""

from ivr.adapters.campaign_http.problems import NO_SUCH_FORMAT
from ivr.adapters.campaign_http.uploads import XLSX_TYPE
from ivr.adapters.http_api import Problem

MEDIA_TYPES = {"json": "application/json", "csv": "text/csv", "xlsx": XLSX_TYPE}
_RANGES = {
    **{media_type: form for form, media_type in MEDIA_TYPES.items()},
    "*/*": "json",
    "application/*": "json",
    "text/*": "csv",
}


def wanted_format(accept: str) -> str:
    """`json`, `csv` or `xlsx`, by an Accept header (RFC 9110 section 12.5.1); json where there is none.

    Raises `Problem` where none of them will do.
    """
    if not accept.strip():
        return "json"
    weighed: list[tuple[float, str]] = []
    for part in accept.lower().split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        form = _RANGES.get(media_range)
        if form is not None:
            weighed.append((_weight(parameters), form))
    best = max(weighed, key=lambda pair: pair[0], default=(0.0, ""))
    if best[0] <= 0:
        raise Problem(NO_SUCH_FORMAT)
    return best[1]


def _weight(parameters: list[str]) -> float:
    written = next((text.removeprefix("q=") for text in parameters if text.startswith("q=")), "1")
    try:
        return float(written)
    except ValueError:
        return 0.0
