"""The draw: the same file gives the same results in whatever order it is written; rules and seats hold; wishes matter."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.enrolment.lottery.__main__ import main
from app.enrolment.lottery.drawing import ALGORITHM, FORMAT, Results, draw, grants, tenths
from app.enrolment.lottery.verifying import faults_of

SEED = "00" * 31 + "07"

slots = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 15), st.integers(1, 3)).map(list), max_size=2)


def a_section(number: int, seats: int = 1, course: str = "", worth: str = "2.0", when: Any = ()) -> dict[str, Any]:
    return {
        "id": str(number), "course": course or f"c{number}", "credits": worth, "seats": seats, "slots": list(when),
    }  # fmt: skip


def a_file(sections: list[dict[str, Any]], students: dict[str, Any], room: str = "20.0") -> dict[str, Any]:
    """`students`: lot → wishes, or (room, wishes)."""
    listed = []
    for lot, given_wishes in students.items():
        own, wishes = given_wishes if isinstance(given_wishes, tuple) else (room, given_wishes)
        listed.append({"lot": lot, "room": own, "wishes": wishes})
    return {
        "format": FORMAT, "algorithm": ALGORITHM, "round": {"id": "1"}, "seed": SEED, "sections": sections,
        "commitment": hashlib.sha256(bytes.fromhex(SEED)).hexdigest(), "students": listed,
    }  # fmt: skip


@st.composite
def files(make: Any) -> dict[str, Any]:
    count = make(st.integers(1, 6))
    sections = [
        a_section(
            number,
            make(st.integers(0, 3)),
            make(st.sampled_from(["a", "b", "c", "d"])),
            make(st.sampled_from(["0.5", "2.0", "3.5"])),
            make(slots),
        )
        for number in range(count)
    ]
    for one in sections:
        one["reserved"] = make(st.dictionaries(st.sampled_from(["r1", "r2"]), st.integers(0, 2), max_size=2))
    students = {}
    for lot in range(make(st.integers(0, 8))):
        chosen = make(st.lists(st.integers(0, count - 1), unique=True, max_size=count))
        wishes = [
            [str(one), make(st.integers(0, 3)), make(st.sampled_from(["", "", "", "x", "c", "l", "cl"])), *own]
            for one in chosen
            for own in [make(st.sampled_from([[], [], [["r1"]], [["r2", "r1"]]]))]
        ]
        students[f"{lot:020d}"] = (make(st.sampled_from(["0.0", "2.5", "6.0"])), wishes)
    return {**a_file(sections, students), "seed": make(st.binary(min_size=32, max_size=32)).hex()}


@given(files(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_permuted_input_gives_the_same_results(file: dict[str, Any], order: random.Random) -> None:
    shuffled = deepcopy(file)
    order.shuffle(shuffled["sections"])
    order.shuffle(shuffled["students"])
    assert draw(shuffled) == draw(file) == draw(orjson.loads(orjson.dumps(file)))


@given(files())
@settings(max_examples=300, deadline=None)
def test_seats_and_rules_are_never_broken(file: dict[str, Any]) -> None:
    results = draw(file)
    sections = {one["id"]: one for one in file["sections"]}
    granted = {one["lot"]: won_by(one, results) for one in file["students"]}
    assert all(count <= seats_of(sections[one], pool) for (one, pool), count in taken_in(file).items())
    for student in file["students"]:
        won = granted[student["lot"]]
        assert not any("x" in flags for _, flags in won)
        courses = [sections[one]["course"] for one, _ in won]
        assert len(set(courses)) == len(courses)
        # Whoever has an override for one of two that clash may have both; without any nobody sits in two rooms.
        plain = [sections[one]["slots"] for one, flags in won if "c" not in flags]
        assert not any(meet(a, b) for at, a in enumerate(plain) for b in plain[at + 1 :])
        if not any("l" in flags for _, flags in won):
            assert sum(tenths(sections[one]["credits"]) for one, _ in won) <= tenths(student["room"])


@given(files())
@settings(max_examples=200, deadline=None)
def test_nobody_is_passed_over_while_a_seat_is_left(file: dict[str, Any]) -> None:
    results = draw(file)
    taken, sections = taken_in(file), {one["id"]: one for one in file["sections"]}
    for student in file["students"]:
        for (section, _, flags, *own), told in zip(student["wishes"], results[student["lot"]], strict=True):
            assert (told == "excluded") == ("x" in flags)
            if told == "not_drawn":
                pools = [*(own[0] if own else []), "0"]
                assert all(taken[section, pool] == seats_of(sections[section], pool) for pool in pools)


def seats_of(section: dict[str, Any], pool: str) -> int:
    return int(section["seats"] if pool == "0" else section["reserved"].get(pool, 0))


def taken_in(file: dict[str, Any]) -> Counter[tuple[str, str]]:
    """(section, pool) → seats that were granted; reserved ones to those alone who may have them."""
    taken: Counter[tuple[str, str]] = Counter()
    for student in file["students"]:
        for (section, _, _, *own), (told, pool) in zip(student["wishes"], grants(file)[student["lot"]], strict=True):
            assert (told == "won") == bool(pool)
            if pool:
                assert pool == "0" or pool in own[0]
                taken[section, pool] += 1
    return taken


def won_by(student: dict[str, Any], results: Results) -> list[tuple[str, str]]:
    told = results[student["lot"]]
    return [(one[0], one[2]) for one, what in zip(student["wishes"], told, strict=True) if what == "won"]


def meet(a: list[list[int]], b: list[list[int]]) -> bool:
    return any(x[0] == y[0] and x[1] & y[1] and x[2] & y[2] for x in a for y in b)


def test_more_points_win_whatever_the_seed_and_the_place_in_the_list() -> None:
    sections = [a_section(1, 1), a_section(2, 9)]
    file = a_file(sections, {"rich": [["2", 0, ""], ["1", 2, ""]], "poor": [["1", 1, ""]]})
    for seed in range(50):
        results = draw({**file, "seed": f"{seed:064x}"})
        assert (results["rich"], results["poor"]) == (["won", "won"], ["not_drawn"])


def test_with_equal_points_the_higher_wish_wins() -> None:
    sections = [a_section(1, 1), a_section(2, 9)]
    file = a_file(sections, {"first": [["1", 0, ""]], "second": [["2", 0, ""], ["1", 0, ""]]})
    for seed in range(50):
        results = draw({**file, "seed": f"{seed:064x}"})
        assert (results["first"], results["second"]) == (["won"], ["won", "not_drawn"])


def test_reserved_seats_go_first_and_leave_the_others_to_everybody() -> None:
    section = {**a_section(1, 1), "reserved": {"r1": 1}}
    file = a_file([section], {"ours": [["1", 0, "", ["r1"]]], "theirs": [["1", 0, ""]], "others": [["1", 0, ""]]})
    for seed in range(50):
        told = draw({**file, "seed": f"{seed:064x}"})
        assert (told["ours"], sorted([told["theirs"], told["others"]])) == (["won"], [["not_drawn"], ["won"]])


def test_among_equals_the_seed_decides_and_decides_evenly() -> None:
    file = a_file([a_section(1, 1)], {f"s{one}": [["1", 0, ""]] for one in range(4)})
    wins: Counter[str] = Counter()
    for seed in range(2000):
        results = draw({**file, "seed": f"{seed:064x}"})
        wins.update(lot for lot, told in results.items() if told == ["won"])
    assert all(400 < wins[f"s{one}"] < 600 for one in range(4)), wins


def test_of_two_that_clash_the_one_with_more_points_is_kept() -> None:
    monday = [[1, 3, 1]]
    file = a_file([a_section(1, 5, when=monday), a_section(2, 5, when=monday)], {"s": [["1", 1, ""], ["2", 5, ""]]})
    assert draw(file) == {"s": ["timetable_clash", "won"]}
    lifted = a_file([a_section(1, 5, when=monday), a_section(2, 5, when=monday)], {"s": [["1", 1, "c"], ["2", 5, ""]]})
    assert draw(lifted) == {"s": ["won", "won"]}


def test_every_loss_has_its_reason() -> None:
    sections = [
        a_section(1, 5, "a"),
        a_section(2, 5, "a"),
        a_section(3, 0),
        a_section(4, 5, worth="9.0"),
        a_section(5, 5),
    ]
    wishes = [["1", 0, ""], ["2", 0, ""], ["3", 0, ""], ["4", 0, ""], ["5", 0, "x"]]
    told = ["won", "duplicate_course", "not_drawn", "credit_limit", "excluded"]
    assert draw(a_file(sections, {"s": ("5.0", wishes)})) == {"s": told}


@pytest.fixture
def published(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    file = a_file([a_section(1, 1)], {f"s{one}": [["1", 0, ""]] for one in range(3)})
    file["results"] = draw(file)
    path = tmp_path / "draw.json"
    path.write_bytes(orjson.dumps(file))
    return path, file


def test_a_file_of_before_reserved_seats_is_verified_too(published: tuple[Path, dict[str, Any]]) -> None:
    _, file = published
    assert faults_of({**file, "format": "seatrush-draw/1", "algorithm": "points-order-ticket/1"}) == []
    assert faults_of({**file, "format": "seatrush-draw/3"}) != []


def test_anybody_can_verify_a_file(published: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    path, file = published
    assert (main(["verify", str(path)]), faults_of(file)) == (0, [])
    assert "right" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["seed", "result", "wish"])
def test_a_forged_file_is_found_out(published: tuple[Path, dict[str, Any]], what: str) -> None:
    path, file = published
    loser = next(lot for lot, told in file["results"].items() if told == ["not_drawn"])
    if what == "seed":
        file["seed"] = "ff" * 32
    elif what == "result":
        file["results"][loser] = ["won"]
    else:
        file["students"] = [one for one in file["students"] if one["lot"] != loser]
    path.write_bytes(orjson.dumps(file))
    assert main(["verify", str(path)]) == 1


def test_what_is_no_draw_at_all(tmp_path: Path) -> None:
    (tmp_path / "x").write_text('{"format": "seatrush-draw/1", "algorithm": "points-order-ticket/1"}')
    assert main(["verify", str(tmp_path / "x")]) == main(["verify", str(tmp_path / "none")]) == main([]) == 2
