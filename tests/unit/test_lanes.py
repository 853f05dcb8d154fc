"""Two lanes of tests end as the worse of them, and nothing that either said is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import lanes


def test_a_failure_in_either_lane_is_the_end_of_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    for name, verdict in (("test_good", "True"), ("test_bad", "False")):
        (tmp_path / f"{name}.py").write_text(f"def {name}():\n    assert {verdict}\n")
    good, bad = (str(tmp_path / "test_good.py"),), (str(tmp_path / "test_bad.py"),)
    for pair, code, told in (((good, bad), 1, "1 passed, 1 failed"), ((good, good), 0, "2 passed, 0 failed")):
        monkeypatch.setattr(lanes, "LANES", pair)
        assert lanes.main() == code
        said = capfd.readouterr().out.splitlines()
        assert said[-1] == told
        assert any("test_good.py" in line for line in said)
        assert any("FAILED" in line for line in said) is bool(code)
