"""A core system to try the loan book against: keeps to the contract, and misbehaves when it is told to.

Run as `python core_system.py PORT [CERTIFICATE KEY]`, with the two files over TLS. `POST /trial/book` fills
it with customer files, `POST /trial/faults` says how the next answers go wrong, `GET /trial/seen` tells what
it was asked. Bodies are checked against the contract both ways.
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter, defaultdict, deque
from decimal import Decimal
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CONTRACT = Path(__file__).resolve().parents[2] / "docs" / "loan-book.openapi.yaml"
TOKEN = "trial-token"

_contract = yaml.safe_load(CONTRACT.read_text("utf-8"))
_registry: Registry[Any] = Registry().with_resource(
    "urn:contract", Resource(contents=_contract, specification=DRAFT202012)
)


def contract_faults(schema: str, body: object) -> list[str]:
    """Where a body does not keep to a schema of the contract."""
    reference = {"$ref": f"urn:contract#/components/schemas/{schema}"}
    found = Draft202012Validator(reference, registry=_registry).iter_errors(body)
    return [f"{'/'.join(map(str, fault.path))}: {fault.validator}" for fault in found]


class CoreSystem:
    def __init__(self) -> None:
        self._files: dict[str, dict[str, Any]] = {}
        self._faults: deque[dict[str, Any]] = deque()
        self._checks: dict[str, str] = {}
        self._wrong_s: defaultdict[str, list[float]] = defaultdict(list)
        self._requests: dict[str, dict[str, Any]] = {}
        self._asked: Counter[str] = Counter()
        self._counted_checks = 0
        self._offences: list[str] = []

    def routes(self) -> list[Route]:
        return [
            Route("/ivr/v1/status", self._answering("getStatus", self._status, "Status")),
            Route(
                "/ivr/v1/customers/find",
                self._answering("findCustomer", self._find, "Found", "Find"),
                methods=["POST"],
            ),
            Route(
                "/ivr/v1/customers/{customer_id}/identity-checks",
                self._answering("checkIdentity", self._check, "IdentityResult", "IdentityCheck"),
                methods=["POST"],
            ),
            Route(
                "/ivr/v1/customers/{customer_id}/loans",
                self._answering("listLoans", self._part("loans"), "Loans"),
            ),
            Route(
                "/ivr/v1/customers/{customer_id}/payments",
                self._answering("listPayments", self._part("payments"), "Payments"),
            ),
            Route(
                "/ivr/v1/customers/{customer_id}/applications",
                self._answering("listApplications", self._part("applications"), "Applications"),
            ),
            Route(
                "/ivr/v1/requests",
                self._answering("fileRequest", self._file, "Filed", "Request"),
                methods=["POST"],
            ),
            Route("/trial/book", self._fill, methods=["POST"]),
            Route("/trial/faults", self._plan_faults, methods=["POST"]),
            Route("/trial/seen", self._seen),
        ]

    def _answering(self, operation: str, work: Any, schema: str, takes: str | None = None) -> Any:
        async def endpoint(request: Request) -> Response:
            self._asked[operation] += 1
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                return Response(status_code=401)
            body = json.loads(await request.body()) if takes else None
            if takes:
                self._offences += [f"{operation} {fault}" for fault in contract_faults(takes, body)]
            fault = self._faults.popleft() if self._faults else {}
            if fault.get("before"):
                return Response(fault.get("body", ""), fault["status"])
            answer = work(request, body)
            assert not contract_faults(schema, answer), contract_faults(schema, answer)
            if "delay_s" in fault:
                await asyncio.sleep(fault["delay_s"])
            if "status" in fault:
                return Response(fault.get("body", ""), fault["status"], media_type="application/json")
            return JSONResponse(answer)

        return endpoint

    def _status(self, _request: Request, _body: Any) -> dict[str, Any]:
        return {"contract_version": _contract["info"]["version"]}

    def _find(self, _request: Request, body: dict[str, str]) -> dict[str, Any]:
        found = (f["customer"] for f in self._files.values() if f["customer"]["phone"] == body["phone"])
        return {"customer": next(found, None)}

    def _check(self, request: Request, body: dict[str, str]) -> dict[str, Any]:
        key = request.headers.get("Idempotency-Key", "")
        if not re.fullmatch(r"[0-9a-f-]{36}", key):
            self._offences.append("checkIdentity without a key")
        if key not in self._checks:
            self._counted_checks += 1
            customer_id = request.path_params["customer_id"]
            self._checks[key] = self._judge(customer_id, body["piece"], body["value"])
        return {"result": self._checks[key]}

    def _judge(self, customer_id: str, piece: str, value: str) -> str:
        file = self._files.get(customer_id)
        if file is None:
            return "wrong"
        wrong_s = self._wrong_s[customer_id]
        if len(wrong_s) >= 5 and time.monotonic() - wrong_s[-1] < 86_400:
            return "locked"
        known = _known(file)[piece]
        if not known:
            return "unavailable"
        if value.upper() in known:
            return "right"
        wrong_s.append(time.monotonic())
        return "locked" if len(wrong_s) >= 5 else "wrong"

    def _part(self, name: str) -> Any:
        def part(request: Request, _body: Any) -> dict[str, Any]:
            file = self._files.get(request.path_params["customer_id"])
            # In no helpful order: the contract promises none.
            return {name: list(reversed(file[name])) if file else []}

        return part

    def _file(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        key = request.headers.get("Idempotency-Key", "")
        if key != body["ticket_id"]:
            self._offences.append("fileRequest without its key")
        if key not in self._requests:
            self._requests[key] = body | {"reference": f"RQ-{len(self._requests) + 1}"}
        return {"reference": self._requests[key]["reference"]}

    async def _fill(self, request: Request) -> Response:
        self._faults.clear()  # those that the test before has not met
        for file in await request.json():
            self._files[file["customer"]["customer_id"]] = file
            self._wrong_s.pop(file["customer"]["customer_id"], None)
        return Response()

    async def _plan_faults(self, request: Request) -> Response:
        self._faults.extend(await request.json())
        return Response()

    async def _seen(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "asked": self._asked,
                "checks": self._counted_checks,
                "requests": self._requests,
                "offences": self._offences,
            }
        )


def _known(file: dict[str, Any]) -> dict[str, set[str]]:
    """What each piece may be said as."""
    amounts = [Decimal(payment["amount"]) for payment in file["payments"]]
    said = {text for amount in amounts for text in (f"{amount:f}", f"{amount:.0f}", f"{int(amount)}")}
    return {
        "id_tail": {file["id_number"][-4:].upper()},
        "birth_date": {file["birth_date"], file["birth_date"].replace("-", "")},
        "last_repayment": said,
    }


if __name__ == "__main__":
    app = Starlette(routes=CoreSystem().routes())
    port, *tls = sys.argv[1:]
    certificate, key = tls or (None, None)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(port),
        log_config=None,
        access_log=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
