"""Files over HTTP: lists taken in whole or not at all, whatever is sent; results in the format wanted."""

import asyncio
import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from campaign_api import CSV, XLSX_TYPE, Api, check, contacts, good, row, serving, told

from ivr.adapters.campaign_http import bad_rows
from ivr.calls.attempts import AttemptResult as R

XLSX = {"Content-Type": XLSX_TYPE}


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
async def api(free_port: Callable[[], int]) -> AsyncIterator[Api]:
    async with serving(free_port()) as running:
        yield running
        assert running.faults == []


@pytest.fixture
async def place(api: Api) -> str:
    return await api.make()


def workbook(*rows: bytes) -> bytes:
    book = openpyxl.Workbook()
    for line in contacts(*(each.decode() for each in rows)).decode().splitlines():
        book.active.append(line.split(","))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def test_a_list_is_all_or_nothing_unless_bad_rows_are_skipped(api: Api, place: str) -> None:
    body = contacts(row(1), row(2, amount="much"), row(1), "12,C3,x,y,1,2026-12-05,2")
    problem = told(await api.take_in(place, body), 422, "bad-rows")
    check(
        "ContactsImported", {k: v for k, v in problem.items() if k not in {"type", "title", "status", "mend"}}
    )
    assert [(bad["row"], bad["column"]) for bad in problem["bad_rows"]] == [(3, "amount"), (5, "phone")]
    assert all(bad["reason"] and bad["mend"] for bad in problem["bad_rows"])
    assert (problem["written"], problem["contacts"], problem["merged_in_file"]) == (False, 1, 1)
    tried = good(await api.take_in(place, body, "?dry_run=true"), 200, "ContactsImported")
    assert (tried["written"], tried["bad"], len(api.desk.people)) == (False, 2, 0)
    done = good(await api.take_in(place, body, "?skip_bad=true"), 200, "ContactsImported")
    assert (done["written"], done["added"], done["bad"]) == (True, 1, 2)
    again = good(await api.take_in(place, body, "?skip_bad=true"), 200, "ContactsImported")
    assert (again["added"], again["merged_with_campaign"]) == (0, 1)


async def test_a_slip_in_the_query_writes_nothing(api: Api, place: str) -> None:
    for query in ("?dryrun=true", "?dry_run=maybe", "?dry_run=true&dry_run=false", "?skip-bad=1"):
        problem = told(await api.take_in(place, contacts(row(1)), query), 422, "bad-value")
        assert problem["errors"][0]["field"] in query
    assert api.desk.people == {}


async def test_workbooks_and_old_encodings_are_read_as_by_the_command(api: Api, place: str) -> None:
    done = await api.take_in(place, workbook(row(1).encode()), **XLSX)
    assert good(done, 200, "ContactsImported")["added"] == 1
    chinese = contacts(row(2)).decode().replace("phone", "手机号").replace(",", ";").encode("gb18030")
    assert good(await api.take_in(place, chinese), 200, "ContactsImported")["added"] == 1


def broken_workbooks() -> Iterator[tuple[str, bytes]]:
    whole = workbook(row(1).encode())
    yield "csv", contacts(row(1))
    yield "nothing", b""
    yield "cut off", whole[:-200]
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        hole = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 100
    yield "a hole", whole[:hole] + bytes(40) + whole[hole + 40 :]
    yield "another archive", zipped({"a.txt": b"x"})
    parts = unzipped(whole)
    yield "sheet is no XML", zipped({**parts, "xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"})
    yield "no sheet", zipped({k: v for k, v in parts.items() if k != "xl/worksheets/sheet1.xml"})
    yield "book is no XML", zipped({**parts, "xl/workbook.xml": b"\xff<"})
    entities = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 50}">' for n in range(8))
    cell = '<c r="A1" t="inlineStr"><is><t>&i;</t></is></c>'
    sheet = f"<worksheet><sheetData><row>{cell}</row></sheetData></worksheet>"
    laughs = f'<!DOCTYPE x [<!ENTITY a "{"ha" * 500}">{entities}]>{sheet}'.encode()
    yield "a billion laughs", zipped({**parts, "xl/worksheets/sheet1.xml": laughs})


def unzipped(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


async def test_broken_workbooks_are_told_and_change_nothing(api: Api, place: str) -> None:
    for name, body in broken_workbooks():
        response = await api.take_in(place, body, **XLSX)
        assert response.status_code == 422, name
        problem = told(response, 422, "bad-file")
        assert "is no XLSX workbook" in problem["detail"], name
        assert "upload" not in json.dumps(problem), name
    assert api.desk.people == {}


async def test_a_stray_cell_in_the_last_corner_costs_the_file_and_nothing_else(api: Api, place: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "phone", " x"
    file = io.BytesIO()
    book.save(file)
    problem = told(await api.take_in(place, file.getvalue(), **XLSX), 422, "bad-file")
    assert "is too large to be read" in problem["detail"]
    assert "export it as CSV" in problem["mend"]


async def test_what_is_no_list_is_told(api: Api, place: str) -> None:
    for body, detail in (
        (b"", "is empty"),
        (b"name\nx\n", "has no column phone"),
        (b"phone,phone\n1,2\n", "two columns phone"),
        (b"\xff\xfep\x00h\x00", "is neither UTF-8 nor GB 18030"),
        (b"phone\n138\x0000000001\n", "is no text file"),
        (b'phone,x\n13800000001,"open\n', "is no CSV"),
        (b"phone,x\n13800000001," + b"x" * 200_000, "is no CSV"),
    ):
        assert detail in told(await api.take_in(place, body), 422, "bad-file")["detail"]


async def test_files_of_another_type_or_for_nobody_are_refused(api: Api, place: str) -> None:
    for kind in ("application/json", "application/vnd.ms-excel", ""):
        response = await api.client.post(
            f"{place}/contacts", content=contacts(row(1)), headers={"Content-Type": kind}
        )
        assert "text/csv" in told(response, 415, "wrong-type")["mend"]
    told(await api.take_in("/v1/campaigns/nobody", contacts(row(1))), 404, "unknown-campaign")


async def pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 65_536


async def test_files_that_are_too_large_are_told_so_with_the_limit(api: Api, place: str) -> None:
    just_right = contacts(row(1)) + b"\n" * ((1 << 20) - len(contacts(row(1))))
    good(await api.take_in(place, just_right), 200, "ContactsImported")
    for response in (
        await api.take_in(place, just_right + b"\n"),
        await api.take_in(place, b"x" * (3 << 20), **XLSX),
        await api.client.post(f"{place}/contacts", content=pieces(40), headers=CSV),
    ):
        assert told(response, 413, "too-large")["mend"] == "send at most 1 MiB"
    assert len(api.desk.people) == 1


async def test_who_asks_first_hears_of_the_limit_before_they_send(api: Api, place: str) -> None:
    url = api.client.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        f"POST {place}/contacts HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
        f"Content-Length: {2 << 20}\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    async with asyncio.timeout(5):
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
    writer.close()
    await writer.wait_closed()


async def test_who_sends_too_slowly_or_leaves_keeps_no_place(free_port: Callable[[], int]) -> None:
    async with serving(free_port(), within_s=1) as api:
        place, url = await api.make(), api.client.base_url
        head = f"POST {place}/contacts HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
        begun = f"{head}Content-Length: 99\r\n\r\nphone\n".encode()
        slow = [await asyncio.open_connection(url.host, url.port) for _ in range(2)]
        for _, writer in slow:
            writer.write(begun)
        gone = [await asyncio.open_connection(url.host, url.port) for _ in range(2)]
        for _, writer in gone:
            writer.write(begun)
            writer.close()
        good(await api.take_in(place, contacts(row(1))), 200, "ContactsImported")
        for reader, writer in slow:
            assert b" 408 " in await reader.readline()
            writer.close()
        assert api.faults == []


async def test_the_answer_lists_only_so_many_bad_rows_but_counts_them_all(
    api: Api, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bad_rows, "MOST_LISTED", 3)
    problem = told(await api.take_in(place, contacts(*("12" for _ in range(9)))), 422, "bad-rows")
    assert (problem["bad"], len(problem["bad_rows"])) == (9, 3)


async def test_imports_wait_for_one_another_and_nobody_else_for_them(api: Api, place: str) -> None:
    body = contacts(*(row(n) for n in range(300)))
    many = [asyncio.create_task(api.take_in(place, body)) for _ in range(4)]
    good(await api.client.get(place), 200, "Campaign")
    done = [good(response, 200, "ContactsImported") for response in await asyncio.gather(*many)]
    assert sorted(each["added"] for each in done) == [0, 0, 0, 300]


def records(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    assert int(response.headers["content-length"]) == len(response.content)
    kind = response.headers["content-type"].partition(";")[0]
    if kind == "application/json":
        check("Results", response.json())
        return list(response.json())
    if kind == "text/csv":
        return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert kind == XLSX_TYPE
    header, *rows = openpyxl.load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True)
    return [dict(zip(header, cells, strict=True)) for cells in rows]


async def test_results_come_in_the_format_that_is_asked_for(api: Api, place: str) -> None:
    await api.take_in(place, contacts(row(1, name="=1+1"), row(2)))
    await api.client.post(f"{place}/start")
    await api.ring(R.COMPLETED)
    for query, accept, kind in (
        ("", "*/*", "application/json"),
        ("", "", "application/json"),
        ("", "text/csv", "text/csv"),
        ("", "application/pdf, text/*;q=0.5, application/json;q=0.1", "text/csv"),
        ("", XLSX_TYPE, XLSX_TYPE),
        ("format=xlsx", "text/csv", XLSX_TYPE),
        ("format=csv", "*/*", "text/csv"),
    ):
        answer = await api.client.get(f"{place}/results?facts=1&{query}", headers={"Accept": accept})
        assert answer.headers["content-type"].partition(";")[0] == kind
        found = records(answer)
        assert [(r["phone"], r["result"] or None, str(r["attempts"])) for r in found] == [
            ("+8613800000001", "completed", "1"),
            ("+8613800000002", None, "0"),
        ]
        harmless = "=1+1" if kind == "application/json" else "'=1+1"
        assert found[0]["fact customer_name"] == harmless
    assert "fact customer_name" not in records(await api.client.get(f"{place}/results"))[0]
    for accept in ("application/pdf", "text/csv;q=0", "text/csv;q=x"):
        told(await api.client.get(f"{place}/results", headers={"Accept": accept}), 406, "no-such-format")
    told(await api.client.get(f"{place}/results?format=pdf"), 422, "bad-value")
    told(await api.client.get("/v1/campaigns/nobody/results"), 404, "unknown-campaign")


async def test_a_register_is_put_on_the_list_all_or_nothing(api: Api) -> None:
    body = b"name,phone\nx,13800000002\ny,12\n"
    place = "/v1/do-not-call/import"
    problem = told(await api.client.post(place, content=body, headers=CSV), 422, "bad-rows")
    assert [(bad["row"], bad["column"]) for bad in problem["bad_rows"]] == [(3, "phone")]
    assert api.desk.list.entries == {}
    query = "?skip_bad=true&reason=national%20register"
    done = await api.client.post(place + query, content=body, headers=CSV)
    assert good(done, 200, "NumbersImported")["added"] == 1
    again = await api.client.post(place + query, content=body, headers=CSV)
    assert good(again, 200, "NumbersImported")["added"] == 0
    (entry,) = (await api.client.get("/v1/do-not-call")).json()["entries"]
    assert (entry["phone"], entry["reason"]) == ("+8613800000002", "national register")
    told(await api.client.post(place, content=b"\n", headers=CSV), 422, "bad-file")
    told(await api.client.post(place + "?reason=", content=body, headers=CSV), 422, "bad-value")
