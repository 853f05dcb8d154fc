"""Page shells: small static HTML files that name the hashed assets, and the map from addresses to them."""

import html
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

from ops.webroot.errors import WebrootError

DESK = "parts/desk-routes.js"
_CHOICE = re.compile(r"\((\[a-z-\]\+|[a-z|-]+)\)")
_SLOT = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")


@dataclass(frozen=True)
class Route:
    """One kind of address: the pattern of its path, the page module, and the key of its title."""

    path: str
    page: str
    title: str
    #: The parts of the texts that only some pages need ("selection term"), or nothing.
    texts: str = ""
    #: The style sheets beyond those of all pages (web/styles/areas), names without hyphens, or nothing.
    area: str = ""
    #: One of the desk's, whose routes come in a part of their own: its shell carries its own.
    desk: bool = False


def _literal(source: Path, name: str) -> object:
    """The JSON value that ``export const NAME = …;`` holds; such files are JSON but for that one line."""
    text = source.read_text(encoding="utf-8")
    match = re.search(rf"^export const {name} = (.*?);\s*\Z", text, re.MULTILINE | re.DOTALL)
    if not match:
        raise WebrootError(f"{source}: no `export const {name} = …;` at the end of the file")
    try:
        return json.loads(match.group(1))
    except ValueError as error:
        raise WebrootError(f"{source}: {name} must be plain JSON: {error}") from error


def read_routes(web: Path) -> list[Route]:
    """The routes that the browser's router and Nginx share (web/routes.js, web/parts/desk-routes.js)."""
    routes: list[Route] = []
    for file in ("routes.js", DESK):
        rows = _literal(web / file, "routes")
        if not isinstance(rows, list):
            raise WebrootError(f"web/{file}: routes must be a list")
        for row in rows:
            own = {route.page for route in routes}
            found = _alternatives(Route(**row, desk=file == DESK), web)
            routes += [route for route in found if route.page not in own]
    return routes


def _alternatives(route: Route, web: Path) -> list[Route]:
    """A row for several pages, one each: ``/manage/(a|b)`` with the page ``manage-$1`` is manage-a and manage-b.

    ``/manage/([a-z-]+)`` is every such page that web/pages has and no row before it.
    """
    if "$1" not in route.page:
        return [route]
    names = _CHOICE.search(route.path)
    if not names:
        raise WebrootError(f"web/routes.js: {route.page} has nothing to choose from in {route.path}")
    before, _, after = route.page.partition("$1")
    found = [path.stem.removeprefix(before) for path in sorted((web / "pages").glob(f"{before}*{after}.js"))]
    chosen = found if names.group(1).startswith("[") else names.group(1).split("|")
    return [
        replace(
            route,
            path=route.path.replace(names.group(0), name, 1),
            page=route.page.replace("$1", name),
            title=route.title.replace("$1", name),
        )
        for name in chosen
    ]


def row(route: Route) -> str:
    """As it stands in web/routes.js."""
    said = {"path": route.path, "page": route.page, "title": route.title, "texts": route.texts, "area": route.area}
    return json.dumps({name: value for name, value in said.items() if value}, separators=(",", ":"))


def read_texts(web: Path, language: str) -> dict[str, str]:
    """One language's texts, those of single pages too (web/i18n/<language>.js, <language>-<part>.js)."""
    texts: dict[str, str] = {}
    for path in sorted((web / "i18n").glob(f"{language}*.js")):
        part = _literal(path, "texts")
        if not isinstance(part, dict):
            raise WebrootError(f"web/i18n/{path.name}: texts must be an object")
        texts.update(part)
    return texts


def fill(template: str, slots: dict[str, str]) -> str:
    """Put values into ``{{ slot }}``s; an unknown slot is an error, values are put in as they are."""

    def value(match: re.Match[str]) -> str:
        try:
            return slots[match.group(1)]
        except KeyError:
            raise WebrootError(f"web/shells: no value for {match.group(0)}") from None

    return _SLOT.sub(value, template)


def shell_name(page: str) -> str:
    """``home`` is the folder's index, every other page carries its own name."""
    return "index.html" if page == "home" else f"{page}.html"


def routes_map(routes: list[Route]) -> str:
    """Lines for an Nginx ``map $uri $shell``: a pattern and the shell's path."""
    lines = ['# Made by ops.webroot from web/routes.js. Include inside: map $uri $seatrush_shell { default ""; … }\n']
    for route in routes:
        pattern = route.path.replace('"', '\\"')
        lines.append(f'"~{pattern}" /{shell_name(route.page)};\n')
    return "".join(lines)


def preloads(base: str, modules: list[str]) -> str:
    """One modulepreload per module, so that the browser asks for all of them at once."""
    return "\n".join(f'<link rel="modulepreload" href="{html.escape(base + module)}">' for module in modules)
