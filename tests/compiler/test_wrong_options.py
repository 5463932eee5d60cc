"""Several things that are wrong within one option of @flow: all are told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from nightshift.compiler import compile_file
from nightshift.errors import CompileErrors


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ('schedule=[daily("25:00"), "21:00", daily(9)]', ["25:00", "21:00", "daily"]),
        ('on_alarm=Alarm("A:B", 1, period=45, periods=0, comparison=">>")', ["comparison", "period 45", "periods 0"]),
        ('schedule=daily("09:00", timezone="Asia/Tokio", only="weekend")', ["Asia/Tokio", "weekend"]),
        ('schedule=monthly(day=99, at="09:00")', ["day is 99"]),
        ('schedule=monthly(day=5, at="25:00")', ["25:00"]),
    ],
)
def test_each_wrong_thing_of_an_option_is_told(options: str, wanted: list[str], tmp_path: Path) -> None:
    """Each wrong thing within one option is told, and nothing that is only missing without it."""
    imports = "from nightshift import Alarm, daily, flow, monthly\n\n\n"
    (tmp_path / "f.py").write_text(f"{imports}@flow({options})\ndef f():\n    pass\n")
    with pytest.raises(CompileErrors) as raised:
        compile_file(tmp_path / "f.py")
    found = raised.value.errors
    assert {error.code for error in found} == {"NS004"}
    assert [w in e.message for w, e in zip(wanted, found, strict=True)] == [True] * len(wanted)
