"""The pages of the parts are what the parts declare, and each part has one, with its cost and an example."""

from __future__ import annotations

import pytest

from nightshift.views.part_pages import COSTS, PAGES, SNIPPETS, all_parts, pages


def test_the_pages_are_up_to_date() -> None:
    written = {page.name: page.read_text(encoding="utf-8") for page in PAGES.glob("*.md")}
    assert written == pages(), "run `make docs`"


def test_costs_and_examples_are_those_of_the_parts() -> None:
    names = {part.name for part in all_parts()}
    assert set(COSTS) == names
    assert {snippet.stem for snippet in SNIPPETS.glob("*.py")} == {name.replace(".", "_") for name in names}


@pytest.mark.parametrize("part", all_parts(), ids=lambda part: part.name)
def test_a_page_has_everything(part: object) -> None:
    text = pages()[f"{getattr(part, 'name', '')}.md"]
    for heading in ("Parameters", "Result", "Errors", "Time and cost", "IAM", "Example"):
        assert f"\n## {heading}\n\n" in text
    assert "\n- `" in text, "it tells its errors"
