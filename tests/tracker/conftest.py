"""These tests have the app's table, and a catalogue without flows."""

from pathlib import Path

import pytest

from tests.tables import table

__all__ = ["table"]


@pytest.fixture(autouse=True)
def no_flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs are of flows that are not deployed."""
    (tmp_path / "flows.json").write_text("{}", encoding="utf-8")
    monkeypatch.setenv("NIGHTSHIFT_CATALOGUE", str(tmp_path / "flows.json"))
