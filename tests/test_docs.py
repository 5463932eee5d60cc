"""What the pages show is what the product does."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from lambdas.calendar.cron import Cron
from nightshift import Alarm, at, cron, flow, rate, topic
from nightshift.cli.app import app
from nightshift.project import load_flows
from tests.e2e.terminal_pictures import RUN, YEAR

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_page_of_the_command_line_names_every_command_and_option() -> None:
    text = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    commands = dict(_commands(typer.main.get_command(app)))
    assert set(re.findall(r"^\| `((?:local |part |import )?[a-z-]+)", text, re.MULTILINE)) == set(commands)
    options = {o for c in commands.values() for p in c.params for o in p.opts if o.startswith("--")}
    assert {option for option in options if option not in text} == {"--out", "--param"}, "these go by -o and -p"


def test_the_pictures_of_the_start_page_are_there_small_and_load_nothing() -> None:
    pictures = re.findall(r'<img src="([^"]+)"', (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [Path(picture).name for picture in pictures] == [RUN, YEAR]
    for picture in pictures:
        drawn = (ROOT / picture).read_text(encoding="utf-8")
        assert len(drawn) < 200_000
        assert re.findall(r"url\((?!#)|@import|<image|href=", drawn) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_that_are_shown_exist(page: Path) -> None:
    known = dict(_commands(typer.main.get_command(app)))
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = re.findall(r"^(?:AWS_REGION=\S+ )?nightshift ([^#\n;&|]+)", "\n".join(blocks), re.MULTILINE)
    for line in lines:
        name = next(
            (name for name in sorted(known, key=len, reverse=True) if f"{line.strip()} ".startswith(f"{name} ")), None
        )
        assert name is not None, f"there is no command: nightshift {line}"
        options = {o for p in known[name].params for o in p.opts} | {"--help"}
        if name != "cdk":
            assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", line)) <= options, (
                f"an option is not known: nightshift {line}"
            )


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


@pytest.mark.parametrize(
    ("page", "heading", "takes"), [("language", "A flow", flow), ("triggers", "`on_alarm=`", Alarm)]
)
def test_every_option_is_in_the_table_of_its_page(page: str, heading: str, takes: Any) -> None:
    section = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2]
    section = section.partition("\n## ")[0]
    shown = set(re.findall(r"`(\w+)=?`", "\n".join(re.findall(r"^\| (.+?) \|", section, re.MULTILINE))))
    assert set(inspect.signature(takes).parameters) - {"function"} - shown == set()


def test_the_page_of_triggers_says_what_an_alarm_on_cpu_needs() -> None:
    text = " ".join((ROOT / "docs/triggers.md").read_text(encoding="utf-8").split())
    (said,) = re.findall(r"\*\*CPU and other metrics of EC2\.\*\* (.+?) \*\*", text)
    assert "*detailed monitoring*" in said
    assert "`period=300`" in said


def test_the_start_page_says_how_long_each_command_takes() -> None:
    """Of the commands to try, and of the targets of make that a developer waits for."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Deploy it")[0]
    lines = re.findall(r"^((?:nightshift|make (?:test|check|dashboard|site))\S* [^#\n]*# .+)$", text, re.MULTILINE)
    assert len(lines) > 12
    assert [line for line in lines if not re.search(r"#.*\((?:.* )?(?:\d+ s|minutes?|hours?)\)$", line)] == []
    assert re.search(r"make demo\n```\n.*\bminutes\b", text, re.DOTALL)
    assert re.search(r"^demo:.*\n\t@echo \".* minutes", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_what_only_aws_can_confirm_is_where_it_is_said_to_be() -> None:
    page = (ROOT / "docs/first-account.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\d+) \|.*\| (.*?) \|$", page, re.MULTILINE))
    assert [int(number) for number in rows] == list(range(1, len(rows) + 1))
    assert len(rows) > 20
    written = [path for where in rows.values() for path in re.findall(r"`(.+?)`", where)]
    assert [path for path in written if not (ROOT / path).exists()] == []
    settled = [number for numbers in re.findall(r"\*\*Settles (.+?)\.\*\*", page) for number in numbers.split(", ")]
    assert len(settled) == len(set(settled) & set(rows))


def test_the_flows_of_the_first_account_compile() -> None:
    assert [flow.name for flow in load_flows(ROOT / "docs/examples/first_account")] == ["broken", "night", "tick"]
