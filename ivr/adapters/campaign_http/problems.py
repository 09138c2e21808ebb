"""What goes wrong with campaigns alone."""

from ivr.adapters.http_api import Kind

UNKNOWN_CAMPAIGN = Kind(
    "unknown-campaign", 404, "There is no such campaign", "list them with GET /v1/campaigns"
)
UNKNOWN_CONTACT = Kind(
    "unknown-contact", 404, "No campaign has this contact", "take a contact_id or a number that was imported"
)
NO_SUCH_FORMAT = Kind(
    "no-such-format",
    406,
    "Results do not come in this format",
    "ask for `?format=json`, csv or xlsx, or send no Accept",
)
TOO_SLOW = Kind("too-slow", 408, "The file took too long to come", "send it in less than {most_s} s")
REFUSED = Kind("refused", 409, "This cannot be done", "see `detail`, which says what can be")
NO_TABLE = Kind(
    "wrong-type",
    415,
    "The file is neither CSV nor XLSX",
    "send it with `Content-Type: text/csv` or that of an XLSX workbook, see {document}",
)
BAD_FILE = Kind("bad-file", 422, "The file cannot be read", "see {document}")
BAD_ROWS = Kind(
    "bad-rows",
    422,
    "Nothing was written, for some rows are bad",
    "mend them as `bad_rows` tells, or send the file again with `skip_bad=true`",
)
