"""The web root's builder: what it writes, what it refuses, and what stays for pages that are open."""

from __future__ import annotations

import gzip
import html
import json
import re
import shutil
from pathlib import Path

import pytest

from ops.webroot import build
from ops.webroot.__main__ import main
from ops.webroot.build import KEEP, WEB, Report
from ops.webroot.errors import WebrootError
from ops.webroot.fold import Folder
from ops.webroot.shells import DESK, read_routes
from ops.webroot.vendor import check_sums

MOST_REQUESTS = 8
MOST_BYTES = 40 * 1024


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return build(tmp_path_factory.mktemp("webroot") / "out")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of web/ that a test may spoil."""
    return Path(shutil.copytree(WEB, tmp_path / "web"))


def test_first_load_is_light(built: Report) -> None:
    """Static files only; a page adds at most five requests to the API."""
    assert {name: page for name, page in built.pages.items() if page.requests > MOST_REQUESTS} == {}
    assert {name: page for name, page in built.pages.items() if page.gzip_bytes > MOST_BYTES} == {}


def test_every_file_a_shell_names_is_there(built: Report) -> None:
    shells = list(built.out.glob("*.html"))
    assert len(shells) == len(built.pages) + 2
    for shell in shells:
        for name in re.findall(r'(?:href|src)="(/s/[^"]+)"', shell.read_text(encoding="utf-8")):
            assert (built.out / name.lstrip("/")).is_file(), (shell.name, name)


def test_a_first_load_brings_the_sheets_of_its_area_in_one_file(built: Report) -> None:
    folder = built.out / "s" / built.digest
    sheets = {name: (folder / f"{name}.css").read_text(encoding="utf-8").strip() for name in ("selection", "timetable")}
    shell = (built.out / "timetable.html").read_text(encoding="utf-8")
    assert re.findall(r'rel="stylesheet" href="([^"]+)"', shell) == [f"/s/{built.digest}/app-selection-timetable.css"]
    both = (folder / "app-selection-timetable.css").read_text(encoding="utf-8")
    assert all(sheet in both for sheet in sheets.values())
    assert not any(sheet in (folder / "app.css").read_text(encoding="utf-8") for sheet in sheets.values())


def test_an_area_without_a_sheet_is_refused(copy: Path, tmp_path: Path) -> None:
    (copy / "styles" / "areas" / "timetable.css").unlink()
    with pytest.raises(WebrootError, match="no style sheet of the area timetable"):
        build(tmp_path / "out", copy)


def test_pages_obey_a_strict_content_security_policy(built: Report) -> None:
    for shell in built.out.glob("*.html"):
        text = shell.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", text), shell.name
        assert not re.search(r'(?:href|src)="(?:https?:)?//', text), shell.name


def test_compressed_twins_are_the_same(built: Report) -> None:
    twins = list(built.out.rglob("*.gz"))
    assert len(twins) > 20
    for twin in twins:
        assert gzip.decompress(twin.read_bytes()) == twin.with_name(twin.name.removesuffix(".gz")).read_bytes()


def test_routes_map_leads_every_address_to_its_shell(built: Report) -> None:
    rules = re.findall(r'^"~(.+)" (/\S+);$', (built.out / "routes.map").read_text(), re.MULTILINE)
    assert len(rules) == len(read_routes(WEB))
    addresses = {
        "/": "/index.html",
        "/lectures/7298374923749": "/lecture.html",
        "/manage/lectures/new": "/manage-lecture.html",
        "/manage/logs": "/manage-logs.html",
        "/manage/nothing": None,
        "/tickets/0f4f1c1e-98a8-5d3c-8f00-6f0f6f0f6f0f": "/ticket.html",
        "/lectures/7/x": None,
    }
    for address, shell in addresses.items():
        assert next((to for pattern, to in rules if re.search(pattern, address)), None) == shell
    assert all((built.out / to.lstrip("/")).is_file() for _, to in rules)


def test_who_books_does_not_load_the_addresses_of_the_desk(built: Report) -> None:
    """They come with the first move to one of them; a shell of the desk carries its own row."""
    core = (built.out / "s" / built.digest / "app.js").read_text(encoding="utf-8")
    assert ("^/lectures/([0-9]+)$" in core, "^/manage/lectures" in core, "^/ops$" in core) == (True, False, False)
    assert (built.out / "s" / built.digest / DESK).is_file()
    below = re.compile(r"\^/(?:check-in|manage|ops|rosters|teaching)\b")  # as DESK of web/lib/router.js
    assert {route.page: route.desk for route in read_routes(WEB)} == {
        route.page: below.match(route.path) is not None for route in read_routes(WEB)
    }
    shell = (built.out / "manage-students.html").read_text(encoding="utf-8")
    (row,) = re.findall(r'<html [^>]*data-route="([^"]+)"', shell)
    path = json.loads(html.unescape(row))["path"]
    assert (re.search(path, "/manage/students/7") is not None, re.search(path, "/manage/teachers")) == (True, None)
    assert "data-route" not in (built.out / "lecture.html").read_text(encoding="utf-8")


def test_folded_modules_are_sound(built: Report) -> None:
    """Every name that a folded file imports from the core is exported by it, and nothing reaches outside."""
    folder = built.out / "s" / built.digest
    core = (folder / "app.js").read_text(encoding="utf-8")
    exported = set(re.findall(r"\$\w+", core.rsplit("export {", 1)[1]))
    for page in (folder / "pages").glob("*.js"):
        text = page.read_text(encoding="utf-8")
        imported = re.search(r"import \{ ([^}]*) \} from '\.\./app\.js';", text)
        assert imported is not None, page.name
        assert set(imported.group(1).split(", ")) <= exported, page.name
        assert set(re.findall(r"from '([^']+)'", text)) <= {"../app.js", "../vendor/ui.js"}
        assert "export const { page } =" in text


def test_the_same_sources_give_the_same_hash(built: Report, tmp_path: Path) -> None:
    again = build(tmp_path / "out")
    assert again.digest == built.digest
    assert (again.out / "index.html").read_bytes() == (built.out / "index.html").read_bytes()


def test_a_rebuild_keeps_old_assets_and_drops_old_pages(copy: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    digests = []
    for number in range(KEEP + 3):
        (copy / "styles" / "99-more.css").write_text(f".n{number} {{ color: red; }}\n")
        digests.append(build(out, copy).digest)
    kept = {path.name for path in (out / "s").iterdir()}
    assert len(kept) == KEEP + 1
    assert digests[-1] in kept
    assert f"/s/{digests[-1]}/app.css" in (out / "login.html").read_text(encoding="utf-8")
    (out / "gone.html").write_text("left over")
    build(out, copy)
    assert not (out / "gone.html").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".out")] == []


def test_a_changed_vendored_file_is_refused(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "vendor" / "ui.js").write_text("export const html = 1;\n")
    with pytest.raises(WebrootError, match=r"ui\.js does not match SHA256SUMS"):
        build(tmp_path / "out", copy)
    (copy / "vendor" / "stray.js").write_text("")
    with pytest.raises(WebrootError):
        check_sums(copy / "vendor")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import x from './app.js';\n", "no such form"),
        ("export default 1;\n", "no such form"),
        ("export { a };\n", "no such form"),
        ("import { b } from './b.js';\nexport const a = b;\n", "import cycle"),
    ],
)
def test_folding_refuses_what_it_does_not_carry(tmp_path: Path, source: str, message: str) -> None:
    (tmp_path / "a.js").write_text(source)
    (tmp_path / "b.js").write_text("import { a } from './a.js';\nexport const b = a;\n")
    with pytest.raises(WebrootError, match=message):
        Folder(tmp_path, frozenset()).fold("a.js")


def test_folding_keeps_the_meaning(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "one.js").write_text(
        "// A comment.\nexport const one = 1;\n/** Doc. */\nexport function two() {\n  return 2;\n}\n"
    )
    (tmp_path / "app.js").write_text("import { one } from './lib/one.js';\nexport const core = one;\n")
    (tmp_path / "page.js").write_text(
        "import { one as first, two } from './lib/one.js';\nexport const page = first + two();\n"
    )
    folder = Folder(tmp_path, frozenset())
    core = folder.fold("app.js")
    assert "A comment" not in core
    assert "Doc." not in core
    page = folder.fold("page.js", core="app.js")
    assert "import { $lib_one } from './app.js';" in page
    assert "const { one: first, two } = $lib_one;" in page


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SEATRUSH_WEBROOT", str(tmp_path / "var" / "webroot"))
    assert main(["build"]) == 0
    assert f"{len(read_routes(WEB))} pages" in capsys.readouterr().out
    assert (tmp_path / "var" / "webroot" / "routes.map").is_file()


def test_the_shells_carry_the_campus_time_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = tmp_path / "out" / "timetable.html"
    for zone in ("", "Europe/Berlin"):
        monkeypatch.setenv("SEATRUSH_CAMPUS_TIMEZONE", zone)
        assert main(["build", "--out", str(shell.parent)]) == 0
        assert f'data-zone="{zone or "Asia/Shanghai"}"' in shell.read_text(encoding="utf-8")
    monkeypatch.setenv("SEATRUSH_CAMPUS_TIMEZONE", "Europe/Atlantis")
    assert main(["build", "--out", str(shell.parent)]) == 1
    assert "no such time zone: Europe/Atlantis" in capsys.readouterr().err
