"""What the summary says besides how many tests passed."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests compared: a worker of pytest-xdist has no terminal, so they record it as the property."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, said in report.user_properties:
                if name == "compared":
                    terminalreporter.write_line(str(said))
