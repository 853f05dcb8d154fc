"""Check a published draw: is the seed the one that was committed to, and do the wishes give these results?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from app.enrolment.lottery.drawing import ALGORITHM, FORMAT, draw

# As it was before seats could be reserved: the same for a file that has none.
OLDER = ("seatrush-draw/1", "points-order-ticket/1")


def faults_of(file: Mapping[str, Any]) -> list[str]:
    """What is wrong with it, in sentences; [] when everything is as it should be."""
    if (file.get("format"), file.get("algorithm")) not in {(FORMAT, ALGORITHM), OLDER}:
        return [f"This checks {FORMAT} with {ALGORITHM}; the file says {file.get('format')}, {file.get('algorithm')}."]
    found = []
    if hashlib.sha256(bytes.fromhex(file["seed"])).hexdigest() != file["commitment"]:
        found.append("The seed is not the one that was committed to.")
    computed = draw(file)
    wrong = sorted(
        lot for lot in computed.keys() | file["results"].keys() if computed.get(lot) != file["results"].get(lot)
    )
    if wrong:
        found.append(f"{len(wrong)} students have other results, the first of them {wrong[0]}.")
    return found
