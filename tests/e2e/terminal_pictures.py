"""The pictures of README.md: what a run prints, and a simulated year. `make screenshots` makes them anew."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.text import Text

from nightshift.cli.simulating import Span, chosen, simulate
from nightshift.local import LocalAws
from nightshift.simulation.picture import svg
from tests.cli.conftest import command
from tests.e2e.browser import ROOT

RUN, YEAR = "run.svg", "simulated-year.svg"
_FLOWS = ("nightly_backup", "business_batch", "morning_start")
"""Of the year: one every night, one on business days, one on weekdays."""
_WIDTH = 110


def take(local: LocalAws, images: Path) -> None:
    """Write both pictures. local: a local AWS with the shipped flows. images: the folder."""
    done = command("run", "nightly_backup", "--flow-defs", ROOT / "flow_defs", cwd=local.project)
    assert done.code == 0, done.err
    (images / RUN).write_text(terminal(done.out, "nightshift run nightly_backup"), encoding="utf-8")
    flow_defs = ROOT / "flow_defs"
    year = simulate(flow_defs, chosen(flow_defs, list(_FLOWS)), Span(date(2026, 1, 1), 365, "Asia/Tokyo"))
    (images / YEAR).write_text(svg(year), encoding="utf-8")


def terminal(text: str, title: str) -> str:
    """A terminal that shows a text, as SVG that loads nothing. Long lines are cut, and ids of executions left out."""
    console = Console(record=True, width=_WIDTH, file=io.StringIO())
    for line in text.splitlines():
        if not line.startswith("arn:"):
            shown = f"{line[: _WIDTH - 4]} ..." if len(line) > _WIDTH else line
            console.print(Text(shown, style="green" if "SUCCEEDED" in line else ""), no_wrap=True)
    drawn = console.export_svg(title=title, unique_id="run")
    return re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
