"""Assembles the folder: hash, fold, fill, precompress, replace."""

import gzip
import hashlib
import html
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ops.webroot.errors import WebrootError
from ops.webroot.fold import Folder, without_comments
from ops.webroot.shells import Route, fill, preloads, read_routes, read_texts, routes_map, row, shell_name
from ops.webroot.tokens import fallback_tokens
from ops.webroot.vendor import check_sums

WEB = Path(__file__).resolve().parents[2] / "web"
CORE = "app.js"
LIBRARY = "vendor/ui.js"
#: The campus's time zone when nobody names another (SEATRUSH_CAMPUS_TIMEZONE).
ZONE = "Asia/Shanghai"
#: How many earlier hashes stay, for pages that were opened before the last build and load a part of themselves now.
KEEP = 5
_COMPRESSED = {".html", ".css", ".js", ".svg", ".txt", ".json"}


@dataclass(frozen=True)
class Page:
    """What a first visit to a page costs, apart from its API calls."""

    requests: int
    gzip_bytes: int


@dataclass(frozen=True)
class Report:
    """What was built: where, under which hash, and each page's first load."""

    out: Path
    digest: str
    pages: dict[str, Page]


def build(out: Path, web: Path = WEB, zone: str = ZONE) -> Report:
    """Write the webroot into ``out``; its pages show the times of ``zone``, the campus's.

    Hashed assets are put in place first, then each shell replaces the old one in one rename. So a reader at any
    moment gets a shell whose assets are all there, and a build that dies half-way leaves old and new shells that
    both work. Raises WebrootError when a source file is not as it must be.
    """
    check_sums(web / "vendor")
    _check_zone(zone)
    routes = read_routes(web)
    _check_areas(web, routes)
    assets = _assets(web, routes)
    digest = _digest(assets)
    shells = _shells(web, routes, digest, zone)
    files = {**shells, **_swagger(web)}
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as scratch:
        stage = Path(scratch)
        _write_all(stage / "assets", assets)
        _write_all(stage / "files", files)
        _place_assets(stage / "assets", out / "s" / digest)
        _place_files(stage / "files", out)
    _forget_old(out / "s", digest)
    return Report(out, digest, {route.page: _first_load(route, assets, shells) for route in routes})


def _assets(web: Path, routes: list[Route]) -> dict[str, bytes]:
    folder = Folder(web, frozenset({LIBRARY}))
    assets = {LIBRARY: (web / LIBRARY).read_bytes(), **_styles(web, routes)}
    assets[CORE] = folder.fold(CORE).encode()
    for path in sorted((web / "i18n").glob("*.js")):
        assets[f"i18n/{path.name}"] = without_comments(path.read_text("utf-8")).encode()
    for page in sorted({route.page for route in routes}):
        assets[f"pages/{page}.js"] = folder.fold(f"pages/{page}.js", core=CORE).encode()
    for path in sorted((web / "parts").glob("*.js")):
        assets[f"parts/{path.name}"] = folder.fold(f"parts/{path.name}", core=CORE).encode()
    return assets


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WebrootError(f"SEATRUSH_CAMPUS_TIMEZONE: no such time zone: {zone}") from error


def _check_areas(web: Path, routes: list[Route]) -> None:
    for name in {name for route in routes for name in route.area.split()}:
        if not (web / "styles" / "areas" / f"{name}.css").is_file():
            raise WebrootError(f"web/routes.js: no style sheet of the area {name}")


def _styles(web: Path, routes: list[Route]) -> dict[str, bytes]:
    """The sheets for every page as ``app.css``, in the order of their names; the layers they name decide what wins.

    An area's own sheet comes alone, for whoever moves there, and for a first load in one file with all that a page needs.
    """
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((web / "styles").glob("*.css")))
    common = _squeezed(text) + fallback_tokens(text)
    own = {path.stem: _squeezed(path.read_text("utf-8")) for path in (web / "styles" / "areas").glob("*.css")}
    sheets = {f"{name}.css": f"{sheet}\n".encode() for name, sheet in own.items()}
    for route in routes:
        parts = [own[name] for name in route.area.split()]
        sheets[_sheet(route)] = f"{''.join([common, *parts])}\n".encode()
    return sheets | {"app.css": f"{common}\n".encode()}


def _squeezed(text: str) -> str:
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?([{};,]) ?", r"\1", text).replace(": ", ":").replace(";}", "}").strip()


def _digest(assets: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(assets):
        digest.update(f"{name}\0{len(assets[name])}\0".encode())
        digest.update(assets[name])
    return digest.hexdigest()[:16]


def _shells(web: Path, routes: list[Route], digest: str, zone: str) -> dict[str, bytes]:
    texts = read_texts(web, "zh")
    layout = (web / "shells" / "layout.html").read_text(encoding="utf-8")
    base = f"/s/{digest}/"
    icon = "data:image/svg+xml," + quote((web / "shells" / "favicon.svg").read_text().strip(), safe=" /:='")
    shells: dict[str, bytes] = {}
    for route in routes:
        if route.title not in texts:
            raise WebrootError(f"web/routes.js: no text {route.title}")
        slots = {
            "title": html.escape(f"{texts[route.title]} · {texts['app.name']}"),
            "description": html.escape(texts["app.description"]),
            "styles": base + _sheet(route),
            "base": base,
            "zone": html.escape(zone),
            "route": f' data-route="{html.escape(row(route))}"' if route.desk else "",
            "icon": icon,
            "preloads": preloads(base, _modules(route)),
        }
        shells[shell_name(route.page)] = fill(layout, slots).encode()
    for name in ("503.html", "404.html"):
        shells[name] = fill((web / "shells" / name).read_text(encoding="utf-8"), {"base": base, "icon": icon}).encode()
    shells["routes.map"] = routes_map(routes).encode()
    return shells


def _swagger(web: Path) -> dict[str, bytes]:
    """Swagger UI under a path that stays the same, for the API's documentation page."""
    files = {f"swagger/{path.name}": path.read_bytes() for path in (web / "vendor" / "swagger").iterdir()}
    files["swagger/init.js"] = (web / "shells" / "swagger-init.js").read_bytes()
    return files


def _write_all(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if path.suffix in _COMPRESSED:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))


def _place_assets(staged: Path, target: Path) -> None:
    """Move a complete hashed folder into place; when it is there already, it is the same by its hash."""
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        os.utime(target)
        return
    staged.rename(target)


def _place_files(staged: Path, out: Path) -> None:
    """Replace the files one by one, each in one rename, the compressed twin first; then drop what is no more."""
    names = {path.relative_to(staged) for path in staged.rglob("*") if path.is_file()}
    for name in sorted(names, key=lambda name: (name.suffix != ".gz", name)):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (staged / name).replace(out / name)
    for path in out.rglob("*"):
        name = path.relative_to(out)
        if path.is_file() and name.parts[0] != "s" and name not in names:
            path.unlink()


def _forget_old(folder: Path, current: str) -> None:
    others = [path for path in folder.iterdir() if path.is_dir() and path.name != current]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[KEEP:]:
        shutil.rmtree(path, ignore_errors=True)


def _modules(route: Route) -> list[str]:
    """The modules that a page loads, in Chinese, which comes first."""
    more = [f"i18n/zh-{part}.js" for part in route.texts.split()]
    return [LIBRARY, CORE, "i18n/zh.js", *more, f"pages/{route.page}.js"]


def _sheet(route: Route) -> str:
    return "-".join(["app", *route.area.split()]) + ".css"


def _first_load(route: Route, assets: dict[str, bytes], shells: dict[str, bytes]) -> Page:
    parts = [shells[shell_name(route.page)], assets[_sheet(route)], *(assets[name] for name in _modules(route))]
    return Page(len(parts), sum(len(gzip.compress(part, 9, mtime=0)) for part in parts))
