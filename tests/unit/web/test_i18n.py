"""Both languages say everything that the pages, the routes and the application's errors ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ops.webroot.build import WEB
from ops.webroot.shells import read_routes, read_texts

ROOT = WEB.parent
ZH, EN = read_texts(WEB, "zh"), read_texts(WEB, "en")
SOURCES = {path: path.read_text(encoding="utf-8") for path in WEB.rglob("*.js") if "vendor" not in path.parts}
PREFIXES = {key.partition(".")[0] for key in ZH}
SLOT = re.compile(r"\{(\w+)\}")


def used_keys() -> set[str]:
    """Every quoted 'area.key' in the sources, where the area is one of the texts'."""
    found = {
        key
        for path, text in SOURCES.items()
        if "i18n" not in path.parts
        for key in re.findall(r"""['"`]([a-z]+\.[a-z_0-9]+)['"`]""", text)
    }
    return {key for key in found if key.partition(".")[0] in PREFIXES}


def made_up_prefixes() -> set[str]:
    """Beginnings of keys that are put together while running: `outcome.${…}` → "outcome."."""
    return {prefix for text in SOURCES.values() for prefix in re.findall(r"`([a-z]+\.[a-z_]*)\$\{", text)}


def test_same_keys_in_both_languages() -> None:
    assert ZH.keys() == EN.keys()


def test_same_slots_in_both_languages() -> None:
    different = [key for key in ZH if set(SLOT.findall(ZH[key])) != set(SLOT.findall(EN[key]))]
    assert not different


def test_no_text_is_empty() -> None:
    assert not [key for key in ZH if not ZH[key].strip() or not EN[key].strip()]


def test_every_key_in_the_sources_has_a_text() -> None:
    assert not used_keys() - ZH.keys()


def test_every_text_is_used() -> None:
    prefixes = tuple(made_up_prefixes())
    unused = ZH.keys() - used_keys() - {"app.description"}
    assert not {key for key in unused if not key.startswith(prefixes)}


def test_every_route_has_a_title() -> None:
    assert not [route.page for route in read_routes(WEB) if route.title not in ZH]


def test_every_error_of_the_application_has_a_text() -> None:
    code = re.compile(r'^    code(?:: ClassVar\[str\])? = "([a-z_]+)"', re.MULTILINE)
    folders = [ROOT / "app", ROOT / "blueprints"]
    files: list[Path] = [path for folder in folders for path in folder.rglob("*.py")]
    codes = {found for path in files for found in code.findall(path.read_text(encoding="utf-8"))}
    assert not {one for one in codes if f"error.{one}" not in ZH}


@pytest.mark.parametrize("path", sorted(SOURCES, key=str), ids=lambda path: path.name)
def test_no_text_outside_the_texts(path: Path) -> None:
    """Chinese in a page would stay Chinese in English; the seal and the languages' own names may."""
    if "i18n" in path.parts:
        return
    code = re.sub(r"/\*.*?\*/|^\s*//.*$", "", SOURCES[path], flags=re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"[一-鿿]+", code)) <= {"席", "中文"}
