"""Files as offices have them, and as nobody should send them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from app.exchange import jobs, tables
from app.exchange.models import ImportJob, ImportPiece
from app.org.models import Student
from tests.functional.exchange.conftest import PATH, STUDENTS, Office, students


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("codec", "bom", "said"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8", b"\xef\xbb\xbf", "UTF-8 (BOM)"),
        ("gbk", b"", "GBK"),
        ("utf-16-le", b"\xff\xfe", "UTF-16LE (BOM)"),
        ("utf-16-be", b"\xfe\xff", "UTF-16BE (BOM)"),
        ("utf-16-le", b"", "UTF-16LE"),
        ("utf-16-be", b"", "UTF-16BE"),
    ],
)
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_every_encoding_that_offices_use(office: Office, codec: str, bom: bytes, said: str, separator: str) -> None:
    job = office.checked("students", bom + students(5).replace(",", separator).encode(codec))
    assert (job["state"], job["encoding"], job["changes"]["new"], job["errors"]) == ("checked", said, 5, 0)


def _bomb() -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as sheet,
    ):
        for _ in range(120):
            sheet.write(b"\x20" * 1024 * 1024)
    return out.getvalue()


def _entities() -> bytes:
    """A workbook whose sheet declares an entity that doubles itself."""
    good, out = io.BytesIO(workbook(["学号"], ["1"])), io.BytesIO()
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(out, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                evil = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
                data = evil + data.replace(b"<sheetData>", b"<sheetData>&b;", 1)
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b"\r\n\r\n", "file_empty"),
        (b"\x00" * 100, "file_empty"),
        (STUDENTS.encode(), "no_rows"),
        (b"a,b,c\r\n1,2,3\r\n", "header_wrong"),
        ("学号,姓名\r\n1,2\r\n".encode(), "header_wrong"),
        ("学号,姓名,班级,student_no\r\n1,2,3,4\r\n".encode(), "header_twice"),
        (STUDENTS.encode() + b"\xff\xff\xff\x81", "encoding_unknown"),
        (STUDENTS.encode() + b'1,"a"b,c\r\n', "csv_malformed"),
        (STUDENTS.encode() + b'1,"never closed,c\r\n', "csv_malformed"),
        (b"PK\x03\x04 not a zip", "xlsx_unreadable"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "not_a_table"),
        (workbook(["学号"], ["1"])[:-400], "xlsx_unreadable"),
        (_bomb(), "xlsx_too_big"),
        (_entities(), "xlsx_unreadable"),
        (workbook(["x"]), "header_wrong"),
    ],
)
def test_a_broken_file_fails_and_changes_nothing(office: Office, data: bytes, code: str) -> None:
    job = office.checked("students", data)
    assert (job["state"], job["failure"]["code"]) == ("failed", code), job
    assert job["failure"]["message"]
    assert (office.count(Student), office.count(ImportPiece)) == (0, 0)
    assert office.confirm(job["id"], 409)["code"] == "import_not_checked"


def test_too_many_rows(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 100)
    assert office.checked("students", students(100))["state"] == "checked"
    assert office.checked("students", students(101))["failure"]["code"] == "too_many_rows"
    # A sheet may say that its only row is the last one there can be.
    book = openpyxl.Workbook()
    book.active.cell(1, 1, "学号")
    book.active.cell(1_048_576, 1, "x")
    out = io.BytesIO()
    book.save(out)
    assert office.checked("students", out.getvalue())["failure"]["code"] in {"too_many_rows", "header_wrong"}


def test_an_upload_beyond_the_limit(office: Office) -> None:
    refused = office.upload("students", b"x" * (jobs.LARGEST + 1), status=413)
    assert (refused["code"], refused["limit_mb"]) == ("file_too_large", jobs.LIMIT_MB)
    assert office.upload("students", b"x" * (100 * 1024 * 1024), status=413)["code"] == "file_too_large"
    assert office.count(ImportJob) == 0


def test_xlsx_with_numbers_dates_and_formulas(office: Office) -> None:
    data = workbook(
        ["student_no", "Name", "class", "phone"],
        [2026000001, "甲", "软工2401班", 13800000000],
        [2026000002.0, "乙", "软工2401班", "+86 10"],
        [],
        ["2026000003", "=1+1", "软工2401班", None],
    )
    job = office.checked("students", data, "册.xlsx")
    assert (job["encoding"], job["filename"], job["rows"]) == (None, "册.xlsx", 3)
    assert office.codes(job) == [(5, "name", "formula")]
    office.confirm(job["id"], skip_errors=True)
    office.importer.work()
    found = {one.student_no: one.phone for one in office.all(Student)}
    assert found == {"2026000001": "13800000000", "2026000002": "+86 10"}


def test_what_is_no_upload(office: Office) -> None:
    headers = office.headers
    assert office.client.post(PATH, data={"kind": "students"}, headers=headers).status_code == 422
    assert office.client.post(PATH, json={"kind": "students"}, headers=headers).status_code == 422
    assert office.upload("nothing", "x", status=404)["code"] == "import_kind_unknown"
    assert office.client.get(f"{PATH}/1", headers=headers).json["code"] == "import_not_found"
