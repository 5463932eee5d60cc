"""The flows that the pages of the parts show: each compiles, and shows the part it is named after."""

from __future__ import annotations

from pathlib import Path

import pytest

from nightshift.compiler import compile_file

SNIPPETS = sorted((Path(__file__).parent.parent / "docs/snippets").glob("*.py"))


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.stem)
def test_a_snippet_compiles_and_shows_its_part(snippet: Path) -> None:
    (flow,) = compile_file(snippet)
    assert snippet.stem in {name.replace(".", "_") for name in flow.parts}
    assert flow.doc


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) >= 5
