"""What the summary says besides how many tests passed.

The workers of pytest-xdist have no terminal, so tests record properties for it. Its own process reads no conftest.py
further down.
"""

from __future__ import annotations

from typing import Any

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each comparison, and one that counts the cases of the fault sweep."""
    recorded = [
        dict(report.user_properties)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
    ]
    for properties in recorded:
        if "compared" in properties:
            terminalreporter.write_line(str(properties["compared"]))
    counted: list[Any] = [properties["faults"] for properties in recorded if "faults" in properties]
    if counted:
        cases, wrong = (sum(of) for of in zip(*counted, strict=True))
        terminalreporter.write_line(f"fault sweep: {len(counted)} scenarios, {cases} cases, {wrong} violations")
