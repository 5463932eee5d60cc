"""Whether each part of the catalogue has all that a part has; `pytest -s` prints the table."""

from __future__ import annotations

from lambdas.parts import all_parts, general_parts
from nightshift.views.part_pages import PAGES
from tests.e2e.catalogue import runs_of_parts
from tests.faults.scenarios import scenarios


def test_each_part_has_page_example_scenario_and_a_run_end_to_end() -> None:
    """tests/faults tells of its permissions and dry runs, and tests/test_snippets.py whether the example compiles."""
    ends = runs_of_parts()
    swept = {scenario.part for scenario in scenarios() if scenario.swept}
    missing = []
    print()
    for name, part in {**all_parts(), **general_parts()}.items():
        has = {
            "page": (PAGES / f"{name}.md").is_file(),
            "example": bool(part.example),
            "scenario": name in swept,
            "run end to end": name in ends,
        }
        missing += [f"{name} has no {what}" for what, there in has.items() if not there]
        print(f"{name:42} {'; '.join(ends.get(name, ['NO RUN']))}")
    assert missing == []
