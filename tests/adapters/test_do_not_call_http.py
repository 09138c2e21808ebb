"""The do-not-call list over HTTP: added to, looked up, taken from, and read page by page."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from campaign_api import NOON, Api, contacts, good, row, serving, told


@pytest.fixture
async def api(free_port: Callable[[], int]) -> AsyncIterator[Api]:
    async with serving(free_port()) as running:
        yield running
        assert running.faults == []


async def test_the_do_not_call_list_is_added_to_looked_up_and_taken_from(api: Api) -> None:
    place = await api.make()
    await api.take_in(place, contacts(row(1), row(2)))
    body = {"phone": "138 0000 0001", "reason": "complained by post"}
    first = good(await api.client.post("/v1/do-not-call", json=body), 201, "Added")
    assert (first["phone"], first["new"], first["entry"]["source"]) == ("+8613800000001", True, "api")
    again = await api.client.post("/v1/do-not-call", json={**body, "reason": "once more"})
    assert good(again, 200, "Added") == {**first, "new": False}
    status = (await api.client.get(f"{place}/status")).json()
    assert status["contacts"] == {"done": 1, "waiting": 1}
    found = await api.client.post("/v1/do-not-call/find", json={"phone": "+8613800000001"})
    assert good(found, 200, "Found")["entry"] == first["entry"]
    gone = {"phone": "13800000001", "reason": "welcome again"}
    for removed in (True, False):
        told_ = good(await api.client.post("/v1/do-not-call/remove", json=gone), 200, "Removed")
        assert told_ == {"phone": "+8613800000001", "removed": removed}
    found = await api.client.post("/v1/do-not-call/find", json={"phone": "13800000001"})
    assert good(found, 200, "Found")["entry"] is None


async def test_wrong_numbers_and_reasons_are_told_and_never_repeated(api: Api) -> None:
    for place, body, field in (
        ("", {"phone": "nobody"}, "phone"),
        ("", {"phone": 13911112222}, "phone"),
        ("", {"phone": "13911112222", "reason": " "}, "reason"),
        ("", {"phone": "13911112222", "reason": "a\u0000b"}, "reason"),
        ("", {"phone": "13911112222", "why": "x"}, "why"),
        ("/remove", {"phone": "13911112222"}, "reason"),
        ("/find", {"phone": "1" * 41}, "phone"),
    ):
        response = await api.client.post(f"/v1/do-not-call{place}", json=body)
        problem = told(response, 422, "bad-value")
        assert [error["field"] for error in problem["errors"]] == [field]
        assert str(body["phone"]) not in response.text


async def test_pages_of_the_list_have_everybody_once_and_no_number_in_their_address(api: Api) -> None:
    numbers = [f"+86138{n:08}" for n in range(11)]
    for n, number in enumerate(numbers):
        api.now = NOON + timedelta(microseconds=n // 6)
        await api.client.post("/v1/do-not-call", json={"phone": number})
    seen: list[str] = []
    after = ""
    for _ in range(10):
        page = good(await api.client.get(f"/v1/do-not-call?limit=4{after}"), 200, "Page")
        seen += [entry["phone"] for entry in page["entries"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
        assert "138" not in page["next"].partition("-")[2]
        # Who is added meanwhile moves nobody to another page.
        api.now += timedelta(seconds=1)
        await api.client.post("/v1/do-not-call", json={"phone": f"+861390000{len(seen):04}"})
    assert sorted(seen) == numbers
    for query in ("limit=0", "limit=1001", "limit=x", "after=x", "after=1", "page=2", "limit=1&limit=2"):
        told(await api.client.get(f"/v1/do-not-call?{query}"), 422, "bad-value")
