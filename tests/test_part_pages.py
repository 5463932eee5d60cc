"""The pages of the parts are what the parts declare, and each part has one, with its cost and an example."""

from __future__ import annotations

import pytest

from lambdas.parts import all_parts
from nightshift.views.part_pages import PAGES, pages


def test_the_pages_are_up_to_date() -> None:
    written = {page.name: page.read_text(encoding="utf-8") for page in PAGES.glob("*.md")}
    assert written == pages(), "run `make docs`"


def test_every_part_declares_its_cost_and_an_example() -> None:
    assert [name for name, part in all_parts().items() if not (part.cost and part.example)] == []


@pytest.mark.parametrize("part", all_parts(), ids=str)
def test_a_page_has_everything(part: str) -> None:
    text = pages()[f"{part}.md"]
    for heading in ("Parameters", "Result", "Errors", "Time and cost", "IAM", "Example"):
        assert f"\n## {heading}\n\n" in text
    assert "\n- `" in text, "it tells its errors"
