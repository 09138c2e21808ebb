"""What our JSON APIs share: problems with their mend, access, limits, and the reading of bodies."""

from ivr.adapters.http_api.bodies import Body, Query, parse_json, read_json, read_query, read_raw
from ivr.adapters.http_api.gate import Gate, Handler, no_such_place
from ivr.adapters.http_api.limits import RateLimit
from ivr.adapters.http_api.problems import Kind, Problem

__all__ = [
    "Body",
    "Gate",
    "Handler",
    "Kind",
    "Problem",
    "Query",
    "RateLimit",
    "no_such_place",
    "parse_json",
    "read_json",
    "read_query",
    "read_raw",
]
