"""The flows that the pages of the parts show: each compiles, and shows its part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambdas.contract.part import Part
from lambdas.parts import all_parts
from nightshift.compiler import compile_file


@pytest.mark.parametrize("part", all_parts().values(), ids=lambda part: part.name)
def test_an_example_compiles_and_shows_its_part(part: Part[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    file.write_text(part.example, encoding="utf-8")
    (flow,) = compile_file(file)
    assert part.name in flow.parts
    assert flow.doc


def test_there_are_parts() -> None:
    assert len(all_parts()) >= 25
