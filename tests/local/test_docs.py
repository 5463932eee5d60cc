"""docs/local-aws.md names every rule and every fault, and its example of a fleet for tests runs."""

from __future__ import annotations

import re
from pathlib import Path

from nightshift.local.fleet import rules
from nightshift.local.fleet.faults import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "local-aws.md").read_text()


def table(heading: str) -> set[str]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


def test_every_rule_and_every_fault_is_described() -> None:
    assert table("The fleet behaves as EC2 does") == set(rules.__all__)
    assert table("Try a bad night") == set(KINDS)


def test_every_rule_names_the_page_it_follows() -> None:
    for name in set(rules.__all__) - {"tags"}:
        text = Path(rules.__file__).with_name(f"{name}.py").read_text().split('"""')[1]
        assert re.search(r"Follows|The codes are those of", text), name
        assert re.search(r'"[A-Z][^"]+"|API\s+Reference', text), name


def test_the_example_of_a_fleet_runs() -> None:
    example = PAGE.split("## A fleet for tests")[1].split("```python\n")[1].split("```")[0]
    exec(compile(example, "docs/local-aws.md", "exec"), {})
