"""The pages of the parts are what the parts declare, and each part has one, with its cost and an example."""

from __future__ import annotations

import pytest

from lambdas.parts import all_parts
from nightshift.views.part_pages import COSTS, PAGES, SNIPPETS, pages


def test_the_pages_are_up_to_date() -> None:
    written = {page.name: page.read_text(encoding="utf-8") for page in PAGES.glob("*.md")}
    assert written == pages(), "run `make docs`"


def test_costs_and_examples_are_said_once() -> None:
    """A part whose file declares them has none here; where all do, these go."""
    parts = all_parts()
    declared = {name for name, part in parts.items() if part.example}
    assert {name for name in parts if name not in declared} == set(COSTS)
    assert {snippet.stem for snippet in SNIPPETS.glob("*.py")} == {name.replace(".", "_") for name in COSTS}


@pytest.mark.parametrize("part", all_parts(), ids=str)
def test_a_page_has_everything(part: str) -> None:
    text = pages()[f"{part}.md"]
    for heading in ("Parameters", "Result", "Errors", "Time and cost", "IAM", "Example"):
        assert f"\n## {heading}\n\n" in text
    assert "\n- `" in text, "it tells its errors"
