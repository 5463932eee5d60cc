"""What the pages show is what the product does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from lambdas.calendar.cron import Cron
from nightshift import Alarm, at, cron, rate, topic
from nightshift.cli.app import app

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_page_of_the_command_line_names_every_command_and_option() -> None:
    text = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    commands = dict(_commands(typer.main.get_command(app)))
    assert set(re.findall(r"^\| `((?:local )?[a-z-]+)", text, re.MULTILINE)) == set(commands)
    options = {o for c in commands.values() for p in c.params for o in p.opts if o.startswith("--")}
    assert {option for option in options if option not in text} == {"--out", "--param"}, "these go by -o and -p"


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by its full name, those of groups too."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield before + name, command


def test_the_triggers_that_are_shown_are_accepted() -> None:
    text = (ROOT / "docs/triggers.md").read_text(encoding="utf-8")
    shown = re.findall(r"`((?:cron|rate|at|topic|Alarm)\(.*?\))`", text)
    assert len(shown) == 7
    for code in shown:
        assert eval(code, {"cron": cron, "rate": rate, "at": at, "topic": topic, "Alarm": Alarm})
    for field in ("L", "LW", "15W"):
        assert Cron(f"0 0 {field} * ? *")
        assert f"`{field}`" in text
    for field in ("L", "FRIL", "MON#2"):
        assert Cron(f"0 0 ? * {field} *")
        assert f"`{field}`" in text
