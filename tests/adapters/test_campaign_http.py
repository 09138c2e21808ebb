"""Campaigns over HTTP keep to docs/campaigns.openapi.yaml, let in whom they should, and do nothing twice."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from campaign_api import DOCUMENT, EXAMPLE, NOON, Api, check, contacts, good, row, serving, told
from starlette.routing import Route

from ivr.adapters.campaign_desk_memory import MemoryCampaignDesk
from ivr.adapters.campaign_http import campaign_app
from ivr.adapters.campaign_http.requests import ImportQuery, ListQuery, RegisterQuery, ResultsQuery
from ivr.calls.attempts import AttemptResult as R
from ivr.calls.ids import CampaignId
from ivr.campaign.policy import Campaign, CampaignState

ONE = "/v1/campaigns/{campaign}"


@pytest.fixture
async def api(free_port: Callable[[], int]) -> AsyncIterator[Api]:
    async with serving(free_port()) as running:
        yield running
        assert running.faults == []


async def test_the_document_has_every_address_and_every_query_and_no_other(
    free_port: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    served: set[tuple[str, str]] = set()

    def noting(*arguments: Any) -> Any:
        app = campaign_app(*arguments)
        for route in app.routes:
            assert isinstance(route, Route)
            served.update((method, route.path) for method in (route.methods or set()) - {"HEAD"})
        return app

    monkeypatch.setattr("campaign_api.campaign_app", noting)
    async with serving(free_port()):
        pass
    assert served == {
        (method.upper(), path)
        for path, item in DOCUMENT["paths"].items()
        for method in item
        if method != "parameters"
    }
    for path, method, query in (
        (f"{ONE}/contacts", "post", ImportQuery),
        (f"{ONE}/results", "get", ResultsQuery),
        ("/v1/do-not-call", "get", ListQuery),
        ("/v1/do-not-call/import", "post", RegisterQuery),
    ):
        assert written_queries(path, method) == set(query.model_fields)
    assert {name.value for name in R} == set(DOCUMENT["components"]["schemas"]["Result"]["enum"])


def written_queries(path: str, method: str) -> set[str]:
    given = [
        DOCUMENT["components"]["parameters"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        for each in DOCUMENT["paths"][path][method]["parameters"]
    ]
    return {each["name"] for each in given if each["in"] == "query"}


async def test_a_campaign_from_draft_to_end_as_the_document_has_it(api: Api) -> None:
    made = await api.client.post("/v1/campaigns", json=EXAMPLE)
    draft = good(made, 201, "Campaign")
    place = made.headers["location"]
    assert place == f"/v1/campaigns/{draft['campaign_id']}"
    assert (draft["state"], draft["caps"]["least_gap"], draft["retry"]["after"]["busy"]) == (
        "draft",
        14400.0,
        [1800.0],
    )
    assert good(await api.client.get(f"/v1/campaigns/{EXAMPLE['name']}"), 200, "Campaign") == draft
    done = good(await api.take_in(place, contacts(row(1), row(2), row(3))), 200, "ContactsImported")
    assert (done["added"], done["written"], done["bad_rows"]) == (3, True, [])
    seen = good(await api.client.get(f"{place}/preview"), 200, "Preview")
    assert (seen["waiting"], seen["now"], seen["state"]) == (3, 3, "draft")
    assert good(await api.client.post(f"{place}/start"), 200, "Campaign")["state"] == "running"
    await api.ring(R.COMPLETED)
    await api.ring(R.BUSY)
    status = good(await api.client.get(f"{place}/status"), 200, "Status")
    assert status["contacts"] == {"done": 1, "waiting": 2}
    assert (status["done"], status["attempts"]) == ({"completed": 1}, {"completed": 1, "busy": 1})
    for change, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        assert good(await api.client.post(f"{place}/{change}"), 200, "Campaign")["state"] == state
    (listed,) = good(await api.client.get("/v1/campaigns"), 200, "Campaigns")["campaigns"]
    assert (listed["state"], sum(listed["contacts"].values())) == ("stopped", 3)


FAULTS: list[tuple[dict[str, object], str, str]] = [
    ({"name": None}, "name", "should be a valid string"),
    ({"name": "  "}, "name", "at least 1 character"),
    ({"name": "x" * 81}, "name", "at most 80"),
    ({"name": "a\nb"}, "name", "line breaks"),
    ({"survey": "nothing"}, "survey", "there is no survey nothing; known are"),
    ({"survey": "../../etc/passwd"}, "survey", "there is no survey"),
    ({"surveys": "x"}, "surveys", "is no key of a campaign"),
    ({"window": {"opens": "7:30"}}, "window.opens", "valid time"),
    ({"window": {"opens": "07:30"}}, "window", "lie within 08:00-22:00"),
    ({"window": {"weekdays": ["Funday"]}}, "window.weekdays.0", "write days as Mon, Tue"),
    ({"caps": {"per_day": 4}}, "caps", "per_day must be 1 to 3"),
    ({"caps": {"least_gap": "soon"}}, "caps.least_gap", "write a length of time such as 30m"),
    ({"caps": {"least_gap": "99999999999d"}}, "caps.least_gap", "write at most 365d"),
    ({"retry": {"after": {"refused": ["1h"]}}}, "retry", "nobody is rung again after refused"),
    ({"retry": {"after": {"busy": "3h"}}}, "retry.after.busy", "write a list"),
    ({"retry": {"most_attempts": 10**30}}, "retry.most_attempts", "100"),
    ({"max_lines": 10**30}, "max_lines", "10000"),
    ({"calls_per_s": 0}, "", "calls_per_s must be 0.01 to 1000"),
    ({"starts_at": "9999-12-31T23:59:59-12:00"}, "starts_at", "write a year from 2000 to 2199"),
    ({"starts_at": "2026-05-01", "ends_at": "2026-04-01"}, "", "ends_at must come after starts_at"),
    ({"regions": ["china"]}, "regions.0", "match"),
]


async def test_wrong_values_are_told_with_their_field_as_in_a_file(api: Api) -> None:
    for change, field, reason in FAULTS:
        response = await api.client.post("/v1/campaigns", json={**EXAMPLE, **change})
        (error,) = told(response, 422, "bad-value")["errors"]
        assert error["field"] == field, change
        assert reason in error["reason"], change
    assert api.desk.campaigns == {}


async def test_what_is_no_object_is_refused(api: Api) -> None:
    json_type = {"content-type": "application/json"}
    for raw in (b'{"name": ', b"\xff\xfe", b"[]", b"7", b'{"name": "x", "calls_per_s": NaN}', b"[" * 9000):
        response = await api.client.post("/v1/campaigns", content=raw, headers=json_type)
        told(response, 400, "bad-request")


async def test_requests_of_another_type_size_or_place_are_refused(api: Api) -> None:
    told(await api.client.post("/v1/campaigns", data={"name": "x"}), 415, "wrong-type")
    told(await api.client.post("/v1/campaigns", json={"name": "x" * 20_000}), 413, "too-large")
    told(await api.client.get("/v1/nothing"), 404, "unknown-place")
    told(await api.client.delete("/v1/campaigns"), 405, "wrong-method")
    await api.make(name="march")
    for method, path in (("GET", "marhc"), ("GET", "marhc/status"), ("POST", "marhc/start")):
        problem = told(await api.client.request(method, f"/v1/campaigns/{path}"), 404, "unknown-campaign")
        assert problem["mend"] == "did you mean 'march'?"
    assert (
        "GET /v1/campaigns" in told(await api.client.get("/v1/campaigns/x"), 404, "unknown-campaign")["mend"]
    )


async def test_a_campaign_is_created_once_for_each_key_and_each_name(api: Api) -> None:
    key = {"Idempotency-Key": '"8e03978e-40d5-43e8-bc93-6894a57f9324"'}
    first = await api.client.post("/v1/campaigns", json=EXAMPLE, headers=key)
    again = await api.client.post("/v1/campaigns", json=EXAMPLE, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    place = first.headers["location"]
    await api.take_in(place, contacts(row(1)))
    await api.client.post(f"{place}/start")
    later = await api.client.post("/v1/campaigns", json=EXAMPLE, headers=key)
    assert (later.status_code, later.json()["state"]) == (201, "running")
    other = {**EXAMPLE, "name": "another"}
    assert (
        "key"
        in told(await api.client.post("/v1/campaigns", json=other, headers=key), 409, "refused")["detail"]
    )
    taken = told(await api.client.post("/v1/campaigns", json=EXAMPLE), 409, "refused")
    assert "choose another name" in taken["detail"]
    past = {**other, "ends_at": "2026-03-01"}
    assert "is past" in told(await api.client.post("/v1/campaigns", json=past), 409, "refused")["detail"]
    for bad in ("short", "ä" * 9, "x" * 65):
        headers = {"Idempotency-Key": bad.encode()}
        told(await api.client.post("/v1/campaigns", json=other, headers=headers), 422, "bad-value")
    assert len(api.desk.campaigns) == 1


async def test_a_clone_is_made_once_and_one_that_was_begun_is_ended(api: Api) -> None:
    place = await api.make()
    await api.take_in(place, contacts(row(1), row(2)))
    key = {"Idempotency-Key": "clone-0001"}
    asked = {"name": "april", "contacts": True}
    # As if the process had died between the campaign and its contacts.
    bare = good(await api.client.post(f"{place}/clone", json={"name": "april"}, headers=key), 201, "Campaign")
    whole = good(await api.client.post(f"{place}/clone", json=asked, headers=key), 201, "Campaign")
    assert (bare, bare["cloned_from"]) == (whole, place.rpartition("/")[2])
    await api.client.post(f"{place}/clone", json=asked, headers=key)
    status = good(await api.client.get("/v1/campaigns/april/status"), 200, "Status")
    assert status["contacts"] == {"waiting": 2}
    told(await api.client.post(f"{place}/clone", json=asked), 409, "refused")
    for body, field in (({}, "name"), ({"name": ""}, "name"), ({"name": "x", "contacts": "yes"}, "contacts")):
        problem = told(await api.client.post(f"{place}/clone", json=body), 422, "bad-value")
        assert problem["errors"][0]["field"] == field


async def test_changes_may_be_sent_again_and_those_that_cannot_follow_are_told(api: Api) -> None:
    place = await api.make()
    assert "import contacts first" in told(await api.client.post(f"{place}/start"), 409, "refused")["detail"]
    told(await api.client.post(f"{place}/pause"), 409, "refused")
    await api.take_in(place, contacts(row(1)))
    for change in ("start", "pause", "resume", "stop"):
        once = good(await api.client.post(f"{place}/{change}"), 200, "Campaign")
        assert good(await api.client.post(f"{place}/{change}"), 200, "Campaign") == once
    assert "clone it" in told(await api.client.post(f"{place}/start"), 409, "refused")["detail"]


async def test_every_rule_is_explained_and_the_decision_behind_each_attempt(api: Api) -> None:
    place = await api.make()
    await api.take_in(place, contacts(row(1)))
    await api.client.post(f"{place}/start")
    await api.ring(R.BUSY)
    response = await api.client.post("/v1/explain", json={"phone": "138 0000 0001"})
    (found,) = good(response, 200, "Explanations")["contacts"]
    rules = {rule["rule"]: rule for rule in found["rules"]}
    assert (found["may_be_rung"], found["why"]) == (False, "busy: try 1 of 2")
    assert (rules["day_cap"]["value"], rules["day_cap"]["limit"], rules["gap"]["ok"]) == (1, 2, False)
    (attempt,) = found["attempts"]
    assert (attempt["result"], attempt["call_id"], attempt["list_version"]) == ("busy", "call-1", 0)
    assert all(rule["ok"] for rule in attempt["rules"])
    by_id = await api.client.post("/v1/explain", json={"contact_id": found["contact_id"]})
    assert good(by_id, 200, "Explanations")["contacts"] == [found]
    told(await api.client.post("/v1/explain", json={"phone": "13900000000"}), 404, "unknown-contact")
    told(await api.client.post("/v1/explain", json={"contact_id": "nobody"}), 404, "unknown-contact")
    for body in ({}, {"phone": "13900000000", "contact_id": "x"}, {"phone": "nobody"}, {"phone": 7}):
        told(await api.client.post("/v1/explain", json=body), 422, "bad-value")


async def test_only_who_has_the_token_gets_in_and_nobody_too_often(free_port: Callable[[], int]) -> None:
    token = "a token of the company"
    right = {"Authorization": f"Bearer {token}"}
    async with serving(free_port(), token=token, requests_per_minute=30) as api:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {token}"}):
            for method, path in (
                ("GET", "/v1/campaigns"),
                ("POST", "/v1/campaigns"),
                ("POST", "/v1/campaigns/x/contacts"),
                ("GET", "/v1/campaigns/x/results"),
                ("POST", "/v1/explain"),
                ("GET", "/v1/do-not-call"),
                ("POST", "/v1/do-not-call/find"),
            ):
                response = await api.client.request(method, path, headers=headers)
                told(response, 401, "unauthorised")
                assert response.headers["www-authenticate"] == "Bearer"
        for _ in range(9):
            good(await api.client.get("/v1/campaigns", headers=right), 200, "Campaigns")
        refused = await api.client.get("/v1/campaigns", headers=right)
        told(refused, 429, "too-many-requests")
        assert 0 < int(refused.headers["retry-after"]) <= 2
        api.now += timedelta(minutes=1)
        good(await api.client.get("/v1/campaigns", headers=right), 200, "Campaigns")


class Away:
    async def listed(self) -> None:
        raise ConnectionError("away")

    async def find(self, _name: str) -> None:
        raise RuntimeError("13800000001 said so")


async def test_faults_of_ours_are_told_without_what_they_say(free_port: Callable[[], int]) -> None:
    async with serving(free_port(), desk=Away()) as api:
        response = await api.client.get("/v1/campaigns")
        told(response, 503, "store-away")
        assert response.headers["retry-after"] == "5"
        response = await api.client.get("/v1/campaigns/x")
        assert "13800000001" not in json.dumps(told(response, 500, "failed"))
        assert [fault.partition(":")[0] for fault in api.faults] == [
            "campaign store away",
            "campaign request failed",
        ]


class Slow(MemoryCampaignDesk):
    async def change_state(self, campaign_id: CampaignId, state: CampaignState) -> Campaign:
        await asyncio.sleep(60)
        return await super().change_state(campaign_id, state)


async def test_a_stop_of_the_server_tells_those_who_wait(free_port: Callable[[], int]) -> None:
    port = free_port()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        async with serving(port, desk=Slow(lambda: NOON)) as api:
            place = await api.make()
            waiting = asyncio.create_task(client.post(f"{place}/start"))
            await asyncio.sleep(0.1)
        response = await waiting
    told(response, 503, "stopping")
    assert response.headers["retry-after"] == "5"


async def test_no_number_is_logged(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    place = await api.make()
    await api.take_in(place, contacts(row(1), row(2, amount="much")))
    for path in ("/v1/explain", "/v1/do-not-call", "/v1/do-not-call/find"):
        await api.client.post(path, json={"phone": "13800000001"})
    assert "1380000" not in caplog.text.replace("write 13800000001", "")


def test_examples_of_the_document_keep_to_its_schemas() -> None:
    for item in DOCUMENT["paths"].values():
        for method, operation in item.items():
            body = operation.get("requestBody", {}) if method != "parameters" else {}
            media = body.get("content", {}).get("application/json", {})
            if "example" in media:
                check(media["schema"]["$ref"].rpartition("/")[2], media["example"])
    assert httpx.URL(DOCUMENT["servers"][0]["url"]).port == 8072
