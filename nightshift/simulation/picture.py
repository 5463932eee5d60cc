"""A simulation as a picture: a line of weeks on the terminal, and a calendar of days as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from nightshift.simulation.report import Report

_BLOCKS = " ▁▂▃▄▅▆▇█"
_CELL, _GAP, _LEFT, _ROW = 11, 2, 190, 96
_COLORS = {"FAILED": "#d13212", "SKIPPED": "#aab7b8", "SUCCEEDED": "#1d8102", "": "#eaeded"}


def strip(values: Sequence[float], marks: Sequence[bool] = ()) -> str:
    """Numbers as a line of blocks, the largest full; a marked one is an x."""
    most = max(values, default=0)
    steps = len(_BLOCKS) - 1
    blocks = [_BLOCKS[max(1, round(v / most * steps)) if v and most else 0] for v in values]
    return "".join("x" if n < len(marks) and marks[n] else block for n, block in enumerate(blocks)).rstrip()


def weeks(days: Sequence[date]) -> list[list[date]]:
    """The days in weeks of the calendar, Monday first."""
    found: list[list[date]] = []
    for day in days:
        if not found or day.weekday() == 0:
            found.append([])
        found[-1].append(day)
    return found


def lines(report: Report) -> list[tuple[str, str]]:
    """(what, line of weeks) for the months, each flow, and what was kept and used."""
    by_week = weeks(report.days())
    made = [("", _months(by_week))]
    for flow in report.flows():
        runs = report.runs_by_day(flow.flow)
        ran = [sum(runs[d]["SUCCEEDED"] + _bad(runs[d]) for d in week if d in runs) for week in by_week]
        failed = [any(_bad(runs[d]) for d in week if d in runs) for week in by_week]
        made.append((f"{flow.flow}: runs", strip(ran, failed)))
    hours, kept = report.hours_by_day(), report.snapshots_by_day()
    made.append(("instance hours", strip([sum(hours[d] for d in week) for week in by_week])))
    databases = report.database_hours_by_day()
    made.append(("database hours", strip([sum(databases[d] for d in week) for week in by_week])))
    made.append(("snapshots kept", strip([max(kept.get(d, 0) for d in week) for week in by_week])))
    return made


def svg(report: Report) -> str:
    """A calendar for each flow, a column a week and a cell a day, coloured by what its runs did."""
    by_week = weeks(report.days())
    flows = [flow.flow for flow in report.flows()]
    width = _LEFT + len(by_week) * (_CELL + _GAP) + 10
    height = len(flows) * _ROW + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>Simulation of {report.scenario.days} days from '
        f"{report.scenario.first.isoformat()}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for column, week in enumerate(by_week):
        if first := next((day for day in week if day.day == 1), None):
            x = _LEFT + column * (_CELL + _GAP)
            parts.append(f'<text x="{x}" y="16" fill="#545b64">{first:%Y-%m}</text>')
    for row, flow in enumerate(flows):
        top = 24 + row * _ROW
        parts.append(f'<text x="8" y="{top + 12}">{escape(flow)}</text>')
        parts += _cells(report.runs_by_day(flow), by_week, top)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _cells(runs: Mapping[date, Mapping[str, int]], by_week: list[list[date]], top: int) -> list[str]:
    found = []
    for column, week in enumerate(by_week):
        for day in week:
            counts = runs.get(day, {})
            state = next((s for s in ("FAILED", "SUCCEEDED", "SKIPPED") if _shown(counts, s)), "")
            said = ", ".join(f"{n} {s.lower()}" for s, n in sorted(counts.items()) if n) or "no runs"
            x, y = _LEFT + column * (_CELL + _GAP), top + day.weekday() * (_CELL + _GAP)
            found.append(
                f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" rx="2" fill="{_COLORS[state]}">'
                f"<title>{day.isoformat()}: {said}</title></rect>"
            )
    return found


def _shown(counts: Mapping[str, int], state: str) -> bool:
    return bool(_bad(counts) if state == "FAILED" else counts.get(state))


def _bad(counts: Mapping[str, int]) -> int:
    return counts.get("FAILED", 0) + counts.get("TIMED_OUT", 0)


def _months(by_week: list[list[date]]) -> str:
    """The names of the months over the weeks they begin in."""
    line = ""
    for column, week in enumerate(by_week):
        first = next((day for day in week if day.day == 1), week[0] if column == 0 else None)
        if first is not None and len(line) <= column:
            line = line.ljust(column) + f"{first:%b}"
    return line
