"""What a page says is there when it is first drawn: no raw key for a moment, whatever area its text was put into."""

from __future__ import annotations

import re

import pytest

from ops.webroot.build import CORE, LIBRARY, WEB
from ops.webroot.fold import Folder
from ops.webroot.shells import Route, read_routes, read_texts

FOLDER = Folder(WEB, frozenset({LIBRARY}))
ALL = read_texts(WEB, "zh").keys()
# What a module of a first load says only when a part is here, which brings the texts along.
LATER = {
    "lib/errors.js": "late",  # of sections, which the parts send and judge
    "components/outcome.js": "sending",  # what only an answer to a sent claim can tell
    "pages/manage-lecture.js": "forms",  # the words on the form's button
    "components/desk.js": "desk",  # the frame, of which the roster has the way back only
}


def texts(area: str) -> set[str]:
    """The keys of an area; "" are those of every page."""
    source = (WEB / "i18n" / f"zh{area and '-'}{area}.js").read_text(encoding="utf-8")
    return set(re.findall(r'^ *"([a-z]+\.[a-z_0-9-]+)":', source, re.MULTILINE))


def said(path: str) -> set[str]:
    """The keys that a module names as they are."""
    source = (WEB / path).read_text(encoding="utf-8")
    return {key for key in re.findall(r"""['"`]([a-z]+\.[a-z_0-9]+)['"`]""", source) if key in ALL}


@pytest.mark.parametrize("route", read_routes(WEB), ids=lambda route: str(route.page))
def test_a_page_has_the_texts_that_it_says(route: Route) -> None:
    there = texts("").union(*(texts(area) for area in route.texts.split()))
    modules = {*FOLDER.closure(CORE), *FOLDER.closure(f"pages/{route.page}.js")} - {"routes.js"}
    missing = {path: said(path) - there - (texts(LATER[path]) if path in LATER else set()) for path in modules}
    assert not {path: keys for path, keys in missing.items() if keys}
    assert route.title in there
